"""The file of groups: YAML or TOML, each group with a list of its members' ids in Slack."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import yaml

from domain.access import Readers
from domain.errors import BadSettings

_USER = re.compile(r"[UW][A-Z0-9]{1,30}")
_GROUP = re.compile(r"[^\s,\x00-\x1f\x7f]{1,100}")
_MEND = 'Write `payments: [U012AB3CD, U045EF6GH]` in YAML, or `payments = ["U012AB3CD"]` in TOML.'


def read_groups(file: Path) -> dict[str, Readers]:
    """Return the groups that each user id holds by the file.

    Raises:
        BadSettings: it is not there, or any line of it cannot be understood: half of a file is not believed.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings("The file of groups cannot be read.", mend=f"Check [groups] file: {file}.") from error
    try:
        content: Any = tomllib.loads(text) if file.suffix.lower() == ".toml" else yaml.safe_load(text)
    except (tomllib.TOMLDecodeError, yaml.YAMLError, RecursionError) as error:
        raise BadSettings("The file of groups is neither YAML nor TOML.", mend=_MEND) from error
    if not isinstance(content, dict):
        raise BadSettings("The file of groups holds no group.", mend=_MEND)
    held: dict[str, Readers] = {}
    for group, users in content.items():
        _check(group, users)
        for user in users:
            held[user] = held.get(user, frozenset()) | {group}
    return held


def _check(group: object, users: object) -> None:
    if not isinstance(group, str) or not _GROUP.fullmatch(group):
        raise BadSettings("A group of the file has no proper name.", mend=_MEND)
    fit = isinstance(users, list) and all(isinstance(user, str) and _USER.fullmatch(user) for user in users)
    if not fit:
        raise BadSettings(f"The members of group {group} are not a list of Slack user ids.", mend=_MEND)
