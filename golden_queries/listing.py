"""The ranked lists as a table of text: what came up, what its score is made of, what a message would show. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from domain.document import Kind
from golden_queries.explain import Scores
from golden_queries.recall import Ranked

_NAMES = {Kind.RUNBOOK: "runbooks", Kind.POSTMORTEM: "postmortems"}


def listing(
    ranked: Ranked, kinds: Collection[Kind], expected: Collection[str], scores: Mapping[str, Scores], most: int = 10
) -> Iterator[str]:
    """Return the lines of both tables: the best `most` of each kind, and below them what is expected and came later.

    A near-duplicate stands under the name of the document that was kept of the two.
    """
    wanted = {ranked.twins.get(doc, doc) for doc in expected}
    for kind in kinds:
        floor = f", shown from {ranked.floors[kind]:.3f}" if kind in ranked.floors else ""
        if not ranked.of(kind):
            yield f"{_NAMES[kind]}: none"
            continue
        yield f"{_NAMES[kind]}{floor}"
        yield "       score   meaning  words   document"
        shown, before = ranked.shown(kind), 0
        for place, (doc, score) in enumerate(ranked.of(kind), start=1):
            if place <= most or doc in wanted:
                if place > before + 1:
                    yield "    …"
                mark = f"{'*' if doc in wanted else ' '}{'>' if doc in shown else ' '}"
                yield f"{mark}{place:3}. {score:.3f}   {_parts(scores.get(doc))}   {doc}"
                before = place
    yield "* expected   > would be shown in a message"


def _parts(scores: Scores | None) -> str:
    return f"{scores.meaning:.3f}    {scores.words:.3f}" if scores else "  -        -  "
