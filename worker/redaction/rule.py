"""What a redaction rule is, and how a value is told from a stand-in for one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

PLACEHOLDER = "[redacted:"
"""How every placeholder begins; a value that holds one has been redacted already."""

_STAND_IN = re.compile(
    r"""\s*(?:
        [$<{%\[(*&|>].*                         # $PASSWORD, ${TOKEN}, <password>, {{ token }}, %s, ***, YAML marks
      | [xX*.•_…-]+                             # xxxx, ....
      | (?i:your|my|the|some|example|sample|dummy|fake|changeme|change[-_]me|placeholder|redacted|masked|hidden|insert)
        (?:[-_ ].*)?
      | (?i:todo|tbd|n/a|none|null|nil|undefined|empty|missing|unset|true|false|yes|no)
    )\s*""",
    re.VERBOSE | re.DOTALL,
)


def always(found: re.Match[str]) -> bool:
    """Accept every match."""
    del found
    return True


def is_stand_in(value: str) -> bool:
    """Tell whether a value only stands where a secret would: a variable, a placeholder, a row of stars."""
    return _STAND_IN.fullmatch(value) is not None


def no_stand_in(found: re.Match[str]) -> bool:
    """Accept a match whose first group is a real value."""
    return not is_stand_in(found.group(1))


def no_example(found: re.Match[str]) -> bool:
    """Accept a match that is not one of the keys that vendors print in their manuals."""
    return "EXAMPLE" not in found.group()


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of secret: where `pattern` matches and `accept` agrees, its `group` is replaced.

    `keywords` are lower-case; the pattern is tried only on a text that holds one of them. Patterns have bounded or
    possessive repeats only, so that the time they take grows with the text and no faster.
    """

    name: str
    keywords: tuple[str, ...]
    pattern: re.Pattern[str]
    group: int | str = 0
    accept: Callable[[re.Match[str]], bool] = always
