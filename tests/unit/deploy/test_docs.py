"""The pages about deploying and connecting name only what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "docs" / f"{name}.md" for name in ("connect-alertmanager", "connect-grafana-pagerduty", "deploy")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_files_that_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"\b(?:samples|deploy|tests)/[\w./-]*\w", text)) - {"deploy/.env", "deploy/my.toml"}
    assert named
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []
    for link in re.findall(r"\]\(([\w.-]+\.md)\)", text):
        assert (page.parent / link).is_file()


def test_the_receiver_is_yaml_and_says_what_must_be_said() -> None:
    text = PAGES[0].read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    content = yaml.safe_load(block)
    (route,) = content["route"]["routes"]
    (webhook,) = content["receivers"][0]["webhook_configs"]
    assert route["receiver"] == content["receivers"][0]["name"]
    assert route["continue"] is True
    assert webhook["send_resolved"] is True
    assert webhook["http_config"]["authorization"]["type"] == "Bearer"


def test_the_deploy_page_says_that_no_engine_was_at_hand() -> None:
    assert "No container engine and no Qdrant server were at hand" in PAGES[2].read_text(encoding="utf-8")
