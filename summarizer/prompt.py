"""Renders the prompt: a versioned template file, the trusted instructions apart from the untrusted data.

Pure: equal arguments give equal prompts, which is what lets a run be replayed. The nonce is an argument.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from domain.alert import Alert, Incident
from domain.document import Chunk, Evidence
from summarizer.fence import neutral
from summarizer.packing import Given, estimate, pack

VERSION = "summary.v2"
"""The template in use: `prompts/VERSION.md`."""

_FOLDER = Path(__file__).parent / "prompts"
_TAG = re.compile(r"[ \t]*\{#.*?#\}")
"""Names the test that an instruction is there for; not sent."""
_SLOT = re.compile(r"\{\{(\w+)\}\}")
_LABELS = ("namespace", "cluster", "env", "environment", "region", "team", "instance", "pod", "node", "job")
_MAX_VALUE = 600
_MAX_ALERTS = 5
_MESSAGE_OVERHEAD = 32
"""Tokens that the provider's own framing of two messages takes, with room to spare."""


@dataclass(frozen=True, slots=True)
class Template:
    """A template file: what its header says, and its two parts with `{{slots}}`.

    `mark` stands before every line of data, so that no line of it can pass for one of ours.
    """

    version: str
    purpose: str
    schema: str
    changelog: tuple[str, ...]
    system: str
    user: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is sent: trusted `system` text, `user` text with fenced data, and the passages by their numbers.

    `tokens` is a safe estimate of both messages. `alert` is the incident's data as shown.
    """

    version: str
    system: str
    user: str
    passages: tuple[Given, ...]
    alert: str
    nonce: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Limits:
    """How many tokens a prompt may take, whether the model runs within our own network, and which template it is."""

    max_input_tokens: int
    local: bool
    version: str = VERSION


def versions() -> tuple[str, ...]:
    """Return every version that there is a template of, sorted."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.md")))


@cache
def template(version: str = VERSION) -> Template:
    """Read a template file: a header of YAML, then `# system` and `# user`."""
    _, header, body = (_FOLDER / f"{version}.md").read_text(encoding="utf-8").split("---\n", 2)
    facts = yaml.safe_load(header)
    system, user = body.removeprefix("# system\n").split("# user\n", 1)
    return Template(
        facts["version"],
        facts["purpose"],
        facts["schema"],
        tuple(facts["changelog"]),
        _TAG.sub("", system).strip(),
        user.strip(),
        facts.get("mark", ""),
    )


def render(
    incident: Incident, evidence: Evidence, nonce: str, limits: Limits, redact: Callable[[str], str]
) -> Prompt | None:
    """Return the prompt for an incident, or None where no passage may be shown or none fits.

    Every untrusted text is first made neutral, then redacted, each by itself, so that no rule reaches across a fence.
    """
    form = template(limits.version)
    alert = redact(neutral(_facts(incident), nonce))
    marked = _marked(alert, form.mark)
    bare = _filled(form.system, nonce=nonce) + _filled(form.user, nonce=nonce, incident=marked, passages="")
    room = limits.max_input_tokens - estimate(bare) - _MESSAGE_OVERHEAD

    def shown(number: int, chunk: Chunk, text: str) -> str:
        where = redact(neutral(chunk.breadcrumb.replace("\n", " "), nonce))
        data = _marked(f"{where}\n---\n{redact(neutral(text, nonce)).strip()}", form.mark)
        return f"[[{nonce} passage {number} {chunk.meta.kind}]]\n{data}\n[[{nonce} end]]"

    passages = pack(evidence, room, lambda chunk, text: estimate(shown(99, chunk, text)) + 1, local=limits.local)
    if not passages:
        return None
    system = _filled(form.system, nonce=nonce)
    blocks = "\n\n".join(shown(given.number, given.chunk, given.text) for given in passages)
    user = _filled(form.user, nonce=nonce, incident=marked, passages=blocks)
    return Prompt(form.version, system, user, passages, alert, nonce, estimate(system + user) + _MESSAGE_OVERHEAD)


def _filled(text: str, **slots: str) -> str:
    """Fill the slots in one pass, so that what is filled in is never filled in again."""
    return _SLOT.sub(lambda found: slots.get(found[1], found[0]), text)


def _marked(text: str, mark: str) -> str:
    """Put the mark before every line of data (datamarking, arXiv 2403.14720, by lines so that commands stay whole)."""
    return "\n".join(mark + line for line in text.split("\n")) if mark else text


def _facts(incident: Incident) -> str:
    lead = incident.lead
    lines = [("alert", lead.name), ("service", ", ".join(incident.services)), ("severity", incident.severity.value)]
    lines += [(name, lead.annotations.get(name, "")) for name in ("summary", "description", "message")]
    lines += [(name, lead.labels.get(name, "")) for name in _LABELS]
    lines += [("also firing", _also(alert)) for alert in incident.firing if alert is not lead][:_MAX_ALERTS]
    return "\n".join(f"{name}: {_one_line(value)}" for name, value in lines if value)


def _also(alert: Alert) -> str:
    return f"{alert.name}: {alert.summary}" if alert.summary != alert.name else alert.name


def _one_line(value: str) -> str:
    return " ".join(value.split())[:_MAX_VALUE]
