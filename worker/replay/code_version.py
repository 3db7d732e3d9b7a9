"""What code made a message: a hash over the source of every part that shapes one."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

from worker.redaction.redactor import RULES_VERSION

_ROOT = Path(__file__).parents[2]
_SHAPING = ("domain", "summarizer", "worker/slack", "worker/redaction", "worker/readers/fit.py")


@cache
def code_version() -> str:
    """Return twelve hexadecimal digits that change with any change of the code or of a prompt."""
    files = [
        path
        for part in _SHAPING
        for path in ([_ROOT / part] if part.endswith(".py") else (_ROOT / part).rglob("*"))
        if path.suffix in {".py", ".md"}
    ]
    whole = hashlib.sha256()
    for path in sorted(files):
        content = path.read_bytes()
        whole.update(f"{path.relative_to(_ROOT).as_posix()}:{len(content)}\n".encode() + content)
    return whole.hexdigest()[:12]


def versions_here() -> dict[str, str]:
    """Return what shapes a message in this process: the product, its code, and the rules of redaction."""
    return {"product": version("middlewatch"), "code": code_version(), "rules": RULES_VERSION}
