"""A certificate that has run out, at Slack's address and at the model's: what happened, and how to mend it."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import ModelUnavailable, SlackUnavailable
from summarizer.model import ModelSettings, connect
from summarizer.prompt import Prompt
from tests.certificates import DAY, NOW, certificate, tls_server
from worker.settings import Settings
from worker.slack.client import SlackChannel
from worker.slack.message import Message
from worker.watch.probes import model as model_probe

PROMPT = Prompt("summary.v1", "s", "u", (), "", "n", 1)
KEY = "sk-never-shown-0000"
WRONG = {
    "expired": {"ends": NOW - DAY},
    "for another address": {"ends": NOW + DAY, "address": "192.0.2.1"},
}
SAID = {"expired": "certificate has expired", "for another address": "certificate is not valid for '127.0.0.1'"}


@pytest.fixture(params=WRONG)
def wrong(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, str]:
    """A certificate whose authority is trusted, and what is wrong with it."""
    file = certificate(tmp_path, "wrong", **WRONG[request.param])
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return file, SAID[request.param]


def test_slacks_is_named_nothing_was_sent_and_it_is_tried_again(wrong: tuple[Path, str]) -> None:
    file, said = wrong
    with tls_server(file) as url, pytest.raises(SlackUnavailable) as told:
        SlackChannel("xoxb-secret", f"{url}/api/", timeout_s=5).post("C1", Message("text", (), ()), "m")
    assert (told.value.reason, told.value.ambiguous, told.value.retryable) == ("slack-certificate", False, True)
    assert said in str(told.value)
    assert "clock" in told.value.mend
    assert "xoxb" not in str(told.value)


def test_the_models_is_named_in_its_fault_and_in_its_probe(wrong: tuple[Path, str]) -> None:
    file, said = wrong
    with tls_server(file) as url:
        with pytest.raises(ModelUnavailable) as told:
            connect(ModelSettings("openai:some", f"{url}/v1", KEY, 5)).answer(PROMPT, 5)
        assert told.value.reason == "model-certificate"
        assert said in str(told.value)
        assert "base_url" in told.value.mend
        assert KEY not in str(told.value)
        with pytest.raises(ModelUnavailable, match="not accepted") as seen:
            model_probe(Settings(llm={"model": "openai:some", "base_url": f"{url}/v1"})).check()
        assert said in str(seen.value)
        assert "certificates" in seen.value.mend


def test_a_good_one_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = certificate(tmp_path, "good", ends=NOW + DAY)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with tls_server(file) as url:
        assert "listens" in model_probe(Settings(llm={"model": "openai:some", "base_url": f"{url}/v1"})).check()
        with pytest.raises(SlackUnavailable) as told:
            SlackChannel("xoxb-secret", f"{url}/api/", timeout_s=5).post("C1", Message("text", (), ()), "m")
    assert told.value.reason == "slack-no-answer"  # it spoke; what it says is no answer of Slack
