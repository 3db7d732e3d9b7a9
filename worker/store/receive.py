"""Take a delivery in: alerts, incident and outbox row in one transaction, before anybody is answered.

When `receive` returns, the work is durable; when it raises, nothing of it happened (promise P1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, desc, func, literal, select, text, update
from sqlalchemy.exc import IntegrityError

from domain.alert import Alert, Delivery, Incident, Severity, Status
from domain.errors import StoreUnavailable
from worker.store.anchor import anchored
from worker.store.columns import UtcTime, fitted, storable, utc
from worker.store.engine import Database
from worker.store.fold import SHOWN, Effect, Episode, Folded, History, Moment, Policy, fold
from worker.store.ids import IdFactory, new_id
from worker.store.regroup import regrouped
from worker.store.rows import alert_row, episode_id, group_id, in_batches, incident_row, load_incidents
from worker.store.tables import alerts, episodes, incidents, outbox, refusals

_TRIES = 3
_MOST_DETAILS = 100

# Asked for every delivery, so they are put together once.
_NEWEST = (
    select(incidents)
    .where(incidents.c.group_id == bindparam("group"))
    .order_by(desc(incidents.c.open), desc(incidents.c.opened_at), desc(incidents.c.id))
    .limit(1)
)
_HEARD = select(episodes.c.id, episodes.c.status).where(episodes.c.id.in_(bindparam("names", expanding=True)))


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a delivery brought: each alert is either accepted (new), a duplicate, or rejected."""

    accepted: int
    duplicates: int
    rejected: int
    incidents: tuple[str, ...]
    effect: Effect

    @property
    def news(self) -> bool:
        """Whether there is something to tell: the delivery put work into the outbox."""
        return self.effect in SHOWN


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a delivery would do: the effect of each of its parts, the worst severity among the incidents it would open
    (None where it opens none), and the receipt of one that is all repeat. `heard_lately` says that nobody misses it
    when a repeat is not written down: the incidents were heard of within a quarter of `stale_after`.
    """

    effects: tuple[Effect, ...]
    worst_opened: Severity | None
    heard_lately: bool
    receipt: Receipt


class Inbox:
    """Where deliveries are taken in."""

    def __init__(self, database: Database, policy: Policy, ids: IdFactory = new_id) -> None:
        """`policy` says when an incident is over."""
        self._database = database
        self._policy = policy
        self._ids = ids

    def receive(self, delivery: Delivery, now: datetime) -> Receipt:
        """Store what a delivery brings and put the work into the outbox.

        Raises:
            StoreUnavailable: nothing was stored; the sender is to try again.
        """
        parts = regrouped(_cleaned(delivery), self._policy.group_by)
        for _ in range(_TRIES):
            try:
                with self._database.write() as connection:
                    return _together([self._receive(connection, part, now) for part in parts])
            except IntegrityError:
                continue  # somebody opened the same incident in the same moment: look again
        raise StoreUnavailable("The database could not settle who opens an incident.", mend="Send it again.")

    def foresee(self, delivery: Delivery, now: datetime) -> Foreseen:
        """Return what a delivery would do, and store nothing; no writer waits for it.

        Raises:
            StoreUnavailable: the database did not answer.
        """
        parts = regrouped(_cleaned(delivery), self._policy.group_by)
        with self._database.read() as connection:
            seen = [self._foresee(connection, part, now) for part in parts]
        opened = [folded.incident.severity for folded, _ in seen if folded.effect is Effect.OPENED and folded.incident]
        oldest = now - self._policy.stale_after / 4
        return Foreseen(
            effects=tuple(folded.effect for folded, _ in seen),
            worst_opened=min(opened, key=lambda severity: severity.rank, default=None),
            heard_lately=all(heard_at is not None and heard_at >= oldest for _, heard_at in seen),
            receipt=_together([_receipt(folded, delivery) for folded, _ in seen]),
        )

    def _foresee(self, connection: Connection, delivery: Delivery, now: datetime) -> tuple[Folded, datetime | None]:
        delivery, history = self._known(connection, group_id(delivery.sender, delivery.group_key), delivery, now)
        return fold(history, delivery, Moment(now, self._ids(now)), self._policy), history.heard_at

    def _receive(self, connection: Connection, delivery: Delivery, now: datetime) -> Receipt:
        if delivery.ignored or delivery.rejected:
            connection.execute(refusals.insert(), _refusal(delivery, self._ids(now), now))
        group = group_id(delivery.sender, delivery.group_key)
        self._serialize(connection, group)
        delivery, history = self._known(connection, group, delivery, now)
        folded = fold(history, delivery, Moment(now, self._ids(now)), self._policy)
        self._save(connection, folded, group, now)
        return _receipt(folded, delivery)

    def _known(self, connection: Connection, group: str, delivery: Delivery, now: datetime) -> tuple[Delivery, History]:
        """Return the delivery with the starts of its episodes, and what is known of its group."""
        newest = _newest(connection, group)
        delivery = anchored(delivery, newest[0] if newest else None)
        history = _history(connection, group, delivery, newest)
        if self._policy.cooldown:
            history = replace(history, recurrences=_recurrences(connection, group, now - self._policy.cooldown))
        return delivery, history

    def _serialize(self, connection: Connection, group: str) -> None:
        """Let one delivery of a group be judged at a time; SQLite has one writer anyway."""
        if not self._database.is_sqlite:
            key = int(group[:15], 16)
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})

    def _save(self, connection: Connection, folded: Folded, group: str, now: datetime) -> None:
        incident = folded.incident
        if folded.superseded:
            connection.execute(update(incidents).where(incidents.c.id == folded.superseded).values(open=False))
        if incident is not None and folded.effect in SHOWN:
            self._save_incident(connection, incident, folded.touched, now)
            self._put_into_outbox(connection, incident, folded.effect, now)
        elif incident is not None and incident.status is Status.FIRING:
            connection.execute(update(incidents).where(incidents.c.id == incident.id).values(heard_at=now))
        self._save_episodes(connection, folded, group, now)

    def _save_incident(
        self, connection: Connection, incident: Incident, touched: tuple[Alert, ...], now: datetime
    ) -> None:
        row = incident_row(incident, now)
        if incident.version == 1:
            connection.execute(incidents.insert(), row)
        else:
            connection.execute(update(incidents).where(incidents.c.id == incident.id).values(row))
        if touched:
            upsert = self._database.insert(alerts)
            fresh = {column.name: upsert.excluded[column.name] for column in alerts.c if not column.primary_key}
            upsert = upsert.on_conflict_do_update(index_elements=list(alerts.primary_key), set_=fresh)
            connection.execute(upsert, [alert_row(incident.id, alert) for alert in touched])

    def _put_into_outbox(self, connection: Connection, incident: Incident, effect: Effect, now: datetime) -> None:
        """Keep one row for each incident; a change that comes while it waits only raises what is wanted.

        One that is held is told sooner when it turns critical, and not at all when it resolves meanwhile.
        """
        critical = incident.severity is Severity.CRITICAL
        due = now if critical or effect is not Effect.OPENED else now + self._policy.hold_new
        holds = literal(self._policy.hold_new > timedelta(0))
        held = and_(holds, outbox.c.done_version == 0, outbox.c.attempts == 0, outbox.c.available_at > now)
        over = incident.version if effect is Effect.RESOLVED else 0
        at = literal(now, UtcTime)
        upsert = self._database.insert(outbox).values(
            incident_id=incident.id,
            wanted_version=incident.version,
            done_version=0,
            waiting_since=now,
            available_at=due,
            token=0,
            attempts=0,
            reason="",
        )
        was_done = outbox.c.done_version >= outbox.c.wanted_version
        connection.execute(
            upsert.on_conflict_do_update(
                index_elements=[outbox.c.incident_id],
                set_={
                    "wanted_version": incident.version,
                    "waiting_since": case((was_done, at), else_=outbox.c.waiting_since),
                    "done_version": case((held, over), else_=outbox.c.done_version),
                    "available_at": at if critical else case((held, outbox.c.available_at), else_=at),
                    "attempts": 0,
                    "reason": "",
                    "dead_at": None,
                },
            )
        )

    def _save_episodes(self, connection: Connection, folded: Folded, group: str, now: datetime) -> None:
        if not folded.fresh:
            return
        of = folded.incident.id if folded.incident else None
        rows = [
            {"id": _episode(group, alert), "status": alert.status.value, "incident_id": of, "seen_at": now}
            for alert in folded.fresh
        ]
        connection.execute(self._database.insert(episodes).on_conflict_do_nothing(), rows)


def _receipt(folded: Folded, delivery: Delivery) -> Receipt:
    return Receipt(
        accepted=len(folded.fresh),
        duplicates=folded.duplicates,
        rejected=len(delivery.rejected),
        incidents=(folded.incident.id,) if folded.incident else (),
        effect=folded.effect,
    )


def _together(receipts: list[Receipt]) -> Receipt:
    """Return what the parts of one delivery brought, told by the first part that is shown."""
    lead = next((receipt for receipt in receipts if receipt.effect in SHOWN), receipts[0])
    return Receipt(
        accepted=sum(receipt.accepted for receipt in receipts),
        duplicates=sum(receipt.duplicates for receipt in receipts),
        rejected=sum(receipt.rejected for receipt in receipts),
        incidents=tuple(name for receipt in receipts for name in receipt.incidents),
        effect=lead.effect,
    )


def _newest(connection: Connection, group: str) -> tuple[Incident, datetime] | None:
    """Load the group's newest incident, and when it was last heard of."""
    row = connection.execute(_NEWEST, {"group": group}).mappings().first()
    return None if row is None else (load_incidents(connection, [row])[0], row["heard_at"])


