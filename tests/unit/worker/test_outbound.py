"""Which hosts may be called: those of the list, where there is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import BadSettings
from worker.outbound_settings import OutboundSettings, host_of
from worker.settings import load

SETTINGS = """
[outbound]
allow = ["slack.com", "*.example.com"]
[slack]
bot_token = "t"
base_url = "{slack}"
[llm]
model = "{model}"
[[sources]]
name = "runbooks"
kind = "runbook"
git = "{git}"
"""
GOOD = {"slack": "https://slack.com/api/", "model": "", "git": "https://git.example.com/a/b.git"}


def written(folder: Path, **changed: str) -> Path:
    file = folder / "middlewatch.toml"
    file.write_text(SETTINGS.format(**{**GOOD, **changed}), encoding="utf-8")
    return file


def test_settings_that_name_allowed_hosts_alone_are_taken(tmp_path: Path) -> None:
    found = dict(load(written(tmp_path)).outbound_hosts())
    assert found == {"[slack] base_url": "slack.com", "[[sources]] runbooks": "git.example.com"}


@pytest.mark.parametrize(
    ("setting", "value", "host"),
    [
        ("slack", "https://slack.com.evil.test/api/", "slack.com.evil.test"),
        ("slack", "https://slack.com@evil.test/api/", "evil.test"),
        ("model", "openai:small", "api.openai.com"),
        ("git", "git@example.com:a/b.git", "example.com"),
        ("git", "ssh://git@evilexample.com/a/b.git", "evilexample.com"),
    ],
)
def test_a_host_that_is_not_on_the_list_is_refused_at_the_start(
    tmp_path: Path, setting: str, value: str, host: str
) -> None:
    with pytest.raises(BadSettings) as refused:
        load(written(tmp_path, **{setting: value}))
    assert host in str(refused.value)


def test_without_a_list_whatever_the_settings_name_may_be_called() -> None:
    OutboundSettings().check([("anything", "anywhere.example.org")])


def test_the_host_of_an_address_is_told_as_git_and_browsers_do() -> None:
    assert host_of("https://User:pw@Git.Example.com.:8443/x") == "git.example.com"
    assert host_of("deploy@git.example.com:a/b.git") == "git.example.com"
    assert host_of("http://[::1]:11434") == "::1"
    assert host_of("http://[broken") == ""
