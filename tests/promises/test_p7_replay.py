"""P7: every summary can be replayed, offline and byte for byte, from what was recorded of it; and is gone in time."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.access import Audience
from domain.alert import Change, Incident, Severity, Status
from domain.document import Evidence, Kind
from domain.errors import BadInput, SlackUnavailable
from summarizer.summarize import Triage
from tests.evidence import POSTMORTEM, RUNBOOK, hit
from tests.scale import scaled
from tests.story import CHANNEL, THREE, MoodyModel, Scene, stored_incident
from worker.decide import Decision
from worker.pipeline import Pipeline
from worker.pressure.turns import TURN
from worker.recording import Recording, unpacked
from worker.redaction.redactor import redact
from worker.replay.code_version import versions_here
from worker.replay.recorder import Recorder
from worker.replay.records_access import Operator, Records
from worker.replay.replaying import replay
from worker.store.engine import open_database
from worker.store.fold import Policy
from worker.store.purge import Retention
from worker.store.schema import upgrade
from worker.store.store import Store
from worker.store.tables import metadata
from worker.telemetry import Metrics

ROOT = Path(__file__).parents[2]
RUNS = scaled(60, 1000)
SEED = 7
MOODS = ("good", "good", "lies", "liar", "silent", "garbage", "slow", "refuses")
SHADOW = replace(CHANNEL, id="C2", name="other", audience=Audience.of(["others"]), post_to="C9", shadow=True)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    database = open_database(f"sqlite:///{tmp_path}/state.db")
    upgrade(database)
    yield Store(database, Policy())
    database.close()


def found(chance: random.Random) -> Evidence:
    """Return evidence that differs from run to run: which documents, how good, pinned, or none at all."""
    runbooks = [
        hit("volume", RUNBOOK, score=chance.random(), pinned=chance.random() < 0.2),
        hit(f"other-{chance.randint(1, 5)}", RUNBOOK.replace("orders", "baskets"), score=chance.random()),
    ]
    past = [hit("disk-full", POSTMORTEM, Kind.POSTMORTEM, chance.random())]
    kept = tuple(runbooks[: chance.choice((0, 1, 2, 2))])
    return Evidence(kept, tuple(past[: chance.choice((0, 1))]), () if kept else (runbooks[0].meta,), "s1")


class Searching:
    """Finds something else each time."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def evidence(self, alert: object, audience: Audience) -> Evidence:
        return found(self._chance)


def changed(one: Incident, chance: random.Random) -> Incident:
    """Return an incident as it goes on: worse, changed or resolved."""
    status = chance.choice((Status.FIRING, Status.RESOLVED))
    alerts = tuple(
        replace(alert, status=status, labels={**alert.labels, "severity": chance.choice(list(Severity)).value})
        for alert in one.alerts
    )
    resolved = THREE + timedelta(hours=1) if status is Status.RESOLVED else None
    return replace(one, status=status, alerts=alerts, version=one.version + 1, resolved_at=resolved)


def handled(pipeline: Pipeline, incident: Incident) -> None:
    """Tell of an incident, and again as long as the model's words are owed."""
    for _ in range(50):
        try:
            pipeline.handle(incident)
        except SlackUnavailable as later:
            if later.reason != TURN:
                raise
        else:
            return
    raise AssertionError("the model never had its turn")


def tell(store: Store, count: int, seed: int = SEED, *, small: bool = False) -> list[str]:
    """Record so many runs, of new incidents and of those that go on, in two channels; return their ids."""
    chance = random.Random(seed)
    model = MoodyModel(seed=seed, moods=MOODS)
    triage = Triage(MoodyModel("fake:small", seed + 1, MOODS)) if small else None
    scene = Scene(store, model, channels=(CHANNEL, SHADOW), triage=triage)
    scene.search = Searching(chance)
    scene.turn = lambda incident, channel, word: 5.0 if word is Decision.OWED and chance.random() < 0.3 else 0.0
    ids: list[str] = []
    asking = {"model": model.name, "small": "fake:small" if small else "", "grave": ["critical"]}
    recorder = Recorder(store.recordings, redact, scene.metrics, asking)
    scene.told.append(recorder)
    scene.told.append(lambda run, record: ids.append(run.id))
    pipeline = scene.pipeline()
    store.changes.add(
        Change("c1", "ana", "deployed 1.2.3", "orders-db", THREE, "https://ci.example.com/1", frozenset({"everyone"}))
    )
    number = 0
    while len(ids) < count:
        number += 1
        one = stored_incident(store, number, service="orders-db", severity=chance.choice(("critical", "warning")))
        handled(pipeline, one)
        for _ in range(chance.randint(0, 2)):
            one = changed(one, chance)
            handled(pipeline, one)
    assert scene.metrics.value("middlewatch_recordings_total", outcome="kept") == len(ids)
    return ids


def settings_file(folder: Path) -> Path:
    file = folder / "middlewatch.toml"
    file.write_text('[store]\ndata_dir = "."\n[[channels]]\nid = "C1"\ngroups = ["orders"]\ndefault = true\n')
    return file


