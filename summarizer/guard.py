"""Decides what of a model's answer may be shown. Pure, after the model, and deaf to what the model thinks of itself.

Every claim must cite passages that were given and be supported by them; every command and link must stand there word
for word. What fails is dropped with a stable reason; nothing is mended or softened.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.document import Kind
from domain.summary import Citation, Claim, Command, Dropped, Section
from summarizer import wording
from summarizer.draft import ClaimDraft, Draft
from summarizer.fence import invisible
from summarizer.locality import put_together
from summarizer.packing import Given
from summarizer.phrases import destroys
from summarizer.shell import commands_said
from summarizer.twist import twisted
from summarizer.verbatim import find_command

MAX_TEXT = 300
"""Characters of one claim: a sentence, or two short ones."""
LEAST_WORDS = 2
"""A claim of one word, such as a heading, says nothing."""
MAX_CLAIMS = 20
"""More claims than this are not looked at."""
PASSAGE_FLOOR = 0.6
"""Share of a claim's content words that its cited passages alone must have."""
WORDING_FLOOR = 0.75
"""The same for passages and alert together; steps have to reach it by their passages alone."""
MAX_NOVEL = 2
"""Content words that no source has, however long the claim."""

_SENTENCE_END = re.compile(r"[.!?][\"')]*\s+(?=[A-Z`\"'(])")
_PING = re.compile(r"<[!@#]|@(?:channel|here|everyone)\b|<[^>\s]*\|", re.IGNORECASE)
_MARKUP = re.compile(r"!?\[[^\]]*\]\s?[(\[]|^\s*\[[^\]]+\]:|<[a-z/!][^>]*>|```", re.IGNORECASE)
_LINK = re.compile(
    r"[a-z][a-z0-9+.-]{0,20}:(?://)?[^\s/]*//?\S+|www\.\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)*|(?<!\w)@\w[\w.-]*"
    r"|(?:javascript|data|mailto|tel|vbscript):\S+|(?<![\w./@-])(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?/\S*",
    re.IGNORECASE,
)
_HOST = re.compile(r"(?<![\w.@/-])(?:[\w-]+[.。．｡])+[^\W\d_]{2,}(?![\w-])")


class Reason(StrEnum):
    """Why a claim was dropped; stable, because it is a metric label."""

    TOO_MANY = "too-many"
    EMPTY = "empty"
    TOO_LONG = "too-long"
    BAD_CHARACTER = "bad-character"
    NONCE = "nonce-repeated"
    SECRET = "secret"  # noqa: S105 - a reason, not a secret
    DUPLICATE = "duplicate"
    NO_CITATION = "no-citation"
    UNKNOWN_CITATION = "unknown-citation"
    WRONG_SOURCE = "wrong-source"
    MENTION = "mention"
    MARKUP = "markup"
    LINK = "link-not-in-source"
    COMMAND = "command-not-in-source"
    COMMAND_PLACE = "command-outside-step"
    NUMBER = "number-not-in-source"
    QUOTE = "quote-not-in-source"
    NAME = "name-not-in-source"
    ACTION = "action-not-in-source"
    WORDING = "unsupported-wording"
    POLARITY = "contradicts-source"
    SCATTERED = "put-together"


