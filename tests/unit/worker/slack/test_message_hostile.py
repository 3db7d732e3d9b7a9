"""Whatever text alerts, documents, models and changes bring, the message stays within its limits and inert."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from domain.alert import Alert, Change, Incident, Status
from domain.document import DocumentMeta
from domain.summary import Claim, Command, Rung, Section, Summary
from tests import cards
from tests.block_kit import faults, foreign_markup, mrkdwn_texts
from worker.console.preview import PreviewMessage, PreviewVersion, render
from worker.slack.card import Card
from worker.slack.client import fallback_text
from worker.slack.lines import Style
from worker.slack.message import LONGEST_MESSAGE, MOST_LINES, Message, compose

NASTY = (
    "<!channel>", "<@U0ALICE>", "<#C1>", "<!here|x>", "<https://evil.example|bank>", "&lt;!channel&gt;", "```", "`",
    "*bold* _x_ ~y~", "[l](https://evil.example)", "![i](https://evil.example/p.png)", "</pre><script>alert(1)",
    '" onmouseover="x', "{{ 7*7 }}", "{% raw %}", "\u202e\u2066abc", "\u200b\u200d", "\x00\x1b[2J", "\ud800",
    "\U0001f468\u200d\U0001f469", "\U000e0041", "line\nline\r\nline", "x" * 400, "word " * 200, "e\u0301" * 50,
    "- item\n- item\n\n> quote\n\n| a | b |", "&" * 300, "<" * 300, "1. one\n2. two", "\u2028\u2029", ":fire:", "",
    "A sentence here. " * 80,
)  # fmt: skip
TEXT = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=200),
    st.lists(st.sampled_from(NASTY), max_size=4).map(" ".join),
)
URL = st.one_of(
    TEXT, st.sampled_from(["https://h.example/a|b>c", "javascript:x", "https://u:p@h/", "https://h/" + "y" * 3_000])
)
WHEN = st.integers(-100_000, 100_000).map(lambda minutes: cards.NOON + timedelta(minutes=minutes))
LABELS = st.dictionaries(st.sampled_from(["alertname", "severity", "service", "pod", "namespace", "x"]), TEXT)
ANNOTATIONS = st.dictionaries(st.sampled_from(["summary", "description"]), TEXT)
ALERT = st.builds(Alert, TEXT, st.sampled_from(Status), LABELS, ANNOTATIONS, WHEN, st.none(), URL)
DOCUMENTS = st.tuples(
    *(
        st.builds(
            lambda base, title, link: replace(base, title=title, link=link), st.just(base), TEXT, URL
        )
        for base in (cards.RUNBOOK, cards.POSTMORTEM)
    )
)  # fmt: skip
COMMAND = st.builds(Command, TEXT, st.just(cards.cite()))
CLAIM = st.builds(
    lambda section, text, meta, commands, label, destructive: Claim(
        section, text, (cards.cite(meta),), tuple(commands), label, destructive
    ),
    st.sampled_from(Section),
    TEXT,
    st.sampled_from([cards.RUNBOOK, cards.POSTMORTEM]),
    st.lists(COMMAND, max_size=3),
    st.sampled_from(["", "cause", "fix", "duration", "summary", "other"]),
    st.booleans(),
)
CHANGE = st.builds(Change, TEXT, TEXT, TEXT, TEXT, WHEN, URL, st.just(frozenset({"a"})))


def _summary(claims: list[Claim], documents: tuple[DocumentMeta, ...], rung: Rung, model: str) -> Summary:
    return Summary(rung, tuple(claims), documents, nearest=documents, model=model)


def _incident(alerts: list[Alert], text: str, reopened: int) -> Incident:
    status = Status.FIRING if any(one.status is Status.FIRING for one in alerts) else Status.RESOLVED
    return Incident("i", text, text, status, cards.NOON, cards.NOON, 1, tuple(alerts), reopened, truncated=reopened)


CARD = st.builds(
    Card,
    incident=st.builds(_incident, st.lists(ALERT, min_size=1, max_size=6), TEXT, st.integers(0, 3)),
    summary=st.one_of(
        st.none(), st.builds(_summary, st.lists(CLAIM, max_size=14), DOCUMENTS, st.sampled_from(Rung), TEXT)
    ),
    now=WHEN,
    changes=st.lists(CHANGE, max_size=8).map(tuple),
    changes_asked=st.booleans(),
    meant_for=TEXT,
    links=st.lists(st.tuples(TEXT, URL), max_size=4).map(tuple),
    run_id=TEXT,
    notes=st.lists(TEXT, max_size=5).map(tuple),
    headings=st.fixed_dictionaries({"c1": st.lists(TEXT, max_size=3).map(tuple)}),
)


_LINK = re.compile(r"<https?://[^|>]*\|([^>]*)>")


def shown_texts(value: Any) -> list[str]:
    """Every text in the blocks that a reader sees."""
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        if value.get("type") == "mrkdwn":
            own = [html.unescape(_LINK.sub(r"\1", text)) for text in own]
        return own + [text for inner in value.values() for text in shown_texts(inner)]
    return [text for inner in value for text in shown_texts(inner)] if isinstance(value, list | tuple) else []


def hidden_in(text: str) -> list[str]:
    return [c for c in text if unicodedata.category(c) in {"Cf", "Cs", "Zl", "Zp"} or (c < " " and c not in "\n\t")]


class Tags(HTMLParser):
    """Collects the tags and attributes that a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {tag} | {f"@{name}" for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]