def _recurrences(connection: Connection, group: str, since: datetime) -> int:
    """Count the incidents of a group since, but for the newest."""
    query = select(func.count()).select_from(incidents)
    found = connection.execute(query.where(incidents.c.group_id == group, incidents.c.opened_at >= since)).scalar_one()
    return max(0, found - 1)


def _history(
    connection: Connection, group: str, delivery: Delivery, newest: tuple[Incident, datetime] | None
) -> History:
    """Load what is known of the group: its newest incident, and the states heard of these episodes."""
    heard: dict[Episode, frozenset[Status]] = {}
    names = {_episode(group, alert): (alert.fingerprint, alert.starts_at) for alert in delivery.alerts}
    for batch in in_batches(sorted(names)):
        for name, status in connection.execute(_HEARD, {"names": batch}):
            heard[names[name]] = heard.get(names[name], frozenset()) | {Status(status)}
    return History(*newest, heard) if newest else History(episodes=heard)


def _episode(group: str, alert: Alert) -> str:
    return episode_id(group, alert.fingerprint, alert.starts_at)


def _cleaned(delivery: Delivery) -> Delivery:
    """Bring what the sender wrote to the form in which it is stored, so that it compares equal later."""
    return replace(
        delivery,
        sender=storable(delivery.sender),
        group_key=storable(delivery.group_key),
        alerts=tuple(_cleaned_alert(alert) for alert in delivery.alerts),
    )


def _cleaned_alert(alert: Alert) -> Alert:
    return replace(
        alert,
        fingerprint=fitted(alert.fingerprint),
        labels={storable(name): storable(value) for name, value in alert.labels.items()},
        annotations={storable(name): storable(value) for name, value in alert.annotations.items()},
        starts_at=utc(alert.starts_at),
        ends_at=None if alert.ends_at is None else utc(alert.ends_at),
        link=storable(alert.link),
    )


def _refusal(delivery: Delivery, refusal_id: str, now: datetime) -> dict[str, Any]:
    """Return the record of what was not taken: where it stood and why, never what it said."""
    details = [[one.position, one.reason] for one in delivery.rejected[:_MOST_DETAILS]]
    return {
        "id": refusal_id,
        "at": now,
        "sender": delivery.sender,
        "delivery_id": delivery.delivery_id,
        "ignored": delivery.ignored,
        "rejected": len(delivery.rejected),
        "details": details,
    }
