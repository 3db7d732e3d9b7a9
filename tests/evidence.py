"""An incident and its evidence, small enough to read, for the tests of the model's rung."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from domain.alert import Alert, Incident, Status
from domain.document import Chunk, DocumentMeta, Evidence, Hit, Kind, Passage, SendToModel

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)

RUNBOOK = """# OrdersVolumeFilling

## Meaning

The volume of `orders-db` is over 85 % full and will be full within four hours.

## Impact

Nothing yet. When the volume is full, PostgreSQL stops and nobody can place an order.

## Mitigation

First, find out whether the write-ahead log or the tables grow:

```shell
kubectl -n orders exec orders-db-0 -- df -h /data
```

Do not restart the primary: it cannot start with a full volume.

If a replication slot holds the log back, drop the slot:

```shell
kubectl -n orders exec orders-db-0 -- psql -c "SELECT pg_drop_replication_slot('search_cdc');"
```
"""

POSTMORTEM = """# Orders database disk full

## Summary

On 11 March the volume of the orders database filled up because a replication slot was left behind.

## Resolution

The slot was dropped and the volume was grown from 200 GB to 300 GB.
"""


def hit(name: str, text: str, kind: Kind = Kind.RUNBOOK, score: float = 1.0, **more: Any) -> Hit:
    """Return a document as a search finds it, cut at its `##` headings; passages score less the later they stand."""
    title = text.partition("\n")[0].removeprefix("# ")
    source = "postmortems" if kind is Kind.POSTMORTEM else "runbooks"
    pinned = bool(more.pop("pinned", False))
    more = {"send_to_model": SendToModel.ANY, **more}
    readers = frozenset({"everyone"})
    meta = DocumentMeta(f"{source}/{name}.md", source, f"{name}.md", kind, title, readers, **more)
    starts = [0, *(place + 1 for place in range(len(text)) if text.startswith("\n## ", place)), len(text)]
    passages = []
    for number, (start, end) in enumerate(pairwise(starts)):
        part = text[start:end]
        headings = (part.partition("\n")[0].removeprefix("## "),) if part.startswith("## ") else ()
        chunk = Chunk(f"{name}-{number}", meta, number, start, end, part, headings)
        passages.append(Passage(chunk, score - number / 100))
    return Hit(meta, score, tuple(passages), pinned)


def evidence(*hits: Hit) -> Evidence:
    """Return evidence of these hits, or of the runbook and the postmortem above."""
    found = hits or (hit("volume", RUNBOOK), hit("disk-full", POSTMORTEM, Kind.POSTMORTEM))
    runbooks = tuple(one for one in found if one.meta.kind is Kind.RUNBOOK)
    return Evidence(runbooks, tuple(one for one in found if one.meta.kind is Kind.POSTMORTEM), snapshot="s1")


def incident(labels: Mapping[str, str] | None = None, annotations: Mapping[str, str] | None = None) -> Incident:
    """Return an incident of one firing alert."""
    known = {"alertname": "OrdersVolumeFilling", "severity": "critical", "service": "orders-db", **(labels or {})}
    told = annotations or {"summary": "The volume of orders-db-0 is 91 % full"}
    alert = Alert("f1", Status.FIRING, known, told, NOW)
    return Incident("i1", "alertmanager", "g1", Status.FIRING, NOW, None, 1, (alert,))