TAGS = {
    "html", "head", "meta", "title", "link", "body", "header", "h1", "h2", "h3", "p", "a", "main", "section", "div",
    "article", "b", "span", "time", "pre", "code", "details", "summary", "ol", "ul", "li",
}  # fmt: skip
ATTRIBUTES = {
    "@lang", "@charset", "@name", "@content", "@rel", "@href", "@class", "@id", "@datetime", "@start", "@aria-hidden",
    "@aria-labelledby",
}  # fmt: skip


@settings(max_examples=250, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(card=cards.card())
@example(card=cards.card(notes=("·",), links=(("", "https://h.example"), ("a|b", "HTTP://0"))))
@given(card=CARD)
def test_no_text_from_outside_breaks_the_message(card: Card) -> None:
    message = compose(card)

    assert faults(list(message.blocks)) == ()
    assert len(message.text) <= LONGEST_MESSAGE
    assert message.text.count("\n") < MOST_LINES
    assert sum(map(len, shown_texts(message.blocks))) <= LONGEST_MESSAGE
    assert [mark for text in mrkdwn_texts(message.blocks) for mark in foreign_markup(text)] == []
    assert [found for text in shown_texts(message.blocks) for found in hidden_in(text)] == []
    assert len(fallback_text(message.text)) < 4_000
    assert not re.search(r"[<>]", fallback_text(message.text))
    message.text.encode()
    _commands_stand_whole(card, message)


def _commands_stand_whole(card: Card, message: Message) -> None:
    claims = card.summary.of(Section.STEP) if card.summary else ()
    given_commands = {re.sub(r"\s", "", re.sub(r"[^ -~]", "", c.text)) for claim in claims for c in claim.commands}
    for line in message.lines:
        if line.style is Style.COMMAND:
            assert re.sub(r"\s", "", re.sub(r"[^ -~]", "", line.text)) in given_commands


@settings(max_examples=100, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(card=CARD, title=TEXT, audience=TEXT, rung=TEXT)
def test_no_text_from_outside_becomes_markup_of_the_preview(card: Card, title: str, audience: str, rung: str) -> None:
    message = compose(card)
    version = PreviewVersion(message.text, message.blocks, cards.NOON, rung)
    page = render([PreviewMessage("C1", title, audience, (version, version))])

    tags = Tags()
    tags.feed(page)

    assert tags.found <= TAGS | ATTRIBUTES
    assert all(not link or re.match(r"https?://|/preview/preview\.css$", link) for link in tags.links)
