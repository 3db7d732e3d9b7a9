from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alert import Alert, Delivery, Incident, Status
from tests.deliveries import at, delivery, firing, resolved
from worker.store.fold import SHOWN, Effect, Episode, Folded, History, Moment, Policy, fold

POLICY = Policy(stale_after=timedelta(hours=12), reopen_window=timedelta(minutes=30))
HOUR = 60


class Group:
    """Remembers between deliveries what the store would."""

    def __init__(self) -> None:
        self.incident: Incident | None = None
        self.heard_at: datetime | None = None
        self.episodes: dict[Episode, frozenset[Status]] = {}
        self.opened = 0
        self.ever: list[Incident] = []

    def hear(self, brought: Delivery, minute: float) -> Folded:
        history = History(self.incident, self.heard_at, self.episodes)
        folded = fold(history, brought, Moment(at(minute), f"incident-{self.opened + 1}"), POLICY)
        for alert in folded.fresh:
            episode = (alert.fingerprint, alert.starts_at)
            self.episodes[episode] = self.episodes.get(episode, frozenset()) | {alert.status}
        if folded.effect in SHOWN:
            self.opened += folded.effect is Effect.OPENED
            self.incident = folded.incident
            assert self.incident is not None
            self.ever.append(self.incident)
        if folded.incident is not None and self.incident is not None and self.incident.status is Status.FIRING:
            self.heard_at = at(minute)
        return folded

    @property
    def now_open(self) -> Incident:
        assert self.incident is not None
        return self.incident


def heard(*script: tuple[float, Delivery]) -> tuple[Group, list[Effect]]:
    group = Group()
    return group, [group.hear(brought, minute).effect for minute, brought in script]


O, R, C, X, P, N, I = (  # noqa: E741 - a table of words, short so that it reads as one
    Effect.OPENED, Effect.RESOLVED, Effect.CHANGED, Effect.REOPENED, Effect.REPEAT, Effect.RECORDED, Effect.IGNORED,
)  # fmt: skip

