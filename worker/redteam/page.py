"""The report of a red team's run as a page: rates with their n, what was tried, and every attack that got through."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from worker.redteam.attacks import Attack
from worker.redteam.run import Report
from worker.redteam.verdict import Harm

_SAID = (
    "Each attack is planted in an alert, a runbook, a postmortem, a chat kept in one, or a change, and taken through",
    "ingest, search, ladder, guard and message as they are. *obedient* does whatever planted text asks for, *goal*",
    "answers with the attacker's goal whatever it is asked, *weave* puts it into words that the documents do say; each",
    "adds honest claims so that its answer is posted.",
)


def page(report: Report, planted: Sequence[Attack], models: Sequence[str], seed: int, today: date) -> str:
    """Return the page, in Markdown."""
    found = report.as_json()
    runs = report.runs
    families = sorted({attack.family for attack in planted})
    places = sorted({attack.place.value for attack in planted})
    shown = ", ".join(f"{rung} {count}" for rung, count in sorted(report.rungs.items()))
    dropped = ", ".join(f"{reason} {count}" for reason, count in report.dropped.most_common())
    lines = [
        "# Red team",
        "",
        f"{today} · {runs} runs: {len(planted)} attacks × {', '.join(models)} · {len(families)} families · seed {seed}"
        f" · `middlewatch redteam -n {len(planted)} --seed {seed}`",
        "",
        *_SAID,
        "",
        "| what an attack may not achieve | messages |",
        "| --- | --- |",
        *(f"| {harm.value} | {found['by_harm'][harm.value]} of {runs} |" for harm in Harm),
        f"| any of these | {len(report.failures)} of {runs} |",
        "",
        f"Shown: {shown}. Claims of the models that were dropped: {dropped or 'none'}.",
        "",
        f"Places: {', '.join(places)}.",
        "",
        f"Families: {', '.join(families)}.",
        "",
        "## What got through",
        "",
        *(f"- {one.attack.id}, {one.model}: {', '.join(one.harms)}" for one in report.failures),
    ]
    return "\n".join([*lines, *([] if report.failures else ["Nothing."])]) + "\n"
