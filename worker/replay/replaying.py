"""Makes a recorded run's messages again, from nothing but the recording. Pure: no clock, no network, no database."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from domain.alert import Severity
from domain.errors import MiddlewatchError, ModelUnavailable, Refused
from domain.summary import Summary
from summarizer.attempt import Attempt, Outcome
from summarizer.bill import Bill, OverBudget
from summarizer.draft import Answer, BadAnswer
from summarizer.extractive import extract
from summarizer.fallbacks import Model
from summarizer.prompt import Prompt
from summarizer.summarize import Caps, Summarizer, Tools, Triage
from worker.decide import SUMMARIZING
from worker.readers.fit import narrowed
from worker.recording import Edition, Question, Recording, digest_of
from worker.slack.card import Card
from worker.slack.message import Message, compose

Redact = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Compared:
    """One message as it was shown and as it was made again; `diff` is empty where they are the same."""

    same: bool
    recorded: str
    rebuilt: str
    diff: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replay:
    """What a replay came to. `prompts_differ` counts prompts that read otherwise than those sent.

    `versions` are those that differ: (recorded, here). `erased` are documents whose words are gone for good.
    """

    run_id: str
    messages: tuple[Compared, ...] = ()
    prompts_differ: int = 0
    versions: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    erased: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether every message is the same, byte for byte."""
        return not self.erased and all(message.same for message in self.messages)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "run": self.run_id,
            "same": self.same,
            "messages": [
                {"same": each.same, "recorded": each.recorded, "rebuilt": each.rebuilt, "diff": list(each.diff)}
                for each in self.messages
            ],
            "prompts_differ": self.prompts_differ,
            "versions": {name: {"recorded": was, "here": here} for name, (was, here) in self.versions.items()},
            "erased": list(self.erased),
        }


class _Recorded:
    """Answers as a model answered then."""

    def __init__(self, question: Question, prompts: list[tuple[Prompt, Question]]) -> None:
        self.name = question.model
        self.local = question.local
        self._question = question
        self._prompts = prompts

    def answer(self, prompt: Prompt, timeout_s: float) -> Answer:
        """Return the answer, or raise the error, that was recorded."""
        self._prompts.append((prompt, self._question))
        if self._question.answer is not None:
            return self._question.answer
        raise _error(self._question)


def _error(question: Question) -> MiddlewatchError:
    words = "It was so when the run was recorded."
    if question.outcome is Outcome.INVALID:
        return BadAnswer(words, reason=question.reason, usage=question.usage)
    if question.outcome is Outcome.OVER_BUDGET:
        return OverBudget(words, reason=question.reason)
    if question.outcome is Outcome.REFUSED:
        return Refused(words, reason=question.reason)
    return ModelUnavailable(words, reason=question.reason)


def replay(recording: Recording, redact: Redact, versions: Mapping[str, str]) -> Replay:
    """Make a run's messages again and compare them; `versions` are those of this process."""
    if recording.erased:
        return Replay(recording.run_id, erased=recording.erased)
    prompts: list[tuple[Prompt, Question]] = []
    first, attempt = summaries(recording, redact, prompts)
    messages = tuple(_compared(recording, edition, first, attempt) for edition in recording.editions)
    differ = sum(
        question.sent is not None and redact(prompt.user) != question.sent.user for prompt, question in prompts
    )
    moved = {
        name: (recorded, versions.get(name, ""))
        for name, recorded in recording.versions.items()
        if name in versions and versions[name] != recorded
    }
    return Replay(recording.run_id, messages, differ, moved)


def summaries(
    recording: Recording, redact: Redact, prompts: list[tuple[Prompt, Question]]
) -> tuple[Summary, Attempt | None]:
    """Return the run's two summaries, made again; the prompts that were rendered for it are put on the list."""
    questions = recording.questions
    models = [_Recorded(question, prompts) for question in questions]
    ladder = _ladder(recording, models, redact)
    if recording.kept is not None:
        return recording.kept, None
    first = ladder.first(recording.incident, recording.evidence)
    if recording.outcome is None or recording.decision not in SUMMARIZING:
        return first, None
    return first, ladder.improved(recording.incident, recording.evidence, first)


def _ladder(recording: Recording, models: Sequence[Model], redact: Redact) -> Summarizer:
    """Return the ladder with models that answer in the order in which they were asked; then the time is over."""
    nonces = iter([question.nonce for question in recording.questions if question.nonce])
    asked: list[str] = []

    def count(model: Model, bill: Bill) -> Model:
        asked.append(bill.incident_id)
        return model

    def clock() -> float:
        return float(0 if len(asked) < len(models) else 10**9)

    settings = recording.settings
    tools = Tools(extract, redact, lambda: next(nonces, ""), count, clock)
    caps = Caps(int(settings.get("max_input_tokens", 6000)), prompt=_prompt_of(recording))
    if not models:
        return Summarizer(tools, None, caps)
    grave = frozenset(Severity(word) for word in settings.get("grave", ()))
    if not settings.get("small"):
        return Summarizer(tools, models[0], caps)
    last = models[-1]
    if recording.incident.severity in grave:
        return Summarizer(tools, models[0], caps, Triage(last, grave))
    return Summarizer(tools, last, caps, Triage(models[0], grave))


def _prompt_of(recording: Recording) -> str:
    return next((question.sent.version for question in recording.questions if question.sent), Caps().prompt)


def _compared(recording: Recording, edition: Edition, first: Summary, attempt: Attempt | None) -> Compared:
    rebuilt = shown(recording, edition, first, attempt)
    if digest_of(rebuilt.text) == edition.digest:
        return Compared(True, edition.text, rebuilt.text)
    return Compared(False, edition.text, rebuilt.text, tuple(diff(edition.text, rebuilt.text)))


def shown(recording: Recording, edition: Edition, first: Summary, attempt: Attempt | None) -> Message:
    """Return an edition's message, made again."""
    better = attempt.summary if attempt else None
    summary = (better or first) if edition.by_model else first
    if edition.unreadable:
        summary = narrowed(first if summary.rung.by_model else summary, edition.unreadable)
    return compose(
        Card(
            incident=recording.incident,
            summary=summary,
            now=edition.now,
            changes=edition.changes,
            meant_for=edition.meant_for,
            run_id=recording.run_id,
            notes=edition.notes,
            headings=recording.headings,
        )
    )


def diff(before: str, after: str) -> Iterable[str]:
    """Return how two texts differ, line by line."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), "recorded", "here", lineterm="", n=1)
    return list(lines)


def with_models(recording: Recording, ladder: Summarizer) -> tuple[Attempt, Message]:
    """Take a recorded run through another ladder, and return what came of it and the message it would show."""
    first = ladder.first(recording.incident, recording.evidence)
    attempt = ladder.improved(recording.incident, recording.evidence, first)
    bare = Edition(True, recording.at, (), (), "", (), "", "", (), "")
    last = recording.editions[-1] if recording.editions else bare
    edition = replace(last, by_model=True, notes=())
    return attempt, shown(recording, edition, first, attempt)
