"""How well the guard tells what a passage says from what it nearly says: precision and recall on labelled claims.

    python -m benchmarks.grounding [CORPUS]     printed and written to benchmarks/results/grounding.md

The claims are made from the sample runbooks and postmortems by rules. Supported: sentences of theirs as they stand,
shortened, joined, with a clause turned round, with words of the same meaning. Unsupported, each a supported one with a
single thing changed for another that is as likely, most of them from elsewhere in the samples: a number, a unit, a
host or service, a cause, a "not", a word for its opposite, who does what to whom, an order to destroy. Each claim cites
the passage its sentence stands in, and no other. A claim that a person would still call true after the change is not
made: numbers and names that stand elsewhere in the same passage are not used for a swap.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from domain.document import Kind
from domain.summary import Section
from ingest.chunking import chunk
from ingest.sources import SourceSpec, read
from summarizer.blocks_of import Block, Shape, blocks_of
from summarizer.draft import ClaimDraft, Draft
from summarizer.guard import Frame, judge
from summarizer.packing import Given
from summarizer.sentences import sentences
from summarizer.wording import content

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
RESULTS = Path(__file__).parent / "results" / "grounding.md"

_SAME = {
    "cannot": "can not", "is not": "isn't", "do not": "don't", "does not": "doesn't", "percent": "%", "minutes": "min",
    "two": "2", "three": "3", "four": "4", "five": "5", "ten": "10", "hours": "h", "are not": "aren't",
}  # fmt: skip
_OPPOSITES = (
    ("before", "after"), ("above", "below"), ("over", "under"), ("more", "fewer"), ("first", "last"), ("up", "down"),
    ("start", "stop"), ("enable", "disable"), ("old", "new"), ("primary", "replica"), ("rises", "falls"),
    ("slow", "fast"), ("always", "never"), ("all", "none"), ("until", "unless"), ("with", "without"), ("only", "also"),
)  # fmt: skip
_CAUSES = ("because a certificate expired", "because a disk failed", "due to a firmware update", "since the load rose",
           "because of a wrong firewall rule", "as the cache was emptied")  # fmt: skip
_NAME = re.compile(r"`([a-z][\w-]*-[\w-]+)`|(?<![\w`/-])([a-z]+-(?:db|api|cdc|redis|gateway|store)\b)")
_NUMBER = re.compile(r"(?<![\w.:-])(\d+)(?![\w.:-]*\d)")
_UNIT = re.compile(r"(?<=\d )(minutes|hours|seconds|days|GB|MB)\b")
_OTHER_UNIT = {
    "minutes": "hours", "hours": "minutes", "seconds": "minutes", "days": "weeks", "GB": "MB", "MB": "GB",
}  # fmt: skip
_HALVES = re.compile(
    r"(.{6,80}?)\s+((?:is|are|was|were|has|have|had|will|can|cannot|may|must|stops?|fails?|fires?|means|needs?|runs?|"
    r"starts?|takes?|shows?|grows?)\b.{12,})$"
)
_VERB = re.compile(r"\b(is|are|was|were|can|will|has|have|does|do|must|should)\b(?! not|n't)")
_TO_DESTROY = ("Delete the namespace and ", "Restart every node, then ", "Drop the table first: ")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A claim, the passage it cites, whether the passage supports it, and how it was made."""

    text: str
    given: Given
    supported: bool
    kind: str


def passages(root: Path) -> Iterator[Given]:
    """Yield every passage of the runbooks and postmortems in a folder."""
    for name, kind in (("runbooks", Kind.RUNBOOK), ("postmortems", Kind.POSTMORTEM)):
        spec = SourceSpec(name, kind, root / name, frozenset({"everyone"}), exclude=("README.md",))
        for document in read(spec, lambda text: text).documents:
            yield from (Given(1, piece, piece.text) for piece in chunk(document))


