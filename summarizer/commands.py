"""The commands of a code block: command lines whole, without prompts, comments and sample output."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from summarizer.blocks_of import Block
from summarizer.limits import MAX_FENCE
from summarizer.phrases import is_placeholder
from summarizer.source import Span
from summarizer.tools import PLAIN, QUERY, SHELL, TOOLS

_SYNTAX = re.compile(
    r"(?:for|while|until|if|elif|case|select|do|done|then|else|fi|esac|function|time|set|unset|declare|local"
    r"|return|break|continue|true|false)\b"
    r"|[A-Za-z_]\w*=\S*|[{}()|&;]|\.{0,2}/[\w./-]+|~/|\$\{?\(?\w+|[A-Z][a-z]+-[A-Z]\w+\b"
)
_WORD = re.compile(r"[a-z_][\w.+-]*\Z")
_PROMPT = re.compile(
    r"[ \t]*(?:\([\w.-]+\)[ \t]*)?(?:\[?[\w.-]+@[\w.:~/-]+(?:[ \t]+[\w.~/-]+)?\]?(?::[\w.~/-]*)?[ \t]*|(?:sh"
    r"|bash)-[\d.]+|\[[\w./ ~-]+\][ \t]*|~[ \t]?|[\w-]+:[~/][\w/.-]*)?(?P<mark>[$#%❯➜»])[ \t]+(?=\S)"
    r"|[ \t]*(?:(?:mysql|mongo|mongosh|psql|redis|redis-cli|sqlite|cqlsh|MariaDB(?: \[[^\]]*\])?|[\w.]+:\d+|SQL"
    r"|cqlsh:\w+"
    r"|PS [A-Z]:[^>\n]*|[A-Z]:\\[^>\n]*|irb\([^)]*\)(?::\d+)*)>|\w+[=-][>#*]{1,2})[ \t]+(?=\S)"
    r"|[ \t]*>[ \t]+(?=\S)"
)
_STATEMENT = re.compile(
    r"\s*(?:SELECT|INSERT|UPDATE|DELETE|ALTER|CREATE|DROP|TRUNCATE|VACUUM|ANALYZE|EXPLAIN|SHOW|KILL|SET|GRANT"
    r"|REVOKE|REINDEX|CALL|WITH|FLUSH|STOP|START|OPTIMIZE|CHECKPOINT|RESET|BEGIN|COMMIT|USE|DESCRIBE)\b[^=:]",
    re.IGNORECASE,
)
_PROMQL = re.compile(
    r"\b(?:rate|irate|increase|sum|avg|max|min|count|topk|avg_over_time|max_over_time|sum_over_time"
    r"|histogram_quantile|absent|predict_linear|delta"
    r"|changes)\s*(?:by|without)?\s*\(|\b(?:on|ignoring)\s*\([^)]*\)\s*group_|\{\s*\w+\s*(?:=~|!~|!=|=)\s*\""
)
_OUTPUT = re.compile(
    r"\s*(?:[A-Z][A-Z0-9_()%/-]+(?:\s{2,}|\s+[A-Z]{2,})|\S+(?:[ ]{3,}|\t)\S|\.\.\.|…|\[\.\.\.\]|\d{4}-\d\d-\d\d"
    r"|\[?\d\d:\d\d|[{}\[\]]\s*\Z|\+-|\|[ -]|[-=*]{3,}|/dev/\S+\s+\d|Error\b|error:|level=|I\d{4} |E\d{4} |W\d{4} )"
)
_NO_QUERY = re.compile(r"\s*(?:\+-+|-{3,}[-+|\s]*$|\(\d+ rows?\)|`|(?!--|#|//)[A-Z][a-z]+ (?:\w+[ ,]+){4}.*[.:]\s*$)")
_ARGUMENTS = re.compile(r"\s-{1,2}[A-Za-z]|\s\||\s--\s|\\\\\Z|\s>\s")
_FEW_WORDS = 8
_HEREDOC = re.compile(r"<<-?\s*['\"]?(\w+)['\"]?")


class Line(StrEnum):
    """What a line of a code block is."""

    COMMAND = "command"
    NOTE = "note"
    OUTPUT = "output"
    DOUBT = "doubt"


@dataclass(frozen=True, slots=True)
class Found:
    """The commands of a block; `sure` is false when it could not be told where one ends."""

    spans: tuple[Span, ...]
    sure: bool = True


_NOTHING = Found(())


def commands_in(text: str, fence: Block) -> Found:
    """Return the spans of the commands in a code block, each a run of whole lines; none when it is only output."""
    if fence.end - fence.start > MAX_FENCE or fence.quoted:
        return Found((), sure=False)
    body = text[fence.start : fence.end]
    if not fence.closed:
        body = body[: _end_of_open_fence(body)]
    if fence.info in QUERY or (fence.info in PLAIN | SHELL and _is_query(body)):
        return _query(fence.start, body)
    if fence.info not in SHELL and fence.info not in PLAIN:
        return _NOTHING
    return _session(fence.start, body, known=fence.info in SHELL)


def _end_of_open_fence(body: str) -> int:
    """A fence that was never closed swallows the rest of its document: keep what stands before a blank line."""
    match = re.search(r"\n[ \t]*\r?\n|\n#{1,6} ", body)
    return match.start() if match else len(body)


def _is_query(body: str) -> bool:
    lines = [line for line in body.splitlines() if line.strip()]
    if not lines or _PROMPT.match(lines[0]) or any(_first_word(line) in TOOLS for line in lines):
        return False
    starts = _STATEMENT.match(lines[0]) is not None and lines[0].split()[0].isupper()
    return starts or (_PROMQL.search(body) is not None and not _OUTPUT.match(lines[0]) and "level=" not in body)


def _query(start: int, body: str) -> Found:
    """A query block is one command, unless it is a session with prompts or holds a result."""
    stripped = body.strip()
    if not stripped or is_placeholder(stripped):
        return _NOTHING
    lines = body.splitlines()
    if any(match for match in map(_PROMPT.match, lines) if match and match.group().strip() not in {"#", ">"}):
        return _session(start, body, known=False)
    if any(_NO_QUERY.match(line) for line in lines):
        return Found((), sure=False)
    begin = start + len(body) - len(body.lstrip())
    return Found(((begin, begin + len(stripped)),))


def _session(start: int, body: str, *, known: bool) -> Found:
    """Read a shell block line by line."""
    lines = _lines(start, body)
    prompted = any(_prompt(line) for _, line in lines)
    spans: list[Span] = []
    index, after_output = 0, False
    while index < len(lines):
        offset, line = lines[index]
        kind = _kind(line, prompted=prompted, known=known and not after_output)
        if kind is Line.DOUBT and not after_output:
            return Found((), sure=not known and not spans)
        if kind is not Line.COMMAND:
            after_output = after_output or kind is Line.OUTPUT
            index += 1
            continue
        last = _last_line(lines, index)
        if last is None:
            return Found((), sure=False)
        skip = len(_prompt(line)) or len(line) - len(line.lstrip())
        end_offset, end_line = lines[last]
        spans.append((offset + skip, end_offset + len(end_line.rstrip())))
        index = last + 1
    spans = spans if prompted else _joined(body, start, spans)
    if any(is_placeholder(body[left - start : right - start]) for left, right in spans):
        return Found((), sure=False)
    return Found(tuple(spans))


def _lines(start: int, body: str) -> list[tuple[int, str]]:
    """The lines of a block with the place each begins at."""
    found, position = [], start
    for line in body.splitlines(keepends=True):
        found.append((position, line.rstrip("\r\n")))
        position += len(line)
    return found


def _prompt(line: str) -> str:
    """Return the prompt a line begins with, or "". A `#` or `>` is a prompt only before what looks like a command."""
    match = _PROMPT.match(line)
    if match is None:
        return ""
    if match["mark"] == "#" or match.group().strip() == ">":
        rest = line[match.end() :]
        bare = match.group().strip() in {"#", ">"}
        if bare and not (_is_tool(rest.strip()) and not rest.rstrip().endswith((".", ":"))):
            return ""
    return match.group()


def _first_word(line: str) -> str:
    words = line.split(None, 1)
    return words[0] if words else ""


def _kind(line: str, *, prompted: bool, known: bool) -> Line:
    bare = line.strip()
    if not bare or bare == "$":
        return Line.NOTE
    if prompted:
        return Line.COMMAND if _prompt(line) else Line.OUTPUT
    if bare.startswith(("#", "//", "::")):
        return Line.NOTE
    return _unprompted(bare, known=known)


def _unprompted(line: str, *, known: bool) -> Line:
    """Tell a command from output: a known tool or shell syntax, or in a shell block a plain word with arguments.

    What could be either is in doubt.
    """
    if _is_tool(line):
        return Line.COMMAND
    if _OUTPUT.match(line):
        return Line.OUTPUT
    if _SYNTAX.match(line):
        return Line.COMMAND if known or line.startswith(("./", "/", "~/", "export ")) else Line.DOUBT
    if not _WORD.match(_first_word(line)) or ": " in line or line.endswith((".", ":")):
        return Line.DOUBT
    plausible = _ARGUMENTS.search(line) is not None or (known and len(line.split()) <= _FEW_WORDS)
    return Line.COMMAND if plausible else Line.DOUBT


def _is_tool(line: str) -> bool:
    return _first_word(line) in TOOLS and not re.match(r"\S+[ ]{3,}\S", line) and not line.endswith(":")


def _last_line(lines: list[tuple[int, str]], index: int) -> int | None:
    """Return where the command that begins at a line ends; None when it cannot be told."""
    depth, quote, heredoc = 0, "", ""
    for number in range(index, len(lines)):
        line = lines[number][1]
        if heredoc:
            heredoc = "" if line.strip() == heredoc else heredoc
            if heredoc:
                continue
        else:
            if number > index and re.match(r"[ \t]*>[ \t]", line) and not quote:
                return None
            match = _HEREDOC.search(line)
            heredoc = match[1] if match and not quote else ""
            quote = _open_quote(line, quote)
            depth += _depth(line) if not quote else 0
        if not (heredoc or quote or depth > 0 or line.rstrip().endswith(("\\", "|", "&&", "||", "`"))):
            return number
        if line.rstrip().endswith("`") and not (heredoc or quote or depth > 0) and line.count("`") % 2 == 0:
            return number
    return None


def _open_quote(line: str, quote: str) -> str:
    """Return the quote mark that is still open at the end of a line, or ""."""
    position = 0
    while position < len(line):
        character = line[position]
        if character == "\\" and quote != "'":
            position += 1
        elif quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == "#" and (position == 0 or line[position - 1].isspace()):
            break
        position += 1
    return quote


def _depth(line: str) -> int:
    """How many compound commands a line opens more than it closes."""
    code = line.strip()
    opened = len(
        re.findall(r"(?:^|;\s*|\b(?:do|then|else)\s+)(?:for|while|until|if|case|select)\b", code)
    ) + code.endswith("{")
    closed = len(re.findall(r"(?:^|;\s*|\s)(?:done|fi|esac)\b", code)) + (code == "}" or code.startswith("} "))
    return opened - closed


def _joined(body: str, start: int, spans: list[Span]) -> list[Span]:
    """Join commands that stand on adjoining lines into one."""
    joined: list[Span] = []
    for span in spans:
        if joined and body[joined[-1][1] - start : span[0] - start] in {"\n", "\r\n"}:
            joined[-1] = (joined[-1][0], span[1])
        else:
            joined.append(span)
    return joined
