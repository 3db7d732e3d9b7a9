"""Secrets from files of their own, and new ones without a restart; everything else waits for the next start."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import pytest

from domain.errors import BadSettings
from tests.watch import watch
from worker.rotation import Rotation, with_secrets_of
from worker.settings import Settings, load


def test_a_secret_may_stand_in_a_file_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, token, tokens = tmp_path / "m.toml", tmp_path / "bot", tmp_path / "tokens"
    settings.write_text('[slack]\nbot_token = "from-the-file-of-settings"\nops_channel = "C1"\n')
    token.write_text("xoxb-new\n")
    tokens.write_text("one\ntwo\n")
    monkeypatch.setenv("MIDDLEWATCH_SLACK__BOT_TOKEN_FILE", str(token))
    monkeypatch.setenv("MIDDLEWATCH_INTAKE__GRAFANA__TOKENS_FILE", str(tokens))
    read = load(settings)
    assert (read.slack.bot_token.get_secret_value(), read.slack.ops_channel) == ("xoxb-new", "C1")
    assert [each.get_secret_value() for each in read.intake.grafana.tokens] == ["one", "two"]
    monkeypatch.setenv("MIDDLEWATCH_SLACK__BOT_TOKEN", "xoxb-environment")
    assert load(settings).slack.bot_token.get_secret_value() == "xoxb-environment"


def test_a_file_that_is_named_must_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "m.toml").write_text("")
    monkeypatch.setenv("MIDDLEWATCH_SLACK__SIGNING_SECRET_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(BadSettings, match="SIGNING_SECRET_FILE"):
        load(tmp_path / "m.toml")


def test_only_secrets_are_taken_over() -> None:
    old = Settings(slack={"bot_token": "a", "ops_channel": "C1"}, intake={"port": 1, "api_tokens": ["x"]})
    fresh = Settings(
        slack={"bot_token": "b", "signing_secret": "s", "ops_channel": "C2"},
        intake={"port": 2, "api_tokens": ["y"], "sentry": {"secrets": ["z"]}},
    )
    mixed = with_secrets_of(old, fresh)
    assert (mixed.slack.ops_channel, mixed.intake.port) == ("C1", 1)
    assert (mixed.slack.bot_token, mixed.slack.signing_secret) == (fresh.slack.bot_token, fresh.slack.signing_secret)
    assert (mixed.intake.api_tokens, mixed.intake.sentry) == (fresh.intake.api_tokens, fresh.intake.sentry)


def test_keys_and_passwords_of_what_is_called_are_taken_over() -> None:
    old = Settings(
        llm={"model": "openai:a", "api_key": "k1"}, store={"qdrant_api_key": "q1", "redis_url": "redis://h/0"}
    )
    fresh = Settings(llm={"model": "openai:b", "api_key": "k2"}, store={"qdrant_api_key": "q2"})
    mixed = with_secrets_of(old, fresh)
    assert (mixed.llm.model, mixed.llm.api_key.get_secret_value()) == ("openai:a", "k2")
    assert (mixed.store.qdrant_api_key.get_secret_value(), mixed.store.redis_url) == ("q2", "redis://h/0")


@pytest.mark.parametrize(
    ("fresh", "taken"),
    [
        ("postgresql+psycopg://b:2@h:5432/d?sslmode=require", True),
        ("postgresql+psycopg://h:5432/d?sslmode=require", True),
        ("postgresql+psycopg://b:2@other:5432/d?sslmode=require", False),
        ("postgresql+psycopg://b:2@h:5432/other?sslmode=require", False),
        ("postgresql+psycopg://b:2@h:5432/d", False),
        ("", False),
    ],
)
def test_of_a_stores_url_only_the_login_is_taken_over(fresh: str, taken: bool) -> None:
    old = "postgresql+psycopg://a:1@h:5432/d?sslmode=require"
    mixed = with_secrets_of(Settings(store={"database_url": old}), Settings(store={"database_url": fresh}))
    assert mixed.store.database_url == (fresh if taken else old)


def test_settings_that_cannot_be_read_change_nothing() -> None:
    def broken() -> Settings:
        raise BadSettings("no")

    taken: list[Settings] = []
    assert Rotation(broken, taken.append).again() is False
    assert taken == []


def test_it_reads_again_on_sighup() -> None:
    taken, before = threading.Event(), signal.getsignal(signal.SIGHUP)
    Rotation(Settings, lambda _: taken.set()).listen()
    try:
        signal.raise_signal(signal.SIGHUP)
        assert taken.wait(5)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_every_part_of_a_process_uses_the_new_secrets(tmp_path: Path) -> None:
    with watch(tmp_path) as here:
        parts = here.parts
        directory = parts.directory
        old = parts.settings
        fresh = old.model_copy(
            update={
                "slack": Settings(slack={"bot_token": "xoxb-2", "signing_secret": "s2"}).slack,
                "intake": Settings(intake={"api_tokens": ["t2"], "grafana": {"tokens": ["g2"]}}).intake,
            }
        )
        assert parts.slack is not None
        _ = (parts.access, parts.post, directory)
        parts.renew(fresh)
        assert parts.slack._client.token == "xoxb-2"
        assert parts.slack_people is None or parts.slack_people._client.token == "xoxb-2"
        assert parts.access.api_tokens == ("t2",)
        assert parts.access.senders["grafana"].tokens == ("g2",)
        assert parts.settings.slack.base_url == old.slack.base_url
