"""Sources: what a folder holds becomes documents; what cannot be read is named, and the rest is kept."""

from __future__ import annotations

import os
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from domain.document import Kind, SendToModel
from domain.errors import BadSettings, MiddlewatchError
from ingest.sources import Reading, SourceSpec, read


def plainly(text: str) -> str:
    return text


def spec(root: Path, **given: object) -> SourceSpec:
    fields: dict[str, object] = {
        "name": "runbooks",
        "kind": Kind.RUNBOOK,
        "path": root,
        "allow": frozenset({"everyone"}),
    }
    return SourceSpec(**(fields | given))  # type: ignore[arg-type]


def write(root: Path, **texts: str | bytes) -> None:
    for name, text in texts.items():
        file = root / name.replace("__", "/").replace("_md", ".md")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())


def reasons(reading: Reading) -> dict[str, str]:
    return {problem.path: problem.reason for problem in reading.problems}


def test_a_document_carries_all_that_is_known_of_it(tmp_path: Path) -> None:
    text = (
        "---\ntitle: Disk full\nallow: payments\nservices: [db]\ntags: [disk]\nreviewed: 2026-01-31\n---\r\n# Disk\r\n"
    )
    write(tmp_path, **{"db__2024-03-05-disk_md": text})
    source = spec(tmp_path, link="https://wiki.example.com/{path}", send_to_model=SendToModel.NONE)
    (document,) = read(source, plainly).documents
    meta = document.meta
    assert document.text == text
    assert meta.id == "runbooks/db/2024-03-05-disk.md"
    assert (meta.source, meta.path, meta.kind) == ("runbooks", "db/2024-03-05-disk.md", Kind.RUNBOOK)
    assert (meta.title, meta.readers) == ("Disk full", frozenset({"payments"}))
    assert meta.link == "https://wiki.example.com/db/2024-03-05-disk.md"
    assert (meta.date, meta.reviewed) == (date(2024, 3, 5), date(2026, 1, 31))
    assert (meta.services, meta.tags, meta.send_to_model) == (("db",), ("disk",), SendToModel.NONE)
    assert meta.content_hash == sha256(text.encode()).hexdigest()


def test_documents_are_read_by_path_and_nothing_else_is(tmp_path: Path) -> None:
    write(tmp_path, b_md="b", README_md="r", a__c_md="c", **{"a.yaml": "no", "z.markdown": "z", "U.MD": "u"})
    write(
        tmp_path,
        **{".git__x_md": "no", "node_modules__x_md": "no", ".hidden_md": "no", "drafts__x_md": "no", "old_md": "no"},
    )
    reading = read(spec(tmp_path, exclude=("drafts/*", "old.md")), plainly)
    assert [document.meta.path for document in reading.documents] == [
        "README.md",
        "U.MD",
        "a/c.md",
        "b.md",
        "z.markdown",
    ]
    assert reading.problems == ()


def test_a_broken_document_is_named_and_the_rest_is_kept(tmp_path: Path) -> None:
    write(
        tmp_path,
        good_md="# Good",
        broken_md="---\na: [\n---\n# Broken",
        empty_md="---\ntitle: x\n---\n\n",
        big_md="x" * (2 << 20 | 1),
    )
    write(tmp_path, junk_md=bytes(range(256)) * 40)
    reading = read(spec(tmp_path), plainly)
    assert [document.meta.path for document in reading.documents] == ["good.md"]
    found = reasons(reading)
    assert set(found) == {f"runbooks/{name}.md" for name in ("broken", "empty", "big", "junk")}
    assert "YAML" in found["runbooks/broken.md"]
    assert "2 MiB" in found["runbooks/big.md"]
    assert "not text" in found["runbooks/junk.md"]
    assert "nothing" in found["runbooks/empty.md"]


@pytest.mark.parametrize(
    ("data", "text", "reported"),
    [
        ("\ufeff---\nallow: [payments]\n---\nö".encode(), "---\nallow: [payments]\n---\nö", ""),
        ("---\nallow: [payments]\n---\nö".encode("utf-16"), "---\nallow: [payments]\n---\nö", "UTF-16"),
        (b"---\nallow: [payments]\n---\n\xf6", "---\nallow: [payments]\n---\nö", "Windows-1252"),
        (
            b"---\nallow: [payments]\n---\n" + b"a" * 99 + b"\0",
            "---\nallow: [payments]\n---\n" + "a" * 99 + "\ufffd",
            "",
        ),
    ],
)
def test_an_encoding_that_is_not_utf8_is_read_and_reported(
    tmp_path: Path, data: bytes, text: str, reported: str
) -> None:
    write(tmp_path, a_md=data)
    reading = read(spec(tmp_path), plainly)
    assert [(document.text, document.meta.readers) for document in reading.documents] == [
        (text, frozenset({"payments"}))
    ]
    assert [reported in problem.reason for problem in reading.problems] == [True] * bool(reported)


