"""The last check before a channel is shown something: who reads it now, and what they may still read.

Documents were searched seconds ago, or half a minute where a model was asked. Since then somebody may have joined the
channel, or a document may have lost readers. What no longer fits is taken out, and nothing tells that it was there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import structlog
from pydantic import TypeAdapter

from domain.access import Audience, Readers
from domain.document import Evidence
from domain.summary import Claim, Summary
from worker.route import Channel
from worker.runs import Run
from worker.telemetry import Metrics

log = structlog.get_logger()

SUMMARIES = TypeAdapter(Summary)

AudienceNow = Callable[[Channel], Audience]
"""Who reads a channel at this moment; nobody where that is not known."""


def by_settings(channel: Channel) -> Audience:
    """Return the audience that the settings gave the channel."""
    return channel.audience


class ReadersOfRecord(Protocol):
    """Who may read which document, in the snapshot that is live."""

    def readers(self, document_ids: Sequence[str]) -> Mapping[str, Readers]:
        """Return the readers of each document that is there."""


@dataclass(frozen=True, slots=True)
class Fit:
    """What may be shown now, and to whom; `unreadable` are the documents that it was narrowed by."""

    summary: Summary
    audience: Audience
    unreadable: frozenset[str] = frozenset()


class Check:
    """Asks the record, not the index, at the moment of posting and of every edit."""

    def __init__(self, readers: ReadersOfRecord, metrics: Metrics, audience_now: AudienceNow = by_settings) -> None:
        """Take the readers of record, and what says who reads a channel now."""
        self._readers = readers
        self._metrics = metrics
        self._audience_now = audience_now

    def audience(self, channel: Channel) -> Audience:
        """Return who reads the channel now, never more than when its documents were searched."""
        return Audience(channel.audience.groups & self._audience_now(channel).groups)

    def may_read(self, audience: Audience, documents: Collection[str]) -> bool:
        """Tell whether an audience may read all of these documents."""
        return not self._unreadable(audience, documents)

    def outdated(self, memory: Mapping[str, Any], channel: Channel) -> bool:
        """Tell whether a message that was made from this memory shows what its readers may not read any more.

        One that was made while its readers were not known is outdated as soon as they are. While they are not known,
        nobody said that somebody lost anything.
        """
        audience = self.audience(channel)
        if not channel.confirmed:
            return False
        made_for = memory.get("audience")
        lost = made_for is not None and not frozenset(made_for) <= audience.groups
        found = made_for == [] and bool(audience.groups)
        return lost or found or not self.may_read(audience, rests_on(memory))

    def fit(self, summary: Summary, run: Run) -> Fit:
        """Return what of a summary the run's channel may be shown now.

        Where a model saw a document that the channel may not read any more, its words are not used: what it says of
        other documents may rest on that one. The summary without a model is narrowed in its place.

        Raises:
            StoreUnavailable: the record does not answer, so nothing may be shown.
        """
        audience = self.audience(run.channel)
        given = documents_of(run.evidence) if summary.rung.by_model else ()
        unreadable = self._unreadable(audience, {*named_in(summary), *given})
        if not unreadable:
            return Fit(summary, audience)
        log.info("the message is narrowed: its readers changed", action="narrowed")
        self._metrics.count("middlewatch_narrowed_total")
        base = run.first if summary.rung.by_model and run.first is not None else summary
        unreadable |= self._unreadable(audience, named_in(base))
        return Fit(narrowed(base, unreadable), audience, unreadable)

    def _unreadable(self, audience: Audience, documents: Collection[str]) -> frozenset[str]:
        readers = self._readers.readers(sorted(documents)) if documents else {}
        return frozenset(name for name in documents if not audience.may_read(readers.get(name, frozenset())))


def narrowed(summary: Summary, unreadable: Collection[str]) -> Summary:
    """Return a summary without everything that rests on, or names, one of these documents. Pure."""
    return replace(
        summary,
        claims=tuple(claim for claim in summary.claims if not cited_by(claim) & frozenset(unreadable)),
        sources=tuple(meta for meta in summary.sources if meta.id not in unreadable),
        nearest=tuple(meta for meta in summary.nearest if meta.id not in unreadable),
        dropped=(),
    )


def rests_on(memory: Mapping[str, Any]) -> frozenset[str]:
    """Return every document that a message names, rests on or was made from, by what is kept of it."""
    return named_in(SUMMARIES.validate_python(memory["summary"])) | frozenset(memory.get("given", ()))


def named_in(summary: Summary) -> frozenset[str]:
    """Return every document that a summary names or rests on."""
    shown = {meta.id for meta in (*summary.sources, *summary.nearest)}
    return frozenset(shown.union(*(cited_by(claim) for claim in summary.claims)))


def cited_by(claim: Claim) -> frozenset[str]:
    """Return every document that a claim rests on."""
    commands = (command.citation for command in claim.commands)
    return frozenset(citation.document_id for citation in (*claim.citations, *commands))


def documents_of(evidence: Evidence) -> frozenset[str]:
    """Return every document that a model was, or could have been, shown."""
    return frozenset(hit.meta.id for hit in (*evidence.runbooks, *evidence.postmortems))
