"""HTML as Markdown: the text that a reader of the page sees, with its headings, lists, tables and code.

Needs Beautiful Soup and markdownify. Nothing is fetched and nothing is run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bs4 import BeautifulSoup, Comment
from markdownify import ATX, MarkdownConverter

from domain.errors import BadDocument

Pairs = tuple[tuple[str, str], ...]
"""What a page says of itself: names in lower case, and texts."""

_NO_CONTENT = (
    "script, style, noscript, template, iframe, object, svg, form, button, input, select, nav, footer, link, "
    "[hidden], [aria-hidden=true], [role=navigation], [role=search], [role=contentinfo], a.headerlink, a.anchor"
)
"""Elements that are no part of what a page has to say."""

_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_LANGUAGE = re.compile(r"(?:language|lang|highlight-source|highlight)-([\w+#-]+)")
_NO_LANGUAGE = frozenset({"default", "none", "text", "plaintext", "notranslate"})
_MARKUP = re.compile(r"([\\*<`]|(?<!\w)_|_(?!\w))")
_OPENING = re.compile(r"^(\s*)(#{1,6}(?=\s)|[-+>](?=\s)|---|===|\d{1,9}(?=[.)]\s))", re.MULTILINE)
_FENCE = re.compile(r"`{3,}")
_TRAILING = re.compile(r"[ \t]+$", re.MULTILINE)
_GAPS = re.compile(r"\n{3,}")


def read(html: str) -> tuple[str, Pairs]:
    """Return a page's text as Markdown and what its `<meta name=…>` say, its `<title>` where no H1 names it.

    Raises BadDocument when it is nested too deeply.
    """
    soup = BeautifulSoup(html, "html.parser")
    metas = tuple(_metas(soup))
    title = " ".join(soup.title.get_text().split()) if soup.title else ""
    try:
        markdown = _Markdown(heading_style=ATX, bullets="-").convert_soup(_content(soup))
    except RecursionError as error:
        raise BadDocument("Its elements are nested too deeply.", reason="nesting", mend="Simplify it.") from error
    text = _GAPS.sub("\n\n", _trimmed(markdown)).strip()
    named = re.search(r"^# \S", text, re.MULTILINE)
    return (text + "\n" if text else ""), metas if named or not title else (*metas, ("title", title))


def _metas(soup: Any) -> Iterator[tuple[str, str]]:
    """Yield what the page's meta elements say."""
    for meta in soup.find_all("meta"):
        name = str(meta.get("name") or "").strip().casefold()
        if name and name != "title":
            yield name, str(meta.get("content") or "")


def _content(soup: Any) -> Any:
    """Return the element that holds what the page has to say, without what is no part of it."""
    unseen = [*soup.select(_NO_CONTENT), *soup.find_all(style=_UNSEEN)]
    for element in [*unseen, *soup.find_all(string=lambda text: isinstance(text, Comment))]:
        element.extract()
    _renamed(soup)
    mains = soup.select("main, [role=main]") or soup.find_all("article")
    if len(mains) == 1 and mains[0].get_text(strip=True):
        return mains[0]
    for banner in soup.find_all("header"):
        if not banner.find("h1"):
            banner.decompose()
    return soup.body or soup


def _renamed(soup: Any) -> None:
    """Give elements that docutils and Sphinx tell by a class the name that says the same."""
    for literal in soup.select("span.literal, tt"):
        literal.name = "code"
    for lead in soup.select("p.admonition-title"):
        lead.name = "dt"


def _trimmed(markdown: str) -> str:
    """Return Markdown without blanks at the ends of lines, code left as it is."""
    parts = re.split(r"(^[ \t]*(`{3,})[^\n]*\n[\s\S]*?^[ \t]*\2[ \t]*$)", markdown, flags=re.MULTILINE)
    return "".join(
        part if place % 3 == 1 else _TRAILING.sub("", part) for place, part in enumerate(parts) if place % 3 < 2
    )


class _Markdown(MarkdownConverter):
    """CommonMark, escaped only where a text would otherwise turn into markup, so that words stay whole."""

    def escape(self, text: str, parent_tags: set[str]) -> str:
        """Return text that Markdown reads as it stands."""
        escaped = _MARKUP.sub(r"\\\1", text)
        escaped = escaped.replace("|", r"\|") if parent_tags & {"td", "th"} else escaped
        return _OPENING.sub(_guarded, escaped)

    def convert_pre(self, el: Any, text: str, parent_tags: set[str]) -> str:
        """Return a code block in a fence longer than any in it, with its language where a class names it."""
        if not text.strip():
            return ""
        fence = "`" * max(3, 1 + max((len(run) for run in _FENCE.findall(text)), default=0))
        code = text.strip("\n")
        return f"\n\n{fence}{_language(el)}\n{code}\n{fence}\n\n"

    def convert_br(self, el: Any, text: str, parent_tags: set[str]) -> str:
        """Return a line's end, or a blank where Markdown has but one line."""
        return "\n" if "pre" in parent_tags or "_inline" not in parent_tags else " "

    def convert_dt(self, el: Any, text: str, parent_tags: set[str]) -> str:
        """Return a term as a bold lead-in."""
        words = " ".join(text.split())
        return f"\n\n**{words}**\n\n" if words else ""

    def convert_dd(self, el: Any, text: str, parent_tags: set[str]) -> str:
        """Return a term's description as blocks of its own."""
        return f"\n\n{text.strip()}\n\n" if text.strip() else ""

    def convert_img(self, el: Any, text: str, parent_tags: set[str]) -> str:
        """Return what a picture is said to show."""
        return self.escape(" ".join(str(el.get("alt") or "").split()), parent_tags)


def _guarded(found: re.Match[str]) -> str:
    """Return the start of a line that would open a block, so that it does not."""
    blanks, mark = found[1], found[2]
    return f"{blanks}{mark}\\" if mark.isdigit() else f"{blanks}\\{mark}"


def _language(pre: Any) -> str:
    """Return the language that the classes of a code block or of those around it name, or ""."""
    inside = pre.find("code")
    for element in (inside, pre, pre.parent, pre.parent.parent if pre.parent else None):
        classes = [*(element.get("class") or [])] if element is not None else []
        found = next((match[1] for name in classes if (match := _LANGUAGE.fullmatch(name))), "")
        if not found and element is pre and "code" in classes:
            found = next((name for name in classes if name not in ("code", "literal-block")), "")
        if found:
            return "" if found in _NO_LANGUAGE else found
    return ""
