"""Commands are whole lines without prompts, comments and output; what is in doubt is not shown."""

from __future__ import annotations

import pytest

from summarizer.blocks_of import blocks_of
from summarizer.commands import commands_in


def found(body: str, info: str = "bash") -> list[str] | None:
    """The commands of a code block; None where it is in doubt."""
    text = f"```{info}\n{body}\n```\n"
    result = commands_in(text, blocks_of(text)[0])
    return [text[start:end] for start, end in result.spans] if result.sure else None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("$ ls -l\ntotal 0\n$ df -h", ["ls -l", "df -h"]),
        ("root@db-1:~# psql -l\n List of databases", ["psql -l"]),
        ("[core@node ~]$ uptime\n 03:00 up 3 days", ["uptime"]),
        ("# Check the pods\nkubectl get pods", ["kubectl get pods"]),
        ("$ sudo su\n# systemctl restart x", ["sudo su", "systemctl restart x"]),
        ("mysql> SHOW PROCESSLIST;\n+----+\n| Id |", ["SHOW PROCESSLIST;"]),
        ("postgres=# SELECT 1;\n ?column?", ["SELECT 1;"]),
    ],
)
def test_a_session_gives_its_commands_without_prompts_and_output(body: str, expected: list[str]) -> None:
    assert found(body, "console") == expected


def test_output_after_a_command_without_prompt_is_dropped() -> None:
    body = "kubectl get pod -l app=x\n\nNAMESPACE   NAME   READY\ndefault     x-0    1/2"
    assert found(body) == ["kubectl get pod -l app=x"]


@pytest.mark.parametrize(
    "body",
    [
        "kubectl run x \\\n  --image=y \\\n  --rm",
        "cat <<EOF | kubectl apply -f -\nkind: Pod\nEOF",
        "for pod in $(kubectl get pods -o name); do\n  kubectl delete $pod\ndone",
        "psql -c \"SELECT *\nFROM jobs\nWHERE state = 'stuck'\"",
        "kubectl get pods |\n  grep Evicted",
        "cd /tmp\nsudo -u postgres /usr/bin/envdir /etc/wal-g /opt/wal-g --version",
        "mytool aws production -- \\\n  kubectl get pods",
    ],
)
def test_a_command_of_several_lines_stays_whole(body: str) -> None:
    assert found(body) == [body]


@pytest.mark.parametrize(
    "body",
    ["for x in a b; do\n  echo $x", 'psql -c "SELECT 1', "kubectl get pods\nThe pod should now be ready to serve"],
)
def test_a_block_whose_commands_cannot_be_told_is_in_doubt(body: str) -> None:
    assert found(body) is None


@pytest.mark.parametrize("info", ["yaml", "json", "log", "go"])
def test_a_block_of_another_language_holds_no_command(info: str) -> None:
    assert found("replicas: 4", info) == []


def test_a_plain_block_of_log_lines_holds_no_command() -> None:
    assert found('level=error msg="cannot connect"\n2026-01-01 down', "") == []


@pytest.mark.parametrize("info", ["promql", "", "bash"])
def test_a_query_is_one_command(info: str) -> None:
    body = 'sum(\n  rate(http_requests_total{code=~"5.."}[5m])\n) > 1'
    assert found(body, info) == [body]


def test_a_query_with_its_result_is_in_doubt() -> None:
    assert found("SELECT 1;\n----------\n 1", "sql") is None


def test_a_placeholder_is_no_command() -> None:
    assert found("# TODO: Command needed") == []


def test_a_fence_that_was_never_closed_ends_at_the_first_blank_line() -> None:
    text = "```shell\n$ kubectl get svc\n\n## Mitigation\n\nTODO\n"
    fence = blocks_of(text)[0]
    assert [text[start:end] for start, end in commands_in(text, fence).spans] == ["kubectl get svc"]
