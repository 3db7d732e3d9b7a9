"""Files of several formats as one: Markdown with front matter.

What is stored of a page of HTML or reStructuredText is its text as Markdown, opened by front matter that repeats what
the page says of itself; spans count characters of that. Markdown and plain text are stored as they are written.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import PurePosixPath

from domain.errors import BadDocument
from ingest.frontmatter import body_offset, parse

Pairs = tuple[tuple[str, str], ...]
Convert = Callable[[str], tuple[str, Pairs]]

AS_WRITTEN = frozenset({".md", ".markdown", ".txt"})
PAGES_OF_HTML = frozenset({".html", ".htm", ".xhtml"})
PAGES = {".rst": "rst_pages"} | dict.fromkeys(PAGES_OF_HTML, "html_pages")
"""The module that reads each format; it is loaded with the first page, so that nobody else needs its libraries."""

SUFFIXES = AS_WRITTEN | PAGES.keys()

_OURS = ("title", "date", "reviewed", "last_reviewed", "allow", "service", "services", "tags")


def as_markdown(text: str, path: str) -> str:
    """Return a file's text as it is stored.

    Raises BadDocument when it cannot be understood, says twice who may read it, or its library is not installed.
    """
    module = PAGES.get(PurePosixPath(path).suffix.lower())
    if module is None:
        return text
    parse(text)
    body = body_offset(text)
    markdown, said = _converter(module)(text[body:])
    if body and said:
        if any(name == "allow" for name, _ in said):
            raise BadDocument("It says twice who may read it.", reason="front-matter", mend="Leave one `allow`.")
        return text[:body] + markdown
    return text[:body] + _front_matter(said) + markdown


def _front_matter(said: Pairs) -> str:
    """Return front matter that says the same; texts are quoted, so that none can end it or mean anything else."""
    lines = [f"{name}: {json.dumps(value)}" for name, value in said if name in _OURS]
    return "\n".join(["---", *lines, "---", "", ""]) if lines else ""


def _converter(module: str) -> Convert:
    try:
        convert: Convert = import_module(f"ingest.{module}").read
    except ModuleNotFoundError as error:
        raise BadDocument(
            "The library that reads this format is not installed.",
            reason="no-library",
            mend="Install docutils, beautifulsoup4 and markdownify.",
        ) from error
    return convert
