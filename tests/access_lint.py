"""Faults in how the source reads documents: filters that are built elsewhere, audiences that may be nobody's.

It reads the syntax tree and nothing else, so it sees what a type checker may be told to overlook.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ("domain", "ingest", "retrieval", "summarizer", "worker", "golden_queries", "samples", "benchmarks")
FILTERS = "retrieval/access_filter.py"
"""The one file that may name the engines' filter classes."""

MAKERS = frozenset({"read_filter"})
"""What turns an audience into a filter; a read takes its filter from there."""

ENGINES = ("qdrant_client", "qdrant_edge")
_FILTER_WORDS = ("Filter", "FieldCondition", "Match", "HasId", "HasVector", "IsEmpty", "IsNull", "MinShould", "Nested")
_FILTERED = {"QueryRequest": "filter", "ScrollRequest": "filter", "scroll": "scroll_filter", "Prefetch": "filter"}
"""Reads of the engines, and the argument that each must be given a filter in."""

_UNFILTERED = frozenset(
    {"retrieve", "recommend", "discover", "facet", "query_points", "query_points_groups", "search", "search_batch",
     "search_groups", "search_matrix_pairs", "search_matrix_offsets", "count", "CountRequest", "FacetRequest",
     "SearchRequest"}
)  # fmt: skip
"""Other reads of the engines: nobody needs them, and each is a way round."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not to be: in which file, in which line, what."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


def faults_of(sources: Mapping[str, str]) -> list[Fault]:
    """Return the faults in source files, which are given by their path from the root of the project."""
    trees = {file: ast.parse(text) for file, text in sources.items()}
    reads = _reads([node for tree in trees.values() for node in ast.walk(tree)])
    found = []
    for file, tree in trees.items():
        found += [Fault(file, line, what) for line, what in sorted(_in_tree(file, tree, reads))]
    return found


def sources(root: Path) -> dict[str, str]:
    """Return every source file of the project that is not a test, by its path from the root."""
    files = [path for package in PACKAGES for path in sorted((root / package).rglob("*.py"))]
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in files}


def _in_tree(file: str, tree: ast.AST, reads: Mapping[str, int]) -> Iterator[tuple[int, str]]:
    nodes = list(ast.walk(tree))
    if file != FILTERS:
        yield from _filters(nodes)
    yield from _unfiltered(tree, nodes)
    yield from _nobodies(nodes)
    for node in nodes:
        if isinstance(node, ast.Call):
            yield from _given_nobody(node, reads)


def _filters(nodes: list[ast.AST]) -> Iterator[tuple[int, str]]:
    engines = _engine_names(nodes)
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(ENGINES):
            for alias in node.names:
                if alias.name.startswith(_FILTER_WORDS) or alias.name == "*":
                    yield node.lineno, f"imports the filter class {alias.name}; only {FILTERS} may"
        if isinstance(node, ast.Attribute) and node.attr.startswith(_FILTER_WORDS) and _root(node) in engines:
            yield node.lineno, f"names the filter class {node.attr}; only {FILTERS} may"
        taken = isinstance(node, ast.Call) and _name(node.func) == "getattr" and node.args
        if taken and _root(node.args[0]) in engines:
            yield node.lineno, "takes a class of the engine by a name that cannot be read here"


def _engine_names(nodes: list[ast.AST]) -> frozenset[str]:
    """Return the names that modules of the engines go by in a file."""
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {(a.asname or a.name).split(".")[0] for a in node.names if a.name.startswith(ENGINES)}
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(ENGINES):
            names |= {alias.asname or alias.name for alias in node.names}
    return frozenset(names)


def _unfiltered(tree: ast.AST, nodes: list[ast.AST]) -> Iterator[tuple[int, str]]:
    """Find reads of the engines without a filter that was made for an audience."""
    if not _engine_names(nodes):
        return
    for function in (node for node in nodes if isinstance(node, ast.FunctionDef)):
        given = _made(function)
        for node in ast.walk(function):
            if not isinstance(node, ast.Call):
                continue
            name = _name(node.func)
            if name in _UNFILTERED and not _on_self(node.func):
                yield node.lineno, f"reads by {name}, which goes round the filter"
            if name in _FILTERED:
                value = next((word.value for word in node.keywords if word.arg == _FILTERED[name]), None)
                positional = name == "scroll" and len(node.args) == 1 and not node.keywords
                if not positional and not (isinstance(value, ast.Name) and value.id in given):
                    yield node.lineno, f"{name} without a filter that read_filter made"


def _made(function: ast.FunctionDef) -> frozenset[str]:
    """Return the names in a function that hold a filter made for an audience: assigned so, or handed in as one."""
    made = {argument.arg for argument in function.args.args if argument.arg == "allowed"}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _name(node.value.func) in MAKERS:
            made |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    for node in ast.walk(function):  # what is assigned anything else is not one
        if isinstance(node, ast.Assign) and not (isinstance(node.value, ast.Call) and _name(node.value.func) in MAKERS):
            made -= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return frozenset(made)


def _on_self(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "self"


def _nobodies(nodes: list[ast.AST]) -> Iterator[tuple[int, str]]:
    """Find audiences that may be None, or that have a default."""
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            yield from _optional_arguments(node)
        if isinstance(node, ast.AnnAssign) and _optional_audience(node.annotation):
            yield node.lineno, "an audience that may be None"
        if isinstance(node, ast.FunctionDef) and node.returns and _optional_audience(node.returns):
            yield node.lineno, f"{node.name} may return no audience; return Audience.nobody()"
        if isinstance(node, ast.Assign) and _is_none(node.value):
            for target in node.targets:
                if _name(target) == "audience":
                    yield node.lineno, "an audience that is None"


def _optional_arguments(function: ast.FunctionDef | ast.Lambda) -> Iterator[tuple[int, str]]:
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    pairs = [*zip(positional, defaults, strict=True), *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    for argument, default in pairs:
        annotation = argument.annotation
        if annotation is not None and _optional_audience(annotation):
            yield argument.lineno, f"{argument.arg}: an audience that may be None"
        is_audience = argument.arg == "audience" or (annotation is not None and _plain_audience(annotation))
        if is_audience and default is not None:
            yield argument.lineno, f"{argument.arg}: an audience with a default"


def _plain_audience(annotation: ast.expr) -> bool:
    return ast.unparse(annotation).strip("'\"") == "Audience"


def _optional_audience(annotation: ast.expr) -> bool:
    text = ast.unparse(annotation).strip("'\"")
    return text in {"Audience | None", "None | Audience", "Optional[Audience]", "typing.Optional[Audience]"}


def _reads(nodes: list[ast.AST]) -> dict[str, int]:
    """Return each function that takes an audience, by name, with the audience's place among what a caller gives."""
    places: dict[str, int] = {"Scope": 0, "Truth": 2}
    for node in nodes:
        if isinstance(node, ast.FunctionDef):
            names = [a for a in (*node.args.posonlyargs, *node.args.args) if a.arg not in {"self", "cls"}]
            for place, argument in enumerate(names):
                if argument.annotation is not None and _plain_audience(argument.annotation):
                    places[node.name] = place
    return places


def _given_nobody(call: ast.Call, reads: Mapping[str, int]) -> Iterator[tuple[int, str]]:
    name = _name(call.func)
    if any(word.arg == "audience" and _is_none(word.value) for word in call.keywords):
        yield call.lineno, f"{name} is given None as its audience"
    place = reads.get(name, -1)
    if 0 <= place < len(call.args) and _is_none(call.args[place]):
        yield call.lineno, f"{name} is given None as its audience"
    if name == "cast" and call.args and _plain_audience(call.args[0]):
        yield call.lineno, "casts something to an audience"


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _name(node: ast.AST) -> str:
    """Return the last name of an expression, "" where it has none."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
