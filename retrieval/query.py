"""From an alert to a query: its name in words, what its sender says, and the few labels that carry meaning. Pure.

What only this one instance has is left out: names of pods and hosts, numbers, hashes, addresses. They fill a sender's
template in, a runbook is written before them, and they outweigh the words that tell. The wording of the template
counts most, since runbook and alert rule share it; a long description counts half.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from domain.alert import Alert
from retrieval.sparse import name_parts

_DESCRIPTIONS = ("description", "message", "title")
_RUNBOOK = ("runbook_url", "runbook")
_MEANINGFUL = ("service", "app", "component")

_INSTANCES = frozenset({
    "cluster", "container", "daemonset", "deployment", "device", "endpoint", "env", "environment",
    "horizontalpodautoscaler", "host", "hostname", "instance", "job_name", "name", "namespace", "node",
    "persistentvolumeclaim", "pod", "prometheus", "region", "replicaset", "statefulset", "zone",
})  # fmt: skip
"""Labels whose values name one thing, not a sort of thing."""

_IDENTIFIER = re.compile(r"[\d\-./:_]")
_HASH = re.compile(
    r"\b(?=[\w.-]*\d)[\w.-]*(?:[a-z0-9]{5,}-[a-z0-9]{5}|\d+\.\d+\.\d+\.\d+(?::\d+)?|[0-9a-f]{8,})[\w.:-]*"
)
_NUMBER = re.compile(r"(?<!\w)[-+]?\d[\d.,]*(?:%|[smhdx]|[mnu]s|[KMGT]i?B?)?(?!\w)")

_SPOKEN, _DESCRIBED, _LABELLED = 1.0, 0.5, 0.3
_LONGEST = 2000

_EMBEDDED = 36
"""Words of an alert that are embedded, its name and summary first: more cost time, and moved no public query."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for.

    `meaning` is embedded; the words of each of `words` are matched, counting by the factor beside them; `runbook`
    is where the alert says its runbook is. `name` is the alert's own, or "": one that fits a runbook's title or one of
    its headings is strong evidence.
    """

    meaning: str
    words: tuple[tuple[str, float], ...]
    runbook: str = ""
    name: str = ""

    @property
    def named(self) -> bool:
        """Whether the alert has a name; then more is asked of what is shown."""
        return bool(self.name)

    def redacted(self, redact: Callable[[str], str]) -> Query:
        """Return the query with its texts redacted, before any of it goes further."""
        return replace(
            self,
            meaning=redact(self.meaning),
            words=tuple((redact(text), factor) for text, factor in self.words),
            name=redact(self.name),
        )


def from_text(text: str) -> Query:
    """Return the query of a person's own words."""
    return Query(text[:_LONGEST], ((text[:_LONGEST], _SPOKEN),))


def from_alert(alert: Alert) -> Query:
    """Return the query of an alert."""
    return from_parts(alert.labels, alert.annotations)


def from_parts(labels: Mapping[str, str], annotations: Mapping[str, str]) -> Query:
    """Return the query of an alert's labels and annotations."""
    name = labels.get("alertname", "")
    instances = _instance_values(labels)
    said = {key: _general(text[:_LONGEST], instances) for key, text in annotations.items() if key not in _RUNBOOK}
    described = ". ".join(said[key] for key in _DESCRIPTIONS if said.get(key))
    summary = said.get("summary", "")
    if not summary:
        summary, described = described, ""
    about = " ".join(labels[key] for key in _MEANINGFUL if labels.get(key))
    words = ((name, _SPOKEN), (summary, _SPOKEN), (described, _DESCRIBED), (about, _LABELLED))
    return Query(
        meaning=_beginning(". ".join(part for part in (" ".join(name_parts(name)), summary, described) if part)),
        words=tuple((text, factor) for text, factor in words if text),
        runbook=next((annotations[key] for key in _RUNBOOK if annotations.get(key)), ""),
        name=name,
    )


def _beginning(text: str) -> str:
    return " ".join(text.split()[:_EMBEDDED])


def _instance_values(labels: Mapping[str, str]) -> list[str]:
    """Return the label values that name one instance, the longest first."""
    values = {
        value
        for key, value in labels.items()
        if key not in ("alertname", "severity") and len(value) > 2 and (key in _INSTANCES or _IDENTIFIER.search(value))
    }
    return sorted(values, key=lambda value: (-len(value), value))


def _general(text: str, instances: Iterable[str]) -> str:
    """Return a text without the names, numbers and hashes of this one instance."""
    for value in instances:
        text = re.sub(rf"(?<![\w-]){re.escape(value)}(?![\w-])", " ", text)
    return " ".join(_NUMBER.sub(" ", _HASH.sub(" ", text)).split()).rstrip(".")
