"""The prompts as code: each file says what it is, is short, does not contradict itself, and each rule has its test."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest

from domain.summary import Section
from summarizer import guard, merge, wording
from summarizer.draft import Draft
from summarizer.packing import estimate
from summarizer.prompt import VERSION, Limits, render, template
from tests.evidence import evidence, incident

ROOT = Path(__file__).resolve().parents[3]
PROMPTS = sorted((ROOT / "summarizer" / "prompts").glob("*.md"))
NEWEST = (ROOT / "summarizer" / "prompts" / f"{VERSION}.md").read_text(encoding="utf-8")
MOST_TOKENS = 480
TAGGED = re.compile(r"^- (?P<rule>.+?) \{# (?P<test>test_\w+) #\}$", re.MULTILINE)
RULES = re.findall(r"^- .+$", NEWEST.partition("# system")[2], re.MULTILINE)


@pytest.mark.parametrize("path", PROMPTS, ids=lambda path: path.stem)
def test_a_file_says_its_version_purpose_schema_and_what_changed(path: Path) -> None:
    form = template(path.stem)
    assert form.version == path.stem
    assert form.purpose
    assert form.schema == f"{Draft.__module__}.{Draft.__qualname__}"
    assert form.changelog[0].startswith(f"{path.stem.rpartition('.')[2]}:")
    assert "{#" not in form.system + form.user


def test_the_instructions_keep_to_their_budget() -> None:
    assert estimate(template().system) <= MOST_TOKENS


def test_every_instruction_names_a_test_that_needs_it() -> None:
    known = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        known |= set(re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE))
    assert len(RULES) >= 8
    for rule in RULES:
        found = TAGGED.match(rule)
        assert found is not None, rule
        assert found["test"] in known, rule


def test_no_two_instructions_contradict_each_other() -> None:
    rules = [TAGGED.match(rule)["rule"] for rule in RULES]  # type: ignore[index]
    for one, other in combinations(rules, 2):
        shared = wording.containment(wording.content(one), wording.content(other))
        assert shared < 0.6 or not wording.contradicts(one, other), (one, other)


def test_what_the_instructions_allow_is_within_what_code_lets_through() -> None:
    system = template().system
    asked = {name: int(most) for name, most in re.findall(r"`(\w+)` \([^)]*at most (\d+)\)", system)}
    assert set(asked) == {section.value for section in Section}
    assert all(most <= merge._MOST[Section(name)] for name, most in asked.items())
    assert int(re.findall(r"at most (\d+) characters", system)[0]) <= guard.MAX_TEXT


SNAPSHOT = """[[3f9c1a7be02d4856 incident]]
| alert: OrdersVolumeFilling
| service: orders-db
| severity: critical
| summary: The volume of orders-db-0 is 91 % full
[[3f9c1a7be02d4856 end]]

[[3f9c1a7be02d4856 passage 1 runbook]]
| OrdersVolumeFilling › Meaning
| ---
| ## Meaning
|\x20
| The volume of `orders-db` is over 85 % full and will be full within four hours.
[[3f9c1a7be02d4856 end]]

[[3f9c1a7be02d4856 passage 2 runbook]]
| OrdersVolumeFilling › Impact
| ---
| ## Impact
|\x20
| Nothing yet. When the volume is full, PostgreSQL stops and nobody can place an order.
[[3f9c1a7be02d4856 end]]
"""


def test_the_rendered_data_is_what_it_was() -> None:
    prompt = render(incident(), evidence(), "3f9c1a7be02d4856", Limits(6000, local=True), lambda text: text)
    assert prompt is not None
    assert prompt.user.startswith(SNAPSHOT)
    assert prompt.user.endswith(
        "End of the data. Now write the claims about this incident as JSON, by the rules you were given."
    )
    assert prompt.system.startswith("You write for an on-call engineer woken by an alert.")
    assert prompt.version == VERSION


def test_every_line_of_data_is_marked_and_no_line_of_ours_is() -> None:
    prompt = render(incident(), evidence(), "3f9c1a7be02d4856", Limits(6000, local=True), lambda text: text)
    assert prompt is not None
    ours = [line for line in prompt.user.splitlines() if not line.startswith("| ")]
    assert all(
        not line or line.startswith("[[3f9c1a7be02d4856 ") or line.startswith("End of the data") for line in ours
    )
    assert not re.search(r"^\| ", prompt.system, re.MULTILINE)
