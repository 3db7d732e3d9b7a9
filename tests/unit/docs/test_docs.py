"""What the documentation names is there: links, files, commands, settings, tables, figures."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import BaseModel

from tests.unit.docs.settings_page import LIES_IDLE, PAGE, page, sections
from worker.cli.main import app
from worker.secret_files import names_of
from worker.settings import Settings
from worker.store.tables_access import metadata
from worker.telemetry import Metrics

ROOT = Path(__file__).parents[3]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```\w*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
COMMAND = re.compile(r"(?:^|\$ |&& )(middlewatch(?: .*)?)$", re.MULTILINE)
ROOM = r"(?:domain|ingest|retrieval|summarizer|golden_queries|worker|tests|docs|samples|deploy|benchmarks)"
NAMED_FILE = re.compile(rf"^{ROOM}/[\w./-]*\w$")
SETTING = re.compile(r"\[{1,2}(\w+(?:\.\w+)?)\]{1,2} (\w+)")
DOTTED = re.compile(r"^(\w+)\.(\w+)$")
VARIABLE = re.compile(r"MIDDLEWATCH_[A-Z0-9_]*[A-Z0-9]")
BESIDE_THE_SETTINGS = {"MIDDLEWATCH_CONFIG", "MIDDLEWATCH_TEST_SHARED", "MIDDLEWATCH_TEST_PROFILE"}
YOURS = {"deploy/.env", "deploy/my.toml"}
"""Files that the documentation tells the reader to write."""


def _tracked() -> list[Path]:
    """Return every file of the project, as git knows them, with those not yet added."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    found = subprocess.run(command, capture_output=True, check=False)
    if found.returncode:
        pytest.skip("this is not a git checkout, so the project's own files are not known")
    names = (ROOT / name for name in found.stdout.decode().split("\0") if name)
    return [path for path in names if path.is_file()]


PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        ROOT / "samples" / "README.md",
        *ROOT.glob("golden_queries/*.md"),
    ]
)
"""What is written for readers of the project; the samples' own documents speak of an invented company."""

each_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())


def _code(text: str) -> Iterator[str]:
    """Return what stands in fences and between backticks."""
    for fence, span in CODE.findall(text):
        yield fence or span


def _anchors(text: str) -> set[str]:
    """Return the anchors that GitHub gives a page's headings."""
    titles = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@each_page
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    lost = []
    for target in LINK.findall(re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
        file, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        there = path if not file else path.parent / file
        if not there.exists() or (anchor and anchor not in _anchors(there.read_text(encoding="utf-8"))):
            lost.append(target)
    assert lost == []


@each_page
def test_every_file_that_is_named_is_there(path: Path) -> None:
    named = {span for span in _code(path.read_text(encoding="utf-8")) if NAMED_FILE.match(span)} - YOURS
    near = (ROOT, path.parent)
    assert [name for name in sorted(named) if not any((base / name).exists() for base in near)] == []


def _faults_of(line: str) -> str:
    """Return what the command line does not know of a command, "" where it knows all of it."""
    words = shlex.split(line.split("#")[0].replace("…", ""))[1:]
    at: Any = typer.main.get_command(app)
    while words and hasattr(at, "commands"):
        word = words.pop(0)
        if word not in at.commands:
            return f"no command {word!r}"
        at = at.commands[word]
    known = (
        {name for parameter in at.params for name in parameter.opts} | {"--help"} if hasattr(at, "params") else set()
    )
    unknown = [word for word in words if word.startswith("-") and word.split("=")[0] not in known]
    return f"no option {', '.join(unknown)}" if unknown else ""


@each_page
def test_every_command_that_is_named_exists_with_its_options(path: Path) -> None:
    lines = [line for code in _code(path.read_text(encoding="utf-8")) for line in COMMAND.findall(code)]
    assert {line: fault for line in lines if (fault := _faults_of(line))} == {}


def test_the_check_of_commands_can_fail() -> None:
    assert _faults_of("middlewatch ingest --full") == ""
    assert _faults_of("middlewatch golden frobnicate") == "no command 'frobnicate'"
    assert _faults_of("middlewatch up --fast") == "no option --fast"


def test_every_command_stands_on_its_page() -> None:
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    missing = [name for name in _commands(typer.main.get_command(app)) if f"middlewatch {name}" not in text]
    assert missing == []


def _commands(group: Any, before: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{before}{name} ")
        else:
            yield before + name


@each_page
def test_every_make_target_that_is_named_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    text = "\n".join(_code(path.read_text(encoding="utf-8")))
    assert set(re.findall(r"(?:^|`|&& )make ([a-z-]+)", text, re.MULTILINE)) <= targets


def _model(section: str) -> type[BaseModel] | None:
    """Return the table of the settings that a section names, such as `slack` or `intake.grafana`."""
    first, _, second = section.partition(".")
    model = next((model for name, _, model in sections() if name == first), None)
    if model is None or not second:
        return model
    field = model.model_fields.get(second)
    inner = field.annotation if field else None
    return inner if isinstance(inner, type) and issubclass(inner, BaseModel) else None


@each_page
def test_every_setting_that_is_named_exists(path: Path) -> None:
    unknown = []
    for span in _code(path.read_text(encoding="utf-8")):
        for section, key in SETTING.findall(span) if "\n" not in span else ():
            model = _model(section)
            if model is None or key not in model.model_fields:
                unknown.append(span)
        dotted = DOTTED.match(span)
        if dotted and (model := _model(dotted[1])) and dotted[2] not in model.model_fields:
            unknown.append(span)
    assert unknown == []


def test_every_setting_that_a_message_of_the_program_names_exists() -> None:
    unknown = []
    for path in sorted((ROOT / "worker").rglob("*.py")) + sorted((ROOT / "retrieval").rglob("*.py")):
        for section, key in SETTING.findall(path.read_text(encoding="utf-8")):
            model = _model(section)
            if model is not None and key not in model.model_fields and key != "table":
                unknown.append(f"{path.name}: [{section}] {key}")
    assert unknown == []


def _variables(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        full = prefix + name.upper()
        yield full
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _variables(field.annotation, f"{full}__")


def test_every_variable_of_the_environment_that_is_named_is_read() -> None:
    files = {name for name, _ in names_of(Settings, "MIDDLEWATCH_")}
    known = {*_variables(Settings, "MIDDLEWATCH_"), *BESIDE_THE_SETTINGS, *files}
    unknown = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in _tracked()
        if path.suffix in {".md", ".yml", ".toml", ".example", ".py", ""} and "tests" not in path.parts
        for name in VARIABLE.findall(path.read_text(encoding="utf-8", errors="replace"))
        if name not in known
    }
    assert unknown == set()


def test_the_settings_page_is_what_the_code_reads() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: python -m tests.unit.docs.settings_page"


def test_what_is_said_to_have_no_effect_is_used_nowhere() -> None:
    code = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "worker").rglob("*.py") if path.name not in {"settings.py"}
    )
    used = {(section, key) for section, key in LIES_IDLE if re.search(rf"\b(?:{section}|settings)\.{key}\b", code)}
    assert used == set(), "it has an effect now: take it out of LIES_IDLE"