@dataclass(frozen=True, slots=True)
class Frame:
    """What claims are judged against: the passages as given, the incident as shown, the nonce, the redactor."""

    passages: Sequence[Given]
    alert: str
    nonce: str
    redact: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The claims that may be shown, and those that may not with their reasons."""

    claims: tuple[Claim, ...]
    dropped: tuple[Dropped, ...]


@dataclass(frozen=True, slots=True)
class _Case:
    """One claim before the judge: its text trimmed, and the passages it cites."""

    section: Section
    text: str
    cited: tuple[Given, ...]
    command: str
    frame: Frame

    @property
    def source(self) -> str:
        """The cited passages of the kind that may speak here, each under its title and headings."""
        kind = _kind(self.section)
        speak = [given for given in self.cited if given.chunk.meta.kind is kind]
        return "\n\n".join(f"{given.chunk.breadcrumb}\n{given.text}" for given in speak)


def judge(draft: Draft, frame: Frame) -> Verdict:
    """Return what of a draft is supported by the passages it was made from."""
    kept: list[Claim] = []
    dropped: list[Dropped] = []
    seen: set[str] = set()
    for number, proposed in enumerate(draft.claims):
        verdict = _judged(proposed, frame) if number < MAX_CLAIMS else Reason.TOO_MANY
        if isinstance(verdict, Claim) and verdict.text.casefold() in seen:
            verdict = Reason.DUPLICATE
        if isinstance(verdict, Claim):
            seen.add(verdict.text.casefold())
            kept.append(verdict)
        else:
            dropped.append(Dropped(verdict.value, _recorded(proposed, frame)))
    return Verdict(tuple(kept), tuple(dropped))


def _recorded(proposed: ClaimDraft, frame: Frame) -> str:
    """What is kept of a dropped claim for the record: short, and without secrets."""
    return frame.redact(" ".join(proposed.text.split())[:MAX_TEXT])


def _judged(proposed: ClaimDraft, frame: Frame) -> Claim | Reason:
    numbers = list(dict.fromkeys(proposed.citations))
    known = {given.number: given for given in frame.passages}
    if not numbers:
        return Reason.NO_CITATION
    if any(number not in known for number in numbers):
        return Reason.UNKNOWN_CITATION
    cited = tuple(known[number] for number in sorted(numbers))
    case = _Case(Section(proposed.section), proposed.text.strip(), cited, (proposed.command or "").strip(), frame)
    reason = next((reason for reason, fails in _CHECKS if fails(case)), None)
    if reason is not None:
        return reason
    command = _command(case) if case.command else None
    if isinstance(command, Reason):
        return command
    return _claim(case, command)


def _claim(case: _Case, command: Command | None) -> Claim:
    citations = tuple(given.citation for given in case.cited)
    commands = (command,) if command else ()
    destructive = case.section is Section.STEP and (destroys(case.text) or destroys(case.command))
    label = "summary" if case.section is Section.PAST else ""
    return Claim(case.section, case.text, citations, commands, label, destructive)


def _command(case: _Case) -> Command | Reason:
    """Find the command, word for word and whole, in a cited runbook."""
    if case.section is not Section.STEP:
        return Reason.COMMAND_PLACE
    if invisible(case.command.replace("\t", " ")) or case.frame.nonce in case.command:
        return Reason.BAD_CHARACTER
    for given in case.cited:
        chunk = given.chunk
        span = find_command(chunk.text, case.command) if chunk.meta.kind is Kind.RUNBOOK else None
        if span is not None and chunk.text[slice(*span)] in given.text:
            place = Citation(chunk.meta.id, chunk.id, chunk.start + span[0], chunk.start + span[1])
            return Command(chunk.text[slice(*span)], place)
    return Reason.COMMAND


def _too_long(case: _Case) -> bool:
    return len(case.text) > MAX_TEXT or len(_SENTENCE_END.findall(case.text)) > 1


def _bad_character(case: _Case) -> bool:
    return "\n" in case.text or "\t" in case.text or invisible(case.text)


def _kind(section: Section) -> Kind:
    """A past claim rests on a postmortem, any other on a runbook: what was done once is not what to do now."""
    return Kind.POSTMORTEM if section is Section.PAST else Kind.RUNBOOK


def _wrong_source(case: _Case) -> bool:
    return all(given.chunk.meta.kind is not _kind(case.section) for given in case.cited)


def _foreign_link(case: _Case) -> bool:
    """Links and hosts come from cited passages only: whoever raises an alert writes its text."""
    links = [*_LINK.findall(case.text), *_HOST.findall(case.text)]
    return any(not wording.stands_in(link.rstrip(".,;:!?)'\""), case.source) for link in links)


def _foreign_number(case: _Case) -> bool:
    return not wording.has_numbers(case.text, _told(case))


def _foreign_quote(case: _Case) -> bool:
    return any(not wording.stands_in(quote, _told(case)) for quote in wording.quotes(case.text))


def _foreign_name(case: _Case) -> bool:
    return any(not wording.stands_in(name, _told(case)) for name in wording.names(case.text))


def _command_in_words(case: _Case) -> bool:
    """What reads like a command is the documents' to give, whatever the alert says."""
    return any(part not in " ".join(case.source.split()) for part in commands_said(case.text))


def _told(case: _Case) -> str:
    """What facts may come from: a step's from its passages alone, another claim's from the alert too."""
    return case.source if case.section is Section.STEP else f"{case.source}\n\n{case.frame.alert}"


def _foreign_action(case: _Case) -> bool:
    """What destroys is said in the source's own words: action and object stand together in one of its sentences."""
    if not destroys(case.text):
        return False
    if case.section is Section.STEP and not wording.content(case.text) <= wording.content(case.source):
        return True
    told = [wording.content(sentence) for sentence in wording.sentences(case.source)]
    deeds = [deed for word, deed in wording.deeds(case.text) if destroys(word)]
    return any(not any(deed <= sentence for sentence in told) for deed in deeds)


def _unsupported(case: _Case) -> bool:
    words, told = wording.content(case.text), wording.content(_told(case))
    alone = wording.containment(words, wording.content(case.source))
    if alone < PASSAGE_FLOOR or wording.containment(words, told) < WORDING_FLOOR:
        return True
    return wording.novel(case.text, told) > MAX_NOVEL or wording.unfounded_cause(case.text, _told(case))


def _contradicts(case: _Case) -> bool:
    return wording.contradicts(case.text, case.source) or twisted(case.text, case.source)


def _scattered(case: _Case) -> bool:
    """Words that all stand in the source, and never together."""
    known = wording.content("\n".join(given.chunk.breadcrumb for given in case.cited))
    if case.section is not Section.STEP:
        known |= wording.content(case.frame.alert)
    return put_together(case.text, case.source, known)


def _says_nothing(case: _Case) -> bool:
    """A heading or a word is no claim."""
    return len(case.text.split()) < LEAST_WORDS


_CHECKS: tuple[tuple[Reason, Callable[[_Case], bool]], ...] = (
    (Reason.EMPTY, lambda case: not case.text),
    (Reason.BAD_CHARACTER, _bad_character),
    (Reason.TOO_LONG, _too_long),
    (Reason.NONCE, lambda case: bool(case.frame.nonce) and case.frame.nonce.lower() in case.text.lower()),
    (Reason.MENTION, lambda case: _PING.search(case.text) is not None),
    (Reason.MARKUP, lambda case: _MARKUP.search(case.text) is not None),
    (Reason.SECRET, lambda case: case.frame.redact(case.text) != case.text),
    (Reason.WRONG_SOURCE, _wrong_source),
    (Reason.LINK, _foreign_link),
    (Reason.COMMAND, _command_in_words),
    (Reason.QUOTE, _foreign_quote),
    (Reason.NAME, _foreign_name),
    (Reason.NUMBER, _foreign_number),
    (Reason.ACTION, _foreign_action),
    (Reason.WORDING, _unsupported),
    (Reason.POLARITY, _contradicts),
    (Reason.SCATTERED, _scattered),
    (Reason.EMPTY, _says_nothing),
)
"""In this order; the first that fails names the reason."""
