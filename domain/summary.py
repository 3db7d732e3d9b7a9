"""What is said: a summary made of claims, each with the passages it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from domain.document import DocumentMeta


class Rung(StrEnum):
    """A step of the ladder, best first: each is a real state of the product, named on the message."""

    MODEL = "model"
    SECOND = "second-model"
    EXTRACTIVE = "extractive"
    LINKS = "links"

    @property
    def by_model(self) -> bool:
        """Whether a language model wrote the words."""
        return self in (Rung.MODEL, Rung.SECOND)


class Section(StrEnum):
    """What a claim is about; the order is the message's order."""

    MEANING = "meaning"
    IMPACT = "impact"
    STEP = "step"
    PAST = "past"


@dataclass(frozen=True, slots=True)
class Citation:
    """A stretch of a stored document: characters [start, end) of its text."""

    document_id: str
    chunk_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Command:
    """A command, whole and word for word as it stands at its citation."""

    text: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Claim:
    """One line of a summary.

    Extractive: `text` is exactly the document's text at `citations[0]`. Model: the model's own words,
    resting on every passage cited. `label` names what a past incident's line tells: cause, fix,
    duration or summary. `destructive` marks a step that deletes, restarts, drains or overwrites.
    """

    section: Section
    text: str
    citations: tuple[Citation, ...]
    commands: tuple[Command, ...] = ()
    label: str = ""
    destructive: bool = False


@dataclass(frozen=True, slots=True)
class Dropped:
    """A claim that was not shown, and the stable reason why."""

    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What a model call took: tokens by the provider's count; cost in US dollars, None where unknown."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """What a channel is told of an incident.

    `sources` are the documents its claims cite, in the order of their numbers [1], [2], ….
    `nearest` names close documents when no runbook fits. `model` and `prompt` are "" on rungs that
    use none.
    """

    rung: Rung
    claims: tuple[Claim, ...]
    sources: tuple[DocumentMeta, ...]
    nearest: tuple[DocumentMeta, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    model: str = ""
    prompt: str = ""
    usage: Usage | None = None

    def of(self, section: Section) -> tuple[Claim, ...]:
        """Return the claims of one section, in order."""
        return tuple(claim for claim in self.claims if claim.section is section)
