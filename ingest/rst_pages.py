"""reStructuredText as Markdown: through docutils to HTML, and from there as any page.

Needs docutils. Nothing is included from other files, no raw HTML passes, and no configuration file is looked for.
"""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Iterator
from typing import Any

from docutils import nodes
from docutils.core import publish_doctree, publish_from_doctree
from docutils.parsers.rst import Directive, directives, roles
from docutils.parsers.rst.directives.body import CodeBlock
from docutils.utils import SystemMessage

from domain.errors import BadDocument
from ingest import html_pages
from ingest.html_pages import Pairs

_SETTINGS = {
    "_disable_config": True,
    "embed_stylesheet": False,
    "file_insertion_enabled": False,
    "halt_level": 5,
    "line_length_limit": 1_000_000,
    "math_output": "LaTeX",
    "raw_enabled": False,
    "report_level": 3,
    "stylesheet_path": "",
    "syntax_highlight": "none",
    "toc_backlinks": False,
    "section_self_link": False,
}
_ROLES = (
    "abbr any command confval doc download envvar file guilabel kbd menuselection numref option program ref samp term"
)
_BLOCKS = "deprecated only seealso tab tab-item tab-set tabs versionadded versionchanged"
_NO_BLOCKS = "toctree index currentmodule contents highlight include raw"
_CODE = "code code-block sourcecode console prompt"
_LOOKS = ("caption", "dedent", "emphasize-lines", "lineno-start", "modifiers", "prompts")
_OPTIONS = re.compile(r"\A(?:[ \t]+:[\w-]+:.*\n?)+")
_FAILURES = (SystemMessage, ValueError, LookupError, AttributeError, TypeError, RecursionError, NotImplementedError)
"""What docutils is known to raise on broken pages."""


def read(text: str) -> tuple[str, Pairs]:
    """Return a page as Markdown and what its field list says.

    Any field `allow` counts, wherever it stands: it can only narrow who reads. Raises BadDocument when it cannot be
    understood.
    """
    try:
        tree = publish_doctree(text, settings_overrides=_SETTINGS | {"warning_stream": io.StringIO()})
        pairs = tuple(_taken(tree))
        _mend(tree)
        html = publish_from_doctree(tree, writer="html5", settings_overrides=_SETTINGS | {"output_encoding": "unicode"})
    except _FAILURES as error:
        raise BadDocument("It is no reStructuredText that can be read.", reason="markup", mend="Mend it.") from error
    markdown, _ = html_pages.read(str(html))
    return markdown, pairs


def _taken(tree: Any) -> Iterator[tuple[str, str]]:
    """Yield what the page says of itself and take it out of the tree."""
    for meta in list(tree.findall(nodes.meta)):
        yield str(meta.get("name") or "").strip().casefold(), str(meta.get("content") or "")
    for info in list(tree.findall(nodes.docinfo)):
        yield from (_field(each) for each in info.children)
        info.parent.remove(info)
    for field in list(tree.findall(nodes.field)):
        name, value = _field(field)
        if name == "allow":
            yield name, value
            field.parent.remove(field)


def _field(node: Any) -> tuple[str, str]:
    """Return a field's name and text; a bibliographic one is named by its element."""
    if isinstance(node, nodes.field):
        return str(node[0].astext()).strip().casefold(), str(node[1].astext())
    return str(node.tagname), str(node.astext())


def _mend(tree: Any) -> None:
    """Keep what docutils did not understand: the text of a role, and what a directive holds, as it is written."""
    for section in [each for each in tree.findall(nodes.section) if "system-messages" in each["classes"]]:
        section.parent.remove(section)
    for message in list(tree.findall(nodes.system_message)):
        held = [_held(each.astext()) for each in message.children if isinstance(each, nodes.literal_block)]
        message.parent.replace(message, [nodes.literal_block(text, text) for text in held if text])
    for problem in list(tree.findall(nodes.problematic)):
        problem.parent.replace(problem, nodes.Text(problem.astext()))


def _held(directive: str) -> str:
    """Return what stands under a directive's first line and its options."""
    _, _, below = directive.partition("\n")
    return textwrap.dedent(_OPTIONS.sub("", below)).strip("\n")


class _Code(CodeBlock):  # type: ignore[misc] # the library is not looked into by the type checker
    """A block of code with the options that Sphinx adds; they change how it looks, not what it says."""

    option_spec = {
        **(CodeBlock.option_spec or {}),
        **dict.fromkeys(_LOOKS, directives.unchanged),
        **dict.fromkeys(("linenos", "force"), directives.flag),
    }

    def run(self) -> list[Any]:
        """Return the nodes that stand for it."""
        self.options.pop("number-lines", None)
        found: list[Any] = super().run()
        return found


class _Block(Directive):  # type: ignore[misc] # the library is not looked into by the type checker
    """A directive of Sphinx: its argument as a bold lead-in, then what it holds."""

    optional_arguments = 100
    has_content = True
    option_spec = None

    def run(self) -> list[Any]:
        """Return the nodes that stand for it."""
        lead = nodes.paragraph("", "", nodes.strong(text=" ".join(self.arguments))) if self.arguments else None
        body = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, body)
        return [*([lead] if lead else []), *body.children]


class _NoBlock(_Block):
    """A directive of Sphinx that shows nothing of the page itself."""

    def run(self) -> list[Any]:
        """Return nothing."""
        return []


def _label(*given: Any) -> tuple[list[Any], list[Any]]:
    """Return the words of a role of Sphinx: `title <target>` is its title."""
    words = str(given[2]).rpartition("<")[0].strip() or str(given[2])
    return [nodes.inline(text=words)], []


for _name in _ROLES.split():
    roles.register_local_role(_name, _label)
for _name in _CODE.split():
    directives.register_directive(_name, _Code)
for _name in _BLOCKS.split():
    directives.register_directive(_name, _Block)
for _name in _NO_BLOCKS.split():
    directives.register_directive(_name, _NoBlock)
