"""P1 and P2 against a small model of the truth: senders, workers that die or come late, and a Slack that fails.

Everything runs in this process, on a real database, with a clock that the test moves. A worker that dies stops at a
step and leaves everything as it is; a late one stands still there while others go on. tests/faults does the same with
real processes.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from domain.access import Audience, Readers
from domain.alert import FLAPS_AFTER, Alert, Delivery, Incident, Status
from domain.document import Evidence
from domain.errors import SlackUnavailable
from domain.summary import Rung, Summary
from summarizer.summarize import Attempt, Outcome
from tests.faults.steps import Watched
from tests.scale import scaled
from worker.decide import Decision
from worker.desk import Desk, Drawers
from worker.pipeline import Pipeline
from worker.posting import Posting
from worker.readers.fit import Check
from worker.route import Channel
from worker.runs import Runs
from worker.slack.message import Message
from worker.store.engine import open_database
from worker.store.fold import Policy
from worker.store.ids import new_id
from worker.store.messages import Place
from worker.store.schema import upgrade
from worker.store.store import Store
from worker.telemetry import Metrics
from worker.telling import Telling
from worker.work import Limits, Work, handler

START = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
CHANNEL = Channel("C1", "one", Audience.of([]), {"service": "orders"}, "C1", default=True)
STEPS = tuple(
    f"{call}:{when}"
    for call in (
        "outbox.claim", "outbox.finish", "messages.begin", "messages.posted", "messages.edited",
        "messages.reply_once", "slack.post", "slack.edit", "slack.reply", "slack.find",
    )
    for when in ("before", "after")
)  # fmt: skip
GROUPS = ("g0", "g1")
WITHIN_S = 10.0
HISTORY_LAGS = timedelta(seconds=5)
_METRICS = Metrics()


class Died(BaseException):
    """The process ends here."""


class Turn:
    """One attempt's steps: it dies at one, or stands still at one until it is let go on."""

    def __init__(self, dies_at: str = "", waits_at: str = "") -> None:
        self._dies_at = dies_at
        self._waits_at = waits_at
        self.standing = threading.Event()
        self.go_on = threading.Event()

    def reach(self, step: str) -> None:
        if step == self._dies_at:
            raise Died
        if step == self._waits_at:
            self._waits_at = ""
            self.standing.set()
            assert self.go_on.wait(WITHIN_S)


