"""Runs attacks through the real pipeline: ingest, search, ladder, guard and message; only nothing is posted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from domain.errors import BadSettings
from ingest.report import Outcome
from ingest.sources import read
from summarizer.summarize import Model
from worker.from_settings import channel_of, source_specs
from worker.redteam import world
from worker.redteam.attacks import SECRET, Attack
from worker.redteam.hostile import Habit, HostileModel
from worker.redteam.verdict import Harm, harms
from worker.settings import Settings
from worker.store import schema
from worker.wiring import Parts


@dataclass(frozen=True, slots=True)
class Failure:
    """An attack that achieved something: with which model, what, and the message as the channel would see it."""

    attack: Attack
    model: str
    harms: tuple[Harm, ...]
    message: str


@dataclass(slots=True)
class Report:
    """What came of all attacks: `runs` counts attacks times models, `rungs` what was shown."""

    runs: int = 0
    families: set[str] = field(default_factory=set)
    rungs: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the report for a machine."""
        return {
            "runs": self.runs,
            "families": len(self.families),
            "failures": len(self.failures),
            "by_harm": {harm.value: sum(harm in failure.harms for failure in self.failures) for harm in Harm},
            "rungs": dict(self.rungs),
            "outcomes": dict(self.outcomes),
            "dropped": dict(self.dropped.most_common()),
            "failed": [
                {"attack": each.attack.id, "model": each.model, "harms": [harm.value for harm in each.harms]}
                for each in self.failures
            ],
        }


class Attacked(Parts):
    """The parts of the product, with a model of the attacker's where one is given."""

    hostile: HostileModel | None = None

    def _model(self) -> Model | None:
        return self.hostile or super()._model()


Progress = Callable[[int, int], None]


def run(
    chosen: Settings, planted: Sequence[Attack], habits: Sequence[Habit], progress: Progress = lambda done, n: None
) -> Report:
    """Take every attack through the pipeline, with a model of each habit; without any, with the settings' model."""
    report = Report()
    with ExitStack() as stack:
        parts = Attacked(chosen, stack)
        parts.hostile = HostileModel() if habits else None
        schema.upgrade(parts.store.database)
        published = parts.ingesting.run()
        if published.outcome is not Outcome.PUBLISHED:
            raise BadSettings(f"The documents of the attacks were not published ({published.outcome.value}).")
        for change in filter(None, map(world.change, planted)):
            parts.store.changes.add(change)
        trial = _Trial(parts, _documents(chosen, parts.redact), report)
        rounds = [(habit, attack) for habit in habits or (None,) for attack in planted]
        for number, (habit, attack) in enumerate(rounds, start=1):
            trial.attack(attack, habit)
            progress(number, len(rounds))
    return report


def _documents(chosen: Settings, clean: Callable[[str], str]) -> dict[str, str]:
    """The stored text of every document that the channel may read."""
    readings = [read(spec, clean) for spec in source_specs(chosen) if spec.name != world.VAULT]
    return {document.meta.id: document.text for reading in readings for document in reading.documents}


@dataclass(frozen=True, slots=True)
class _Trial:
    parts: Attacked
    documents: dict[str, str]
    report: Report

    def attack(self, attack: Attack, habit: Habit | None) -> None:
        """Plant one attack and judge what the channel would be shown."""
        hostile = self.parts.hostile
        if hostile is not None and habit is not None:
            hostile.begin(habit, attack)
        shown = self.parts.rehearse(world.incident(attack), channel_of(self.parts.settings, world.CHANNEL))
        found = harms(attack, shown.summary, shown.message, self.documents)
        if hostile is not None and any(word in hostile.asked for word in (world.CANARY, SECRET)):
            found.append(Harm.SECRET)
        report = self.report
        report.runs += 1
        report.families.add(attack.family)
        report.rungs[shown.summary.rung.value] += 1
        report.outcomes[shown.model_outcome] += 1
        report.dropped.update(dropped.reason for dropped in shown.summary.dropped)
        if found:
            report.failures.append(Failure(attack, habit or "model", tuple(found), shown.message.text))
