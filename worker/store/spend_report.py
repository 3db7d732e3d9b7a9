"""Where the money went: calls, tokens and cost, grouped by what one asks for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from worker.store.engine import Database
from worker.store.feedback import FeedbackBook
from worker.store.money_tables import spend
from worker.store.spend import NANO, State

GROUPS = ("team", "service", "model", "prompt", "day", "incident")


@dataclass(slots=True)
class Line:
    """The calls of one group. `usd` sums what is known; `unknown` counts calls whose cost nobody knows."""

    group: str
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    usd: Decimal = Decimal(0)
    unknown: int = 0
    saved_calls: int = 0
    saved_usd: Decimal = Decimal(0)
    held_usd: Decimal = Decimal(0)
    up: int = 0
    down: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the line as JSON values: `usd` is null where the cost of every call is unknown."""
        known = self.calls > self.unknown or not self.calls
        asked = self.calls + self.saved_calls
        return {
            "group": self.group,
            "calls": self.calls,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "usd": float(self.usd) if known else None,
            "calls_of_unknown_cost": self.unknown,
            "held_usd": float(self.held_usd),
            "kept_answers": self.saved_calls,
            "hit_rate": round(self.saved_calls / asked, 4) if asked else None,
            "saved_usd": float(self.saved_usd),
            "thumbs_up": self.up,
            "thumbs_down": self.down,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """The groups, the dearest first, and their sum."""

    by: str
    lines: tuple[Line, ...]
    total: Line = field(default_factory=lambda: Line("total"))


class SpendReports:
    """Sums over the calls on record."""

    def __init__(self, database: Database) -> None:
        """Read them from this database."""
        self._database = database

    def report(self, by: str, since: datetime, until: datetime) -> Report:
        """Return the calls from `since` up to `until`, grouped by one of `GROUPS`."""
        column = spend.c.incident_id if by == "incident" else spend.c[by]
        query = select(spend, column.label("by_group")).where(spend.c.at >= since, spend.c.at < until)
        lines: dict[str, Line] = defaultdict(lambda: Line(""))
        total = Line("total")
        with self._database.read() as connection:
            for row in connection.execute(query).mappings():
                line = lines[row["by_group"]]
                line.group = row["by_group"]
                _count(line, row)
                _count(total, row)
        self._voted(lines, total, by, (since, until))
        ranked = sorted(lines.values(), key=lambda line: (-line.usd, -line.input_tokens, line.group))
        return Report(by, tuple(ranked), total)

    def _voted(self, lines: dict[str, Line], total: Line, by: str, span: tuple[datetime, datetime]) -> None:
        """Count readers' votes: in the groups that a vote belongs to, and in the sum."""
        for each in FeedbackBook(self._database).judged(*span):
            groups = {"model": each.model, "prompt": each.prompt, "incident": each.incident_id}
            group = groups.get(by, f"{each.last_at:%Y-%m-%d}" if by == "day" else None)
            named = [lines[group]] if group in lines else []
            for line in (*named, total):
                line.up += each.up
                line.down += each.down


def _count(line: Line, row: Mapping[Any, Any]) -> None:
    state = row["state"]
    if state == State.RELEASED:
        return
    if state == State.SAVED:
        line.saved_calls += 1
        line.saved_usd += (row["saved_nanousd"] or 0) / NANO
        return
    line.calls += 1
    line.input_tokens += row["input_tokens"]
    line.output_tokens += row["output_tokens"]
    if row["cost_nanousd"] is None:
        line.unknown += 1
        line.held_usd += (row["reserved_nanousd"] or 0) / NANO if state != State.SETTLED else 0
    else:
        line.usd += row["cost_nanousd"] / NANO
