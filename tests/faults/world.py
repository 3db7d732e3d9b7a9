"""One run: start the processes, send the traffic, let things go wrong, wait for quiet, and look at the ledger."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.faults.bench import Bench
from tests.faults.ledger import disorder, text_of, truths, wrongs
from tests.faults.plan import Delivery, Plan
from tests.faults.victim import Life, born

WITHIN_S = 180.0
"""How long a run may take until everything is as it must be; seconds on a machine that has nothing else to do."""

_BEGAN = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
_PENDING = "SELECT count(*) FROM outbox WHERE done_version < wanted_version AND dead_at IS NULL"
_DEAD = "SELECT reason, count(*) FROM outbox WHERE dead_at IS NOT NULL GROUP BY reason"


@dataclass
class Verdict:
    """What came of a run: nothing in `wrong` means that every promise held."""

    seed: int
    wrong: list[str] = field(default_factory=list)
    moments: list[str] = field(default_factory=list)
    """Where a message went back to an older state and was put right: a worker came past its lease."""
    died: list[str] = field(default_factory=list)
    acknowledged: int = 0
    seconds: float = 0.0


@dataclass
class _Process:
    role: str
    pid: int
    lives: int = 0
    stopped_at: float = 0.0


class World:
    """One run of a plan."""

    def __init__(self, plan: Plan, bench: Bench) -> None:
        self._plan = plan
        self._bench = bench
        self._database = bench.databases.new(plan.database, plan.seed)
        self._folder = bench.folder / str(plan.seed)
        self._folder.mkdir(exist_ok=True)
        self._switch = self._folder / "switch"
        self._chance = random.Random(f"world:{plan.seed}")
        self._port = _free_port()
        self._channels = [f"C{plan.seed}ALL", f"C{plan.seed}CRITICAL"]
        self._processes: list[_Process] = []
        self._fault_until: float | None = None
        self._kills_left = 3
        self._verdict = Verdict(plan.seed)

    def run(self) -> Verdict:
        """Run it and judge it."""
        began = time.monotonic()
        self._deadline = began + WITHIN_S
        try:
            for role in ("api", "worker", "worker") if self._plan.apart else ("up",):
                self._processes.append(_Process(role, 0))
            self._tend()
            for number, delivery in enumerate(self._plan.deliveries):
                self._send(delivery)
                if number == self._plan.fault_after:
                    self._begin_fault()
            self._settle()
        finally:
            self._end()
        self._verdict.seconds = round(time.monotonic() - began, 1)
        return self._verdict

    # -- traffic -------------------------------------------------------------------------------------------------

    def _send(self, delivery: Delivery) -> None:
        for _ in range(delivery.times):
            while (status := self._post(delivery)) != 202:
                if 400 <= status < 500 or time.monotonic() > self._deadline:
                    self._verdict.wrong.append(f"refused: HTTP {status}")
                    return
                self._tend()
                time.sleep(0.05)
            self._verdict.acknowledged += 1
        until = time.monotonic() + delivery.pause_s
        while time.monotonic() < until:
            self._tend()
            time.sleep(0.05)

    def _post(self, delivery: Delivery) -> int:
        body = json.dumps(
            {
                "version": "4",
                "groupKey": f"{delivery.group} of {self._plan.seed}",
                "receiver": f"replica-{self._chance.randrange(2)}",
                "alerts": [_alert(delivery, *alert) for alert in delivery.alerts],
            }
        ).encode()
        url = f"http://127.0.0.1:{self._port}/v1/webhooks/alertmanager"
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=3) as answer:  # noqa: S310
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    # -- processes -----------------------------------------------------------------------------------------------

    def _tend(self) -> None:
        """Start what is dead, wake what sleeps, end a fault whose time is over."""
        for process in self._processes:
            self._look_after(process)
        if self._fault_until is not None:
            self._during_fault()
            if time.monotonic() > self._fault_until:
                self._end_fault()

    def _look_after(self, process: _Process) -> None:
        if process.pid:
            pid, status = os.waitpid(process.pid, os.WNOHANG | os.WUNTRACED)
            if pid and os.WIFSTOPPED(status):
                process.stopped_at = time.monotonic()
            elif pid:
                process.lives += 1
                process.pid = 0
            if process.stopped_at and time.monotonic() - process.stopped_at > 2.0 + self._plan.fault_s:
                process.stopped_at = 0.0
                os.kill(process.pid, signal.SIGCONT)
        if not process.pid:
            process.pid = born(self._life(process))

    def _life(self, process: _Process) -> Life:
        kills = tuple(kill for kill in self._plan.kills if kill.life == process.lives)
        frozen = self._plan.fault == "worker_frozen"
        return Life(process.role, self._settings(), kills, frozen, self._switch, self._folder / "log")

    def _settings(self) -> dict[str, Any]:
        outside, seed = self._bench.outside, self._plan.seed
        model = {"model": "openai:scripted-demo", "base_url": outside.model_url, "api_key": "none", "timeout_s": 1}
        return {
            "store": {
                "database_url": self._database.url,
                "redis_url": self._bench.broker.url,
                "data_dir": str(self._folder),
            },
            "llm": model if self._plan.model else {},
            "slack": {"bot_token": "xoxb-test-token", "base_url": outside.slack_url},
            "intake": {"port": self._port, "allow_unsigned_loopback": True},
            "channels": [
                {"id": f"C{seed}ALL", "groups": ["everyone"], "match": {"service": "orders"}, "default": True},
                {"id": f"C{seed}CRITICAL", "groups": ["everyone"], "match": {"severity": "critical"}},
            ],
            "worker": {
                "sweep_every": timedelta(seconds=0.3),
                "lease": timedelta(seconds=2),
                "max_attempts": 12,
                "online_threads": 3,
            },
        }

    # -- faults --------------------------------------------------------------------------------------------------

    def _begin_fault(self) -> None:
        fault, bench = self._plan.fault, self._bench
        self._fault_until = time.monotonic() + self._plan.fault_s
        if fault.startswith("index"):
            self._switch.write_text(fault)
        elif fault.startswith("model"):
            modes = {"model_down": "http500", "model_slow": "slow", "model_lying": "obedient", "model_drip": "drip"}
            bench.outside.ask(do="model", mode=modes[fault])
        elif fault.startswith("slack"):
            self._slack_fault(fault)
        elif fault.startswith("database"):
            (self._database.cut if fault == "database_cut" else self._database.slow)()
        elif fault == "redis_stopped":
            bench.broker.stop()
        elif fault == "redis_slow":
            bench.broker.hold(self._plan.fault_s)

    def _slack_fault(self, fault: str) -> None:
        if fault == "slack_revoked":
            self._bench.outside.ask(do="revoke")
        elif fault == "slack_history_lags":
            self._bench.outside.ask(do="lag")
            self._bench.outside.ask(do="fail", fault="slack_accepted_dropped", times=2)
        else:
            self._bench.outside.ask(do="fail", fault=fault, times=self._chance.choice((1, 2, 3)))

    def _during_fault(self) -> None:
        if self._plan.fault == "redis_flushed":
            self._bench.broker.empty()
        if self._plan.fault == "killed_at_random" and self._kills_left and self._chance.random() < 0.15:
            self._kills_left -= 1
            os.kill(self._chance.choice(self._processes).pid, signal.SIGKILL)
            self._verdict.died.append("at random")

    def _end_fault(self) -> None:
        self._fault_until = None
        self._switch.unlink(missing_ok=True)
        if self._plan.fault.startswith("database"):
            self._database.mend()
        self._bench.broker.start()
        self._bench.outside.ask(do="mend")

    # -- the end -------------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Wait until all is told; what is wrong then, a moment later, or for ever, is noted."""
        wrong = ["not begun"]
        while wrong and time.monotonic() < self._deadline:
            self._tend()
            time.sleep(0.1)
            wrong = ["busy"] if self._busy() else self._wrong()
        until = time.monotonic() + 0.5
        while time.monotonic() < until:
            self._tend()
            time.sleep(0.1)
        self._verdict.wrong += self._wrong()
        self._verdict.moments += disorder(self._bench.outside.ask(do="story", channels=self._channels))
        if self._fault_until is None:
            self._verdict.wrong += [f"dead: {reason} ({n})" for reason, n in self._database.rows(_DEAD)]

    def _busy(self) -> bool:
        return self._fault_until is not None or bool(self._database.rows(_PENDING)[0][0])

    def _wrong(self) -> list[str]:
        told = self._bench.outside.ask(do="shown", channels=self._channels)
        shown = dict(zip(("all", "critical"), told, strict=True))
        return [fault for truth in truths(self._plan) for fault in wrongs(truth, shown)]

    def _end(self) -> None:
        for process in self._processes:
            if process.pid:
                os.kill(process.pid, signal.SIGKILL)
                os.waitpid(process.pid, 0)
        died = self._folder / "log.died"
        self._verdict.died += died.read_text().split() if died.exists() else []
        self._end_fault()
        self._database.mend()
        self._bench.broker.empty()
        if not self._verdict.wrong:
            self._database.drop()
        self._bench.outside.ask(do="forget")


def _alert(delivery: Delivery, name: str, start: int, fires: bool, severity: str) -> dict[str, Any]:
    began = _BEGAN + timedelta(minutes=start)
    ended = (began + timedelta(minutes=5)).isoformat() if not fires else "0001-01-01T00:00:00Z"
    return {
        "status": "firing" if fires else "resolved",
        "labels": {"alertname": f"Alert{name}", "service": "orders", "severity": severity},
        "annotations": {"summary": f"{text_of(delivery)}."},
        "startsAt": began.isoformat(),
        "endsAt": ended,
        "fingerprint": f"{delivery.group}-{name}",
    }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