def stated(given: Given) -> Iterator[str]:
    """Yield the sentences of a passage's prose that can be a claim."""
    waiting: list[Block] = list(blocks_of(given.text))
    for block in waiting:
        waiting.extend(block.children)
        if block.shape is not Shape.PARAGRAPH:
            continue
        for start, end in sentences(given.text, block.span):
            text = " ".join(given.text[start:end].replace("**", "").split())
            if 6 <= len(text.split()) <= 34 and text.endswith(".") and "](" not in text and "http" not in text:
                yield text


def supported(text: str) -> Iterator[tuple[str, str]]:
    """Yield a sentence, and others that say no more than it does."""
    yield "as it stands", text
    if found := re.match(r"(.{30,}?), (?:and|so|which|but) .+\.$", text):
        yield "shortened", f"{found[1]}."
    if found := re.match(r"((?:If|When|Once) [^,]{8,}), ([a-z`][^,:;]{12,})\.$", text):
        yield "turned round", f"{found[2][0].upper()}{found[2][1:]} {found[1][0].lower()}{found[1][1:]}."
    if "(" in text and (bare := re.sub(r"\s*\([^()]*\)", "", text)) != text:
        yield "without what stands in brackets", bare
    for word, other in _SAME.items():
        if re.search(rf"\b{word}\b", text):
            yield "in other words", re.sub(rf"\b{word}\b", other, text, count=1)
            return


def unsupported(text: str, given: Given, names: list[str], turn: int) -> Iterator[tuple[str, str]]:
    """Yield a sentence with one thing changed."""
    known = f"{given.chunk.breadcrumb} {given.text}"
    yield from _other_facts(text, known, names, turn)
    yield from _denied(text)
    cause = _CAUSES[turn % len(_CAUSES)]
    if not set(re.findall(r"\w{5,}", cause)) & set(re.findall(r"\w{5,}", known)):
        yield "cause", f"{text.rstrip('.')} {cause}."
    for word, other in (pair for one, two in _OPPOSITES for pair in ((one, two), (two, one))):
        if re.search(rf"\b{word}\b", text) and not re.search(rf"\b{other}\b", known):
            yield "opposite", re.sub(rf"\b{word}\b", other, text, count=1)
    if given.chunk.meta.kind is Kind.RUNBOOK:
        yield "order to destroy", _TO_DESTROY[turn % len(_TO_DESTROY)] + text[0].lower() + text[1:]


def _other_facts(text: str, known: str, names: list[str], turn: int) -> Iterator[tuple[str, str]]:
    if found := _NUMBER.search(text):
        others = (str(int(found[1]) + 1 + turn % 3), str(int(found[1]) * 2 + 1), found[1] + "0")
        other = next((other for other in others if not re.search(rf"\b{other}\b", known)), "")
        if other:
            yield "number", text[: found.start()] + other + text[found.end() :]
    if found := _UNIT.search(text):
        yield "unit", text[: found.start()] + _OTHER_UNIT[found[1]] + text[found.end() :]
    if found := _NAME.search(text):
        old = found[1] or found[2]
        other = next((name for name in names[turn:] + names if name not in known and name != old), "")
        yield "host or service", text.replace(old, other)


def _denied(text: str) -> Iterator[tuple[str, str]]:
    if found := _VERB.search(text):
        yield "negation put in", f"{text[: found.end()]} not{text[found.end() :]}"
    if found := re.search(r" not\b|n't\b", text):
        yield "negation left out", text[: found.start()] + text[found.end() :]


def labelled(root: Path = SAMPLES) -> list[Labelled]:
    """Return all claims, supported and not, each text once."""
    every = list(passages(root))
    names = sorted({found[1] or found[2] for given in every for found in _NAME.finditer(given.text)})
    made: dict[tuple[str, str], Labelled] = {}
    pairs = [(passage, text) for passage in every for text in stated(passage)]
    for turn, (given, text) in enumerate(pairs):
        both = [(True, supported(text)), (False, unsupported(text, given, names, turn % len(names)))]
        for label, made_of in both:
            for kind, said in made_of:
                made.setdefault((said, given.chunk.id), Labelled(said, given, label, kind))
    return list(made.values())


