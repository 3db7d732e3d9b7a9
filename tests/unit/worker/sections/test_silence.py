"""A silence in the settings: what it means, and what is said of one that cannot be read."""

from __future__ import annotations

from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from domain.errors import BadSettings
from worker.settings import load
from worker.silence import Weekly

HEAD = '[[silences]]\nname = "nightly batch"\nmatch = { team = "batch" }\nreason = "it is loud"\n'


def silences(folder: Path, more: str, head: str = HEAD) -> object:
    file = folder / "middlewatch.toml"
    file.write_text(head + more)
    return load(file).silences


def test_weekly_windows_are_read(tmp_path: Path) -> None:
    (each,) = silences(
        tmp_path, 'weekly = ["mon-fri 22:00-06:00", "Sat, Sun 00:00-24:00", "sun-mon 5:30 - 7:00"]\nzone = "Asia/Tokyo"'
    )  # type: ignore[misc]
    silence = each.silence()
    assert silence.weekly == (
        Weekly(frozenset({0, 1, 2, 3, 4}), time(22), time(6)),
        Weekly(frozenset({5, 6}), time(0), time(0)),
        Weekly(frozenset({6, 0}), time(5, 30), time(7)),
    )
    assert (silence.zone, silence.critical, silence.reason) == (ZoneInfo("Asia/Tokyo"), False, "it is loud")


def test_a_time_without_an_offset_is_one_of_the_zone(tmp_path: Path) -> None:
    (each,) = silences(tmp_path, 'begins = 2026-12-24T18:00:00\nends = 2026-12-26T05:00:00Z\nzone = "Europe/Berlin"')  # type: ignore[misc]
    silence = each.silence()
    assert silence.begins == datetime(2026, 12, 24, 17, 0, tzinfo=UTC)
    assert silence.ends == datetime(2026, 12, 26, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("", "needs either `begins` and `ends`, or `weekly`"),
        ('weekly = ["mon 1:00-2:00"]\nbegins = 2026-12-24T18:00:00Z', "needs either `begins` and `ends`, or `weekly`"),
        ("begins = 2026-12-24T18:00:00Z", "none lasts for ever"),
        ("begins = 2026-12-24T18:00:00Z\nends = 2026-12-24T17:00:00Z", "does not lie after `begins`"),
        ('weekly = ["mon 1:00-2:00", "mo-fr 22:00-06:00"]', "window 2 of `weekly` cannot be read; write it like"),
        ('weekly = ["mon-fri 22:00-25:00"]', "window 1 of `weekly` cannot be read"),
        ('weekly = ["mon-wed-fri 22:00-23:00"]', "window 1 of `weekly` cannot be read"),
        ('weekly = ["mon 1:00-2:00"]\nzone = "Europe/Berln"', "no such time zone is known here"),
        ('weekly = ["mon 1:00-2:00"]\nzone = "../etc/passwd"', "no such time zone is known here"),
    ],
)
def test_a_bad_window_is_named_with_what_to_write(tmp_path: Path, more: str, said: str) -> None:
    with pytest.raises(BadSettings) as caught:
        silences(tmp_path, more)
    assert said in str(caught.value)
    assert "silences.0" in str(caught.value)


@pytest.mark.parametrize(
    "head",
    [
        '[[silences]]\nname = "a"\nmatch = {}\nreason = "r"\n',  # it would silence everything
        '[[silences]]\nname = "a"\nmatch = { team = "b" }\n',
        '[[silences]]\nname = ""\nmatch = { team = "b" }\nreason = "r"\n',
    ],
)
def test_it_needs_a_name_labels_and_a_reason(tmp_path: Path, head: str) -> None:
    with pytest.raises(BadSettings):
        silences(tmp_path, 'weekly = ["mon 1:00-2:00"]', head)


def test_two_of_one_name_are_refused(tmp_path: Path) -> None:
    one = HEAD + 'weekly = ["mon 1:00-2:00"]\n'
    with pytest.raises(BadSettings, match="more than once"):
        silences(tmp_path, one, one)
