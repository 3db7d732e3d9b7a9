"""JSON read strictly where it decides meaning."""

from __future__ import annotations

import pytest

from domain.errors import BadInput
from worker.intake.strict_json import MOST_BRACKETS, loads


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty-body"),
        (b"  \n", "empty-body"),
        (b"alert!", "not-json"),
        (b"{'a': 1}", "not-json"),
        (b'{"a": 1,}', "not-json"),
        (b'{"a": 1} {"a": 2}', "not-json"),
        (b'"a\x00b"', "not-json"),
        (b"[NaN]", "not-json"),
        (b"[-Infinity]", "not-json"),
        (b"[1e999]", "not-json"),
        (b"9" * 5000, "not-json"),
        ("{}".encode("utf-16"), "not-json"),
        (b"[" * 100_000 + b"]" * 100_000, "too-deep"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "too-deep"),
        (b"[" + b"{}," * MOST_BRACKETS + b"{}]", "too-complex"),
    ],
)
def test_it_says_why_a_body_cannot_be_read(body: bytes, reason: str) -> None:
    with pytest.raises(BadInput) as caught:
        loads(body)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("body", "content"),
    [
        (b'{"a": 1, "a": 2}', {"a": 2}),  # of equal keys the last wins
        (b"\xef\xbb\xbf{}", {}),  # a byte order mark is passed over
        (b'"a\xffb"', "a\ufffdb"),
        (b'"\\ud83d\\udd25"', "🔥"),
        (b'"\\ud800"', "\ud800"),  # left to text.clean
        (b"1.5e3", 1500.0),
    ],
)
def test_it_reads_what_only_looks_odd(body: bytes, content: object) -> None:
    assert loads(body) == content


def test_the_error_does_not_carry_the_body() -> None:
    with pytest.raises(BadInput) as caught:
        loads(b'{"password": hunter2}')
    assert "hunter2" not in repr((caught.value, caught.value.__cause__))
