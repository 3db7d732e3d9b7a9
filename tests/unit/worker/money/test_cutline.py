"""The cutline: a channel whose figures cross a line is told in shadow, once, until somebody lifts it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.story import CHANNEL, THREE, MoodyModel, Scene, stored_incident
from worker.money.cutline import Books, Cutline, crossed
from worker.sections.cutline import CutlineSettings
from worker.store.cutlines import Figures
from worker.store.engine import open_database
from worker.store.fold import Policy
from worker.store.schema import upgrade
from worker.store.store import Store

LINES = CutlineSettings(usd_per_incident=0.05, invalid_share=0.4, thumbs_down_share=0.3, min_runs=10)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    database = open_database(f"sqlite:///{tmp_path}/state.db")
    upgrade(database)
    yield Store(database, Policy())
    database.close()


@pytest.mark.parametrize(
    ("figures", "votes", "word"),
    [
        (Figures(10, 4, 5, Decimal("0.25")), (7, 3), ""),  # at every line, over none
        (Figures(10, 4, 5, Decimal("0.26")), (7, 3), "costs"),
        (Figures(10, 5, 5, Decimal(0)), (7, 3), "did not hold up"),
        (Figures(10, 0, 5, Decimal(0)), (6, 4), "thumbs down"),
        (Figures(9, 9, 1, Decimal(9)), (0, 9), ""),  # too few to say
    ],
)
def test_a_line_is_crossed_only_beyond_it_and_with_enough_runs(
    figures: Figures, votes: tuple[int, int], word: str
) -> None:
    assert word in crossed(LINES, figures, votes)
    assert bool(crossed(LINES, figures, votes)) == bool(word)


def test_a_channel_whose_answers_do_not_hold_up_goes_to_shadow_and_its_operators_are_told_once(store: Store) -> None:
    told: list[str] = []
    scene = Scene(store, MoodyModel(moods=("liar",)))
    cutline = Cutline(Books(store.cutlines, store.audit), LINES, scene.metrics, told.append)
    scene.told.append(cutline)
    scene.placed = lambda channel, incident: cutline.channel(channel, incident, "CTEST")
    pipeline = scene.pipeline()
    before = [stored_incident(store, number) for number in range(12)]
    for one in before[:11]:
        pipeline.handle(one)
    assert len(told) == 1
    assert "switched to shadow: 100% of 10 answers did not hold up" in told[0]
    cut = store.cutlines.of("C1")
    assert cut is not None
    pipeline.handle(before[11])  # it was open before: it is told where its like are
    after = stored_incident(store, 99, at=cut.since + timedelta(seconds=1))
    pipeline.handle(after)
    assert [channel for channel, _ in scene.wall.shows] == ["C1"] * 12 + ["CTEST"]
    assert store.cutlines.lift("C1", cut.since + timedelta(minutes=1))
    pipeline.handle(stored_incident(store, 100, at=cut.since + timedelta(minutes=2)))
    assert [channel for channel, _ in scene.wall.shows][-1] == "C1"
    assert [(act.action, act.subject) for act in store.audit.acts()] == [("shadow", "C1")]
    assert not store.cutlines.lift("C1", THREE)
    assert CHANNEL.post_to == "C1"
