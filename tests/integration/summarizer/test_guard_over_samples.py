"""The guard over every runbook of the samples: honest claims stay, the same with one thing changed do not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.document import Kind
from samples.scripted_model import claims
from summarizer.draft import ClaimDraft, Draft
from summarizer.guard import Frame, judge
from summarizer.prompt import Limits, render
from tests.evidence import evidence, hit, incident

SAMPLES = Path(__file__).resolve().parents[3] / "samples"
NONCE = "3f9c1a7be02d4856"


def as_it_is(text: str) -> str:
    return text


def body(path: Path) -> str:
    return re.sub(r"\A---\n.*?\n---\n\s*", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def worlds() -> Iterator[tuple[Frame, list[ClaimDraft]]]:
    """Yield, for each runbook, what claims are judged against and what an honest writer claims."""
    past = sorted((SAMPLES / "postmortems").glob("2*.md"))
    for number, path in enumerate(sorted((SAMPLES / "runbooks").glob("*/*.md"))):
        postmortem = hit("past", body(past[number % len(past)]), Kind.POSTMORTEM)
        prompt = render(
            incident(), evidence(hit(path.stem, body(path)), postmortem), NONCE, Limits(6000, local=True), as_it_is
        )
        assert prompt is not None
        honest = [ClaimDraft(**claim) for claim in claims(prompt.user, planted=False)]
        yield Frame(prompt.passages, prompt.alert, NONCE, as_it_is), honest


def changed(text: str) -> Iterator[str]:
    """Yield a claim's text with a number, a name, a "not" or a cause that its source does not have."""
    if found := re.search(r"\d+", text):
        yield text.replace(found.group(), str(int(found.group()) * 3 + 7000), 1)
    if found := re.search(r"\b(?:is|are|was|were|will|can|has)\b(?! not)", text):
        yield f"{text[: found.end()]} not{text[found.end() :]}"
    if " not " in text:
        yield text.replace(" not ", " ", 1)
    if "`" in text:
        yield re.sub(r"`[^`]+`", "`users-canary`", text, count=1)
    yield text.rstrip(".") + " because a firmware update broke the disk."
    yield "Restart the firewall: " + text


@pytest.fixture(scope="module")
def judged() -> tuple[int, int, int, list[str]]:
    """Return how many honest claims were made and kept, how many changed ones were made, and those let through."""
    made = kept = altered = 0
    through: list[str] = []
    for frame, honest in worlds():
        verdict = judge(Draft(claims=honest), frame)
        made, kept = made + len(honest), kept + len(verdict.claims)
        for claim in honest:
            for text in changed(claim.text):
                altered += 1
                lie = claim.model_copy(update={"text": text, "command": None})
                through += [one.text for one in judge(Draft(claims=[lie]), frame).claims]
    return made, kept, altered, through


def test_nearly_all_honest_claims_are_kept(judged: tuple[int, int, int, list[str]]) -> None:
    made, kept, _, _ = judged
    assert made > 80
    assert kept >= 0.95 * made


def test_of_claims_with_one_thing_changed_at_most_two_in_a_hundred_get_through(
    judged: tuple[int, int, int, list[str]],
) -> None:
    _, _, altered, through = judged
    assert altered > 250
    assert len(through) <= 0.02 * altered, through
