"""What the settings mean for who reads what."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.access import Audience
from worker.from_settings import channels
from worker.settings import Settings, load

SHADOW = """
[slack]
shadow_channel = "CTEST"
{slack}
[[channels]]
id = "CPAY"
groups = ["payments", "on-call"]
match = {{ team = "payments" }}
mode = "shadow"
{channels}
"""


def settings(folder: Path, slack: str = "", channels: str = "") -> Settings:
    file = folder / "middlewatch.toml"
    file.write_text(SHADOW.format(slack=slack, channels=channels), encoding="utf-8")
    return load(file)


@pytest.mark.parametrize(
    ("slack", "more", "readers"),
    [
        ("", "", []),
        ('shadow_groups = ["on-call"]', "", ["on-call"]),
        ('shadow_groups = ["security"]', "", []),
        ("", '[[channels]]\nid = "CTEST"\ngroups = ["payments"]', ["payments"]),
        ('shadow_groups = ["payments"]', '[[channels]]\nid = "CTEST"\ngroups = ["security"]', []),
    ],
)
def test_what_is_shown_in_the_test_channel_is_what_its_own_readers_may_read_too(
    tmp_path: Path, slack: str, more: str, readers: list[str]
) -> None:
    (shadowed,) = [channel for channel in channels(settings(tmp_path, slack, more)) if channel.id == "CPAY"]
    assert shadowed.post_to == "CTEST"
    assert shadowed.audience == Audience.of(readers)