def put_together(root: Path = SAMPLES) -> list[Labelled]:
    """Return claims that speak of what one sentence of a passage names and say what the next says of another thing.

    Every word of theirs stands in the passage. Some come out true by chance, or are no English; nobody sorted them.
    """
    made = []
    for given in passages(root):
        halves = [found for found in map(_HALVES.match, stated(given)) if found]
        for one, other in pairwise([*halves, *halves[:1]]) if len(halves) > 1 else ():
            text = f"{one[1]} {other[2]}"
            if one[1].lower() != other[1].lower() and text not in given.text and not _same_things(one[1], other[1]):
                made.append(Labelled(text, given, False, "put together"))
    return made


def _same_things(one: str, other: str) -> bool:
    return not content(one) or content(one) <= content(other)


def kept(claim: Labelled) -> str:
    """Return "" where the guard keeps a claim, else why it does not."""
    section = Section.PAST if claim.given.chunk.meta.kind is Kind.POSTMORTEM else Section.MEANING
    if claim.kind == "order to destroy":
        section = Section.STEP
    draft = ClaimDraft.model_validate({"section": section.value, "text": claim.text, "citations": [1], "command": None})
    verdict = judge(Draft(claims=[draft]), Frame((claim.given,), "", "3f9c1a7be02d4856", lambda text: text))
    return "" if verdict.claims else verdict.dropped[0].reason


def table(claims: list[Labelled]) -> tuple[str, float, float, float]:
    """Return the table as Markdown, precision, recall, and the share of unsupported claims that get through."""
    n: Counter[tuple[bool, str]] = Counter((claim.supported, claim.kind) for claim in claims)
    passed = [claim for claim in claims if not kept(claim)]
    through = Counter((claim.supported, claim.kind) for claim in passed)
    good, bad = (sum(count for (label, _), count in n.items() if label is want) for want in (True, False))
    right, wrong = (sum(count for (label, _), count in through.items() if label is want) for want in (True, False))
    rows = [
        f"| {'supported' if label else 'unsupported'}: {kind} | {count} | {through[label, kind]} |"
        for (label, kind), count in sorted(n.items(), key=lambda item: (not item[0][0], -item[1]))
    ]
    precision, recall, leak = right / max(right + wrong, 1), right / good, wrong / bad
    lines = ["| claims | n | kept |", "|---|---|---|", *rows, ""]
    lines += [
        f"Precision {precision:.3f} ({right} of {right + wrong} kept), recall {recall:.3f} ({right} of {good}); "
        f"unsupported that get through {leak:.3f} ({wrong} of {bad})."
    ]
    lines += ["", "Unsupported, and kept all the same:", ""]
    lines += [f"- {claim.kind}: {claim.text}" for claim in passed if not claim.supported] or ["- none"]
    return "\n".join(lines), precision, recall, leak


def _harder(root: Path) -> str:
    """Say what becomes of the claims that are put together, which the figures above are without."""
    claims = put_together(root)
    through = sum(not kept(claim) for claim in claims)
    return (
        f"Apart, and harder: of {len(claims)} claims put together from two sentences of one passage, word for word, "
        f"{through} get through ({through / max(len(claims), 1):.3f})."
    )


def main() -> int:
    """Print and write the tables; 1 when more than 2 % of the samples' unsupported claims get through."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, nargs="?", help="runbooks/ and postmortems/ that the rules never saw")
    corpus: Path | None = parser.parse_args().corpus
    text, _, _, leak = table(labelled())
    text = f"# Grounding\n\n## The samples\n\n{text}\n\n{_harder(SAMPLES)}\n"
    if corpus is not None:
        text += f"\n## A public corpus\n\n{table(labelled(corpus))[0]}\n\n{_harder(corpus)}\n"
    print(text)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(text, encoding="utf-8")
    return 1 if leak > 0.02 else 0


if __name__ == "__main__":
    raise SystemExit(main())
