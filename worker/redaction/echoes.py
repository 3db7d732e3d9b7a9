"""Other mentions of what was found: a secret that one line names stands unnamed on the next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ahocorasick_rs import BytesAhoCorasick

from worker.redaction.values import is_random, kinds

Span = tuple[int, int, str]

_LEAST = 12
_LEAST_OF_THREE_KINDS = 8
_MOST = 4_000


def echoes(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Yield every further place of what the spans hold, where it is too odd to stand there by chance.

    One pass over the text for all of them.
    """
    names: dict[bytes, str] = {}
    for start, end, name in spans:
        if _LEAST_OF_THREE_KINDS <= end - start <= _MOST and _odd(text[start:end]):
            names.setdefault(text[start:end].encode("ascii"), name)
    if not names:
        return
    values = list(names)
    plain = text.encode("ascii", "replace")
    for which, start, end in BytesAhoCorasick(values).find_matches_as_indexes(plain):
        yield start, end, names[values[which]]


def _odd(value: str) -> bool:
    if not value.isascii() or " " in value:
        return False
    return is_random(value, _LEAST) or (is_random(value, _LEAST_OF_THREE_KINDS) and kinds(value) >= 3)