def test_a_name_that_cannot_be_shown_is_reported_on_one_line(tmp_path: Path) -> None:
    write(tmp_path, good_md="g", **{"a\nb_md": "x"})
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.md"))).write_text("x")
    reading = read(spec(tmp_path), plainly)
    assert [document.meta.path for document in reading.documents] == ["good.md"]
    assert set(reasons(reading)) == {"runbooks/a\ufffdb.md", "runbooks/\ufffd.md"}


def test_links_are_followed_only_to_files_within_the_source(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(root, real_md="real", folder__x_md="x")
    write(tmp_path, secret_md="secret", elsewhere__y_md="y")
    (root / "inside.md").symlink_to(root / "real.md")
    (root / "outside.md").symlink_to(tmp_path / "secret.md")
    (root / "up.md").symlink_to("../secret.md")
    (root / "nowhere.md").symlink_to("absent.md")
    (root / "self.md").symlink_to("self.md")
    (root / "folder" / "loop").symlink_to(root)
    (root / "away").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(root / "pipe.md")
    reading = read(spec(root), plainly)
    assert [document.meta.path for document in reading.documents] == ["folder/x.md", "inside.md", "real.md"]
    expected = {"outside.md", "up.md", "nowhere.md", "self.md", "folder/loop", "away", "pipe.md"}
    assert set(reasons(reading)) == {f"runbooks/{name}" for name in expected}


def test_a_source_that_is_itself_reached_by_a_link_is_read(tmp_path: Path) -> None:
    write(tmp_path, real__a_md="a")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert len(read(spec(tmp_path / "link"), plainly).documents) == 1


def test_readers_are_narrowed_and_what_goes_too_far_is_reported(tmp_path: Path) -> None:
    write(tmp_path, none_md="x", wide_md="---\nallow: [a, b]\n---\nx", bad_md="---\nallow: {a: b}\n---\nx")
    reading = read(spec(tmp_path, allow=frozenset({"a"})), plainly)
    assert {document.meta.path: set(document.meta.readers) for document in reading.documents} == {
        "none.md": {"a"}, "wide.md": {"a"}, "bad.md": set(),
    }  # fmt: skip
    assert set(reasons(reading)) == {"runbooks/wide.md", "runbooks/bad.md"}


def test_a_source_that_allows_nobody_says_so_once(tmp_path: Path) -> None:
    write(tmp_path, a_md="x", b_md="x")
    reading = read(spec(tmp_path, allow=frozenset()), plainly)
    assert [set(document.meta.readers) for document in reading.documents] == [set(), set()]
    assert set(reasons(reading)) == {"runbooks"}


def test_what_is_stored_is_redacted_everywhere(tmp_path: Path) -> None:
    write(
        tmp_path,
        a_md="---\ntitle: The hunter2 way\ntags: [hunter2]\nservices: hunter2\nallow: everyone\n---\n# hunter2\n\nx",
    )
    (document,) = read(spec(tmp_path), lambda text: text.replace("hunter2", "[redacted:x]")).documents
    assert "hunter2" not in repr(document)
    assert document.meta.title == "The [redacted:x] way"
    assert document.meta.content_hash == sha256(document.text.encode()).hexdigest()


def test_a_document_that_cannot_be_redacted_is_left_out(tmp_path: Path) -> None:
    def failing(text: str) -> str:
        if "bad" in text:
            raise MiddlewatchError("It could not be redacted.", reason="redaction-failed")
        return text

    write(tmp_path, a_md="bad", b_md="good")
    reading = read(spec(tmp_path), failing)
    assert [document.text for document in reading.documents] == ["good"]
    assert reasons(reading) == {"runbooks/a.md": "It could not be redacted."}


def test_a_redactor_that_swallows_front_matter_costs_the_document(tmp_path: Path) -> None:
    write(tmp_path, a_md="---\nallow: [security]\n---\nBody")
    reading = read(spec(tmp_path), lambda text: text.replace("---", "[redacted:x]"))
    assert reading.documents == ()


def test_a_source_that_is_not_there_is_a_mistake_in_the_settings(tmp_path: Path) -> None:
    with pytest.raises(BadSettings):
        read(spec(tmp_path / "absent"), plainly)
    with pytest.raises(BadSettings):
        read(spec(tmp_path, link="javascript:{path}"), plainly)


def test_an_empty_source_is_reported(tmp_path: Path) -> None:
    assert set(reasons(read(spec(tmp_path), plainly))) == {"runbooks"}
