"""What other rules would have made of what is on record."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.access import Audience
from domain.alert import Alert, Incident, Status
from worker.hindsight import COUNTS, Rules, hindsight, regrouped
from worker.route import Channel
from worker.silence import Silence, Weekly
from worker.store.regroup import ACROSS
from worker.storm.weather import StormRule

AT = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
NOW = AT + timedelta(days=1)
ONE = (Channel("C1", "one", Audience.of([]), default=True),)
TWO = (*ONE, Channel("C2", "two", Audience.of([]), {"service": "web"}))


def incident(name: str, minute: float = 0, end: float | None = None, **labels: str) -> Incident:
    began = AT + timedelta(minutes=minute)
    over = None if end is None else AT + timedelta(minutes=end)
    status = Status.FIRING if over is None else Status.RESOLVED
    alert = Alert(name, status, {"alertname": name, "service": "orders", "severity": "warning"} | labels, {}, began)
    return Incident(name, "alertmanager", name, status, began, over, 1, (alert,))


def counts(*incidents: Incident, rules: Rules, channels: tuple[Channel, ...] = ONE) -> dict[str, int]:
    found = hindsight(incidents, channels, rules, NOW)
    return {name: count(found) for name, count in COUNTS if count(found)}


def test_labels_merge_what_fires_at_the_same_time() -> None:
    disk, slow, web = incident("disk"), incident("slow", 5), incident("web", 5, service="web")
    groups = regrouped([disk, slow, web], Rules(group_by=("service",)))
    assert [[part.id for part in group.parts] for group in groups] == [["disk", "slow"], ["web"]]
    assert [len(group.parts) for group in regrouped([disk, slow, web], Rules())] == [1, 1, 1]


def test_what_fires_again_after_the_window_is_another_incident() -> None:
    first, soon, late = incident("a", 0, 10), incident("b", 39, 45), incident("c", 76)
    groups = regrouped([late, soon, first], Rules(group_by=("service",)))
    assert [[part.id for part in group.parts] for group in groups] == [["a", "b"], ["c"]]
    assert groups[0].incident.resolved_at == AT + timedelta(minutes=45)


def test_an_incident_may_be_divided() -> None:
    both = incident("a")
    both = replace(both, alerts=(*both.alerts, incident("w", service="web").alerts[0]))
    found = hindsight([both], ONE, Rules(group_by=("service",)), NOW)
    assert (len(found.groups), [each.id for each in found.divided], found.merged) == (2, ["a"], [])


def test_alerts_without_the_labels_stay_where_they_are() -> None:
    bare = replace(incident("a"), alerts=(replace(incident("a").alerts[0], labels={}),))
    assert [group.key for group in regrouped([bare], Rules(group_by=("service",)))] == ["alertmanager a"]
    across = replace(incident("x"), sender=ACROSS)
    assert len(regrouped([across], Rules())) == 1


def test_a_storm_takes_what_is_beyond_its_number_and_no_critical_one() -> None:
    many = [incident(f"i{n}", n / 10, severity="critical" if n % 5 == 0 else "warning") for n in range(30)]
    found = hindsight(many, ONE, Rules(storm=StormRule(10, timedelta(minutes=5))), NOW)
    assert (len(found.alone), len(found.storms), found.in_storms, found.messages) == (14, 1, 16, 15)
    assert not any(g.incident.severity.value == "critical" for spell in found.storms for g in spell.members)


def test_a_storm_ends_when_it_has_become_calm_and_each_channel_has_its_own() -> None:
    many = [incident(f"a{n}", n / 10) for n in range(12)] + [incident(f"b{n}", 60 + n / 10) for n in range(12)]
    rules = Rules(storm=StormRule(10, timedelta(minutes=5)))
    assert counts(*many, rules=rules) == {"incidents": 24, "messages": 22, "told in storms": 4, "storms": 2}
    web = [incident(f"w{n}", n / 10, service="web") for n in range(6)]
    assert counts(*many[:6], *web, rules=rules, channels=TWO)["messages"] == 12


def test_a_silence_holds_what_ends_within_it_and_tells_the_rest_later() -> None:
    quiet = Silence("move", {"service": "orders"}, begins=AT, ends=AT + timedelta(minutes=30))
    short, long = incident("short", 1, 20), incident("long", 2, 50)
    loud = incident("loud", 3, severity="critical")
    found = hindsight([short, long, loud], ONE, Rules(silences=(quiet,)), NOW)
    assert [group.incident.id for _, group in found.untold] == ["short"]
    assert [group.incident.id for _, group in found.late] == ["long"]
    assert [group.incident.id for _, group in found.alone] == ["loud", "long"]


RULES = st.builds(
    Rules,
    group_by=st.sampled_from([(), ("service",), ("service", "severity")]),
    storm=st.builds(StormRule, st.integers(0, 4), st.just(timedelta(minutes=5))),
)
INCIDENTS = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from(("orders", "web")), st.sampled_from(("critical", "warning"))),
    max_size=25,
)


@given(rules=RULES, made=INCIDENTS)
def test_no_rule_loses_an_incident_or_hides_a_critical_one(rules: Rules, made: list[tuple[int, str, str]]) -> None:
    incidents = [incident(f"i{n}", m, service=s, severity=v) for n, (m, s, v) in enumerate(made)]
    found = hindsight(incidents, ONE, rules, NOW)
    alone = {part.id for _, group in found.alone for part in group.parts}
    stormy = {part.id for spell in found.storms for group in spell.members for part in group.parts}
    assert alone | stormy == {each.id for each in incidents}
    assert {each.id for each in incidents if each.severity.value == "critical"} <= alone


def test_what_is_silent_still_is_not_told_yet() -> None:
    ever = Silence("ever", {"service": "orders"}, weekly=(Weekly(frozenset(range(7)), time(0), time(0)),))
    found = hindsight([incident("a")], ONE, Rules(silences=(ever,)), NOW)
    assert ([group.incident.id for _, group in found.untold], found.alone) == (["a"], [])
