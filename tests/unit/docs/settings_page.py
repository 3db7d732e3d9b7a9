"""docs/settings.md, made from the settings that the code reads: `python -m tests.unit.docs.settings_page` writes it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from worker.settings import Settings

PAGE = Path(__file__).parents[3] / "docs" / "settings.md"

LIES_IDLE: frozenset[tuple[str, str]] = frozenset()
"""Settings that are read and have no effect in this release; a test sees that no code uses them."""

MEANINGS: Mapping[tuple[str, str], str] = {
    ("store", "qdrant_api_key"): "The server's API key",
    ("store", "data_dir"): "Where SQLite, the index, the embedding cache and the bundled Redis lie",
    ("llm", "base_url"): "Empty: the provider's own; or a server of your own that speaks its protocol",
    ("llm", "api_key"): "Better from the environment",
    (
        "llm",
        "fallbacks",
    ): "Asked in this order where the one before fails; all share `base_url`, `api_key`, `timeout_s`",
    ("llm", "timeout_s"): "Seconds that one message's model may take, a repeated question included",
    ("llm", "max_input_tokens"): "The prompt is cut to so many, by whole passages",
    ("llm", "max_output_tokens"): "What the answer may have",
    ("slack", "bot_token"): "Empty: messages go to the preview page",
    ("slack", "signing_secret"): "Proves that events and buttons come from Slack",
    ("slack", "base_url"): "Slack's Web API",
    ("slack", "shadow_groups"): (
        "The groups that all readers of the test channel hold, where it is none of the `[[channels]]`; "
        "messages shown there hold nothing beyond them"
    ),
    ("intake", "host"): "Address to listen on; off loopback `/preview` and `/metrics` need a token",
    ("intake", "port"): "Port to listen on",
    ("intake", "max_body_bytes"): "A larger webhook gets a 413",
    ("intake", "allow_unsigned_loopback"): "True: callers on this machine need no token. For a try only",
    ("sources", "name"): "First part of every document's id",
    ("sources", "kind"): "`runbook` or `postmortem`",
    ("sources", "every"): "How often it is synced; the shortest of all sources counts for all",
    ("sources", "send_to_model"): "`none`, `local` or `any`: which models may be shown its text",
    ("sources", "exclude"): "Shell patterns for paths or names that are left out",
    ("channels", "id"): "The channel's id in Slack",
    ("channels", "name"): "What the preview and the test channel call it",
    ("channels", "groups"): "The groups that all readers of the channel hold; `everyone` is always among them",
    ("channels", "mode"): (
        "`off`: as if it were not there, so what it alone matches goes to the default channel; "
        "`shadow`: everything runs, the message goes to `[slack] shadow_channel`"
    ),
    ("incidents", "stale_after"): "An incident nobody heard of for so long is over when its group fires again",
    ("incidents", "reopen_window"): "A group that fires again so soon reopens its incident",
    ("golden", "paths"): "Files or folders of golden queries",
    ("golden", "baseline"): "The scores that a new index is compared with",
    ("golden", "min_cases"): "With fewer cases an index is refused",
    ("golden", "max_drop"): "How far a score may fall",
    ("outbound", "allow"): "Names of hosts, or `*.` and a suffix. Empty: whatever the settings name",
    ("redaction", "key"): (
        "Placeholders such as `[redacted:aws-key:3f9a]` end with a hash under this key. Empty: one is made and kept in "
        "`data_dir`. Set it where several machines share a database"
    ),
    ("redaction", "personal"): "Personal data that is taken out too: `card`, `iban`, `email`, `phone`",
    ("redaction", "rules"): (
        "Secrets of your own: each has a `name`, a `pattern` (a regular expression; group `v` is the secret, if any) "
        "and `keywords`, one of which stands on the line of every match"
    ),
    ("worker", "online_threads"): "How many incidents are handled at once",
    ("worker", "batch_threads"): "How many batch jobs run at once",
    ("worker", "sweep_every"): "How often lost work is looked for",
    (
        "worker",
        "max_attempts",
    ): "After so many failures that time does not mend, work is given up until its incident changes",
    ("worker", "keep_days"): "Incidents, messages, runs and changes are forgotten after so many days",
}
"""What a setting means, where its own description in the code does not say."""

_HEAD = """\
# Settings

Made from the code by `python -m tests.unit.docs.settings_page`; a test sees that it is up to date.
`middlewatch init` writes a commented file, `middlewatch config check` shows what is in effect.

The file is `middlewatch.toml`, or what `--config` or `MIDDLEWATCH_CONFIG` names. Relative paths count from its
folder. An unknown key is an error. Times are written `30s`, `10m`, `12h`, `90d`. Every setting can come from the
environment, which wins: `MIDDLEWATCH_`, then its path with `__`, such as `MIDDLEWATCH_LLM__API_KEY`; lists and
tables are JSON.

Settings marked *no effect yet* are read and checked, and nothing in this release uses them.
"""


def page() -> str:
    """Return the page."""
    return _HEAD + "".join(_section(*section) for section in sections())


def sections() -> Iterator[tuple[str, str, type[BaseModel]]]:
    """Return each section's name, its header in the file, and its model."""
    for name, field in Settings.model_fields.items():
        inner = _inner(field)
        many = not isinstance(field.annotation, type)
        yield name, f"[[{name}]]" if many else f"[{name}]", inner


def _inner(field: FieldInfo) -> type[BaseModel]:
    inner = field.annotation if isinstance(field.annotation, type) else get_args(field.annotation)[0]
    assert isinstance(inner, type)
    assert issubclass(inner, BaseModel)
    return inner


def _section(name: str, header: str, model: type[BaseModel]) -> str:
    rows, nested = [], []
    for key, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            nested.append((key, field.annotation))
        else:
            rows.append(_row(name, key, field))
    about = " ".join((model.__doc__ or "").split())
    if nested:
        about += " Senders each have a table: " + ", ".join(f"`[{name}.{key}]`" for key, _ in nested) + "."
        rows += [_row(name, f"SENDER.{key}", field) for key, field in nested[0][1].model_fields.items()]
    return f"\n## `{header}`\n\n{about}\n\n| key | default | meaning |\n|---|---|---|\n" + "\n".join(rows) + "\n"


def _row(section: str, key: str, field: FieldInfo) -> str:
    meaning = field.description or MEANINGS[section, key]
    idle = " *No effect yet.*" if (section, key) in LIES_IDLE else ""
    end = "" if meaning.endswith((".", "…")) else "."
    return f"| `{key}` | {_default(field)} | {meaning}{end}{idle} |"


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True, validated_data={})
    return "must be set" if value is PydanticUndefined else f"`{json.dumps(_plain(value))}`"


def _plain(value: Any) -> Any:
    if isinstance(value, timedelta):
        seconds = int(value.total_seconds())
        units = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))
        return next(f"{seconds // size}{unit}" for size, unit in units if seconds % size == 0)
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return value.as_posix()
    return [_plain(each) for each in value] if isinstance(value, tuple | frozenset) else value


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
