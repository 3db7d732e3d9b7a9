"""All that a run was made from, as one value: enough to make its messages again without a network.

It begins after retrieval: what was found is in it, with the passages' words and readers. Every text is redacted once
more before it is kept; where that fails nothing is kept.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from domain.access import Audience
from domain.alert import Change, Incident
from domain.document import Evidence
from domain.errors import BadInput
from domain.summary import Dropped, Summary, Usage
from summarizer.attempt import Attempt, Outcome, Reply
from summarizer.draft import Answer, BadAnswer
from worker.decide import SUMMARIZING, Decision
from worker.slack.card import Card
from worker.slack.message import Message

FORM = 1
"""The form of a recording; another is refused."""
_MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sent:
    """A prompt as it was sent."""

    version: str
    system: str
    user: str


@dataclass(frozen=True, slots=True)
class Question:
    """What a model was asked, and what came of it. `reason` is the error's, `raw` the answer as it came."""

    model: str
    local: bool
    nonce: str
    outcome: Outcome
    sent: Sent | None = None
    answer: Answer | None = None
    reason: str = ""
    raw: str = ""
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Edition:
    """One message that the channel was shown, and what it was composed from beside the summary.

    `by_model` says which of the run's two summaries it shows; `unreadable` are documents that it was narrowed by.
    `digest` is the SHA-256 of the text as it was sent; `text` and `blocks` are that, redacted.
    """

    by_model: bool
    now: datetime
    changes: tuple[Change, ...]
    notes: tuple[str, ...]
    meant_for: str
    unreadable: tuple[str, ...]
    ts: str
    text: str
    blocks: tuple[Mapping[str, Any], ...]
    digest: str


@dataclass(frozen=True, slots=True)
class Recording:
    """A run. `kept` is a summary that was taken over from the message before, where none was made.

    `versions` names what shaped the run, `settings` what the models were asked with. `erased` are documents whose words
    were taken out for good: such a run cannot be made again.
    """

    run_id: str
    at: datetime
    incident: Incident
    channel_id: str
    audience: Audience
    decision: Decision
    evidence: Evidence
    headings: Mapping[str, tuple[str, ...]]
    kept: Summary | None = None
    outcome: Outcome | None = None
    reason: str = ""
    questions: tuple[Question, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    editions: tuple[Edition, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    erased: tuple[str, ...] = ()
    form: int = FORM

    @property
    def documents(self) -> tuple[str, ...]:
        """The documents whose words are in it, sorted."""
        hits = (*self.evidence.runbooks, *self.evidence.postmortems)
        named = {hit.meta.id for hit in hits} | {meta.id for meta in self.evidence.nearest}
        return tuple(sorted(named | ({meta.id for meta in self.kept.sources} if self.kept else set())))


_RECORDINGS = TypeAdapter(Recording)


def question_of(reply: Reply) -> Question:
    """Return a reply as it is recorded."""
    prompt, error = reply.prompt, reply.error
    raw = reply.answer.raw if reply.answer else error.raw if isinstance(error, BadAnswer) else ""
    return Question(
        model=reply.model,
        local=reply.local,
        nonce=reply.nonce,
        outcome=reply.outcome,
        sent=Sent(prompt.version, prompt.system, prompt.user) if prompt else None,
        answer=replace(reply.answer, raw="") if reply.answer else None,
        reason=error.reason if error else "",
        raw=raw,
        usage=reply.usage,
    )


def with_attempt(recording: Recording, attempt: Attempt | None, first: Summary | None) -> Recording:
    """Return a recording with what the models were asked and what came of it; `first` is kept where none was made."""
    kept = first if recording.decision not in SUMMARIZING else None
    if attempt is None:
        return replace(recording, kept=kept)
    questions = tuple(map(question_of, attempt.replies))
    return replace(
        recording,
        kept=kept,
        outcome=attempt.outcome,
        reason=attempt.reason,
        questions=questions,
        dropped=attempt.dropped,
    )


def digest_of(text: str) -> str:
    """Return what a text is known by, byte for byte."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def edition_of(card: Card, message: Message, by_model: bool, unreadable: Collection[str]) -> Edition:
    """Return a message as it is recorded."""
    return Edition(
        by_model=by_model,
        now=card.now,
        changes=card.changes,
        notes=card.notes,
        meant_for=card.meant_for,
        unreadable=tuple(sorted(unreadable)),
        ts="",
        text=message.text,
        blocks=message.blocks,
        digest=digest_of(message.text),
    )


def as_json(recording: Recording, redact: Callable[[str], str]) -> Any:
    """Return a recording as JSON values, every text of it redacted.

    Raises:
        MiddlewatchError: the redactor failed, so it must not be kept.
    """
    return _redacted(_RECORDINGS.dump_python(recording, mode="json"), redact)


def packed(content: Any) -> bytes:
    """Return JSON values compressed: keys in order, so that equal content has equal bytes."""
    return zlib.compress(json.dumps(content, sort_keys=True, separators=(",", ":")).encode(), 6)


def unpacked(body: bytes) -> Recording:
    """Return the recording that `packed` made bytes of.

    Raises:
        BadInput: it is none, or is of another form.
    """
    try:
        content = json.loads(zlib.decompressobj().decompress(body, _MOST_BYTES))
    except (zlib.error, ValueError) as error:
        raise BadInput("The recording cannot be read: it is damaged.", reason="bad-recording") from error
    return from_json(content)


def from_json(content: Any) -> Recording:
    """Return the recording that JSON values hold.

    Raises:
        BadInput: they hold none, or one of another form.
    """
    if not isinstance(content, dict) or content.get("form") != FORM:
        raise BadInput(
            "This is no recording of a run in a form that this version reads.",
            reason="bad-recording",
            mend="Replay it with the version that recorded it.",
        )
    try:
        return _RECORDINGS.validate_python(content)
    except ValidationError as error:
        places = ", ".join(sorted({str(item["loc"][0]) for item in error.errors(include_input=False) if item["loc"]}))
        raise BadInput(f"The recording does not hold together: {places}.", reason="bad-recording") from None


def without(recording: Recording, document: str) -> Recording:
    """Return a recording with a document's words taken out for good, and with them all that rested on any of them.

    What a model wrote and what was shown may hold the document's words, so they go too; that the run was stays.
    """
    bare = Evidence(snapshot=recording.evidence.snapshot, audience=recording.evidence.audience)
    return replace(
        recording,
        evidence=bare,
        headings={},
        kept=None,
        questions=(),
        dropped=(),
        editions=(),
        erased=tuple(sorted({*recording.erased, document})),
    )


def _redacted(value: Any, redact: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {key: _redacted(item, redact) for key, item in value.items()}
    return [_redacted(item, redact) for item in value] if isinstance(value, Sequence) else value