def shut(*arguments: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.shut", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


def test_recorded_runs_replay_byte_for_byte_in_a_fresh_process_without_a_network(store: Store, tmp_path: Path) -> None:
    ids = tell(store, RUNS)
    code, out, err = shut("replay", "--all", "--json", "--config", str(settings_file(tmp_path)))
    assert (code, err) == (0, "")
    report = json.loads(out)
    assert (report["runs"], report["same"], report["differ"]) == (len(ids), len(ids), [])
    assert report["messages"] >= len(ids)
    print(f"n={len(ids)} runs, {report['messages']} messages, seed={SEED}: all the same")  # noqa: T201


def test_runs_in_which_a_small_model_was_asked_first_replay_too(store: Store) -> None:
    ids = tell(store, scaled(30, 300), small=True)
    here = versions_here()
    recordings = [recording_of(store, run_id) for run_id in ids]
    assert [each.run_id for each in recordings if not replay(each, redact, here).same] == []
    assert {len(each.questions) for each in recordings} >= {0, 1, 2}
    assert any(each.decision is Decision.OWED and each.questions for each in recordings)


def test_a_run_replays_from_a_file_where_there_is_no_database(store: Store, tmp_path: Path) -> None:
    run_id = tell(store, 1)[0]
    file = tmp_path / "run.json"
    config = str(settings_file(tmp_path))
    assert shut("replay", run_id, "--save", str(file), "--config", config)[0] == 0
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    code, out, _ = shut("replay", "--file", str(file), "--json", "--config", str(elsewhere / "none.toml"))
    assert code == 0
    assert json.loads(out)["same"] is True
    assert list(elsewhere.iterdir()) == []


def recording_of(store: Store, run_id: str) -> Recording:
    return Records(store, Operator()).get(run_id)


def with_claims(store: Store) -> Recording:
    """Return a run whose model's claims were shown, and that found a runbook and a past incident."""
    for run_id in tell(store, 40):
        recording = recording_of(store, run_id)
        if recording.outcome == "improved" and recording.evidence.postmortems and len(recording.editions) > 1:
            return recording
    raise AssertionError("no run was improved")


def test_what_differs_is_said(store: Store) -> None:
    recording = with_claims(store)
    here = versions_here()
    assert replay(recording, redact, here).same
    sent = recording.questions[0].sent
    assert sent is not None
    question = replace(recording.questions[0], sent=replace(sent, user=sent.user + "!"))
    other = replace(recording, questions=(question,), versions={**recording.versions, "code": "0ther"})
    done = replay(other, redact, here)
    assert (done.same, done.prompts_differ) == (True, 1)
    assert done.versions["code"] == ("0ther", here["code"])
    answer = question.answer
    assert answer is not None
    changed_answer = replace(answer, draft=answer.draft.model_copy(update={"claims": answer.draft.claims[:1]}))
    done = replay(replace(recording, questions=(replace(question, answer=changed_answer),)), redact, here)
    assert not done.same
    assert any(line.startswith("+") for message in done.messages for line in message.diff)


def test_an_audience_sees_a_run_only_if_it_may_read_every_passage_then_and_now(store: Store) -> None:
    run_id = with_claims(store).run_id
    with pytest.raises(Exception, match="no recording of that run"):
        Records(store, Audience.of(["strangers"])).get(run_id)
    with pytest.raises(Exception, match="no recording of that run"):
        Records(store, Audience.of(["orders"])).get(run_id)  # no snapshot is live: nobody may read its documents now
    assert list(Records(store, Audience.of(["orders"])).all()) == []


def test_erased_words_are_gone_from_every_run_and_the_document_is_named(store: Store, tmp_path: Path) -> None:
    recording = with_claims(store)
    assert Records(store, Operator()).erase("runbooks/volume.md") > 1
    done = replay(recording_of(store, recording.run_id), redact, versions_here())
    assert (done.same, done.erased) == (False, ("runbooks/volume.md",))
    bodies = [kept.body for name in store.recordings.ids() if (kept := store.recordings.get(name)) is not None]
    left = [unpacked(body) for body in bodies]
    assert all("runbooks/volume.md" not in each.documents for each in left)
    code, out, _ = shut("replay", recording.run_id, "--config", str(settings_file(tmp_path)))
    assert code == 1
    assert "erased: runbooks/volume.md" in out


def test_a_run_past_its_time_is_gone_everywhere(store: Store, tmp_path: Path) -> None:
    ids = tell(store, 20)
    canary = "write-ahead log or the tables"
    assert canary in whole(store)
    store.purge(THREE + timedelta(days=31), Retention.same(timedelta(days=30)))
    left = whole(store)
    assert canary not in left
    assert [run_id for run_id in ids if run_id in left] == []
    store.database.close()
    held = b"".join(file.read_bytes() for file in tmp_path.glob("state.db*"))
    assert canary.encode() not in held


def whole(store: Store) -> str:
    """Return everything that the database holds, recordings unpacked."""
    said: list[Any] = []
    with store.database.read() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(table.select()).mappings():
                said.append({key: str(value) for key, value in row.items()})
                if table.name == "recordings":
                    said.append(str(unpacked(row["body"])))
    return json.dumps(said, ensure_ascii=False)


def test_what_cannot_be_redacted_is_not_recorded(store: Store) -> None:
    def broken(text: str) -> str:
        raise BadInput("It failed.", reason="redaction-failed")

    metrics = Metrics()
    scene = Scene(store, MoodyModel(), metrics=metrics)
    scene.told.append(Recorder(store.recordings, broken, metrics, {}))
    scene.pipeline().handle(stored_incident(store, 1))
    assert store.recordings.ids() == ()
    assert metrics.value("middlewatch_recordings_total", outcome="redaction-failed") == 1
    assert scene.wall.posts == 1
