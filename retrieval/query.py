"""From an alert to a query: its name in words, what its sender says, and the few labels that carry meaning. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from domain.alert import Alert
from retrieval.sparse import name_parts

_SAYING = ("summary", "description", "message", "title")
_RUNBOOK = ("runbook_url", "runbook")
_MEANINGFUL = ("service", "app", "job", "component")
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: `meaning` is embedded, `words` are matched, `runbook` is where the alert points to."""

    meaning: str
    words: str
    runbook: str = ""

    def redacted(self, redact: Callable[[str], str]) -> Query:
        """Return the query with its texts redacted, before any of it goes further."""
        return replace(self, meaning=redact(self.meaning), words=redact(self.words))


def from_text(text: str) -> Query:
    """Return the query of a person's own words."""
    return Query(text[:_LONGEST], text[:_LONGEST])


def from_alert(alert: Alert) -> Query:
    """Return the query of an alert."""
    return build(alert.labels, alert.annotations)


def build(labels: Mapping[str, str], annotations: Mapping[str, str]) -> Query:
    """Return the query of an alert's labels and annotations."""
    name = labels.get("alertname", "")
    saying = ". ".join(text for key in _SAYING if (text := annotations.get(key, "").strip().rstrip(".")))[:_LONGEST]
    spoken = " ".join(name_parts(name))
    return Query(
        meaning=". ".join(part for part in (spoken, saying) if part),
        words=" ".join(part for part in (name, saying) if part),
        runbook=next((annotations[key] for key in _RUNBOOK if annotations.get(key)), ""),
    )
