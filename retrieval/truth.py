"""What the database says an audience may read: the second check, after the index has answered.

The index holds a copy of the readers, and filters by it. This asks the record itself, and knows what the copy may be
behind in; whatever else comes back from outside the audience is a leak.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from domain.access import Audience, Readers
from domain.errors import Leak


class ReadersOfRecord(Protocol):
    """Who may read which document, by the database: the truth that the index holds a copy of."""

    def readers(self, snapshot: str, document_ids: Collection[str]) -> Mapping[str, Readers]:
        """Return the readers of these documents; one that is not known is left out, and nobody may read it."""
        ...

    def withheld(self, snapshot: str) -> frozenset[str]:
        """Return the documents that lost readers after the index was written: it may still propose them."""
        ...


class Truth:
    """What one audience may read of one snapshot, by the record.

    `withheld` are the documents that no read of this audience may touch, as of when this was made: they are kept out
    of the query, so that a document taken back and one that never was are the same to a reader, to the last bit.
    """

    def __init__(self, record: ReadersOfRecord, snapshot: str, audience: Audience) -> None:
        """Ask the record what is withheld now; a document that lost other readers than these is not."""
        self._record = record
        self.snapshot = snapshot
        self.audience = audience
        behind = record.withheld(snapshot)
        readers = record.readers(snapshot, behind) if behind else {}
        self.withheld = frozenset(name for name in behind if not audience.may_read(readers.get(name, frozenset())))

    def allowed(self, documents: Collection[str]) -> frozenset[str]:
        """Return those of these documents, which the index gave, that the audience may read.

        Raises Leak when one of them lies outside the audience, and was not withheld since the index was asked.
        """
        readers = self._record.readers(self.snapshot, documents) if documents else {}
        fit = frozenset(name for name in documents if self.audience.may_read(readers.get(name, frozenset())))
        outside = frozenset(documents) - fit
        if outside and outside - self._record.withheld(self.snapshot):
            raise Leak("The index returned a document outside the audience.", mend="Report this as a defect.")
        return fit
