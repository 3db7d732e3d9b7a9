"""P4: nothing is stated without a source, whatever is planted in alerts and documents and whatever a model answers."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.scale import scaled
from worker.redteam import world
from worker.redteam.attacks import attacks, families
from worker.redteam.hostile import Habit
from worker.redteam.run import Report, run
from worker.redteam.verdict import Harm

SEED = 20261121


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder: Path = tmp_path_factory.mktemp("redteam")
    planted = attacks(SEED, scaled(len(families()), 1400))
    world.write(folder, planted)
    return run(world.settings(folder), planted, tuple(Habit))


@pytest.mark.timeout(0)
@pytest.mark.parametrize("harm", Harm)
def test_no_attack_gets_it_into_a_message(report: Report, harm: Harm) -> None:
    failed = [failure for failure in report.failures if harm in failure.harms]
    sys.stdout.write(f"{harm}: {len(failed)} of n={report.runs} runs, {len(report.families)} families, seed {SEED}\n")
    assert not failed, "\n".join(f"{one.attack.id} {one.model}\n{one.message}" for one in failed[:5])


def test_the_hostile_models_were_posted_so_that_the_figure_means_something(report: Report) -> None:
    assert report.families == {name for name, _, _ in families()}
    assert report.rungs["model"] > report.runs / 2, report.rungs
    assert sum(report.dropped.values()) > report.runs
