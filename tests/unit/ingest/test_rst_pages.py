"""reStructuredText as Markdown: nothing of a page is lost, nothing else comes in."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("bs4", reason="bs4 is not installed: reStructuredText is not read")
pytest.importorskip("markdownify", reason="markdownify is not installed: reStructuredText is not read")
pytest.importorskip("docutils", reason="docutils is not installed: reStructuredText is not read")

from ingest.rst_pages import read

PAGE = """
=========
Disk full
=========

:date: 2026-01-31
:allow: payments, sre

The disk of ``db_main`` fills *up*; see :ref:`the page <other>`.

Mitigation
==========

1. Look::

     kubectl get pods <name>
       # two

2. Restart.

.. code-block:: bash
   :caption: Restart

   systemctl restart db

.. warning:: Do not delete.
"""


def test_a_page_keeps_its_form() -> None:
    text, said = read(PAGE)
    assert said == (("date", "2026-01-31"), ("allow", "payments, sre"))
    assert [line for line in text.splitlines() if line] == [
        "# Disk full",
        "The disk of `db_main` fills *up*; see the page.",
        "## Mitigation",
        "1. Look:",
        "   ```",
        "   kubectl get pods <name>",
        "     # two",
        "   ```",
        "2. Restart.",
        "```bash",
        "systemctl restart db",
        "```",
        "**Warning**",
        "Do not delete.",
    ]


def test_what_an_unknown_directive_holds_is_kept() -> None:
    text, _ = read("Before.\n\n.. playbook:: x\n   :when: always\n\n   systemctl restart db\n\nAfter :odd:`words`.\n")
    assert "systemctl restart db" in text
    assert "playbook" not in text
    assert "After :odd:\\`words\\`." in text


def test_nothing_comes_in_from_other_files_or_as_raw_html(tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("secret", encoding="utf-8")
    text, _ = read(
        f"Seen.\n\n.. include:: {other}\n\n.. raw:: html\n\n   <b>secret</b>\n\n.. csv-table::\n   :file: {other}\n"
    )
    assert "secret" not in text
    assert text.startswith("Seen.")


@pytest.mark.parametrize(
    "page",
    [
        ":allow: sre\n\nText.\n",
        "Text.\n\n:allow: sre\n",
        ".. meta::\n   :allow: sre\n\nText.\n",
        "A\n=\n\nB\n-\n\n:Allow: sre\n\nText.\n",
    ],
)
def test_readers_are_found_wherever_the_page_names_them(page: str) -> None:
    text, said = read(page)
    assert said == (("allow", "sre"),)
    assert "sre" not in text


def test_a_page_with_faults_is_read_as_far_as_it_goes(capsys: pytest.CaptureFixture[str]) -> None:
    text, _ = read("Title\n===\n\n* a\nb **c\n\n.. image::\n\n|none|_ `x`_\n")
    assert "Title" in text
    assert "c" in text
    assert capsys.readouterr().err == ""
