"""Tables, printed and as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich import table as rich_table
from rich.console import Console

WIDTH = 240
"""Characters of a printed line: a figure that is cut off is none."""


@dataclass(frozen=True, slots=True)
class Table:
    """A title, the heads of the columns, and the rows."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


def show(table: Table) -> str:
    """Print a table and return it as Markdown."""
    printed = rich_table.Table(*table.heads, title=table.title)
    for row in table.rows:
        printed.add_row(*row)
    Console(width=WIDTH).print(printed)
    lines = [table.heads, ["---"] * len(table.heads), *table.rows]
    return f"## {table.title}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def percentiles(values: Sequence[float]) -> list[str]:
    """Return the 50th and the 95th percentile, as text."""
    return [f"{value:.0f}" for value in np.percentile(values, (50, 95))]
