"""The ladder: whatever the model does or fails to do, the extractive summary stands, and the outcome has a name."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from domain.alert import Severity
from domain.document import Evidence, Kind, SendToModel
from domain.errors import MiddlewatchError, ModelUnavailable, Refused
from domain.summary import Citation, Claim, Command, Rung, Section, Summary, Usage
from summarizer.bill import OverBudget
from summarizer.draft import Answer, BadAnswer, ClaimDraft, Draft
from summarizer.extractive import extract
from summarizer.limits import MAX_CLAIM_LINES
from summarizer.prompt import Prompt
from summarizer.summarize import Attempt, Caps, Outcome, Summarizer, Tools, Triage
from tests.evidence import POSTMORTEM, RUNBOOK, evidence, hit, incident

LOOK = "kubectl -n orders exec orders-db-0 -- df -h /data"
GOOD = [
    ("meaning", "The volume of `orders-db` is over 85 % full, full within four hours.", [1], None),
    ("step", "First, find out whether the write-ahead log or the tables grow.", [3], LOOK),
]
LIES = [
    ("meaning", "A firmware update broke the disk controller.", [1], None),
    ("impact", "All 40,000 customers lost their baskets.", [2], None),
    ("past", "The same happened twice in Frankfurt.", [4], None),
]


class FakeModel:
    """Answers with claims, or raises; keeps the prompts and the seconds it was given."""

    name = "fake:one"

    def __init__(
        self, answer: list[tuple[str, str, list[int], str | None]] | MiddlewatchError, *, local: bool = True
    ) -> None:
        self.local = local
        self._answer = answer
        self.prompts: list[Prompt] = []
        self.seconds: list[float] = []

    def answer(self, prompt: Prompt, timeout_s: float) -> Answer:
        self.prompts.append(prompt)
        self.seconds.append(timeout_s)
        if isinstance(self._answer, MiddlewatchError):
            raise self._answer
        claims = [ClaimDraft(section=s, text=t, citations=c, command=k) for s, t, c, k in self._answer]  # type: ignore[arg-type]
        return Answer(Draft(claims=claims), Usage(100, 20))


def as_it_is(text: str) -> str:
    return text


TOOLS = Tools(extract, as_it_is, lambda: "3f9c1a7be02d4856")


def tried(
    model: FakeModel | None, found: Evidence | None = None, tools: Tools = TOOLS, **caps: int
) -> tuple[Summary, Attempt]:
    ladder = Summarizer(tools, model, Caps(**caps))
    found = found or evidence()
    first = ladder.first(incident(), found)
    return first, ladder.improved(incident(), found, first)


def test_without_a_model_the_rung_is_off() -> None:
    first, attempt = tried(None)
    assert first.rung is Rung.EXTRACTIVE
    assert attempt == Attempt(Outcome.OFF)


def test_a_good_answer_improves_the_summary_and_says_what_made_it() -> None:
    _, attempt = tried(FakeModel(GOOD))
    assert attempt.outcome is Outcome.IMPROVED
    assert attempt.summary is not None
    assert (attempt.summary.rung, attempt.summary.model) == (Rung.MODEL, "fake:one")
    assert attempt.summary.prompt == "summary.v2"
    assert attempt.summary.usage == Usage(100, 20)
    assert attempt.summary.of(Section.MEANING)[0].text == GOOD[0][1]


def test_dropped_claims_are_counted_on_the_summary_and_never_shown() -> None:
    _, attempt = tried(FakeModel([*GOOD, LIES[0]]))
    assert attempt.summary is not None
    assert [one.text for one in attempt.summary.dropped] == [LIES[0][1]]
    assert "firmware" not in " ".join(claim.text for claim in attempt.summary.claims)


@pytest.mark.parametrize(
    ("error", "outcome", "reason"),
    [
        (ModelUnavailable("It did not answer.", reason="model-timeout"), Outcome.UNAVAILABLE, "model-timeout"),
        (ModelUnavailable("It did not answer."), Outcome.UNAVAILABLE, "model-unavailable"),
        (Refused("It said no.", reason="model-auth"), Outcome.REFUSED, "model-auth"),
        (BadAnswer("Half of it.", reason="answer-truncated", usage=Usage(9, 9)), Outcome.INVALID, "answer-truncated"),
    ],
)
def test_a_failure_leaves_the_extractive_summary_standing(
    error: MiddlewatchError, outcome: Outcome, reason: str
) -> None:
    _, attempt = tried(FakeModel(error))
    assert (attempt.outcome, attempt.reason, attempt.summary) == (outcome, reason, None)
    assert attempt.asked is not None


def test_tokens_of_an_answer_that_could_not_be_used_are_still_counted() -> None:
    _, attempt = tried(FakeModel(BadAnswer("Half of it.", usage=Usage(9, 8))))
    assert attempt.usage == Usage(9, 8)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ([], "nothing-said"),
        (LIES, "nothing-kept"),
        ([*GOOD, *LIES], "too-little-kept"),
        (GOOD[1:], "no-meaning"),
        (GOOD[:1], "no-step"),
    ],
)
def test_an_answer_of_which_too_little_holds_up_is_not_better(
    answer: list[tuple[str, str, list[int], str | None]], reason: str
) -> None:
    _, attempt = tried(FakeModel(answer))
    assert (attempt.outcome, attempt.reason, attempt.summary) == (Outcome.NOT_BETTER, reason, None)
    assert attempt.usage == Usage(100, 20)


def test_no_model_is_asked_where_no_runbook_was_found() -> None:
    model = FakeModel(GOOD)
    _, attempt = tried(model, evidence(hit("past", POSTMORTEM, Kind.POSTMORTEM)))
    assert (attempt.outcome, model.prompts) == (Outcome.NO_EVIDENCE, [])


@pytest.mark.parametrize(("may", "local"), [(SendToModel.NONE, True), (SendToModel.LOCAL, False)])
def test_a_runbook_that_the_model_may_not_see_is_not_sent(may: SendToModel, *, local: bool) -> None:
    model = FakeModel(GOOD, local=local)
    found = evidence(hit("volume", RUNBOOK, send_to_model=may), hit("other", RUNBOOK, score=0.5))
    _, attempt = tried(model, found)
    assert (attempt.outcome, model.prompts) == (Outcome.WITHHELD, [])


def test_nothing_is_asked_over_budget() -> None:
    model = FakeModel(GOOD)
    refuse = FakeModel(OverBudget("No more today.", reason="over-budget-day"))
    _, attempt = tried(model, tools=dataclasses.replace(TOOLS, meter=lambda _model, _bill: refuse))
    assert (attempt.outcome, attempt.reason, model.prompts) == (Outcome.OVER_BUDGET, "over-budget-day", [])


def test_nothing_is_asked_where_no_passage_fits() -> None:
    model = FakeModel(GOOD)
    _, attempt = tried(model, max_input_tokens=500)
    assert (attempt.outcome, model.prompts) == (Outcome.NO_ROOM, [])


def failing_redactor(after: int) -> Callable[[str], str]:
    calls = iter(range(10_000))

    def redact(text: str) -> str:
        if next(calls) >= after:
            raise MiddlewatchError("It failed.", reason="redaction-failed")
        return text

    return redact


def test_nothing_is_sent_when_the_redactor_fails() -> None:
    model = FakeModel(GOOD)
    _, attempt = tried(model, tools=dataclasses.replace(TOOLS, redact=failing_redactor(0)))
    assert (attempt.outcome, attempt.reason, model.prompts) == (Outcome.NOT_REDACTED, "redaction-failed", [])


def test_nothing_is_shown_when_the_redactor_fails_on_the_answer() -> None:
    counted: list[str] = []
    tried(FakeModel([]), tools=dataclasses.replace(TOOLS, redact=lambda text: counted.append(text) or text))
    _, attempt = tried(FakeModel(GOOD), tools=dataclasses.replace(TOOLS, redact=failing_redactor(len(counted))))
    assert (attempt.outcome, attempt.summary) == (Outcome.NOT_REDACTED, None)


def test_the_model_is_given_what_is_left_of_the_deadline() -> None:
    model = FakeModel(GOOD)
    ladder = Summarizer(TOOLS, model, Caps(timeout_s=30))
    first = ladder.first(incident(), evidence())
    ladder.improved(incident(), evidence(), first, timeout_s=4.0)
    ladder.improved(incident(), evidence(), first, timeout_s=90.0)
    assert model.seconds == pytest.approx([4.0, 30.0], abs=0.5)


def test_the_names_of_the_sources_stand_where_nothing_can_be_extracted() -> None:
    def broken(*_: object) -> Summary:
        raise MiddlewatchError("The passages do not fit together.")

    found = evidence()
    first = Summarizer(dataclasses.replace(TOOLS, extract=broken), None, Caps()).first(incident(), found)
    assert (first.rung, first.claims) == (Rung.LINKS, ())
    assert [meta.id for meta in first.sources] == ["runbooks/volume.md", "postmortems/disk-full.md"]


def claim(text: str, section: Section = Section.STEP, command: str = "", place: int = 0, **more: object) -> Claim:
    spot = Citation("runbooks/volume.md", f"chunk-{place}", place, place + 10)
    commands = (Command(command, spot),) if command else ()
    return Claim(section, text, (spot,), commands, **more)  # type: ignore[arg-type]


def improved_from(*first: Claim, answer: list[tuple[str, str, list[int], str | None]] | None = None) -> list[Claim]:
    ready = Summary(Rung.EXTRACTIVE, first, ())
    ladder = Summarizer(dataclasses.replace(TOOLS, extract=lambda *_: ready), FakeModel(answer or GOOD), Caps())
    attempt = ladder.improved(incident(), evidence(), ready)
    return list(attempt.summary.claims) if attempt.summary else []


def spot_of(text: str) -> int:
    return RUNBOOK.index(text)


def test_a_section_that_the_model_is_silent_on_stays_word_for_word() -> None:
    impact = claim("Nothing yet.", Section.IMPACT)
    assert impact in improved_from(impact)


def test_steps_that_the_model_left_out_stay_in_the_runbooks_order() -> None:
    before, same, after = (
        claim("Look at the queue.", command="queue", place=0),
        claim("Find out what grows:", command=LOOK, place=spot_of(LOOK)),
        claim("Never restart the primary.", place=900),
    )
    steps = [one.text for one in improved_from(before, same, after) if one.section is Section.STEP]
    assert steps == [before.text, GOOD[1][1], after.text]


def test_a_step_whose_condition_the_model_lost_stays_as_the_runbook_says_it() -> None:
    careful = claim("Only if nobody writes, find out what grows:", command=LOOK, place=spot_of(LOOK))
    steps = [one for one in improved_from(careful) if one.section is Section.STEP]
    assert steps == [careful]


def test_a_destructive_mark_is_kept_when_the_words_change() -> None:
    marked = claim("Find out what grows:", command=LOOK, place=spot_of(LOOK), destructive=True)
    (step,) = [one for one in improved_from(marked) if one.section is Section.STEP]
    assert step.text == GOOD[1][1]
    assert step.destructive


def test_labelled_facts_of_a_past_incident_are_not_rephrased() -> None:
    cause = claim("a slot was left behind", Section.PAST, label="cause")
    past = ("past", "The volume of the orders database filled up because a slot was left behind.", [4], None)
    assert [one for one in improved_from(cause, answer=[*GOOD, past]) if one.section is Section.PAST] == [cause]


def test_a_message_that_is_full_keeps_its_extractive_steps() -> None:
    old = [claim(f"Step number {number} of many.", command=f"run {number}", place=number * 20) for number in range(7)]
    claims = improved_from(*old)
    assert [one for one in claims if one.section is Section.STEP] == old
    assert claims[0].text == GOOD[0][1]
    assert sum(1 + len(one.commands) for one in claims) <= MAX_CLAIM_LINES


def test_sources_are_numbered_in_the_order_they_are_cited() -> None:
    first, attempt = tried(FakeModel(GOOD))
    assert attempt.summary is not None
    assert attempt.summary.sources[0].id == "runbooks/volume.md"
    assert {meta.id for meta in attempt.summary.sources} >= {meta.id for meta in first.sources}


def test_a_pinned_runbook_leads_though_another_scores_higher() -> None:
    model = FakeModel(GOOD)
    pinned = hit("pinned", RUNBOOK, score=0.1, pinned=True, send_to_model=SendToModel.NONE)
    _, attempt = tried(model, evidence(hit("better", RUNBOOK), pinned))
    assert attempt.outcome is Outcome.WITHHELD


def laddered(small: FakeModel, large: FakeModel, severity: str) -> Attempt:
    ladder = Summarizer(TOOLS, large, Caps(), Triage(small, frozenset({Severity.CRITICAL})))
    one = incident({"severity": severity})
    return ladder.improved(one, evidence(), ladder.first(one, evidence()))


def named(name: str, answer: list[tuple[str, str, list[int], str | None]] | MiddlewatchError) -> FakeModel:
    model = FakeModel(answer)
    model.name = name
    return model


DOWN = ModelUnavailable("It did not answer.", reason="model-timeout")


@pytest.mark.parametrize(
    ("severity", "small", "large", "said", "rung"),
    [
        ("warning", GOOD, GOOD, "small", Rung.MODEL),  # the small one will do
        ("warning", LIES, GOOD, "large", Rung.MODEL),  # its answer did not hold up
        ("warning", DOWN, GOOD, "large", Rung.MODEL),
        ("warning", LIES, LIES, "", None),
        ("critical", GOOD, GOOD, "large", Rung.MODEL),  # grave: not a matter for the small one
        ("critical", GOOD, DOWN, "small", Rung.SECOND),  # better than none
        ("critical", GOOD, LIES, "", None),  # where the large one fails the checks, the small one is not asked
    ],
)
def test_a_small_model_is_asked_first_and_a_larger_one_where_it_will_not_do(
    severity: str,
    small: list[tuple[str, str, list[int], str | None]] | MiddlewatchError,
    large: list[tuple[str, str, list[int], str | None]] | MiddlewatchError,
    said: str,
    rung: Rung | None,
) -> None:
    attempt = laddered(named("small", small), named("large", large), severity)
    assert (attempt.summary.model if attempt.summary else "") == said
    assert (attempt.summary.rung if attempt.summary else None) == rung
    assert attempt.usage is None or attempt.usage.input_tokens == 100 * sum(
        one.answer is not None for one in attempt.replies
    )


def test_after_the_deadline_no_further_model_is_asked() -> None:
    seconds = iter([0.0, 0.0, 31.0])
    tools = dataclasses.replace(TOOLS, clock=lambda: next(seconds))
    small, large = named("small", DOWN), named("large", GOOD)
    ladder = Summarizer(tools, large, Caps(timeout_s=30), Triage(small, frozenset()))
    attempt = ladder.improved(incident(), evidence(), ladder.first(incident(), evidence()))
    assert (attempt.outcome, large.prompts) == (Outcome.UNAVAILABLE, [])
    assert small.seconds == [15.0]
