"""The file of groups is believed wholly or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import BadSettings
from worker.readers.group_file import read_groups


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("groups.yaml", "payments: [U1, U2]\nops:\n  - U2\n"),
        ("groups.toml", 'payments = ["U1", "U2"]\nops = ["U2"]\n'),
    ],
)
def test_it_says_who_holds_which_group(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert read_groups(tmp_path / name) == {"U1": {"payments"}, "U2": {"payments", "ops"}}


@pytest.mark.parametrize(
    "text",
    [
        "payments: U1",
        "payments: [anna]",
        "payments: [[U1]]",
        "[U1]",
        "payments: [U1]\n1: [U2]",
        "a, b: [U1]",
        "payments: {U1: 1}",
        "x: [U1",
        "payments:",
        "",
        "- !!python/object:os.system []",
    ],
)
def test_what_it_does_not_understand_is_refused_as_a_whole(tmp_path: Path, text: str) -> None:
    (tmp_path / "groups.yaml").write_text(text)
    with pytest.raises(BadSettings):
        read_groups(tmp_path / "groups.yaml")


def test_a_file_that_is_away_is_no_empty_file(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="cannot be read"):
        read_groups(tmp_path / "none.yaml")
