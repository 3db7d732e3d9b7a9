"""Sentences are whole: an abbreviation, code or a bracket never ends one."""

from __future__ import annotations

import pytest

from summarizer.sentences import lead, sentences


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text, (0, len(text)))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("It fires e.g. When idle. Then stop.", ["It fires e.g. When idle.", "Then stop."]),
        ("Use v1.2.3 now. Or `a. B` later.", ["Use v1.2.3 now.", "Or `a. B` later."]),
        ("See (this. That) first. Go.", ["See (this. That) first.", "Go."]),
        ("**Bold. Still bold.** Next.", ["**Bold. Still bold.**", "Next."]),
        ("*What was done? How?*\nWe did.", ["*What was done? How?*", "We did."]),
        ("It ends. and goes on. Done.", ["It ends. and goes on.", "Done."]),
        ("Check the logs\nCheck the disk\nof the node", ["Check the logs", "Check the disk\nof the node"]),
        ("first line  \nSecond line", ["first line", "Second line"]),
        ("no mark at the end", ["no mark at the end"]),
        ("", []),
    ],
)
def test_a_paragraph_falls_into_its_sentences(text: str, expected: list[str]) -> None:
    assert split(text) == expected


def test_a_quote_grows_by_whole_sentences_within_its_limit() -> None:
    text = "One is short. Two is a little longer. Three."
    spans = sentences(text, (0, len(text)))
    assert lead(spans) == (0, 37)
    assert lead(spans, limit=20) == (0, 13)


def test_a_sentence_of_immoderate_length_is_not_quoted() -> None:
    text = "word " * 200
    assert lead(sentences(text, (0, len(text)))) is None
    assert lead([]) is None
