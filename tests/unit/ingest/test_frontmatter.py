"""Front matter: understood strictly, because it says who may read."""

from __future__ import annotations

from datetime import date

import pytest

from domain.errors import BadDocument
from ingest.frontmatter import FrontMatter, body_offset, parse


def test_it_reads_the_keys_that_are_ours_and_leaves_the_others() -> None:
    front = parse(
        "---\ntitle: Disk full\nweight: 20\nDate: 2024-03-05\nlast_reviewed: 2026-01-31T10:00:00Z\n"
        "allow: [payments, on]\nservice: orders-db\ntags:\n- disk\n- disk\n- k8s\nextra: {deep: [[1]]}\n---\nBody"
    )
    assert front == FrontMatter(
        title="Disk full",
        written=date(2024, 3, 5),
        reviewed=date(2026, 1, 31),
        allow=frozenset({"payments", "on"}),
        services=("orders-db",),
        tags=("disk", "k8s"),
    )


def test_it_reads_toml_with_the_site_s_own_keys_in_a_table() -> None:
    front = parse("+++\r\ntitle = 'T'\r\ndate = 2018-10-19\r\n[extra]\r\nallow = ['security']\r\n+++\r\nBody")
    assert (front.title, front.written, front.allow) == ("T", date(2018, 10, 19), frozenset({"security"}))


@pytest.mark.parametrize("text", ["", "Body", "# H\n\n---\nallow: x\n---\n", "----\na: b\n----\n", "Note: x\n"])
def test_a_document_without_front_matter_says_nothing(text: str) -> None:
    assert parse(text) == FrontMatter()
    assert body_offset(text) == 0


@pytest.mark.parametrize("text", ["---\n---\n", "---\n# only a comment\n...\n", "+++\n+++\n"])
def test_empty_front_matter_says_nothing(text: str) -> None:
    assert parse(text + "Body") == FrontMatter()
    assert body_offset(text + "Body") == len(text)


def test_blank_lines_before_it_do_not_hide_it() -> None:
    text = "\n \n---\nallow: [security]\n---\nBody"
    assert parse(text).allow == frozenset({"security"})
    assert text[body_offset(text) :] == "Body"


@pytest.mark.parametrize(
    ("written", "readers"),
    [
        ("payments", {"payments"}),
        ("payments, security", {"payments", "security"}),
        ("[]", set()),
        ("[123, no, everyone]", {"123", "no", "everyone"}),
        ("&a [payments]", {"payments"}),
    ],
)
def test_an_allow_is_a_text_or_a_list(written: str, readers: set[str]) -> None:
    front = parse(f"---\nallow: {written}\n---\n")
    assert front.allow == frozenset(readers)
    assert front.problems == ()


@pytest.mark.parametrize(
    "written",
    ["", "{team: payments}", "[payments, [security]]", "[{a: b}]", "two words", "'a,,b'", "[a, 'b\\n c']", '""'],
)
def test_an_allow_that_cannot_be_understood_means_nobody_and_is_reported(written: str) -> None:
    front = parse(f"---\nallow: {written}\n---\n")
    assert front.allow == frozenset()
    assert len(front.problems) == 1


def test_an_allow_given_twice_means_nobody() -> None:
    front = parse("---\nallow: [security]\nAllow: [everyone]\n---\n")
    assert front.allow == frozenset()
    assert front.problems


@pytest.mark.parametrize(
    "text",
    [
        "---\na: [\n---\n",
        "---\n- a\n- b\n---\n",
        "---\nSome prose between two rules.\n---\n",
        "---\na: b: c\n---\n",
        "---\n" + "[" * 9000 + "\n---\n",
        "---\na: " + "x" * 70_000 + "\n---\n",
        "---\ntitle: never closed\n\nBody",
        "---\n# note\nallow: [security]\nBody",
        "+++\ntitle = \n+++\n",
        "+++\ntitle = 'never closed'\n",
        "+++\na = " + "[" * 9000 + "\n+++\n",
    ],
)
def test_front_matter_that_cannot_be_understood_is_refused(text: str) -> None:
    with pytest.raises(BadDocument) as caught:
        parse(text)
    assert caught.value.reason == "front-matter"
    assert caught.value.mend


def test_aliases_cannot_grow_and_tags_do_nothing() -> None:
    pairs = list(zip("abcdefghij", "bcdefghijk", strict=True))
    bomb = "".join(f"{key}: &{key} [{', '.join(['*' + last] * 9)}]\n" for last, key in pairs)
    front = parse(f"---\na: &a [x]\n{bomb}allow: !!python/object:os.system payments\n---\n")
    assert front.allow == frozenset({"payments"})


@pytest.mark.parametrize("written", ["2024-13-45", "tomorrow", "03/04/2026", "9" * 5000])
def test_a_date_that_is_none_is_reported_and_the_rest_is_kept(written: str) -> None:
    front = parse(f"---\ntitle: T\ndate: {written}\n---\n")
    assert (front.title, front.written, len(front.problems)) == ("T", None, 1)
