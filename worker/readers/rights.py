"""Who may read a document and by which rule; and taking it from a group at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain.access import EVERYONE, Audience, Readers, Ruling, Step, narrowed, without
from domain.errors import BadSettings
from worker.index.ingesting import Holder
from worker.store.audit import Act, Audit
from worker.store.catalogue import Catalogue
from worker.store.messages import Edition, Messages, Place
from worker.store.readers import ReadersOfRecord

REVOKE, RESTORE, ORIGINALS, VIEW = "revoke", "restore", "originals", "view"
_AS_BUILT = "the index as it was last published"


@dataclass(frozen=True, slots=True)
class Explained:
    """Who may read one document: each rule with the readers it leaves, in the order they are applied.

    `live` says whether the index that answers queries holds it at all.
    """

    document: str
    steps: tuple[Step, ...]
    live: bool

    @property
    def readers(self) -> Readers:
        """Who may read it now."""
        return self.steps[-1].readers

    def verdict(self, audience: Audience) -> tuple[bool, str]:
        """Tell whether an audience may read it, and by which rule."""
        if not audience.groups:
            return False, "its readers are not known, so nothing is readable to it"
        for step in self.steps:
            if not audience.may_read(step.readers):
                return False, f"kept out by {step.rule}"
        shared = sorted(audience.groups & self.readers)
        return self.live, f"it holds {', '.join(shared)}" if self.live else "the live index does not hold it"

    def as_json(self) -> dict[str, Any]:
        """Return the object that `access explain --json` prints."""
        steps = [{"rule": step.rule, "readers": sorted(step.readers)} for step in self.steps]
        return {"document": self.document, "live": self.live, "readers": sorted(self.readers), "steps": steps}


@dataclass(frozen=True, slots=True)
class Books:
    """Where readers are on record."""

    catalogue: Catalogue
    readers: ReadersOfRecord
    audit: Audit
    messages: Messages


class Rights:
    """Explains and revokes. What is revoked holds for the next read of every process, and after every ingest."""

    def __init__(self, books: Books, holder: Holder, who: str) -> None:
        """`who` is the person on record."""
        self._books = books
        self._holder = holder
        self._who = who

    def explain(self, document: str) -> Explained:
        """Return who may read a document, and by which rules.

        Raises:
            BadSettings: no source and no snapshot has it.
        """
        built = self._built(document)
        ruling = self._books.readers.ruling(document)
        if ruling is None and built is None:
            raise BadSettings(
                "There is no such document.", mend="Give it as SOURCE/relative/path; run `middlewatch ingest` first."
            )
        steps = list((ruling or Ruling(())).steps)
        if built is not None and (not steps or narrowed(built, steps[-1].readers) != steps[-1].readers):
            steps.append(Step(_AS_BUILT, narrowed(built, steps[-1].readers) if steps else built))
        if revoked := self._books.readers.revoked(document):
            named = ", ".join(sorted(revoked))
            steps.append(Step(f"`access revoke` of {named}", without(steps[-1].readers, revoked)))
        if document in self._books.audit.withdrawn():
            steps.append(Step("`withdraw`", frozenset()))
        return Explained(document, tuple(steps), built is not None)

    def revoke(self, document: str, group: str, reason: str = "") -> tuple[bool, Explained]:
        """Take a document from a group, whatever is ingested later; return whether that is new, and who is left.

        Raises:
            BadSettings: there is no such document.
        """
        self.explain(document)
        done = self._books.readers.revoke(self._act(REVOKE, document, f"{group}: {reason}".rstrip(": ")), group)
        return done, self.explain(document)

    def restore(self, document: str, group: str) -> tuple[bool, Explained]:
        """Undo a revocation; return whether there was one, and who may read it now.

        Raises:
            BadSettings: there is no such document.
        """
        done = self._books.readers.give_back(self._act(RESTORE, document, group), group)
        return done, self.explain(document)

    def originals(self, incident_id: str) -> tuple[tuple[Place, Edition], ...]:
        """Return the texts of an incident's messages that were taken back; that somebody looked is on record."""
        messages = self._books.messages
        found = tuple(
            (message.place, edition)
            for message in messages.of_incident(incident_id)
            for edition in messages.originals(message.place)
        )
        self._books.audit.add(self._act(ORIGINALS, incident_id, f"{len(found)} texts"))
        return found

    def looked(self, incident_id: str, how: str) -> None:
        """Record that somebody looked at an incident with other eyes than their own."""
        self._books.audit.add(self._act(VIEW, incident_id, how))

    def _built(self, document: str) -> Readers | None:
        """Return the readers that the live snapshot was built with; None where it does not hold the document."""
        live = self._books.catalogue.live()
        return self._books.catalogue.built_with(live.id, document) if live else None

    def _act(self, action: str, document: str, reason: str) -> Act:
        return Act(self._holder.clock(), self._who, action, document, reason)


def told(readers: Readers) -> str:
    """Return readers in words."""
    if EVERYONE in readers:
        return "everyone"
    return ", ".join(sorted(readers)) or "nobody"
