"""The world outside, as one process: Slack and a language model, told over a socket what to do wrong."""

from __future__ import annotations

import json
import os
import signal
import socket
from typing import Any

from samples.scripted_model import ScriptedModel
from tests.slack_faults import Answer, Fault, accept_then_drop, accept_then_stall, broken, drop, rate_limited
from tests.slack_server import TOKEN, SlackServer

FAULTS: dict[str, Fault] = {
    "slack_429": rate_limited(1),
    "slack_5xx": broken(503),
    "slack_5xx_accepted": broken(500, accepted=True),
    "slack_dropped": drop(),
    "slack_accepted_dropped": accept_then_drop(),
    "slack_accepted_stalled": accept_then_stall(1.6),
}


class Recording(SlackServer):
    """A Slack that remembers what its messages showed, in the order in which they showed it."""

    def __init__(self) -> None:
        super().__init__()
        self.story: list[tuple[str, str, str]] = []

    def _do(self, method: str, arguments: Answer, token: str) -> Answer:
        answer = super()._do(method, arguments, token)
        if answer.get("ok") and method in ("chat.postMessage", "chat.update") and not arguments.get("thread_ts"):
            self.story.append((str(arguments["channel"]), str(answer["ts"]), str(arguments.get("text", ""))))
        return answer


class Outside:
    """The world outside, seen from here."""

    def __init__(self) -> None:
        """Fork it; `slack_url` and `model_url` are where it answers."""
        ours, theirs = socket.socketpair()
        self.pid = os.fork()
        if not self.pid:
            ours.close()
            try:
                _serve(theirs)
            finally:
                os._exit(0)
        theirs.close()
        self._wire = ours.makefile("rw")
        self.slack_url, self.model_url = self.ask(do="where")

    def ask(self, **what: Any) -> Any:
        """Ask for something and return the answer."""
        self._wire.write(json.dumps(what) + "\n")
        self._wire.flush()
        return json.loads(self._wire.readline())

    def close(self) -> None:
        """End it."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def _serve(wire: socket.socket) -> None:
    stream = wire.makefile("rw")
    with Recording() as slack, ScriptedModel() as model:
        model.script.delay_s = 2.0
        for line in stream:
            stream.write(json.dumps(_answer(slack, model, json.loads(line))) + "\n")
            stream.flush()


def _answer(slack: Recording, model: ScriptedModel, asked: dict[str, Any]) -> Any:
    return getattr(_Desk(slack, model), asked.pop("do"))(**asked)


class _Desk:
    """What can be asked for."""

    def __init__(self, slack: Recording, model: ScriptedModel) -> None:
        self._slack = slack
        self._model = model

    def where(self) -> tuple[str, str]:
        return self._slack.base_url, self._model.url

    def fail(self, fault: str, times: int) -> None:
        for method in ("chat.postMessage", "chat.update"):
            self._slack.fail(method, *[FAULTS[fault]] * times)

    def revoke(self) -> None:
        self._slack.token = "another"

    def lag(self) -> None:
        self._slack.history_lag_s = 0.25

    def model(self, mode: str) -> None:
        self._model.script.mode = mode

    def mend(self) -> None:
        self._slack.token, self._slack.history_lag_s, self._model.script.mode = TOKEN, 0.0, "good"
        self._slack._faults.clear()

    def shown(self, channels: list[str]) -> list[dict[str, str]]:
        return [{post["ts"]: post["text"] for post in self._slack.posts(channel)} for channel in channels]

    def story(self, channels: list[str]) -> list[tuple[str, str, str]]:
        return [one for one in self._slack.story if one[0] in channels]

    def forget(self) -> None:
        self._slack.channels.clear()
        self._slack.story.clear()
        self._slack.calls.clear()
