"""When a silence holds, and what it covers."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alert import Alert, Incident, Severity, Status
from worker.silence import Covered, Silence, Weekly, covered, silent_until

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = Weekly(frozenset(range(5)), time(22, 0), time(6, 0))
WEEKEND = Weekly(frozenset({5, 6}), time(0, 0), time(0, 0))
TEAM = {"team": "batch"}


def utc(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def alert(severity: str = "warning", team: str = "batch", status: Status = Status.FIRING) -> Alert:
    return Alert(f"{severity}{team}", status, {"team": team, "severity": severity}, {}, utc(1, 3))


def incident(*alerts: Alert) -> Incident:
    status = Status.FIRING if any(one.status is Status.FIRING for one in alerts) else Status.RESOLVED
    return Incident("i", "alertmanager", "g", status, utc(1, 3), None, 1, alerts)


ONCE = Silence("move", TEAM, begins=utc(2, 10), ends=utc(2, 12))


def test_one_that_is_once_holds_from_its_begin_up_to_its_end() -> None:
    times = (utc(2, 9, 59), utc(2, 10), utc(2, 11, 59), utc(2, 12))
    assert [silent_until(ONCE, at) for at in times] == [None, utc(2, 12), utc(2, 12), None]


@pytest.mark.parametrize(
    ("at", "until"),
    [
        (utc(2, 20, 59), None),  # Monday, 21:59 in Berlin
        (utc(2, 21, 0), utc(3, 5)),
        (utc(3, 4, 59), utc(3, 5)),  # it began the day before
        (utc(3, 5), None),
        (utc(6, 23), utc(7, 5)),  # Friday's lasts into Saturday
        (utc(7, 22), None),  # none begins on Saturday
    ],
)
def test_a_weekly_one_is_read_on_the_clocks_of_its_zone(at: datetime, until: datetime | None) -> None:
    assert silent_until(Silence("night", TEAM, weekly=(NIGHT,), zone=BERLIN), at) == until


def test_it_keeps_to_the_clock_when_the_clock_is_changed() -> None:
    """In the night to 2026-03-29 Berlin loses an hour, in the night to 2026-10-25 it gains one."""
    night = Silence("night", TEAM, weekly=(Weekly(frozenset({5}), time(22, 0), time(6, 0)),), zone=BERLIN)
    assert silent_until(night, utc(28, 21)) == utc(29, 4)
    assert silent_until(night, utc(24, 20, month=10)) == utc(25, 5, month=10)


def test_a_whole_day_ends_at_midnight() -> None:
    weekend = Silence("weekend", TEAM, weekly=(WEEKEND,))
    assert [silent_until(weekend, at) for at in (utc(6, 23), utc(7, 0), utc(8, 23), utc(9, 0))] == [
        None,
        utc(8, 0),
        utc(9, 0),
        None,
    ]


def test_the_longest_of_its_windows_counts() -> None:
    both = Silence("both", TEAM, weekly=(NIGHT, Weekly(frozenset({0}), time(21, 0), time(23, 0))))
    assert silent_until(both, utc(2, 22, 30)) == utc(3, 6)


def test_an_incident_is_silent_while_each_alert_that_fires_is_covered() -> None:
    during = utc(2, 11)
    assert covered(incident(alert()), (ONCE,), during) == Covered(utc(2, 12), ("move",))
    assert covered(incident(alert()), (ONCE,), utc(2, 13)) is None
    assert covered(incident(alert(), alert(team="web")), (ONCE,), during) is None
    assert covered(incident(alert(), alert(team="web", status=Status.RESOLVED)), (ONCE,), during) is not None


def test_two_silences_may_share_an_incident_and_the_shorter_says_when_to_look_again() -> None:
    web = Silence("web", {"team": "web"}, begins=utc(2, 10), ends=utc(2, 11, 30))
    found = covered(incident(alert(), alert(team="web")), (ONCE, web), utc(2, 11))
    assert found == Covered(utc(2, 11, 30), ("move", "web"))


def test_a_critical_alert_is_covered_only_where_the_silence_says_so() -> None:
    during = utc(2, 11)
    assert covered(incident(alert("critical")), (ONCE,), during) is None
    assert covered(incident(alert(), alert("critical")), (ONCE,), during) is None
    loud = Silence("drill", TEAM, critical=True, begins=utc(2, 10), ends=utc(2, 12))
    assert covered(incident(alert("critical")), (loud,), during) is not None


SILENCES = st.builds(
    Silence,
    name=st.just("s"),
    match=st.dictionaries(st.sampled_from(("team", "severity")), st.sampled_from(("batch", "web", "critical"))),
    begins=st.just(utc(1, 0)),
    ends=st.integers(1, 28).map(lambda day: utc(day, 12)),
)


@given(silences=st.lists(SILENCES), others=st.lists(st.sampled_from([each.value for each in Severity])))
def test_no_silence_that_does_not_say_so_ever_covers_a_critical_alert(
    silences: list[Silence], others: list[str]
) -> None:
    alerts = [alert("critical"), *(alert(severity, team=f"t{n}") for n, severity in enumerate(others))]
    assert covered(incident(*alerts), silences, utc(3, 3)) is None


@given(hours=st.integers(0, 24 * 14), days=st.frozensets(st.integers(0, 6), min_size=1))
def test_a_weekly_silence_ends_after_now_and_within_a_day(hours: int, days: frozenset[int]) -> None:
    at = utc(1, 0) + timedelta(hours=hours)
    until = silent_until(Silence("s", TEAM, weekly=(Weekly(days, time(22, 0), time(6, 0)),), zone=BERLIN), at)
    assert until is None or at < until <= at + timedelta(hours=9)
