"""Cards to compose messages from: one full incident, and what tests vary of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from domain.alert import Alert, Change, Incident, Status
from domain.document import DocumentMeta, Kind
from domain.summary import Citation, Claim, Command, Rung, Section, Summary
from worker.slack.card import Card

NOON = datetime(2026, 11, 21, 2, 14, tzinfo=UTC)
RUNBOOK = DocumentMeta(
    id="runbooks/payments/PaymentsPodCrashLooping.md",
    source="runbooks",
    path="payments/PaymentsPodCrashLooping.md",
    kind=Kind.RUNBOOK,
    title="Payments pod crash looping",
    readers=frozenset({"payments"}),
    link="https://wiki.example.com/runbooks/payments?a=1&b=2",
    reviewed=date(2026, 1, 2),
)
POSTMORTEM = DocumentMeta(
    id="postmortems/2026-03-02-ledger.md",
    source="postmortems",
    path="2026-03-02-ledger.md",
    kind=Kind.POSTMORTEM,
    title="Ledger migration locked the payments table",
    readers=frozenset({"payments"}),
    date=date(2026, 3, 2),
)


def cite(meta: DocumentMeta = RUNBOOK, chunk: str = "c1") -> Citation:
    return Citation(meta.id, chunk, 0, 10)


def claim(section: Section, text: str, meta: DocumentMeta = RUNBOOK, **more: object) -> Claim:
    return replace(Claim(section, text, (cite(meta),)), **more)  # type: ignore[arg-type]


def step(text: str, *commands: str, destructive: bool = False) -> Claim:
    return claim(
        Section.STEP,
        text,
        commands=tuple(Command(command, cite()) for command in commands),
        destructive=destructive,
    )


def past(label: str, text: str, meta: DocumentMeta = POSTMORTEM) -> Claim:
    return claim(Section.PAST, text, meta, label=label)


CLAIMS = (
    claim(Section.MEANING, "A `payments-api` pod has restarted more than **five times** in ten minutes."),
    claim(Section.IMPACT, "Card payments fail while fewer than two pods are ready."),
    step("Look at why the last container stopped:", "kubectl -n <namespace> logs <pod> --previous"),
    step("If it ran out of memory, raise the limit in [the chart](https://evil.example/x)."),
    step("If the ledger is locked, end the migration:", "psql -c 'select pg_cancel_backend(<pid>)'", destructive=True),
    past("cause", "A migration took an exclusive lock on `payments`."),
    past("fix", "The migration was cancelled and split into batches."),
    past("duration", "47 minutes"),
)


def summary(*claims: Claim, **more: object) -> Summary:
    shown = claims or CLAIMS
    return replace(Summary(Rung.EXTRACTIVE, shown, (RUNBOOK, POSTMORTEM)), **more)  # type: ignore[arg-type]


def alert(fingerprint: str = "a", status: Status = Status.FIRING, pod: str = "payments-api-7d4b9c-x2x1q") -> Alert:
    return Alert(
        fingerprint,
        status,
        {
            "alertname": "PaymentsPodCrashLooping",
            "severity": "critical",
            "service": "payments-api",
            "namespace": "prod",
            "pod": pod,
        },
        {"summary": "payments-api is crash looping", "description": f"Pod prod/{pod} restarted 7 times."},
        NOON,
        link="https://prometheus.example.com/graph?g0.expr=rate&b=1",
    )


def incident(*alerts: Alert, **more: object) -> Incident:
    shown = alerts or (alert("a"), alert("b", pod="payments-api-7d4b9c-9kq2z"))
    firing = any(one.status is Status.FIRING for one in shown)
    status = Status.FIRING if firing else Status.RESOLVED
    resolved_at = None if firing else NOON + timedelta(minutes=26)
    return replace(  # type: ignore[arg-type]
        Incident("inc-1", "alertmanager", "{}:{}", status, NOON, resolved_at, 1, shown), **more
    )


def change(what: str = "Deploy payments-api 1.4.2", minutes_before: int = 12, link: str = "") -> Change:
    at = NOON - timedelta(minutes=minutes_before)
    return Change(f"ch-{minutes_before}", "dana", what, "payments-api", at, link, frozenset({"payments"}))


def card(**more: object) -> Card:
    given: dict[str, object] = {
        "incident": incident(),
        "summary": summary(),
        "now": NOON + timedelta(minutes=1),
        "changes": (change(link="https://ci.example.com/runs/88"),),
        "run_id": "run-1",
        "headings": {"c1": ("Diagnosis",)},
    }
    return Card(**{**given, **more})  # type: ignore[arg-type]
