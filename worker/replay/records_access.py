"""Who may see a recorded run: an operator, or an audience that may read every passage in it, then and now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.access import Audience
from domain.errors import BadInput, BadSettings
from worker.from_settings import channel_of
from worker.library import LiveReaders
from worker.recording import Recording, unpacked, without
from worker.redaction.redactor import redact
from worker.replay.recorder import kept
from worker.settings import Settings
from worker.store.store import Store


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who runs this: they can read the database anyway."""


Reader = Audience | Operator
"""Who asks; there is no default."""


def reader_of(settings: Settings, channel: str, groups: str) -> Reader:
    """Return who asks on the command line: a channel, readers who hold groups, else the operator.

    Raises:
        BadSettings: both are named, or a channel that is not there.
    """
    if channel and groups:
        raise BadSettings("Say who reads.", mend="Give either --channel ID or --groups a,b, or neither.")
    if channel:
        return channel_of(settings, channel).audience
    return Audience.of(name.strip() for name in groups.split(",") if name.strip()) if groups else Operator()


class Records:
    """The recorded runs, as one reader may see them."""

    def __init__(self, store: Store, reader: Reader) -> None:
        """Read them from this store, as this reader."""
        self._store = store
        self._reader = reader
        self._readers = LiveReaders(store.catalogue)

    def get(self, run_id: str) -> Recording:
        """Return a run.

        Raises:
            BadInput: there is none, or it is not for this reader: the two are told in the same words.
        """
        found = self._store.recordings.get(run_id)
        recording = unpacked(found.body) if found else None
        if recording is None or not self._may_see(recording):
            raise BadInput(
                "There is no recording of that run.",
                reason="no-such-run",
                mend="Its id stands at the foot of the message; recordings are forgotten after [retention] audit.",
            )
        return recording

    def all(self) -> Iterator[Recording]:
        """Yield every run that this reader may see, the newest first."""
        for run_id in self._store.recordings.ids():
            found = self._store.recordings.get(run_id)
            recording = unpacked(found.body) if found else None
            if recording is not None and self._may_see(recording):
                yield recording

    def withdrawn(self, recording: Recording) -> tuple[str, ...]:
        """Return the documents of a run that were withdrawn since."""
        return tuple(sorted(set(self._store.audit.withdrawn()) & set(recording.documents)))

    def erase(self, document: str) -> int:
        """Take a document's words out of every run for good, and return of how many. An operator's act.

        Raises:
            BadInput: the reader is no operator.
        """
        if not isinstance(self._reader, Operator):
            raise BadInput("Only an operator erases.", reason="not-operator")
        runs = 0
        for found in list(self._store.recordings.holding(document)):
            self._store.recordings.keep(kept(without(unpacked(found.body), document), redact))
            runs += 1
        self._store.recordings.forget_answers(document)
        return runs

    def _may_see(self, recording: Recording) -> bool:
        if isinstance(self._reader, Operator):
            return True
        hits = (*recording.evidence.runbooks, *recording.evidence.postmortems)
        metas = [*(hit.meta for hit in hits), *recording.evidence.nearest]
        metas += recording.kept.sources if recording.kept else ()
        now = self._readers.readers(recording.documents)
        readable = all(self._reader.may_read(meta.readers) for meta in metas)
        return (
            readable
            and recording.audience.groups <= self._reader.groups
            and all(self._reader.may_read(now.get(name, frozenset())) for name in recording.documents)
        )
