"""The part of the composition root that knows when a channel is told many incidents at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from worker.from_settings import rules
from worker.posting import Posting
from worker.route import Channel
from worker.sections.storm import StormSettings
from worker.settings import Settings
from worker.store.store import Store
from worker.store.storms import Storms
from worker.storm.desk import StormDesk
from worker.storm.record import split
from worker.storm.sky import Sky
from worker.storm.weather import Tides
from worker.telemetry import Metrics
from worker.wiring_index import now as now

Ring = Callable[[tuple[str, ...]], None]


def sky(settings: Settings, store: Store, ring: Ring, metrics: Metrics) -> Sky:
    """Return what looks how full each channel is, and what is silent."""
    found = rules(settings)
    return Sky(Tides(store.storms, found.storm, ring, metrics, now), found.silences, store.silenced, metrics, now)


def storm_desk(storm: StormSettings, posting: Posting, storms: Storms, channels: Sequence[Channel]) -> StormDesk:
    """Return what tells storms."""
    return StormDesk(posting, storms, channels, (storm.within, storm.every), now)


def parting(store: Store) -> Callable[[str, str], int]:
    """Return what takes an incident out of its storms, for somebody who asks over HTTP."""
    return lambda incident, who: split(store, incident, "", (now(), who, "Over HTTP."))
