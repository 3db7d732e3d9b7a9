"""Who may read a document: its source's `allow`, narrowed by the source's path rules and by its own front matter.

Narrowing is always allowed, widening never: a rule or a front matter that names more groups than the source has them
left out and is reported. Where nothing is said, or what is said leaves no group, nobody may read it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from domain.access import EVERYONE, Readers, Ruling, Step, narrowed

BY_SOURCE = "`allow` of its source"
BY_FRONT_MATTER = "its own front matter"
UNREADABLE = "it cannot be understood, so nobody may read it"


@dataclass(frozen=True, slots=True)
class PathRule:
    """Who may read the documents of a source whose path matches one of these patterns.

    `*` and `?` stand for what is within a name, `**` for any number of folders; a pattern without a slash is for a
    file's name in any folder, one that ends in a slash for all in that folder. Case does not count: a rule that
    missed a file for the case of a letter would leave it open.
    """

    paths: tuple[str, ...]
    allow: Readers

    def covers(self, path: str) -> bool:
        """Tell whether the rule is for the document at this path in its source."""
        folded = _folded(path)
        return any(_pattern(pattern).fullmatch(folded) for pattern in self.paths)

    @property
    def name(self) -> str:
        """What reports and explanations call it."""
        return f"the path rule for `{', '.join(self.paths)}`"


def ruling(source: Readers, rules: Iterable[PathRule], path: str, document: Readers | None) -> Ruling:
    """Return who may read the document at a path and why; `document` is None where its front matter names none."""
    steps = [Step(BY_SOURCE, source)]
    said = [(rule.name, rule.allow) for rule in rules if rule.covers(path)]
    said += [] if document is None else [(BY_FRONT_MATTER, document)]
    for rule, readers in said:
        steps.append(Step(rule, narrowed(steps[-1].readers, readers)))
    return Ruling(tuple(steps))


def objection(allowed: Readers, document: Readers | None) -> str:
    """Return what is to be reported of a document's `allow`, or "": it widens what is allowed, or leaves nobody."""
    if not document:
        return ""
    if not narrowed(allowed, document):
        return "none of the groups in its `allow` is a reader of its source, so nobody may read it"
    if EVERYONE not in allowed and not document <= allowed:
        return "its `allow` names groups beyond its source's; they were left out"
    return ""


def objections(source: Readers, rules: Iterable[PathRule], paths: Iterable[str]) -> tuple[str, ...]:
    """Return what is to be reported of a source's path rules: they widen it, leave nobody, or are for no document."""
    known = tuple(paths)
    return tuple(filter(None, (_objection(source, rule, known) for rule in rules)))


def _objection(source: Readers, rule: PathRule, paths: tuple[str, ...]) -> str:
    if not any(rule.covers(path) for path in paths):
        return f"{rule.name} is for no document; mend its `paths`"
    if rule.allow and not narrowed(source, rule.allow):
        return f"{rule.name} names no reader of its source, so nobody may read what it covers"
    if EVERYONE not in source and not rule.allow <= source:
        beyond = ", ".join(sorted(rule.allow - source))
        return f"{rule.name} names groups beyond its source's `allow`; they were left out: {beyond}"
    return ""


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()


@lru_cache(maxsize=512)
def _pattern(pattern: str) -> re.Pattern[str]:
    folded = _folded(pattern).removeprefix("./")
    if "/" not in folded:
        folded = f"**/{folded}"
    if folded.endswith("/"):
        folded += "**"
    return re.compile("".join(_piece(part) for part in re.split(r"(\*\*/|\*\*|\*|\?)", folded.lstrip("/"))), re.DOTALL)


def _piece(part: str) -> str:
    wild = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return wild.get(part, re.escape(part))
