from __future__ import annotations

import pytest

from worker.slack.lines import Piece
from worker.slack.markdown import clip, pieces_of, text_of


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("Plain words.", "Plain words."),
        ("Some **bold** and _leaning_ words", "Some bold and leaning words"),
        ("soft\nwrapped\n  line", "soft wrapped line"),
        ("[the label](https://evil.example) stays", "the label stays"),
        ("![alt text](https://evil.example/x.png) stays", "alt text stays"),
        ("- first\n- second", "first; second"),
        ("Look at:\n\n- first.\n- second,\n- third", "Look at: first. second, third"),
        ("## A heading\n\nand text", "A heading and text"),
        ("Replace <namespace> in it<br>now", "Replace <namespace> in it now"),
        ("Look:\n\n```\nsecret output\n```", "Look:"),
        ("a &lt;b&gt; \\* c", "a <b> * c"),
        ("", ""),
        ("---", ""),
    ],
)
def test_a_reader_sees_the_words_without_the_marks(markdown: str, words: str) -> None:
    assert text_of(pieces_of(markdown)) == words


def test_code_and_bold_keep_their_style() -> None:
    assert pieces_of("Run `ls -l` **now**") == (
        Piece("Run "),
        Piece("ls -l", code=True),
        Piece(" "),
        Piece("now", bold=True),
    )


def test_clipping_keeps_whole_sentences_and_never_ends_inside_code() -> None:
    pieces = pieces_of("First one. Then `a. b` here. And last.")

    assert text_of(clip(pieces, 20)) == "First one. …"
    assert text_of(clip(pieces, 30)) == "First one. Then a. b here. …"
    assert clip(pieces, 5) == pieces
    assert clip(pieces, 200) == pieces