def test_the_page_on_the_architecture_names_every_table_and_no_other() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    state = text.split("## State")[1].split("Beside it")[0]
    named = {name for row in re.findall(r"^\| (`.+?) \|", state, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    assert named == set(metadata.tables), "tell what it holds under State in docs/architecture.md"


@each_page
def test_every_metric_that_is_named_is_declared(path: Path) -> None:
    named = set(re.findall(r"\bmiddlewatch_[a-z_0-9]+", path.read_text(encoding="utf-8")))
    assert named <= Metrics().names


def test_every_figure_in_the_readme_stands_in_the_result_it_names() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if "benchmarks/results/" in line]
    for row in rows:
        (file,) = re.findall(r"benchmarks/results/\w+\.md", row)
        result = (ROOT / file).read_text(encoding="utf-8")
        figures = re.findall(r"\b\d+\.\d+\b|\b\d{2,}\b", row.split("`")[0])
        assert figures
        assert [figure for figure in figures if not re.search(rf"(?<![\d.]){re.escape(figure)}(?![\d.])", result)] == []


def test_what_the_readme_quotes_stands_in_the_samples() -> None:
    (message,) = re.findall(r"```text\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    pages = (ROOT / "samples").rglob("*.md")
    said = " ".join(" ".join(page.read_text(encoding="utf-8").split()) for page in pages)
    quotes = re.findall(
        r"^(?:[A-Z][\w ]+: |- \w+: |\d\. (?:DESTRUCTIVE: )?| {4})(.+?)(?: …)?(?: \[\d\])?$", message, re.MULTILINE
    )
    quotes = [quote for quote in quotes if quote != "12.4% of card authorisations end in an error"]  # the alert's words
    assert len(quotes) >= 8
    assert [quote for quote in quotes if re.sub(r" \(\d{4}-\d\d-\d\d\)$", "", quote) not in said] == []


def test_the_readme_stays_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


MACHINE = re.compile(r"(?<![\w./$~-])/(?:" + "work|root|home/" + r"\w+)(?:/|\b(?=[\"'`\s)]))")
TEMPORARY = re.compile(r"(?<![\w.])/tmp/" + r"\w")
ELSEWHERE = re.compile("DESIGN" + r" §|DESIGN" + r"\.md|STYLE" + r"\.md")


def test_no_file_names_this_machine_or_papers_that_are_not_in_the_project() -> None:
    found = []
    for path in _tracked():
        name = path.relative_to(ROOT).as_posix()
        if path.suffix in {".png", ".lock"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        patterns = [MACHINE, ELSEWHERE]
        if not name.startswith(("tests/", "samples/runbooks/")):  # their commands are text, never run
            patterns.append(TEMPORARY)
        found += [f"{name}: {match.group()}" for pattern in patterns for match in pattern.finditer(text)]
    assert found == []


def test_the_check_of_paths_can_fail() -> None:
    assert MACHINE.search('open("/' + 'work/main")')
    assert MACHINE.search("cd /" + "root/x")
    assert MACHINE.search("mysql://root@localhost/x") is None
    assert MACHINE.search("docs/work/plan") is None
    assert ELSEWHERE.search("see DESIGN" + " §7")
