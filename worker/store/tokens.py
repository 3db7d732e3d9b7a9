"""Tokens of the API, each bound to an audience or to the operator's role, and the reads that were denied.

Only the SHA-256 of a token is kept. A slow hash is for passwords, which can be guessed; a token holds 256 random bits,
and nobody finds it from its hash. Several are valid at once, so one is replaced without a moment in which none is.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, desc, select, update

from domain.access import Audience
from domain.errors import StoreUnavailable
from worker.store.engine import Database
from worker.store.ids import new_id
from worker.store.tables_access import denied_reads, tokens

_FORM = re.compile(r"mw_([0-9a-f]{22})_([A-Za-z0-9_-]{43})")
_NOBODYS = hashlib.sha256(b"").hexdigest()
_USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its secret. An operator's reads everything; another reads as its audience."""

    id: str
    name: str
    operator: bool
    audience: Audience
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None

    def valid(self, now: datetime) -> bool:
        """Tell whether it opens anything now."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class Denial:
    """A read that was denied to somebody who has a token: what was asked for, and the stable reason."""

    at: datetime
    token_id: str
    name: str
    what: str
    subject: str
    reason: str


class Tokens:
    """The tokens."""

    def __init__(self, database: Database) -> None:
        """Keep them in this database."""
        self._database = database

    def create(self, token: Token) -> str:
        """Keep a new token, whose `id` is not looked at, and return its text: it is shown this once."""
        identity, secret = new_id(token.created_at), secrets.token_urlsafe(32)
        row = {
            "id": identity,
            "digest": _digest(secret),
            "name": token.name,
            "operator": token.operator,
            "groups": sorted(token.audience.groups),
            "created_at": token.created_at,
            "created_by": token.created_by,
            "expires_at": token.expires_at,
        }
        with self._database.write() as connection:
            connection.execute(tokens.insert().values(row))
        return f"mw_{identity}_{secret}"

    def holder(self, text: str, now: datetime) -> Token | None:
        """Return the token that a text is, where it is valid; it takes as long to refuse as to accept a secret.

        Raises:
            StoreUnavailable: the database did not answer.
        """
        form = _FORM.fullmatch(text)
        if form is None:
            return None
        identity, secret = form.groups()
        with self._database.read() as connection:
            row = connection.execute(select(tokens).where(tokens.c.id == identity)).mappings().first()
        same = hmac.compare_digest(_digest(secret), row["digest"] if row else _NOBODYS)
        token = _token(row) if row and same else None
        if token is None or not token.valid(now):
            return None
        self._note_use(token, now)
        return token

    def all(self) -> tuple[Token, ...]:
        """Return every token, the newest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(tokens).order_by(desc(tokens.c.created_at), desc(tokens.c.id))).mappings()
            return tuple(_token(row) for row in rows)

    def revoke(self, token_id: str, now: datetime) -> bool:
        """Let a token open nothing from now on. False: there is none, or it was revoked before."""
        named = (tokens.c.id == token_id, tokens.c.revoked_at.is_(None))
        with self._database.write() as connection:
            return connection.execute(update(tokens).where(*named).values(revoked_at=now)).rowcount == 1

    def _note_use(self, token: Token, now: datetime) -> None:
        """Note the use, once a minute at most; a database that takes no writes just now denies nobody."""
        if token.last_used_at is None or now - token.last_used_at >= _USE_NOTED_EVERY:
            with suppress(StoreUnavailable), self._database.write() as connection:
                connection.execute(update(tokens).where(tokens.c.id == token.id).values(last_used_at=now))


class Denials:
    """The reads that were denied to those who have a token."""

    def __init__(self, database: Database) -> None:
        """Keep them in this database."""
        self._database = database

    def add(self, denial: Denial) -> None:
        """Record a denial."""
        row = {name: getattr(denial, name) for name in Denial.__slots__}
        with self._database.write() as connection:
            connection.execute(denied_reads.insert().values(id=new_id(denial.at), **row))

    def recent(self, limit: int = 100) -> tuple[Denial, ...]:
        """Return the latest denials, the newest first."""
        columns = [denied_reads.c[name] for name in Denial.__slots__]
        query = select(*columns).order_by(desc(denied_reads.c.at), desc(denied_reads.c.id)).limit(limit)
        with self._database.read() as connection:
            return tuple(Denial(**row) for row in connection.execute(query).mappings())


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _token(row: RowMapping) -> Token:
    plain = ("id", "name", "operator", "created_at", "created_by", "expires_at", "last_used_at", "revoked_at")
    return Token(audience=Audience(frozenset(row["groups"])), **{name: row[name] for name in plain})
