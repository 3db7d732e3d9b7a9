"""Near-duplicates among hits: copies collapse onto the best ranked, pages from one template stay apart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.document import Hit, Passage
from retrieval.duplicates import collapsed
from tests.library import document

WORDS = [f"word{number}" for number in range(400)]
TEXT = " ".join(WORDS)


def hit(name: str, *paragraphs: str, score: float = 0.5, **more: object) -> Hit:
    chunks = document(f"runbooks/{name}", *paragraphs, **more)
    return Hit(chunks[0].meta, score, tuple(Passage(chunk, score) for chunk in chunks))


def changed(every: int) -> str:
    """Return the text with every so-manieth word another one."""
    return " ".join(f"other{place}" if place % every == every - 1 else word for place, word in enumerate(WORDS))


def names(*hits: Hit) -> list[str]:
    return [each.meta.path for each in collapsed(hits).hits]


def test_the_better_ranked_of_two_copies_stays_and_stands_for_the_other() -> None:
    found = collapsed([hit("b.md", TEXT, title="Filling"), hit("c.md", "else"), hit("a.md", TEXT, title="Filling")])
    assert [each.meta.path for each in found.hits] == ["b.md", "c.md"]
    assert found.twins == {"runbooks/a.md": "runbooks/b.md"}


def test_a_slightly_edited_version_of_a_page_is_a_copy() -> None:
    old, new = hit("v1/a.md", TEXT, title="Filling v1.2"), hit("v2/a.md", changed(200), title="Filling v2")
    assert names(new, old) == ["v2/a.md"]


def test_equal_texts_are_copies_whatever_they_are_called() -> None:
    assert names(hit("a.md", TEXT, title="Filling"), hit("b.md", TEXT, title="Disk full")) == ["a.md"]


def test_pages_from_one_template_are_no_copies() -> None:
    for every in (5, 10, 20, 40):
        assert names(hit("a.md", TEXT, title="T"), hit("b.md", changed(every), title="T")) == ["a.md", "b.md"]


def test_nearly_equal_pages_about_other_things_are_no_copies() -> None:
    cpu, memory = hit("a.md", TEXT, title="CPU overcommit"), hit("b.md", changed(400), title="Memory overcommit")
    assert names(cpu, memory) == ["a.md", "b.md"]
    clients, servers = hit("c.md", TEXT, title="HTTP 4xx"), hit("d.md", changed(400), title="HTTP 5xx")
    assert names(clients, servers) == ["c.md", "d.md"]


def test_nearly_equal_pages_of_two_services_are_no_copies() -> None:
    orders = hit("a.md", TEXT, title="Restart", services=("orders",))
    assert names(orders, hit("b.md", changed(400), title="Restart", services=("cards",))) == ["a.md", "b.md"]


def test_a_page_and_the_longer_one_that_holds_it_are_no_copies() -> None:
    assert names(hit("a.md", TEXT, title="T"), hit("b.md", TEXT, changed(7), title="T")) == ["a.md", "b.md"]


def test_long_copies_and_long_pages_from_one_template_are_told_apart_too() -> None:
    long = [f"long{number}" for number in range(1500)]
    text = " ".join(long)
    edited = " ".join("edit" if place % 300 == 0 else word for place, word in enumerate(long))
    template = " ".join("edit" if place % 30 == 0 else word for place, word in enumerate(long))
    assert names(hit("a.md", text, title="T"), hit("b.md", edited, title="T")) == ["a.md"]
    assert names(hit("a.md", text, title="T"), hit("c.md", template, title="T")) == ["a.md", "c.md"]


@given(st.lists(st.sampled_from(["one two three", "one two four", TEXT, changed(200), ""]), max_size=8))
def test_every_hit_stays_or_has_a_twin_that_stays(texts: list[str]) -> None:
    hits = [hit(f"{place}.md", text, title="T") for place, text in enumerate(texts)]
    found = collapsed(hits)
    stay = [each.meta.id for each in found.hits]
    assert sorted([*stay, *found.twins]) == [each.meta.id for each in hits]
    assert set(found.twins.values()) <= set(stay)
    assert found == collapsed(hits)
