"""The redactor of an installation, and the command that lends it to a pipe."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from worker.cli.redact import blocks, redact_lines, redact_text
from worker.redacting import KEY_FILE, redactor_of, rules_version
from worker.redaction import RULES_VERSION, RedactionError
from worker.sections.redaction import RedactionRule, RedactionSettings

PASSWORD = "DB_PASSWORD=Tr0ub4dor"
OWN = RedactionRule(name="badge", pattern=r"badge (?P<v>B-\d{6})", keywords=("badge",))


def clean(text: str) -> str:
    if "unreadable" in text:
        raise RedactionError("It could not be redacted.")
    return text.replace("hunter2", "[redacted:test:0000]")


def test_its_key_outlives_the_process_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    first = redactor_of(RedactionSettings(), tmp_path)(PASSWORD)
    assert redactor_of(RedactionSettings(), tmp_path)(PASSWORD) == first
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


def test_a_key_of_the_settings_links_machines(tmp_path: Path) -> None:
    settings = RedactionSettings(key=SecretStr("one for all"))
    assert redactor_of(settings, tmp_path / "a")(PASSWORD) == redactor_of(settings, tmp_path / "b")(PASSWORD)
    assert not (tmp_path / "a").exists()


def test_it_redacts_where_no_key_can_be_kept() -> None:
    assert "Tr0ub4dor" not in redactor_of(RedactionSettings(), Path("/proc/nowhere"))(PASSWORD)


def test_rules_of_ones_own_come_first(tmp_path: Path) -> None:
    redact = redactor_of(RedactionSettings(rules=(OWN,)), tmp_path)
    assert redact("badge B-123456 was seen").startswith("badge [redacted:badge:")
    assert redact("badge X-123456 was seen") == "badge X-123456 was seen"


def test_rules_of_ones_own_are_part_of_the_version() -> None:
    assert rules_version(RedactionSettings()) == RULES_VERSION
    assert rules_version(RedactionSettings(rules=(OWN,))) != RULES_VERSION
    assert rules_version(RedactionSettings(personal=("email",))) != RULES_VERSION


@pytest.mark.parametrize("pattern", ["(", "(a+)+b", r"(\w+\s?)*x", r"(a)\1", "a*", "(?:x*)*"])
def test_a_pattern_that_is_none_or_may_take_for_ever_is_refused(pattern: str) -> None:
    with pytest.raises(ValidationError):
        RedactionRule(name="slow", pattern=pattern, keywords=("a",))


def test_addresses_are_taken_out_where_settings_ask(tmp_path: Path) -> None:
    line = "mail jo@example.com, call +49 30 1234567"
    assert redactor_of(RedactionSettings(), tmp_path)(line) == line
    shown = redactor_of(RedactionSettings(personal=("email", "phone")), tmp_path)(line)
    assert "jo@" not in shown
    assert "1234567" not in shown


def test_card_numbers_and_accounts_are_told_by_their_sums(tmp_path: Path) -> None:
    redact = redactor_of(RedactionSettings(), tmp_path)
    assert "[redacted:card:" in redact("paid with 4111 1111 1111 1111 today")
    assert "[redacted:iban:" in redact("to DE89 3704 0044 0532 0130 00 please")
    assert redact("order 4111111111111112 shipped") == "order 4111111111111112 shipped"


def test_a_text_comes_through_in_whole_lines_and_a_key_in_one_piece() -> None:
    key = f"-----BEGIN RSA {'PRIVATE'} KEY-----\n"
    assert list(blocks(["one\ntw", "", "o\n"])) == ["one\n", "two\n"]
    assert list(blocks(["a\n", key, "", "AAAA\n-----END RSA\n", "", "b"])) == ["a\n", key + "AAAA\n-----END RSA\n", "b"]
    assert "".join(blocks(["x" * 99 + "\n"] * 60_000)) == ("x" * 99 + "\n") * 60_000


def test_what_cannot_be_redacted_is_not_passed_on() -> None:
    out = io.StringIO()
    assert redact_text(clean, ["hunter2\n", "", "unreadable\n", "", "more\n"], out) == 1
    assert out.getvalue() == "[redacted:test:0000]\n"


def test_each_line_is_answered_in_its_place_and_a_bad_one_is_never_passed_on() -> None:
    out = io.StringIO()
    lines = ['{"text": "hunter2"}\n{"te', 'xt": "unreadable"}\nhunter2\n{"text": 3}\n{"text": "fine", "id": "hunter2"}']
    assert redact_lines(clean, iter(lines), out) == 1
    answers = [json.loads(line) for line in out.getvalue().splitlines()]
    assert answers[0] == {"text": "[redacted:test:0000]"}
    assert answers[4] == {"text": "fine"}
    assert [answer["line"] for answer in answers if "error" in answer] == [2, 3, 4]
    assert "hunter2" not in out.getvalue()


def _run(tmp_path: Path, given: bytes, *options: str) -> tuple[int, bytes]:
    done = subprocess.run(
        [sys.executable, "-m", "worker.cli.main", "redact", *options], input=given, capture_output=True, cwd=tmp_path
    )
    return done.returncode, done.stdout


def test_the_command_takes_secrets_out_of_a_pipe(tmp_path: Path) -> None:
    code, out = _run(tmp_path, b"before\n" + PASSWORD.encode() + b"\nbytes \xff\xfe after")
    assert code == 0
    assert out.startswith(b"before\nDB_PASSWORD=[redacted:secret:")
    assert out.endswith(b"]\nbytes \xff\xfe after")


def test_the_command_takes_and_gives_objects(tmp_path: Path) -> None:
    code, out = _run(tmp_path, json.dumps({"text": PASSWORD}).encode() + b"\nnothing\n", "--jsonl")
    answers = [json.loads(line) for line in out.splitlines()]
    assert code == 1
    assert answers[0]["text"].startswith("DB_PASSWORD=[redacted:secret:")
    assert answers[1]["line"] == 2
