"""What the people who run this are told of refused deliveries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from domain.errors import SlackUnavailable, StoreUnavailable
from worker.slack.message import Message
from worker.store.audit import Act
from worker.watch.ops import OpsLine

THREE = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@dataclass
class Book:
    keys: set[str] = field(default_factory=set)
    fault: Exception | None = None

    def once(self, act: Act, key: str) -> bool:
        if self.fault:
            raise self.fault
        new = key not in self.keys
        self.keys.add(key)
        return new


@dataclass
class Post:
    told: list[tuple[str, str]] = field(default_factory=list)
    fault: Exception | None = None

    def post(self, channel_id: str, message: Message, marker: str) -> str:
        if self.fault:
            raise self.fault
        self.told.append((channel_id, message.text))
        return "1.0"


def line(book: Book, post: Post, minutes: int = 0, channel: str = "COPS") -> OpsLine:
    return OpsLine(book, post, channel, lambda: THREE + timedelta(minutes=minutes))


def test_it_tells_once_for_each_sender_and_hour() -> None:
    book, post = Book(), Post()
    for sender, minutes in [("sentry", 0), ("sentry", 59), ("datadog", 59), ("sentry", 60)]:
        line(book, post, minutes).refused(sender, "bad-signature")
    assert [(channel, text.split(":")[0]) for channel, text in post.told] == [
        ("COPS", "A delivery of sentry was refused"),
        ("COPS", "A delivery of datadog was refused"),
        ("COPS", "A delivery of sentry was refused"),
    ]


def test_without_a_channel_nobody_is_told_and_nothing_recorded() -> None:
    book, post = Book(), Post()
    line(book, post, channel="").refused("sentry", "bad-signature")
    assert (book.keys, post.told) == (set(), [])


def test_where_it_cannot_be_told_nothing_else_suffers() -> None:
    line(Book(), Post(fault=SlackUnavailable("down", ambiguous=False))).refused("sentry", "bad-signature")
    line(Book(fault=StoreUnavailable("down")), Post()).refused("sentry", "bad-signature")
