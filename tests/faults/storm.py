"""A storm while its process is killed: `python -m tests.faults.storm SEED…` prints what was wrong in each run, as JSON.

Each seed kills `middlewatch up` with SIGKILL at another step of telling a storm, and once more some time after; it is
started again each time.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import sys
import tempfile
import time
import urllib.error
import urllib.request
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.faults.bench import Broker, Sqlite
from tests.faults.outside import Outside
from tests.faults.plan import Kill
from tests.faults.victim import Life, born
from worker.store import schema
from worker.store.engine import open_database
from worker.store.fold import Policy
from worker.store.messages import Begun
from worker.store.store import Store

STEPS = (
    "storms.join:after", "slack.post:after", "slack.edit:after", "storms.get:after", "messages.posted:before",
    "storms.rest:before", "storms.join:before", "messages.edited:before", "slack.post:before", "outbox.finish:before",
)  # fmt: skip
INCIDENTS, CRITICAL_EVERY, ALONE = 60, 20, 5
_WITHIN_S = 150.0
_BEGAN = "2026-11-21T03:00:00Z"


class Run:
    """One storm, with the process killed on the way."""

    def __init__(self, seed: int, folder: Path, outside: Outside, broker: Broker) -> None:
        self._chance = random.Random(f"storm:{seed}")
        step = STEPS[seed % len(STEPS)]
        late = step.startswith(("slack.post", "messages.posted", "outbox"))
        often = late or step.startswith("storms.join")  # the others may come but once: edits are put together
        self._kill = Kill(step, (self._chance.choice((1, 2, 3)) if often else 1) + (ALONE if late else 0))
        self._outside, self._broker, self._folder = outside, broker, folder
        self._channel = f"C{seed}"
        self._database = Sqlite(folder / "state.db")
        database = open_database(self._database.url)
        schema.upgrade(database)
        database.close()
        with socket.create_server(("127.0.0.1", 0)) as server:
            self._port = int(server.getsockname()[1])
        self._pid, self._lives = 0, 0

    def go(self) -> dict[str, Any]:
        """Run it, and say what was wrong and how often the process died."""
        try:
            names = [self._send(number) for number in range(INCIDENTS)]
            until = time.monotonic() + _WITHIN_S
            while self._lives < 2 and time.monotonic() < until:  # until it has died at its step
                names.append(self._send(len(names)))
                time.sleep(1.5)
            time.sleep(self._chance.random() * 3)
            os.kill(self._pid, signal.SIGKILL)
            self._settle()
            return {"wrong": self._wrong(names), "died": self._lives - 1, "step": self._kill.step}
        finally:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            self._broker.empty()
            self._outside.ask(do="forget")

    def _tend(self) -> None:
        if self._pid and os.waitpid(self._pid, os.WNOHANG)[0]:
            self._pid = 0
        if not self._pid:
            kills = (self._kill,) if not self._lives else ()
            life = Life("up", self._settings(), kills, False, self._folder / "switch", self._folder / "log")
            self._pid, self._lives = born(life), self._lives + 1

    def _settings(self) -> dict[str, Any]:
        return {
            "store": {
                "database_url": self._database.url,
                "redis_url": self._broker.url,
                "data_dir": str(self._folder),
            },
            "slack": {"bot_token": "xoxb-test-token", "base_url": self._outside.slack_url},
            "intake": {"port": self._port, "allow_unsigned_loopback": True},
            "channels": [{"id": self._channel, "groups": ["everyone"], "default": True}],
            "storm": {"incidents": ALONE, "within": timedelta(minutes=5), "every": timedelta(seconds=1)},
            "worker": {"sweep_every": timedelta(seconds=0.3), "lease": timedelta(seconds=2), "online_threads": 3},
        }

    def _send(self, number: int) -> str:
        severity = "critical" if number % CRITICAL_EVERY == CRITICAL_EVERY - 1 else "warning"
        labels = {"alertname": f"Alert{number:03}", "service": f"service-{number % 12}", "severity": severity}
        alert = {"status": "firing", "labels": labels, "startsAt": _BEGAN, "fingerprint": f"f{number}"}
        body = json.dumps({"version": "4", "groupKey": f"g{number}", "alerts": [alert]}).encode()
        url = f"http://127.0.0.1:{self._port}/v1/webhooks/alertmanager"
        until = time.monotonic() + _WITHIN_S
        while time.monotonic() < until:
            self._tend()
            request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
            try:
                with urllib.request.urlopen(request, timeout=3) as answer:  # noqa: S310
                    return str(json.load(answer)["incidents"][0])
            except (urllib.error.HTTPError, OSError):
                time.sleep(0.05)
        raise AssertionError("the webhook did not answer in time")

    def _settle(self) -> None:
        until = time.monotonic() + _WITHIN_S
        quiet = 0
        while quiet < 5 and time.monotonic() < until:
            self._tend()
            time.sleep(0.2)
            query = "SELECT count(*) FROM outbox WHERE done_version < wanted_version AND dead_at IS NULL"
            quiet = 0 if self._database.rows(query)[0][0] else quiet + 1

    def _wrong(self, names: list[str]) -> list[str]:
        store = Store(open_database(self._database.url), Policy())
        told = {name: [message.state for message in store.messages.of_incident(name)] for name in names}
        storms = store.storms.recent(9)
        store.close()
        shown = self._outside.ask(do="shown", channels=[self._channel])[0].values()
        texts = [text for text in shown if text.startswith("STORM")]
        members = [name for name, states in told.items() if states == [Begun.STORM]]
        alone = [name for name, states in told.items() if states == [Begun.POSTED]]
        critical = names[CRITICAL_EVERY - 1 :: CRITICAL_EVERY]
        checks = {
            f"{len(names) - len(members) - len(alone)} of {len(names)} incidents are not told": len(members)
            + len(alone)
            == len(names),
            f"{len(storms)} storms": len(storms) == 1,
            f"{len(texts)} storm messages": len(texts) == 1,
            f"{len(shown)} messages for {len(alone)} incidents and a storm": len(shown) == len(alone) + 1,
            "a critical incident has no message of its own": set(critical) <= set(alone),
            f"the storm message does not count {len(members)}": all(f"{len(members)} incidents" in t for t in texts),
        }
        return [fault for fault, holds in checks.items() if not holds]


def main(seeds: list[int]) -> int:
    """Run the seeds; 1 where something was wrong in one."""
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="mwgale") as root:
        folder = Path(root)
        outside, broker = Outside(), Broker(folder)
        broker.start()
        try:
            for seed in seeds:
                (folder / str(seed)).mkdir()
                verdict = Run(seed, folder / str(seed), outside, broker).go()
                wrong += bool(verdict["wrong"])
                sys.stdout.write(json.dumps({"seed": seed, **verdict}) + "\n")
                sys.stdout.flush()
        finally:
            broker.stop()
            outside.close()
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main([int(word) for word in sys.argv[1:]]))
