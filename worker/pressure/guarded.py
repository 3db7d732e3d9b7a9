"""Qdrant, Slack and the source of groups behind breakers: one that is spared costs a quick no, not a timeout."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeVar

from domain.breaker import Breaker
from domain.errors import IndexUnavailable, MiddlewatchError, SlackUnavailable
from worker.membership import Held, Person, Room
from worker.pressure.turns import EDITS, Turns

if TYPE_CHECKING:
    from retrieval.access_filter import Scope
    from retrieval.index import Index, Leg, Point, Proposal
    from worker.slack.message import Message

_T = TypeVar("_T")

SPARED = "slack-breaker-open"
_DOWN = frozenset({"slack-unreachable", "slack-certificate", "slack-no-answer", "slack-broken"})
"""What says that Slack is down; that it asks to wait, or says no, is an answer."""


class Post(Protocol):
    """Slack's channels."""

    def post(self, channel_id: str, message: Message, marker: str) -> str:
        """Post a message and return its ts."""

    def edit(self, channel_id: str, ts: str, message: Message) -> None:
        """Put a message in the place of another."""

    def reply(self, channel_id: str, ts: str, text: str, broadcast: bool) -> str:
        """Answer in a message's thread."""

    def find(self, channel_id: str, marker: str, since: datetime) -> str | None:
        """Look for a message by its marker."""

    def delete(self, channel_id: str, ts: str) -> None:
        """Take a message of ours back."""


class Directory(Protocol):
    """Slack's record of people and channels."""

    def room(self, channel_id: str) -> Room:
        """Return a channel and who is in it."""

    def person(self, user_id: str) -> Person:
        """Return what somebody is."""

    def groups(self) -> Held:
        """Return the user groups that each user is in."""


@dataclass(frozen=True, slots=True)
class Spare:
    """Lets calls to Slack through while it answers."""

    breaker: Breaker

    def gate(self) -> None:
        """See that it is worth beginning.

        Raises:
            SlackUnavailable: Slack is spared, and nobody looks at it yet.
        """
        if self.breaker.left_s:
            raise self._spared()

    @contextmanager
    def call(self) -> Iterator[None]:
        """Make one call.

        Raises:
            SlackUnavailable: Slack is spared, or did not answer.
        """
        if not self.breaker.may_ask():
            raise self._spared()
        try:
            yield
        except MiddlewatchError as error:
            (self.breaker.failed if error.reason in _DOWN else self.breaker.answered)()
            raise
        self.breaker.answered()

    def _spared(self) -> SlackUnavailable:
        return SlackUnavailable(
            "Slack has failed lately and is spared.",
            ambiguous=False,  # nothing was sent
            retry_after=max(self.breaker.left_s, 1.0),
            reason=SPARED,
        )


class GuardedPost:
    """Slack's channels behind a breaker; what they say of their limits is heeded."""

    def __init__(self, post: Post, spare: Spare, turns: Turns) -> None:
        """Hand on to this what is let through."""
        self._post = post
        self._spare = spare
        self._turns = turns

    def post(self, channel_id: str, message: Message, marker: str) -> str:
        """Post a message and return its ts."""
        with self._turns.heeding(channel_id), self._spare.call():
            return self._post.post(channel_id, message, marker)

    def edit(self, channel_id: str, ts: str, message: Message) -> None:
        """Put a message in the place of another."""
        with self._turns.heeding(EDITS), self._spare.call():
            self._post.edit(channel_id, ts, message)

    def reply(self, channel_id: str, ts: str, text: str, broadcast: bool) -> str:
        """Answer in a message's thread."""
        with self._turns.heeding(channel_id), self._spare.call():
            return self._post.reply(channel_id, ts, text, broadcast)

    def find(self, channel_id: str, marker: str, since: datetime) -> str | None:
        """Look for a message by its marker."""
        with self._spare.call():
            return self._post.find(channel_id, marker, since)

    def delete(self, channel_id: str, ts: str) -> None:
        """Take a message of ours back."""
        with self._spare.call():
            self._post.delete(channel_id, ts)


class GuardedDirectory:
    """The source of groups behind a breaker; what is known of audiences holds meanwhile, until it is too old."""

    def __init__(self, directory: Directory, spare: Spare) -> None:
        """Hand on to this what is let through."""
        self._directory = directory
        self._spare = spare

    def room(self, channel_id: str) -> Room:
        """Return a channel and who is in it."""
        with self._spare.call():
            return self._directory.room(channel_id)

    def person(self, user_id: str) -> Person:
        """Return what somebody is."""
        with self._spare.call():
            return self._directory.person(user_id)

    def groups(self) -> Held:
        """Return the user groups that each user is in."""
        with self._spare.call():
            return self._directory.groups()


class GuardedIndex:
    """Qdrant behind a breaker: what reads is spared; what builds and what probes asks it always."""

    def __init__(self, index: Index, breaker: Breaker) -> None:
        """Hand on to this what is let through."""
        self._index = index
        self._breaker = breaker

    def build(self, snapshot: str, batches: Iterable[Sequence[Point]]) -> None:
        """Write a snapshot."""
        self._index.build(snapshot, batches)

    def drop(self, snapshot: str) -> None:
        """Forget a snapshot."""
        self._index.drop(snapshot)

    def snapshots(self) -> tuple[str, ...]:
        """Return the snapshots that can be read, sorted."""
        return self._index.snapshots()

    def propose(self, snapshot: str, scope: Scope, legs: Sequence[Leg], limit: int) -> list[list[Proposal]]:
        """Return for each leg its best points within the scope."""
        return self._read(lambda: self._index.propose(snapshot, scope, legs, limit))

    def read(self, snapshot: str, scope: Scope, vectors: Sequence[str]) -> list[Point]:
        """Return every point within the scope."""
        return self._read(lambda: self._index.read(snapshot, scope, vectors))

    def close(self) -> None:
        """Let go of connections."""
        self._index.close()

    def _read(self, call: Callable[[], _T]) -> _T:
        if not self._breaker.may_ask():
            raise IndexUnavailable(
                "Qdrant has failed lately and is spared.",
                reason="index-breaker-open",
                mend="See that it runs; it is asked again within seconds.",
            )
        try:
            found = call()
        except IndexUnavailable:
            self._breaker.failed()
            raise
        except MiddlewatchError:
            self._breaker.answered()
            raise
        self._breaker.answered()
        return found
