"""The redactor of an installation: its key, which outlives the process, and the rules of its settings."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from worker.redaction.custom import custom_rule
from worker.redaction.redactor import RULES_VERSION, Redactor
from worker.sections.redaction import RedactionSettings

KEY_FILE = "redaction.key"


def redactor_of(settings: RedactionSettings, data: Path) -> Redactor:
    """Return the redactor. Its key is the one that is set, else one that is made once and kept in the data folder.

    Where that folder cannot be written the key lasts as long as the process, so placeholders link within it only.
    """
    named = settings.key.get_secret_value()
    key = hashlib.sha256(named.encode()).digest() if named else _kept_key(data / KEY_FILE)
    rules = [custom_rule(rule.name, rule.pattern, rule.keywords) for rule in settings.rules]
    return Redactor(key, rules, frozenset(settings.personal))


def rules_version(settings: RedactionSettings) -> str:
    """Return the version of all rules: with rules or a choice of one's own, documents are redacted anew."""
    if not settings.rules and set(settings.personal) == set(RedactionSettings().personal):
        return RULES_VERSION
    own = repr((sorted(settings.personal), [(rule.name, rule.pattern, rule.keywords) for rule in settings.rules]))
    return f"{RULES_VERSION}+{hashlib.sha256(own.encode()).hexdigest()[:8]}"


def _kept_key(file: Path) -> bytes | None:
    """Return the key in a file that only we may read; it is written whole, and whoever comes second reads it."""
    try:
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            mine = file.with_name(f"{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
            handle = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as opened:
                opened.write(secrets.token_bytes(32))
            try:
                os.link(mine, file)
            except FileExistsError:
                pass
            finally:
                mine.unlink()
        return file.read_bytes() or None
    except OSError:
        return None
