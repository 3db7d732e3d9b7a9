from __future__ import annotations

import pytest

from worker.slack.display import clean, clean_command, cut, escape, safe_link, uncited


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb", "ab"),
        ("a\u200bb\u2060c\ufeff", "abc"),
        ("a\x00b\x1b[31m", "a b [31m"),
        ("a\U000e0041b", "ab"),
        ("a\ud800b", "a\ufffdb"),
        ("two\n lines\u2028three", "two lines three"),
        ("Grüße, 東京 👍🏽 ❤\ufe0f", "Grüße, 東京 👍🏽 ❤\ufe0f"),
    ],
)
def test_hidden_and_reordering_characters_never_reach_a_reader(text: str, shown: str) -> None:
    assert clean(text) == shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("[1] As the runbook says [2]", "(1) As the runbook says (2)"),
        ("shards[1] lag", "shards[1] lag"),
        ("[503]", "(503)"),
    ],
)
def test_words_that_no_document_backs_carry_no_mark_of_a_source(said: str, shown: str) -> None:
    assert uncited(said) == shown


def test_a_command_keeps_lines_and_tabs_and_marks_what_was_hidden() -> None:
    assert clean_command("a\r\n\tb\u202e c\n") == "a\n\tb\ufffd c"


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 4, "abc…"),
        ("ae\u0301e\u0301e\u0301", 5, "ae\u0301…"),
        ("🇫🇷🇩🇪🇮🇹", 4, "🇫🇷…"),
        ("👍🏽👍🏽", 2, "…"),
    ],
)
def test_a_cut_never_falls_inside_a_grapheme(text: str, limit: int, shown: str) -> None:
    assert cut(text, limit) == shown


@pytest.mark.parametrize(
    "url",
    [
        "", "javascript:alert(1)", "ftp://host/x", "https://", "https://user@host/", "https://good.com\\@evil.com/",
        "https://evil.com\\.good.com/", "https://раураl.com/", "https://a b.com/", "https://h/\u202ex",
        "https://h/\nx", "//host/x", "https://h:notaport/", "https://[::1", "https://h/" + "x" * 2_000,
        "data:text/html,x", "https://a%2eb/", "https://h/?" + "&" * 400,
    ],
)  # fmt: skip
def test_what_is_no_plain_web_link_is_no_link(url: str) -> None:
    assert safe_link(url) == ""


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://h.example/a?b=1&c=2#d", "https://h.example/a?b=1&c=2#d"),
        ("http://127.0.0.1:9090/graph", "http://127.0.0.1:9090/graph"),
        ("https://[::1]:8080/x", "https://[::1]:8080/x"),
        ("https://h/a|b>c<d", "https://h/a%7Cb%3Ec%3Cd"),
        ("HTTPS://h/A", "https://h/A"),
        ("https://h/日本", "https://h/%E6%97%A5%E6%9C%AC"),
    ],
)
def test_a_link_is_encoded_so_that_it_cannot_end_early(url: str, link: str) -> None:
    assert safe_link(url) == link


def test_escaping_is_what_slack_asks_for() -> None:
    assert escape("<!channel> & <@U1>") == "&lt;!channel&gt; &amp; &lt;@U1&gt;"
