"""Which hosts may be called: those of the list, where there is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import BadSettings, Refused
from summarizer.draft import Answer, Draft
from summarizer.prompt import Prompt
from worker.outbound import Hosts, Outbound, put_down_to
from worker.sections.outbound import OutboundSettings, embedding_hosts, host_of
from worker.settings import load
from worker.telemetry import Metrics

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


@pytest.mark.parametrize(
    ("section", "host"),
    [
        ('[store]\nqdrant_url = "http://qdrant.evil.test:6333"', "qdrant.evil.test"),
        ('[store]\nredis_url = "rediss://:pw@redis.evil.test/0"', "redis.evil.test"),
        ('[store]\ndatabase_url = "postgresql+psycopg://u:p@db.evil.test/x"', "db.evil.test"),
        ('[heartbeat]\nping_url = "https://monitor.evil.test/x"', "monitor.evil.test"),
        ('[embedding]\nmodel = "some/model"', "huggingface.co"),
    ],
)
def test_every_part_that_calls_out_is_held_to_the_list(tmp_path: Path, section: str, host: str) -> None:
    file = tmp_path / "middlewatch.toml"
    file.write_text(f'{section}\n[outbound]\nallow = ["slack.com"]\n', encoding="utf-8")
    with pytest.raises(BadSettings, match=host):
        load(file)


def test_files_and_sockets_are_no_hosts(tmp_path: Path) -> None:
    file = tmp_path / "middlewatch.toml"
    file.write_text(
        '[store]\ndatabase_url = "sqlite:////tmp/x.db"\nredis_url = "unix:///run/redis.sock"\n'
        '[outbound]\nallow = ["slack.com"]\n',
        encoding="utf-8",
    )
    assert load(file).outbound_hosts() == ()
    assert not list(embedding_hosts("bundled"))
    assert not list(embedding_hosts(str(tmp_path)))


def gate(*allow: str) -> tuple[Outbound, Metrics]:
    metrics = Metrics()
    return Outbound(OutboundSettings(allow=allow), metrics), metrics


def test_a_call_is_counted_and_put_down_to_the_run_that_it_is_for() -> None:
    outbound, metrics = gate()
    hosts: Hosts = {}
    with put_down_to(hosts):
        for _ in range(2):
            outbound.call("slack", "slack.com")
        outbound.for_url("index", "http://qdrant:6333")
        outbound.for_url("index", "unix:///nothing")
    outbound.call("slack", "elsewhere.example.com")
    assert hosts == {"slack": ["slack.com"], "index": ["qdrant"]}
    assert metrics.value("middlewatch_outbound_calls_total", purpose="slack", host="slack.com") == 2


def test_a_host_that_is_not_on_the_list_is_not_called_at_the_moment_of_the_call_either() -> None:
    outbound, metrics = gate("*.amazonaws.com")
    hosts: Hosts = {}
    with put_down_to(hosts), pytest.raises(Refused, match=r"evil\.test"):
        outbound.call("model", "evil.test")
    assert hosts == {}
    assert metrics.value("middlewatch_outbound_refused_total", purpose="model") == 1
    may = outbound.may("sns", lambda url: url.startswith("https://"))
    assert may("https://sns.eu-west-1.amazonaws.com/x.pem")
    assert not may("https://sns.eu-west-1.amazonaws.com.cn/x.pem")
    assert not may("http://sns.eu-west-1.amazonaws.com/x.pem")


class Asked:
    """A model that must not be asked."""

    name, local, asked = "openai:some", False, 0

    def answer(self, prompt: Prompt, timeout_s: float) -> Answer:
        del prompt, timeout_s
        self.asked += 1
        return Answer(Draft(claims=[]))


def test_a_model_is_asked_only_where_its_host_may_be_called() -> None:
    model, prompt = Asked(), Prompt("v", "", "", (), "", "", 0)
    hosts: Hosts = {}
    allowed, refused = gate("api.openai.com")[0], gate("slack.com")[0]
    with put_down_to(hosts):
        allowed.model(model, "api.openai.com").answer(prompt, 1.0)
        with pytest.raises(Refused):
            refused.model(model, "api.openai.com").answer(prompt, 1.0)
    assert (model.asked, hosts) == (1, {"model": ["api.openai.com"]})
