"""Ask again who is in each channel: on a schedule, and at once after something happened."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import structlog

from domain.errors import MiddlewatchError, SlackUnavailable
from worker.membership import Found, Held, Person, Room, State, in_common, merged
from worker.readers.group_file import read_groups
from worker.store.audiences import Known
from worker.telemetry import Metrics

log = structlog.get_logger()

LOCK = "audiences"
_LEASE = timedelta(minutes=2)
_RETRY = timedelta(seconds=30)


class Directory(Protocol):
    """Slack's record of people and channels."""

    def room(self, channel_id: str) -> Room:
        """Return a channel and who is in it."""

    def person(self, user_id: str) -> Person:
        """Return what somebody is."""

    def groups(self) -> Held:
        """Return the user groups that each user is in."""


class Book(Protocol):
    """The record of audiences."""

    def all(self) -> Mapping[str, Known]:
        """Return what is known, by channel id."""

    def doubt(self, channel_ids: Collection[str], now: datetime, reason: str) -> None:
        """Believe nothing of these channels any more."""

    def hurry(self, channel_ids: Collection[str], now: datetime) -> None:
        """Have these channels asked for again."""

    def confirm(self, known: Known, found: Found, now: datetime, due_at: datetime) -> bool:
        """Record what was found."""

    def failed(self, known: Known, reason: str, due_at: datetime) -> None:
        """Record that a channel could not be asked for."""


class Locks(Protocol):
    """Locks that one process holds against all others."""

    def acquire(self, name: str, owner: str, now: datetime, lease: timedelta) -> bool:
        """Take a lock; False: somebody else has it."""

    def release(self, name: str, owner: str) -> None:
        """Give a lock back."""


class Holders:
    """Who holds which group, by the file, by Slack's user groups, or by both."""

    def __init__(self, directory: Directory, file: str, slack: bool) -> None:
        """`file` is "" where there is none; `slack` says whether user groups count."""
        self._directory = directory
        self._file = Path(file) if file else None
        self._slack = slack

    def __call__(self) -> Held:
        """Return the groups that each user id holds.

        Raises:
            BadSettings: the file cannot be understood.
            Refused, SlackUnavailable: Slack did not say.
        """
        sources = [read_groups(self._file)] if self._file else []
        return merged([*sources, *([self._directory.groups()] if self._slack else [])])

    def mark(self) -> str:
        """Return what changes whenever the file does; "" where there is none or it is away."""
        try:
            return hashlib.sha256(self._file.read_bytes()).hexdigest() if self._file else ""
        except OSError:
            return ""


@dataclass(frozen=True, slots=True)
class Rounds:
    """Which channels are looked after, how often, by whom."""

    channels: Sequence[str]
    every: timedelta
    owner: str
    clock: Callable[[], datetime]


class Refresher:
    """Brings the record of audiences up to date; one process at a time does it."""

    def __init__(
        self, directory: Directory, holders: Holders, books: tuple[Book, Locks], rounds: Rounds, metrics: Metrics
    ) -> None:
        """`books` are the record, and the locks that keep two processes from asking Slack the same."""
        self._directory = directory
        self._holders = holders
        self._book, self._locks = books
        self._rounds = rounds
        self._metrics = metrics
        self._mark: str | None = None

    def run(self) -> int:
        """Ask for every channel that is due; return how many were."""
        self._notice_the_file()
        due = self._due()
        if not due:
            return 0
        if not self._locks.acquire(LOCK, self._rounds.owner, self._rounds.clock(), _LEASE):
            return 0
        try:
            self._ask(due)
        finally:
            self._locks.release(LOCK, self._rounds.owner)
        self._measure()
        return len(due)

    def _notice_the_file(self) -> None:
        """Doubt every channel when the file has changed: somebody may have left a group."""
        mark, before = self._holders.mark(), self._mark
        self._mark = mark
        if before is None:
            self._book.hurry(self._rounds.channels, self._rounds.clock())
        elif mark != before:
            self._book.doubt(self._rounds.channels, self._rounds.clock(), "the file of groups changed")

    def _due(self) -> list[Known]:
        now, known = self._rounds.clock(), self._book.all()
        missing = [channel for channel in self._rounds.channels if channel not in known]
        if missing:
            self._book.doubt(missing, now, "not asked for yet")
            known = self._book.all()
        mine = (known[channel] for channel in self._rounds.channels if channel in known)
        return sorted((each for each in mine if each.due_at <= now), key=lambda each: each.due_at)

    def _ask(self, due: Sequence[Known]) -> None:
        try:
            held = self._holders()
        except MiddlewatchError as error:
            for known in due:
                self._failed(known, error)
            return
        for known in due:
            try:
                found = in_common(self._directory.room(known.channel_id), self._directory.person, held)
            except MiddlewatchError as error:
                self._failed(known, error)
                continue
            now = self._rounds.clock()
            done = self._book.confirm(known, found, now, now + self._rounds.every)
            self._metrics.count("middlewatch_audience_refreshes_total", outcome=found.state if done else "overtaken")

    def _failed(self, known: Known, error: MiddlewatchError) -> None:
        wait = timedelta(seconds=error.retry_after) if isinstance(error, SlackUnavailable) else timedelta(0)
        self._book.failed(known, error.reason, self._rounds.clock() + max(wait, _RETRY))
        self._metrics.count("middlewatch_audience_refreshes_total", outcome=error.reason)
        log.warning("the readers of a channel could not be asked for", action="audience_failed", reason=error.reason)

    def _measure(self) -> None:
        states = [known.state for known in self._book.all().values() if known.channel_id in self._rounds.channels]
        for state in State:
            self._metrics.set("middlewatch_audiences", states.count(state), state=state.value)
