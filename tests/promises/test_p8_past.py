"""P8, "last time": over the public corpus a wrong incident is shown in at most 5 % of the cases that say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scale import scaled
from worker.settings import with_environment

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "data" / "past_corpus.yaml"
COMMAND = (sys.executable, "-m", "worker.cli.main")
REGISTRIES = ["rust-lang/*", "pypi/*", "nodejs/*", "eslint/*", "homebrew/*"]
OTHERS = ["berkeley-datahub/*", "python-discord/*", "etcd/*"]
SOURCE = '[[sources]]\nname = "{}"\nkind = "{}"\npath = "{}"\nallow = ["{}"]\nexclude = {}\n'


def _settings(corpus: Path) -> str:
    folder = corpus / "postmortems"
    return "[golden]\npaths = []\n" + "".join(
        (
            SOURCE.format("runbooks", "runbook", corpus / "runbooks", "everyone", []),
            SOURCE.format("postmortems", "postmortem", folder, "everyone", json.dumps(REGISTRIES)),
            SOURCE.format("registries", "postmortem", folder, "registries", json.dumps(OTHERS)),
        )
    )


def test_a_wrong_last_time_is_rare_and_nothing_leaks(tmp_path: Path) -> None:
    if not scaled(0, 1):
        pytest.skip("embeds the whole public corpus; `make proof` runs it")
    named = with_environment({}).get("MIDDLEWATCH_TEST_SHARED")
    corpus = (Path(named) if named else ROOT.parent / "shared") / "corpus"
    if not corpus.is_dir():
        pytest.skip("the public corpus is not here; MIDDLEWATCH_TEST_SHARED names the folder that holds it")
    (tmp_path / "middlewatch.toml").write_text(_settings(corpus), encoding="utf-8")
    subprocess.run([*COMMAND, "ingest"], cwd=tmp_path, capture_output=True, check=True)
    ran = subprocess.run(
        [*COMMAND, "golden", "run", str(CASES), "--json"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    content = json.loads(ran.stdout)
    past, abstention = content["past"], content["abstention"]
    answers = content["n"]
    sys.stdout.write(
        f"P8: wrong last time {past['wrong']}/{past['n']}, right {past['right']}/{past['n']}; unanswerable abstain "
        f"{abstention['right']}/{abstention['n']}, wrong abstention {abstention['wrong']}/{answers}; "
        f"leaks {content['leaks']}\n"
    )
    assert content["leaks"] == 0
    assert past["n"] >= 100
    assert past["wrong"] <= 0.05 * past["n"]
    assert abstention["right"] >= 0.75 * abstention["n"]
