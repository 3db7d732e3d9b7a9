"""What models cost: each call, and the purses that cap it.

A call is paid for before it is made: its worst case is taken from every purse that it falls under, in one transaction
of conditional updates, so that calls at the same time cannot overspend. When the call is over what it did not need is
given back. A call whose end nobody knows keeps what was taken for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, and_, select, update

from worker.store.engine import Database
from worker.store.ids import new_id
from worker.store.money_tables import purses, spend

NANO = Decimal(10) ** 9


class State(StrEnum):
    """What became of a call's money."""

    HELD = "held"
    """The worst case is taken; the call runs, or its process died."""
    SETTLED = "settled"
    """What it cost is booked."""
    UNCERTAIN = "uncertain"
    """It may have cost something, nobody said how much: what was taken stays taken."""
    RELEASED = "released"
    """It was never made."""
    SAVED = "saved"
    """A kept answer was given in its place."""


@dataclass(frozen=True, slots=True)
class Purse:
    """A cap: so many US dollars, or tokens for models whose price is unknown; None caps nothing.

    `scope` is the kind of cap as it is told: incident, team or day.
    """

    id: str
    scope: str
    usd: Decimal | None
    tokens: int | None


@dataclass(frozen=True, slots=True)
class Order:
    """A call that is about to be made, and its worst case: `usd` is None where the price is unknown."""

    at: datetime
    incident_id: str
    team: str
    service: str
    model: str
    prompt: str
    usd: Decimal | None
    tokens: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What a call took: `usd` is None where it is unknown."""

    input_tokens: int
    output_tokens: int
    usd: Decimal | None


@dataclass(frozen=True, slots=True)
class Mark:
    """A purse has come to so many percent of its cap for the first time."""

    purse: Purse
    percent: int


class Refusal(Exception):
    """A purse has not enough left; nothing was taken from any."""

    def __init__(self, purse: Purse) -> None:
        """Say which."""
        super().__init__(purse.scope)
        self.purse = purse


MARKS = (50, 80, 100)


class Spend:
    """The purses and the calls that are paid from them."""

    def __init__(self, database: Database) -> None:
        """Keep them in this database."""
        self._database = database

    def reserve(self, order: Order, caps: Sequence[Purse]) -> str:
        """Take a call's worst case from every purse, or from none, and return the call's id.

        Raises:
            Refusal: a purse has not enough left.
        """
        call_id = new_id(order.at)
        nano = None if order.usd is None else nano_of(order.usd)
        with self._database.write() as connection:
            for purse in caps:  # always in the same order: two calls never wait for each other in a ring
                if not self._take(connection, purse, nano, order):
                    raise Refusal(purse)
            connection.execute(spend.insert().values(_row(call_id, order, State.HELD, nano)))
        return call_id

    def _take(self, connection: Connection, purse: Purse, nano: int | None, order: Order) -> bool:
        counter = purses.c.tokens if nano is None else purses.c.nanousd
        amount = order.tokens if nano is None else nano
        limit = _limit(purse, in_money=nano is not None)
        if limit is not None and amount > limit:
            return False
        row = {"id": purse.id, "at": order.at, "nanousd": nano or 0, "tokens": order.tokens if nano is None else 0}
        taken = self._database.insert(purses).values(**row, told=0)
        taken = taken.on_conflict_do_update(
            index_elements=[purses.c.id],
            set_={counter.name: counter + amount},
            where=None if limit is None else counter + amount <= limit,
        )
        return connection.execute(taken.returning(purses.c.id)).first() is not None

    def settle(self, call_id: str, taken: Taken | None, caps: Sequence[Purse], reason: str = "") -> None:
        """Book what a call took and give back the rest. None: it was never made. Settled twice counts once.

        Where what it took is not known, what was reserved stays taken.
        """
        if taken is None:
            state = State.RELEASED
        else:
            state = State.SETTLED if taken.usd is not None or taken.input_tokens else State.UNCERTAIN
        with self._database.write() as connection:
            held = and_(spend.c.id == call_id, spend.c.state == State.HELD.value)
            row = connection.execute(select(spend).where(held).with_for_update()).mappings().first()
            if row is None:
                return
            for purse in caps:
                _give_back(connection, purse.id, row["reserved_nanousd"], row["reserved_tokens"], taken)
            values: dict[str, Any] = {
                "state": state.value,
                "reason": reason,
                "cost_nanousd": 0 if taken is None else None,
            }
            if taken is not None:
                values |= {"input_tokens": taken.input_tokens, "output_tokens": taken.output_tokens}
                values["cost_nanousd"] = None if taken.usd is None else nano_of(taken.usd)
            connection.execute(update(spend).where(held).values(**values))

    def saved(self, order: Order, taken: Taken) -> None:
        """Record that a kept answer was given instead of making this call."""
        row = _row(new_id(order.at), order, State.SAVED, 0)
        row |= {"cost_nanousd": 0, "saved_nanousd": None if taken.usd is None else nano_of(taken.usd)}
        with self._database.write() as connection:
            connection.execute(spend.insert().values(row | {"reserved_tokens": 0}))

    def marks(self, caps: Sequence[Purse], now: datetime, full: str = "") -> tuple[Mark, ...]:
        """Return the marks that purses have come to and that nobody was told of; each is returned once.

        `full` is the id of a purse that has just refused a call: it counts as used up.
        """
        with self._database.write() as connection:
            if full:
                row = {"id": full, "at": now, "nanousd": 0, "tokens": 0, "told": 0}
                self._database.add(connection, purses, row)
            return tuple(_marks(connection, caps, full))


def nano_of(usd: Decimal) -> int:
    """Return billionths of a dollar, rounded up: nothing is cheaper in the books than it was."""
    return int((usd * NANO).to_integral_value(ROUND_CEILING))


def _booked(taken: Taken | None) -> dict[str, Any]:
    if taken is None:
        return {"cost_nanousd": 0}
    cost = None if taken.usd is None else nano_of(taken.usd)
    return {"input_tokens": taken.input_tokens, "output_tokens": taken.output_tokens, "cost_nanousd": cost}


def _limit(purse: Purse, *, in_money: bool) -> int | None:
    if in_money:
        return None if purse.usd is None else int(purse.usd * NANO)
    return purse.tokens


def _give_back(connection: Connection, purse_id: str, nano: int | None, tokens: int, taken: Taken | None) -> None:
    """Put the difference between what was reserved and what was taken back into a purse."""
    if nano is not None:
        used = nano if taken is not None and taken.usd is None else nano_of(taken.usd or Decimal(0)) if taken else 0
        change = {"nanousd": purses.c.nanousd - nano + used}
    else:
        counted = taken.input_tokens + taken.output_tokens if taken else 0
        change = {"tokens": purses.c.tokens - tokens + (tokens if taken and not counted else counted)}
    connection.execute(update(purses).where(purses.c.id == purse_id).values(**change))


def _marks(connection: Connection, caps: Sequence[Purse], full: str) -> Iterator[Mark]:
    for purse in caps:
        row = connection.execute(select(purses).where(purses.c.id == purse.id)).mappings().first()
        if row is None:
            continue
        shares = [1.0 if purse.id == full else 0.0]
        if purse.usd:
            shares.append(row["nanousd"] / float(purse.usd * NANO))
        if purse.tokens:
            shares.append(row["tokens"] / purse.tokens)
        reached = max((mark for mark in MARKS if max(shares) * 100 >= mark), default=0)
        newly = and_(purses.c.id == purse.id, purses.c.told < reached)
        if reached and (connection.execute(update(purses).where(newly).values(told=reached)).rowcount == 1):
            yield Mark(purse, reached)


def _row(call_id: str, order: Order, state: State, nano: int | None) -> dict[str, Any]:
    return {
        "id": call_id,
        "at": order.at,
        "day": f"{order.at:%Y-%m-%d}",
        "incident_id": order.incident_id,
        "team": order.team,
        "service": order.service,
        "model": order.model,
        "prompt": order.prompt,
        "state": state.value,
        "reason": "",
        "reserved_nanousd": nano,
        "reserved_tokens": order.tokens,
        "input_tokens": 0,
        "output_tokens": 0,
    }
