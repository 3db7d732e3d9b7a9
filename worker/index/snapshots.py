"""What people do with snapshots and documents: publish, roll back, prune, withdraw. Every act is on record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from domain.errors import BadSettings, IndexMismatch, IndexMissing, MiddlewatchError
from domain.snapshot import Record, State
from worker.index.ingesting import Holder
from worker.index.publish import Records
from worker.store.audit import Act

_SEE = "See `middlewatch index list`."
PUBLISH, OVERRIDE, ROLLBACK, PRUNE = "publish", "override", "rollback", "prune"
WITHDRAW, GIVE_BACK = "withdraw", "give-back"


class NotPublished(MiddlewatchError):
    """The golden queries stand between a snapshot and the readers."""

    reason = "refused-by-gate"


class Index(Protocol):
    """Where the snapshots are."""

    def snapshots(self) -> tuple[str, ...]:
        """Return the snapshots that can be read."""

    def drop(self, snapshot: str) -> None:
        """Forget a snapshot."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The index, and the fingerprint of what this process would build."""

    index: Callable[[], Index]
    fingerprint: Callable[[], str]


class Snapshots:
    """The acts; one at a time, and never while somebody ingests."""

    def __init__(self, records: Records, opened: Opened, holder: Holder, who: str) -> None:
        """`who` is the person on record."""
        self._records = records
        self._opened = opened
        self._holder = holder
        self._who = who

    def publish(self, snapshot_id: str, override: str = "") -> Record:
        """Make a snapshot the live one; `override` is the reason to do so against the golden queries.

        Raises:
            NotPublished: the golden queries refused it, and no reason or a leak stands against it.
            IndexMismatch: it was built by another embedding model.
            IndexMissing: the index does not hold it.
            BadSettings: there is no such snapshot.
            Busy: somebody ingests.
        """
        with self._holder.alone():
            record = self._fit(snapshot_id)
            judgement = record.judgement
            if judgement and judgement.leaks:
                raise NotPublished(
                    "The golden queries found a leak in that snapshot; nothing overrides that.",
                    reason="leak",
                    mend="Mend the readers of the document, then `middlewatch ingest`.",
                )
            against = judgement is None or not judgement.passed
            if judgement is None or (against and not override.strip()):
                raise NotPublished("The golden queries refused that snapshot.", mend="Give --override REASON.")
            self._act(OVERRIDE if against else PUBLISH, snapshot_id, override)
            self._records.catalogue.publish(snapshot_id, judgement, self._holder.clock())
        return record

    def rollback(self) -> tuple[str, str]:
        """Make the snapshot live that was live before; return the ids of the one left and the one taken.

        Raises:
            IndexMismatch, IndexMissing: it cannot answer any more.
            BadSettings: there is none.
            Busy: somebody ingests.
        """
        with self._holder.alone():
            before = self._records.catalogue.before()
            if before:
                self._fit(before.snapshot.id)
            why = f"{self._who} rolled it back on {self._holder.clock():%Y-%m-%d %H:%M} UTC"
            left, taken = self._records.catalogue.roll_back(why)
            self._act(ROLLBACK, left.id, f"to {taken.id}")
        return left.id, taken.id

    def prune(self, keep: int) -> tuple[str, ...]:
        """Drop all but the newest `keep` snapshots, never the live one nor the one before; return what is gone.

        Raises:
            Busy: somebody ingests.
        """
        catalogue = self._records.catalogue
        with self._holder.alone():
            before, records = catalogue.before(), catalogue.records()
            needed = {record.snapshot.id for record in records if record.state is State.LIVE}
            needed |= {before.snapshot.id} if before else set()
            gone = [record.snapshot.id for record in records[keep:] if record.snapshot.id not in needed]
            for name in gone:
                self._opened.index().drop(name)
                catalogue.forget(name)
                self._act(PRUNE, name)
        return tuple(gone)

    def withdraw(self, document: str, reason: str = "") -> bool:
        """Take a document from all readers at once and until it is given back; False: it was taken before.

        Raises:
            BadSettings: the live snapshot has no such document.
        """
        live = self._records.catalogue.live()
        if live is None or document not in {meta.id for meta in self._records.catalogue.documents(live.id)}:
            raise BadSettings(
                "The live index has no such document.", mend="Give it as SOURCE/relative/path, as `search` shows it."
            )
        return self._records.audit.withdraw(Act(self._holder.clock(), self._who, WITHDRAW, document, reason))

    def give_back(self, document: str) -> bool:
        """Undo a withdrawal; False: there was none."""
        return self._records.audit.give_back(Act(self._holder.clock(), self._who, GIVE_BACK, document))

    def _fit(self, snapshot_id: str) -> Record:
        """Return a snapshot that can answer."""
        record = self._records.catalogue.record(snapshot_id)
        if record is None or record.state is State.BUILDING:
            raise BadSettings("There is no such snapshot.", mend=_SEE)
        if not record.snapshot.fingerprint.startswith(f"{self._opened.fingerprint()}/"):
            raise IndexMismatch(
                "That snapshot was built by another embedding model or version.", mend="Run `middlewatch ingest`."
            )
        if snapshot_id not in self._opened.index().snapshots():
            raise IndexMissing("The index does not hold that snapshot any more.", mend=_SEE)
        return record

    def _act(self, action: str, subject: str, reason: str = "") -> None:
        self._records.audit.add(Act(self._holder.clock(), self._who, action, subject, reason))
