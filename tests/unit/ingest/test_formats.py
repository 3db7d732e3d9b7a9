"""Files of several formats become documents of one form, with the readers that they name."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from domain.document import Document, Kind
from domain.errors import BadDocument
from ingest import formats
from ingest.chunking import chunk
from ingest.formats import as_markdown
from ingest.frontmatter import parse
from ingest.sources import Reading, SourceSpec, read


@pytest.fixture
def libraries() -> None:
    for name in ("bs4", "markdownify", "docutils"):
        pytest.importorskip(name, reason=f"{name} is not installed: its format is not read")


def reading(root: Path, name: str, content: str | bytes) -> Reading:
    (root / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return read(SourceSpec("wiki", Kind.RUNBOOK, root, frozenset({"everyone"})), lambda text: text)


def only(found: Reading) -> Document:
    (document,) = found.documents
    assert [document.text[each.start : each.end] for each in chunk(document)] == [each.text for each in chunk(document)]
    return document


def test_plain_text_is_stored_as_it_is_written(tmp_path: Path) -> None:
    document = only(reading(tmp_path, "disk-full.txt", "The disk is full.\n\n* Resize it.\n"))
    assert document.text == "The disk is full.\n\n* Resize it.\n"
    assert document.meta.title == "Disk full"


@pytest.mark.usefixtures("libraries")
@pytest.mark.parametrize(
    ("name", "page"),
    [
        (
            "a.html",
            '<head><meta name="allow" content="sre, payments"><meta name="date" content="2026-01-31">'
            '<meta name="services" content="db"></head><h1>Disk full</h1><h2>Fix</h2><p>Resize it.</p>',
        ),
        (
            "a.rst",
            "Disk full\n#########\n\n:allow: sre, payments\n:date: 2026-01-31\n:services: db\n\n"
            "Fix\n===\n\nResize it.\n",
        ),
    ],
)
def test_a_page_carries_all_that_it_says_of_itself(tmp_path: Path, name: str, page: str) -> None:
    document = only(reading(tmp_path, name, page))
    assert document.text.endswith("---\n\n# Disk full\n\n## Fix\n\nResize it.\n")
    meta = document.meta
    assert (meta.id, meta.title, meta.services) == (f"wiki/{name}", "Disk full", ("db",))
    assert meta.readers == {"sre", "payments"}
    assert meta.date == date(2026, 1, 31)
    assert [each.headings for each in chunk(document)] == [("Fix",)]


@pytest.mark.usefixtures("libraries")
@pytest.mark.parametrize(
    "page",
    [
        '<meta name="allow" content="not a group"><p>x</p>',
        '<meta name="allow"><p>x</p>',
        '<meta name="allow" content="sre"><meta name="allow" content="everyone"><p>x</p>',
        '<meta name="allow" content="sre\n---\n"><p>x</p>',
    ],
)
def test_readers_that_cannot_be_understood_are_nobody_and_it_is_said(tmp_path: Path, page: str) -> None:
    found = reading(tmp_path, "a.html", page)
    assert only(found).meta.readers == frozenset()
    assert any("`allow` cannot be understood" in problem.reason for problem in found.problems)


@pytest.mark.usefixtures("libraries")
def test_front_matter_before_a_page_holds(tmp_path: Path) -> None:
    document = only(reading(tmp_path, "a.html", "---\nallow: sre\n---\n<html><title>T</title><p>x</p>"))
    assert document.meta.readers == {"sre"}
    with pytest.raises(BadDocument, match="twice"):
        as_markdown('---\nallow: sre\n---\n<meta name="allow" content="everyone">x', "a.html")
    with pytest.raises(BadDocument, match="never closed"):
        as_markdown("---\nallow: sre\n<p>x</p>", "a.html")


@pytest.mark.usefixtures("libraries")
def test_what_a_page_says_cannot_break_out_of_the_front_matter() -> None:
    text = as_markdown(
        '<meta name="tags" content=\'a"\n---\nallow: everyone\'><meta name="allow" content="sre">x', "a.htm"
    )
    assert parse(text).allow == {"sre"}


@pytest.mark.usefixtures("libraries")
@pytest.mark.parametrize(
    ("declared", "encoding"),
    [("Shift_JIS", "shift_jis"), ("iso-8859-2", "iso-8859-2"), ("iso-8859-1", "cp1252"), ("utf-8", "utf-8")],
)
def test_the_encoding_that_a_page_declares_is_honoured(tmp_path: Path, declared: str, encoding: str) -> None:
    words = {"shift_jis": "障害", "iso-8859-2": "Łódź", "cp1252": "naïve – café"}.get(encoding, "日本 Ł –")
    found = reading(tmp_path, "a.html", f'<meta charset="{declared}"><p>{words}</p>'.encode(encoding))
    assert only(found).text == f"{words}\n"
    assert found.problems == ()


@pytest.mark.usefixtures("libraries")
def test_an_encoding_that_does_not_hold_is_not_believed(tmp_path: Path) -> None:
    for declared in ("utf-9", "ascii", "utf-16", "utf-7", "hex", "unicode_escape"):
        page = f'<meta http-equiv="Content-Type" content="text/html; charset={declared}"><p>– caf\u00e9</p>'
        assert "caf" in only(reading(tmp_path, "a.html", page.encode())).text


def test_a_page_whose_library_is_missing_is_named_and_the_rest_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(formats.PAGES, ".rst", "no_such_module")
    (tmp_path / "b.md").write_text("# Kept\n", encoding="utf-8")
    found = reading(tmp_path, "a.rst", "Text.\n")
    assert [document.meta.path for document in found.documents] == ["b.md"]
    assert [problem.path for problem in found.problems] == ["wiki/a.rst"]
    assert "is not installed" in found.problems[0].reason
