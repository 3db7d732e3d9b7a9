"""The gate: whether an index may go live, by its golden queries. Pure; it returns a word and the reasons for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from golden_queries.baseline import Baseline
from golden_queries.cases import Case, Match
from golden_queries.figures import MEASURES, Figure, Measure
from golden_queries.metrics import first_rank
from golden_queries.recall import Outcome, Report, Search, judge, measure

CANARY = Case(
    id="canary",
    alert=None,
    query="the canary asks for a document that cannot exist",
    groups=frozenset({"everyone"}),
    expected=("canary/../no-such-document",),
    match=Match.ANY,
    at=100,
    past=None,
    must=True,
    forbidden=(),
    tags=(),
    why="It must fail: where it passes, the gate proves nothing.",
    origin="built in",
)
"""The case that must fail; no source can hold a document of that name."""

_SLACK = 1e-6
"""What rounding in the baseline's file may take; a fall of exactly `max_drop` holds."""


class GateWord(StrEnum):
    """What a gate says. Only the first two words let an index go live."""

    PASSED = "passed"
    UNGUARDED = "unguarded"
    FAILED = "failed"
    TOO_FEW = "too-few"


class Reason(StrEnum):
    """Why a gate does not hold."""

    LEAK = "leak"
    CANARY = "canary"
    TOO_FEW = "too-few-cases"
    MUST_LOST = "must-lost"
    MUST_GONE = "must-gone"
    FELL = "fell"
    SHRUNK = "shrunk"


@dataclass(frozen=True, slots=True)
class Policy:
    """`min_cases` that must gate at least; `max_drop` is how far a figure may fall, as an absolute difference."""

    min_cases: int = 20
    max_drop: float = 0.02


