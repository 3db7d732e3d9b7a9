"""Search: what one audience is given for an alert or a question, as two ranked lists.

The audience is checked in the index, on every point that comes back, and against the readers of record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from domain.access import Audience
from domain.alert import Alert
from domain.document import Evidence, Hit, Kind
from domain.errors import IndexMissing
from retrieval.duplicates import collapsed
from retrieval.finder import Finder, Reading
from retrieval.floors import Floors, floors_of
from retrieval.query import Query, from_alert
from retrieval.rescore import Sought, in_order
from retrieval.truth import ReadersOfRecord

MOST_RUNBOOKS = 3
MOST_POSTMORTEMS = 2
MOST_NEAREST = 3


@dataclass(frozen=True, slots=True)
class Ranking:
    """Both lists, best first, nothing left out: for golden queries and for people who search.

    `floors` are those that evidence for the same query is held to. `twins` names, for each near-duplicate that was
    left out of its list, the document that stands for it.
    """

    runbooks: tuple[Hit, ...] = ()
    postmortems: tuple[Hit, ...] = ()
    snapshot: str = ""
    floors: Floors = Floors()
    twins: Mapping[str, str] = field(default_factory=dict)


class Search:
    """The one way to read documents. Every method takes an audience, and none goes round it."""

    def __init__(
        self, finder: Finder, record: ReadersOfRecord, live: Callable[[], str], redact: Callable[[str], str]
    ) -> None:
        """Take what finds, who may read, which snapshot is live ("" for none), and what redacts a query."""
        self._finder = finder
        self._record = record
        self._live = live
        self._redact = redact

    def evidence(self, alert: Alert, audience: Audience, *, pin: bool = True) -> Evidence:
        """Return what an audience is given for an alert; `pin` puts the runbook first that the alert names itself.

        Raises IndexMissing, IndexUnavailable, Leak.
        """
        if not audience.groups:
            return Evidence()
        query = from_alert(alert).redacted(self._redact)
        reading, sought = self._open(query, audience, "")
        ranking = self._ranked(reading, sought)
        runbooks, postmortems = collapsed(ranking.runbooks).hits, collapsed(ranking.postmortems).hits
        floors = floors_of(query, runbooks, postmortems)
        named = self._named(query, reading, sought) if pin else None
        others = _beside(named, ranking.runbooks) if named else list(runbooks)
        good = [hit for hit in others if hit.score >= floors.runbook]
        past = [hit for hit in postmortems if hit.score >= floors.postmortem]
        return Evidence(
            runbooks=tuple(([named] if named else []) + good)[:MOST_RUNBOOKS],
            postmortems=tuple(past[:MOST_POSTMORTEMS]),
            nearest=tuple(hit.meta for hit in others[len(good) :][:MOST_NEAREST]),
            snapshot=reading.snapshot,
        )

    def warm(self, audience: Audience) -> None:
        """Read what an audience can see of the live index now, so that its first alert does not wait for it.

        Raises IndexMissing, IndexUnavailable, Leak.
        """
        snapshot = self._live()
        if snapshot and audience.groups:
            self._finder.reading(snapshot, audience, self._record)

    def ranking(self, query: Query, audience: Audience, limit: int = 10, *, snapshot: str = "") -> Ranking:
        """Return the best `limit` of both lists for a query, in the live snapshot or the one that is named.

        Raises IndexMissing, IndexUnavailable, Leak.
        """
        if not audience.groups:
            return Ranking()
        reading, sought = self._open(query.redacted(self._redact), audience, snapshot)
        ranking = self._ranked(reading, sought)
        runbooks, postmortems = collapsed(ranking.runbooks), collapsed(ranking.postmortems)
        twins = {**runbooks.twins, **postmortems.twins}
        lists = runbooks.hits[:limit], postmortems.hits[:limit]
        return Ranking(*lists, reading.snapshot, floors_of(query, runbooks.hits, postmortems.hits), twins)

    def _open(self, query: Query, audience: Audience, snapshot: str) -> tuple[Reading, Sought]:
        snapshot = snapshot or self._live()
        if not snapshot:
            raise IndexMissing("No index is live.", mend="Run `middlewatch ingest` to build one.")
        reading = self._finder.reading(snapshot, audience, self._record)
        return reading, self._finder.sought(query, reading.view)

    def _ranked(self, reading: Reading, sought: Sought) -> Ranking:
        runbooks = self._finder.found(reading, Kind.RUNBOOK, sought)
        postmortems = self._finder.found(reading, Kind.POSTMORTEM, sought)
        allowed = self._allowed(reading, [*runbooks, *postmortems])
        return Ranking(
            in_order([hit for hit in runbooks if hit.meta.id in allowed]),
            in_order([hit for hit in postmortems if hit.meta.id in allowed]),
            reading.snapshot,
        )

    def _named(self, query: Query, reading: Reading, sought: Sought) -> Hit | None:
        name = reading.view.names.pinned(query.runbook)
        hit = self._finder.document(reading, name, sought) if name else None
        return hit if hit and self._allowed(reading, [hit]) else None

    def _allowed(self, reading: Reading, hits: Sequence[Hit]) -> frozenset[str]:
        """Return the documents that the audience may read by the record; one from outside it raises Leak."""
        return reading.truth.allowed([hit.meta.id for hit in hits])


def _beside(named: Hit, runbooks: Sequence[Hit]) -> list[Hit]:
    """Return the runbooks without the one that the alert names itself, and without copies of it."""
    others = [hit for hit in runbooks if hit.meta.id != named.meta.id]
    return [hit for hit in collapsed([named, *others]).hits if hit is not named]
