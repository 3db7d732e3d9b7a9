"""The documented limits of Block Kit, as a check that names the first fault by JSON pointer.

https://docs.slack.dev/reference/block-kit (blocks, rich text, composition objects). It knows the blocks that
messages use here; any other type is refused, so that a new one is added with its limits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

Fault = str
_URL = re.compile(r"https?://[^\s<>|]+")
_MRKDWN_MARKUP = re.compile(r"<(?!https?://[^<>|\s]+\|[^<>|]*>)[^>]*>?")


def faults(blocks: Any) -> tuple[Fault, ...]:
    """Return every fault as "/pointer: what is wrong"; none means Slack would take the blocks."""
    if not isinstance(blocks, list):
        return (": must be a list",)
    found = [] if len(blocks) <= 50 else [": more than 50 blocks"]
    for position, block in enumerate(blocks):
        found += _block(block, f"/{position}")
    return tuple(found)


def mrkdwn_texts(blocks: Any) -> Iterator[str]:
    """Yield every text that Slack would parse for markup."""
    if isinstance(blocks, dict):
        if blocks.get("type") == "mrkdwn":
            yield blocks["text"]
        for value in blocks.values():
            yield from mrkdwn_texts(value)
    elif isinstance(blocks, list | tuple):
        for value in blocks:
            yield from mrkdwn_texts(value)


def foreign_markup(text: str) -> list[str]:
    """Return what Slack would act on in an mrkdwn text, our own <https://…|label> links excepted."""
    return _MRKDWN_MARKUP.findall(text)


def _block(block: Any, at: str) -> list[Fault]:
    check = _BLOCKS.get(block.get("type", "")) if isinstance(block, dict) else None
    if check is None:
        return [f"{at}/type: unknown block"]
    return _keys(block, at, _BLOCK_KEYS[block["type"]]) + check(block, at)


def _keys(value: dict[str, Any], at: str, allowed: str) -> list[Fault]:
    return [f"{at}/{key}: unknown field" for key in value if key not in {"type", "block_id", *allowed.split()}]


def _text(value: Any, at: str, most: int, types: tuple[str, ...] = ("plain_text", "mrkdwn")) -> list[Fault]:
    if not isinstance(value, dict) or value.get("type") not in types:
        return [f"{at}: must be one of {types}"]
    found = _keys(value, at, "text emoji" if value["type"] == "plain_text" else "text verbatim")
    return found + _words(value.get("text"), f"{at}/text", most)


def _words(value: Any, at: str, most: int) -> list[Fault]:
    if not isinstance(value, str) or not value:
        return [f"{at}: must be text that is not empty"]
    return [f"{at}: longer than {most}"] if len(value) > most else []


def _header(block: dict[str, Any], at: str) -> list[Fault]:
    return _text(block.get("text"), f"{at}/text", 150, ("plain_text",))


def _section(block: dict[str, Any], at: str) -> list[Fault]:
    fields = block.get("fields", [])
    found = [] if len(fields) <= 10 else [f"{at}/fields: more than 10"]
    found += [fault for n, field in enumerate(fields) for fault in _text(field, f"{at}/fields/{n}", 2_000)]
    if "text" not in block:
        return found if fields else [f"{at}: needs text or fields"]
    return found + _text(block["text"], f"{at}/text", 3_000)


def _context(block: dict[str, Any], at: str) -> list[Fault]:
    elements = block.get("elements", [])
    found = [] if 1 <= len(elements) <= 10 else [f"{at}/elements: must be 1 to 10"]
    return found + [fault for n, item in enumerate(elements) for fault in _text(item, f"{at}/elements/{n}", 2_000)]


def _divider(block: dict[str, Any], at: str) -> list[Fault]:
    return []


def _actions(block: dict[str, Any], at: str) -> list[Fault]:
    elements = block.get("elements", [])
    found = [] if 1 <= len(elements) <= 25 else [f"{at}/elements: must be 1 to 25"]
    for n, button in enumerate(elements):
        if button.get("type") != "button":
            found.append(f"{at}/elements/{n}/type: unknown element")
            continue
        found += _text(button.get("text"), f"{at}/elements/{n}/text", 75, ("plain_text",))
        found += [f"{at}/elements/{n}/{key}: too long" for key, most in _BUTTON if len(button.get(key, "")) > most]
    return found


_BUTTON = (("url", 3_000), ("value", 2_000), ("action_id", 255))


def _rich_text(block: dict[str, Any], at: str) -> list[Fault]:
    elements = block.get("elements", [])
    found = [] if elements else [f"{at}/elements: must not be empty"]
    for n, element in enumerate(elements):
        found += _rich_element(element, f"{at}/elements/{n}")
    return found


def _rich_element(element: dict[str, Any], at: str) -> list[Fault]:
    kind = element.get("type", "")
    if kind not in _RICH_KEYS:
        return [f"{at}/type: unknown rich text element"]
    found = _keys(element, at, _RICH_KEYS[kind])
    if kind == "rich_text_list":
        return found + _rich_list(element, at)
    parts = element.get("elements", [])
    found += [] if parts else [f"{at}/elements: must not be empty"]
    return found + [fault for n, part in enumerate(parts) for fault in _rich_part(part, f"{at}/elements/{n}")]


def _rich_list(element: dict[str, Any], at: str) -> list[Fault]:
    found = [] if element.get("style") in {"bullet", "ordered"} else [f"{at}/style: must be bullet or ordered"]
    if not isinstance(element.get("offset", 0), int) or element.get("offset", 0) < 0:
        found.append(f"{at}/offset: must be a number from 0")
    items = element.get("elements", [])
    found += [] if items else [f"{at}/elements: must not be empty"]
    for n, item in enumerate(items):
        kind = item.get("type")
        found += (
            _rich_element(item, f"{at}/elements/{n}")
            if kind == "rich_text_section"
            else [f"{at}/elements/{n}: must be a section"]
        )
    return found


def _rich_part(part: dict[str, Any], at: str) -> list[Fault]:
    if part.get("type") not in {"text", "link"}:
        return [f"{at}/type: unknown part"]
    found = _keys(part, at, "text style" if part["type"] == "text" else "text url style")
    found += _words(part.get("text"), f"{at}/text", 12_000)
    found += [f"{at}/style: unknown" for name in part.get("style", {}) if name not in _STYLES]
    if part["type"] == "link" and (not _URL.fullmatch(part.get("url", "")) or len(part["url"]) > 3_000):
        found.append(f"{at}/url: not a link")
    return found


_STYLES = {"bold", "italic", "strike", "code"}
_RICH_KEYS = {
    "rich_text_section": "elements",
    "rich_text_preformatted": "elements border language",
    "rich_text_quote": "elements border",
    "rich_text_list": "elements style indent offset border",
}
_BLOCK_KEYS = {
    "header": "text",
    "section": "text fields accessory expand",
    "context": "elements",
    "divider": "",
    "actions": "elements",
    "rich_text": "elements",
}
_BLOCKS: dict[str, Callable[[dict[str, Any], str], list[Fault]]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "divider": _divider,
    "actions": _actions,
    "rich_text": _rich_text,
}