class FakeSlack:
    """A channel by ts; its next calls fail as `faults` say: "busy", "down", or "lost" after they took effect.

    Its history shows a message only some seconds after it was posted.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.shown: dict[str, str] = {}
        self.marks: dict[str, tuple[str, datetime]] = {}
        self.faults: deque[str] = deque()
        self._ts = 0

    def post(self, channel_id: str, message: Message, marker: str) -> str:
        with self._failing():
            self._ts += 1
            ts = f"{self._ts}.0"
            self.shown[ts], self.marks[ts] = message.text, (marker, self.clock())
            return ts

    def edit(self, channel_id: str, ts: str, message: Message) -> None:
        with self._failing():
            self.shown[ts] = message.text

    def reply(self, channel_id: str, ts: str, text: str, broadcast: bool) -> str:
        return "reply"

    def find(self, channel_id: str, marker: str, since: datetime) -> str | None:
        until = self.clock() - HISTORY_LAGS
        seen = (ts for ts, mark in self.marks.items() if mark[0] == marker and mark[1] <= until)
        return next((ts for ts in seen if ts in self.shown), None)

    def delete(self, channel_id: str, ts: str) -> None:
        self.shown.pop(ts, None)

    def _failing(self) -> Any:
        return _Failing(self.faults.popleft() if self.faults else "")


class _Failing:
    def __init__(self, fault: str) -> None:
        self._fault = fault

    def __enter__(self) -> None:
        if self._fault == "busy":
            raise SlackUnavailable("busy", ambiguous=False, retry_after=1.0)
        if self._fault == "down":
            raise SlackUnavailable("down", ambiguous=False)

    def __exit__(self, *_: object) -> None:
        if self._fault == "lost":
            raise SlackUnavailable("no answer", ambiguous=True)


class Stage:
    """Library, summarizer and readers of record, without documents; the model always has something better to say."""

    def evidence(self, incident: Incident, audience: Audience, run: object) -> Evidence:
        return Evidence()

    def first(self, incident: Incident, evidence: Evidence) -> Summary:
        return Summary(Rung.EXTRACTIVE, (), ())

    def improved(self, incident: Incident, evidence: Evidence, first: Summary) -> Attempt:
        return Attempt(Outcome.IMPROVED, summary=Summary(Rung.MODEL, (), (), model="m"), model="m")

    def readers(self, document_ids: Sequence[str]) -> Mapping[str, Readers]:
        return {}


def _migrated() -> Path:
    file = Path(tempfile.mkdtemp(prefix="mwstate")) / "state.db"
    database = open_database(f"sqlite:///{file}")
    upgrade(database)
    database.close()
    return file


class Senders(RuleBasedStateMachine):
    """What may happen, in any order."""

    template: Path | None = None

    def __init__(self) -> None:
        super().__init__()
        Senders.template = Senders.template or _migrated()
        self.folder = Path(tempfile.mkdtemp(prefix="mwstate"))
        shutil.copy(Senders.template, self.folder / "state.db")
        self.store = Store(open_database(f"sqlite:///{self.folder}/state.db"), Policy())
        self.now = START
        self.slack = FakeSlack(lambda: self.now)
        self.alerts: dict[str, dict[str, tuple[int, bool, str]]] = {group: {} for group in GROUPS}
        self.number = dict.fromkeys(GROUPS, 0)
        self.last: dict[str, Delivery] = {}
        self.late: tuple[Turn, threading.Thread] | None = None
        self.model_s = 0.0

    # -- senders -------------------------------------------------------------------------------------------------

    @rule(group=st.sampled_from(GROUPS), what=st.sampled_from(("joins", "ends", "worse")))
    def a_group_changes(self, group: str, what: str) -> None:
        """A sender tells of a group's new state, and is answered."""
        states, self.number[group] = self.alerts[group], self.number[group] + 1
        firing = [name for name, (_, fires, _) in states.items() if fires]
        if not firing or what == "joins" or (what == "worse" and states[firing[0]][2] == "critical"):
            states[f"a{self.number[group]}"] = (self.number[group], True, "warning")
        elif what == "ends":
            start, _, severity = states[firing[0]]
            states[firing[0]] = (start, False, severity)
        else:
            states[firing[0]] = (states[firing[0]][0], True, "critical")
        self.last[group] = self._delivery(group)
        self.store.inbox.receive(self.last[group], self.now)

    @rule(group=st.sampled_from(GROUPS))
    def a_delivery_comes_again(self, group: str) -> None:
        """A second Alertmanager, or a retry."""
        if group in self.last:
            receipt = self.store.inbox.receive(self.last[group], self.now)
            assert receipt.accepted == 0

    # -- workers -------------------------------------------------------------------------------------------------

    @rule(group=st.sampled_from(GROUPS), dies_at=st.sampled_from(("", "", *STEPS)))
    def a_worker_works(self, group: str, dies_at: str) -> None:
        """A worker takes the group's work, and may die at a step."""
        for incident in self._incidents(group):
            self._attempt(incident, Turn(dies_at))

    @precondition(lambda self: self.late is None)
    @rule(group=st.sampled_from(GROUPS), waits_at=st.sampled_from(STEPS))
    def a_worker_stands_still(self, group: str, waits_at: str) -> None:
        """A worker takes the group's work and stands still at a step, past its lease."""
        for incident in self._incidents(group):
            turn = Turn(waits_at=waits_at)
            thread = threading.Thread(target=self._attempt, args=(incident, turn))
            thread.start()
            while thread.is_alive() and not turn.standing.wait(0.005):
                pass
            self.late = (turn, thread)
            self.now += timedelta(seconds=30)

    @precondition(lambda self: self.late is None)
    @rule(
        group=st.sampled_from(GROUPS),
        waits_at=st.sampled_from(STEPS),
        what=st.sampled_from(("joins", "ends", "worse")),
        dies_at=st.sampled_from(("", "", *STEPS)),
    )
    def a_worker_is_overtaken(self, group: str, waits_at: str, what: str, dies_at: str) -> None:
        """A worker stands still past its lease while the group changes and another worker tells of it."""
        self.a_group_changes(group, "joins")
        self.a_worker_stands_still(group, waits_at)
        self.a_group_changes(group, what)
        self.a_worker_works(group, dies_at)
        self.all_is_told()

    @rule(group=st.sampled_from(GROUPS), what=st.sampled_from(("joins", "ends", "worse")), lost=st.integers(1, 3))
    def a_group_changes_while_its_post_is_in_doubt(self, group: str, what: str, lost: int) -> None:
        """Slack takes posts and does not say so; the group changes, and each time it is taken up at once."""
        self.a_group_changes(group, "joins")
        self.slack.faults.extendleft(["lost"] * lost)
        for _ in range(lost + 1):
            self.a_worker_works(group, "")
            self.time_passes(1)
            self.a_group_changes(group, what)

    @precondition(lambda self: self.late is not None)
    @rule()
    def it_goes_on(self) -> None:
        """The worker that stood still goes on."""
        assert self.late is not None
        turn, thread = self.late
        self.late = None
        turn.go_on.set()
        thread.join(WITHIN_S)
        assert not thread.is_alive()

    @rule(seconds=st.sampled_from((0, 5, 60)))
    def the_model_has_its_turn_later(self, seconds: int) -> None:
        """Whoever is to be told of from now on gets the model's words after so many seconds."""
        self.model_s = float(seconds)

    @rule(fault=st.sampled_from(("busy", "down", "lost")))
    def slack_fails_next(self, fault: str) -> None:
        """One of the next calls of Slack goes wrong."""
        self.slack.faults.append(fault)

    @rule(seconds=st.sampled_from((1, 10, 60)))
    def time_passes(self, seconds: int) -> None:
        """Leases end, and what was put off is due."""
        self.now += timedelta(seconds=seconds)

    # -- the truth -----------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        """In the end all is told."""
        self.all_is_told()
        self.store.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def all_is_told(self) -> None:
        """Let everybody go on and nothing fail any more: each group has one message, with its last state."""
        if self.late:
            self.it_goes_on()
        self.slack.faults.clear()
        self.model_s = 0.0
        for _ in range(60):
            self.now += timedelta(seconds=400)
            for incident in self.store.outbox.due(self.now, 100):
                self._attempt(incident, Turn())
            if not self.store.outbox.pending():
                break
        assert self.store.outbox.pending() == 0
        assert self.store.outbox.dead(10) == ()
        for group in self.last:
            texts = [text for text in self.slack.shown.values() if f" of {group}." in text]
            assert len(texts) == 1, texts
            assert re.findall(r"state (\d+) of", texts[0]) == [str(self.number[group])]
            fires = any(fires for _, fires, _ in self.alerts[group].values())
            assert texts[0].startswith("RESOLVED") is not fires
            assert not fires or self._flaps(group) or self._rung(group) is Rung.MODEL, "words are never forgotten"

    # -- how -----------------------------------------------------------------------------------------------------

    def _delivery(self, group: str) -> Delivery:
        words = {"summary": f"state {self.number[group]} of {group}."}
        alerts = []
        for name, (start, fires, severity) in self.alerts[group].items():
            labels = {"alertname": name, "service": "orders", "severity": severity}
            status = Status.FIRING if fires else Status.RESOLVED
            began = START + timedelta(minutes=start)
            alerts.append(Alert(name, status, labels, words, began, None if fires else began + timedelta(days=1)))
        return Delivery("alertmanager", group, tuple(alerts))

    def _incidents(self, group: str) -> list[str]:
        return [one.id for one in self.store.incidents.recent(100) if one.group_key == group]

    def _turn(self, incident: Incident, channel: Channel, decision: Decision) -> float:
        return self.model_s if decision is Decision.OWED else 0.0

    def _flaps(self, group: str) -> bool:
        incident = self.store.incidents.get(self._incidents(group)[0])
        return incident is not None and incident.reopened > FLAPS_AFTER

    def _rung(self, group: str) -> Rung:
        message = self.store.messages.last(Place(CHANNEL.id, self._incidents(group)[0]))
        assert message is not None
        assert message.newest is not None
        return Rung(message.newest.body.rung)

    def _attempt(self, incident: str, turn: Turn) -> None:
        stage = Stage()
        messages: Any = Watched(self.store.messages, "messages", turn)
        slack: Any = Watched(self.slack, "slack", turn)
        outbox: Any = Watched(self.store.outbox, "outbox", turn)
        drawers = Drawers(messages, self.store.changes, Check(stage, _METRICS))
        desk = Desk(slack, drawers, Posting(slack, messages, _METRICS, lambda: self.now), lambda: self.now)
        runs = Runs(self.store.runs, _METRICS, {}, lambda: self.now, lambda: new_id(self.now))
        telling = Telling(desk, (CHANNEL,), turn=self._turn)
        pipeline = Pipeline(stage, stage, desk, runs, telling)
        limits = Limits(timedelta(seconds=20), 8)
        try:
            Work(outbox, handler(self.store.incidents, pipeline), limits, lambda: self.now).attempt(incident)
        except Died:
            return


TestSenders = Senders.TestCase
TestSenders.settings = settings(
    max_examples=scaled(15, 1000),
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