@dataclass(frozen=True, slots=True)
class Failure:
    """One reason, in words with numbers; `subject` is the case or the figure it is about."""

    reason: Reason
    subject: str
    text: str

    @property
    def overridable(self) -> bool:
        """Whether somebody may publish all the same: never over a leak, nor with a gate that proves nothing."""
        return self.reason not in (Reason.LEAK, Reason.CANARY)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says of one report. `notes` are told and stop nothing; `gating` of `configured` cases count."""

    word: GateWord
    failures: tuple[Failure, ...]
    notes: tuple[str, ...]
    configured: int
    gating: int

    @property
    def holds(self) -> bool:
        """Whether the index may go live."""
        return self.word in (GateWord.PASSED, GateWord.UNGUARDED)

    @property
    def overridable(self) -> bool:
        """Whether an override with a reason may publish the index all the same."""
        return all(failure.overridable for failure in self.failures)


def run(cases: Sequence[Case], search: Search, snapshot: str) -> Report:
    """Measure every case, and the canary with them, for `check`; without a case nothing is asked."""
    report = measure(cases, search, snapshot)
    return replace(report, canary=judge(CANARY, search(CANARY))) if cases else report


def check(report: Report, baseline: Baseline | None, policy: Policy, today: date) -> Verdict:
    """Say whether the index of a report may go live. Cases that are set aside on `today` do not gate, but leaks do."""
    outcomes = report.outcomes
    if not outcomes:
        note = "No golden query is configured: this index is unguarded. Add cases; see golden_queries/README.md."
        return Verdict(GateWord.UNGUARDED, (), (note,), 0, 0)
    gating = [outcome for outcome in outcomes if outcome.case.gates(today)]
    failures = tuple(
        failure
        for part in (
            _canary(report.canary),
            _leaks(outcomes),
            _too_few(gating, outcomes, policy),
            _must_lost(gating),
            _must_gone(outcomes, baseline),
            _falls((gating, outcomes), baseline, policy),
        )
        for failure in part
    )
    notes = (*_set_aside(outcomes, today), *_no_baseline(baseline))
    return Verdict(_word(failures), failures, notes, len(outcomes), len(gating))


def _word(failures: Sequence[Failure]) -> GateWord:
    reasons = {failure.reason for failure in failures}
    if Reason.TOO_FEW in reasons and not reasons & {Reason.LEAK, Reason.CANARY}:
        return GateWord.TOO_FEW
    return GateWord.FAILED if failures else GateWord.PASSED


def _canary(canary: Outcome | None) -> Iterator[Failure]:
    if canary is None:
        yield Failure(Reason.CANARY, CANARY.id, "the canary was not run, so nothing shows that the gate can fail")
    elif canary.found or canary.passed:
        yield Failure(Reason.CANARY, CANARY.id, "the canary asks for a document that cannot exist, and passed")


def _leaks(outcomes: Sequence[Outcome]) -> Iterator[Failure]:
    for outcome in outcomes:
        if outcome.leaked:
            text = (
                f"{outcome.case.id}: {len(outcome.leaked)} of {len(outcome.case.forbidden)} forbidden documents came up"
            )
            yield Failure(Reason.LEAK, outcome.case.id, f"{text}: {', '.join(outcome.leaked)}")


def _too_few(gating: Sequence[Outcome], outcomes: Sequence[Outcome], policy: Policy) -> Iterator[Failure]:
    if len(gating) < max(policy.min_cases, 1):
        aside = len(outcomes) - len(gating)
        text = f"{len(gating)} cases gate, at least {max(policy.min_cases, 1)} must"
        yield Failure(Reason.TOO_FEW, "cases", f"{text} ({aside} more are set aside)" if aside else text)


def _must_lost(gating: Sequence[Outcome]) -> Iterator[Failure]:
    for outcome in gating:
        if outcome.case.must and not outcome.found:
            yield Failure(Reason.MUST_LOST, outcome.case.id, f"{outcome.case.id}: a must case, {_place(outcome)}")


def _place(outcome: Outcome) -> str:
    case = outcome.case
    if not case.answerable:
        return "and something is shown where nothing may be"
    rank = first_rank(outcome.ranks)
    return f"wanted within the first {case.at}, found at {'no rank' if rank is None else f'rank {rank}'}"


def _must_gone(outcomes: Sequence[Outcome], baseline: Baseline | None) -> Iterator[Failure]:
    there = {outcome.case.id for outcome in outcomes if outcome.case.must}
    for name in baseline.must if baseline else ():
        if name not in there:
            text = f"{name}: a must case of the baseline that is no longer one; accept a new baseline if that is meant"
            yield Failure(Reason.MUST_GONE, name, text)


def _falls(
    measured: tuple[Sequence[Outcome], Sequence[Outcome]], baseline: Baseline | None, policy: Policy
) -> Iterator[Failure]:
    """Compare each figure; `measured` are the gating outcomes, then all: setting cases aside shrinks nothing."""
    gating, everything = measured
    for name, before in (baseline.metrics if baseline else {}).items():
        measure_of = MEASURES[name]
        now, configured = measure_of.of(gating), measure_of.of(everything).n
        if configured < before.n:
            text = (
                f"{name}: over {configured} cases, the baseline is over {before.n}; accept a new one if that is meant"
            )
            yield Failure(Reason.SHRUNK, name, text)
        elif fall := _fall(measure_of, before, now, policy):
            yield Failure(Reason.FELL, name, fall)


def _fall(measure_of: Measure, before: Figure, now: Figure, policy: Policy) -> str:
    """Say how a figure got worse by more than is allowed; "" where it did not, or no case is left to tell."""
    if before.value is None or now.value is None:
        return ""
    worse = before.value - now.value if measure_of.higher_is_better else now.value - before.value
    if worse <= policy.max_drop + _SLACK:
        return ""
    way = "fell" if measure_of.higher_is_better else "rose"
    figures = f"{before.value:.3f} (n={before.n}) to {now.value:.3f} (n={now.n})"
    return f"{measure_of.name} {way} from {figures}, by {worse:.3f}; {policy.max_drop:.3f} is allowed"


def _set_aside(outcomes: Sequence[Outcome], today: date) -> Iterator[str]:
    for outcome in outcomes:
        if (aside := outcome.case.quarantine) is None:
            continue
        how = "passes" if outcome.passed else "fails"
        if outcome.case.gates(today):
            yield f"{outcome.case.id}: its quarantine ended on {aside.until}, it gates again; it {how} ({aside.owner})"
        else:
            yield f"{outcome.case.id}: set aside until {aside.until} by {aside.owner}: {aside.why}; it {how}"


def _no_baseline(baseline: Baseline | None) -> Iterator[str]:
    if baseline is None:
        yield "No baseline: no figure is compared. Write one with `middlewatch golden check --accept`."