SCRIPTS = {
    "the first firing alert opens": ([(0, delivery(firing()))], [O]),
    "the same again is a repeat": ([(0, delivery(firing())), (240, delivery(firing()))], [O, P]),
    "a repeat with another summary is a repeat": (
        [(0, delivery(firing())), (5, delivery(firing(annotations={"summary": "disk is at 97 %"})))],
        [O, P],
    ),
    "a part of what is known is a repeat": (
        [(0, delivery(firing("a"), firing("b"))), (5, delivery(firing("b")))],
        [O, P],
    ),
    "another alert changes it": ([(0, delivery(firing("a"))), (1, delivery(firing("a"), firing("b", 1)))], [O, C]),
    "another severity of the same alert changes it": (
        [(0, delivery(firing())), (1, delivery(firing(severity="critical")))],
        [O, C],
    ),
    "its only alert resolves": ([(0, delivery(firing())), (9, delivery(resolved()))], [O, R]),
    "the oldest resolves while another fires": (
        [(0, delivery(firing("a"), firing("b", 1))), (9, delivery(resolved("a"), firing("b", 1)))],
        [O, C],
    ),
    "a resolve told again is a repeat": (
        [(0, delivery(firing())), (9, delivery(resolved())), (10, delivery(resolved()))],
        [O, R, P],
    ),
    "the firing told again after the resolve is a repeat": (
        [(0, delivery(firing())), (9, delivery(resolved())), (10, delivery(firing()))],
        [O, R, P],
    ),
    "it fires again within the window": (
        [(0, delivery(firing())), (9, delivery(resolved())), (39, delivery(firing(start=38)))],
        [O, R, X],
    ),
    "it fires again after the window": (
        [(0, delivery(firing())), (9, delivery(resolved())), (40, delivery(firing(start=38)))],
        [O, R, O],
    ),
    "a new episode replaces one whose end was lost": (
        [(0, delivery(firing())), (20, delivery(firing(start=15)))],
        [O, C],
    ),
    "an older episode that comes late is recorded": (
        [(0, delivery(firing(start=5))), (1, delivery(firing(start=0)))],
        [O, N],
    ),
    "a resolve of what was never heard of is recorded": ([(0, delivery(resolved()))], [N]),
    "a firing that its resolve has overtaken opens nothing": (
        [(0, delivery(resolved())), (1, delivery(firing()))],
        [N, N],
    ),
    "a firing that its resolve has overtaken does not un-resolve": (
        [(0, delivery(firing("a"))), (2, delivery(resolved("b"))), (3, delivery(firing("b")))],
        [O, N, N],
    ),
    "a resolve of an older episode leaves the newer firing": (
        [(0, delivery(firing())), (20, delivery(firing(start=15))), (21, delivery(resolved(start=0, end=10)))],
        [O, C, N],
    ),
    "a start that moved back still resolves": (
        [(1, delivery(firing(start=1))), (9, delivery(resolved(start=0, end=8)))],
        [O, R],
    ),
    "a resolve of a newer episode, whose firing was lost, resolves": (
        [(0, delivery(firing())), (30, delivery(resolved(start=20, end=29)))],
        [O, R],
    ),
    "silent too long, then something new, opens another": (
        [(0, delivery(firing("a"))), (12 * HOUR + 1, delivery(firing("b", 12 * HOUR)))],
        [O, O],
    ),
    "silent for just so long, then something new, changes it": (
        [(0, delivery(firing("a"))), (12 * HOUR, delivery(firing("b", 12 * HOUR)))],
        [O, C],
    ),
    "repeats keep it from going stale": (
        [(0, delivery(firing("a"))), (600, delivery(firing("a"))), (1200, delivery(firing("b", 1200)))],
        [O, P, C],
    ),
    "silent too long, then its own alert again, goes on": (
        [(0, delivery(firing("a"))), (2000, delivery(firing("a"))), (2001, delivery(resolved("a")))],
        [O, P, R],
    ),
    "nothing in it": ([(0, delivery())], [I]),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_it_says_in_a_word_what_a_delivery_does(name: str) -> None:
    script, expected = SCRIPTS[name]
    assert heard(*script)[1] == expected


def test_a_new_incident_holds_what_fires_and_links_the_one_before() -> None:
    group, _ = heard((0, delivery(firing("a"))), (9, delivery(resolved("a"))), (99, delivery(firing("b", 98))))
    assert [alert.fingerprint for alert in group.now_open.alerts] == ["b"]
    assert (group.now_open.id, group.now_open.previous_id, group.now_open.version) == ("incident-2", "incident-1", 1)


def test_a_reopened_incident_is_the_same_one_and_counts_it() -> None:
    group, _ = heard((0, delivery(firing())), (9, delivery(resolved())), (20, delivery(firing(start=19))))
    reopened = group.now_open
    assert (reopened.id, reopened.reopened, reopened.version) == ("incident-1", 1, 3)
    assert reopened.status is Status.FIRING
    assert reopened.resolved_at is None


def test_a_resolved_incident_knows_when() -> None:
    group, _ = heard((0, delivery(firing())), (9, delivery(resolved(end=8))))
    assert group.now_open.status is Status.RESOLVED
    assert group.now_open.resolved_at == at(9)


def test_a_silent_incident_whose_place_is_taken_is_named() -> None:
    group = Group()
    group.hear(delivery(firing("a")), 0)
    folded = group.hear(delivery(firing("b", 1999)), 2000)
    assert folded.superseded == "incident-1"
    assert folded.incident is not None
    assert folded.incident.previous_id == "incident-1"


def test_it_tells_new_alerts_from_known_ones() -> None:
    group = Group()
    group.hear(delivery(firing("a")), 0)
    folded = group.hear(delivery(firing("a"), firing("b"), resolved("c")), 1)
    assert [alert.fingerprint for alert in folded.fresh] == ["b", "c"]
    assert folded.duplicates == 1
    assert [alert.fingerprint for alert in folded.touched] == ["b"]


def test_once_something_is_shown_anew_known_alerts_show_their_newest_words() -> None:
    group = Group()
    group.hear(delivery(firing("a")), 0)
    newest = firing("a", annotations={"summary": "a is at 97 %"})
    folded = group.hear(delivery(newest, firing("b", 1)), 1)
    assert folded.incident is not None
    assert newest in folded.incident.alerts
    assert newest in folded.touched


def test_alerts_stand_oldest_first() -> None:
    group, _ = heard((3, delivery(firing("a", 3), firing("b", 1), firing("c", 2))))
    assert [alert.fingerprint for alert in group.now_open.alerts] == ["b", "c", "a"]


def test_it_judges_a_repeat_by_the_incident_where_the_episode_was_forgotten() -> None:
    group = Group()
    group.hear(delivery(firing()), 0)
    group.episodes.clear()
    assert group.hear(delivery(firing()), 5).effect is Effect.REPEAT


def test_an_alert_that_fires_and_resolves_within_one_delivery_opens_nothing() -> None:
    assert heard((5, delivery(firing(), resolved())))[1] == [Effect.RECORDED]


names = st.sampled_from(["a", "b", "c"])
starts = st.integers(0, 4).map(lambda tens: tens * 10.0)
alerts = st.builds(firing, names, starts) | st.builds(
    lambda name, start: resolved(name, start, start + 5), names, starts
)
deliveries = st.lists(alerts, min_size=1, max_size=4).map(lambda some: delivery(*some))
gaps = st.floats(0, 900)
stories = st.lists(st.tuples(gaps, deliveries), min_size=1, max_size=14)


def play(story: list[tuple[float, Delivery]]) -> tuple[Group, list[Folded]]:
    group, minute, all_folded = Group(), 0.0, []
    for gap, brought in story:
        minute += gap
        all_folded.append(group.hear(brought, minute))
    return group, all_folded


@given(stories)
def test_whatever_comes_an_incident_fires_exactly_as_long_as_one_of_its_alerts(
    story: list[tuple[float, Delivery]],
) -> None:
    for incident in play(story)[0].ever:
        assert (incident.status is Status.FIRING) == bool(incident.firing)
        assert (incident.resolved_at is None) == (incident.status is Status.FIRING)


@given(stories)
def test_whatever_comes_a_version_rises_by_one_with_each_change_and_never_else(
    story: list[tuple[float, Delivery]],
) -> None:
    last: dict[str, int] = {}
    for incident in play(story)[0].ever:
        assert incident.version == last.get(incident.id, 0) + 1
        last[incident.id] = incident.version


@given(stories)
def test_every_alert_is_counted_once(story: list[tuple[float, Delivery]]) -> None:
    for (_, brought), folded in zip(story, play(story)[1], strict=True):
        assert len(folded.fresh) + folded.duplicates == len(brought.alerts)


@given(stories, st.data())
def test_any_delivery_told_again_later_is_a_repeat(story: list[tuple[float, Delivery]], data: st.DataObject) -> None:
    group, _ = play(story)
    again = data.draw(st.sampled_from([brought for _, brought in story]))
    before = group.incident
    assert group.hear(again, 20000).effect is Effect.REPEAT
    assert group.incident == before


@given(st.lists(st.tuples(names, starts), min_size=1, max_size=6, unique=True), st.randoms(use_true_random=False))
def test_in_whatever_order_it_comes_nothing_is_left_firing_when_all_has_resolved(
    episodes: list[tuple[str, float]], random: object
) -> None:
    both: list[Alert] = []
    for name, start in episodes:
        both += [firing(name, start), resolved(name, start, start + 5)]
    random.shuffle(both)  # type: ignore[attr-defined]
    group, _ = play([(1, delivery(alert)) for alert in both])
    assert group.incident is None or group.incident.status is Status.RESOLVED


@given(st.lists(names, min_size=1, max_size=3, unique=True), st.integers(1, 5))
def test_two_senders_of_the_same_group_make_one_incident(fingerprints: list[str], rounds: int) -> None:
    group = Group()
    for minute in range(rounds):
        one = delivery(*(firing(name) for name in fingerprints))
        other = replace(one, alerts=tuple(reversed(one.alerts)), link="https://second.example.com")
        group.hear(one, minute)
        group.hear(other, minute)
    assert group.opened == 1
    assert group.now_open.version == 1
