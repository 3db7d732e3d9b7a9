"""The Celery tasks: thin. Each takes an id or a name, calls one thing, and leaves the deciding to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from celery import Celery
from celery.schedules import crontab

from worker.broker import ANSWER, BATCH, GOLDEN, HANDLE, ONLINE, PURGE, REDTEAM, SWEEP, SYNC


@dataclass(frozen=True, slots=True)
class Jobs:
    """What the tasks call."""

    handle: Callable[[str], object]
    sweep: Callable[[], object]
    sync: Callable[[str], object]
    purge: Callable[[], object]
    golden: Callable[[], object]
    answer: Callable[[str, str, str, str, str], object] = lambda *_: None
    redteam: Callable[[], object] = lambda: None


def register(app: Celery, jobs: Jobs) -> None:
    """Make the jobs known to the app under their names."""

    def handle(incident_id: str) -> None:
        jobs.handle(incident_id)

    def sync(source: str = "") -> None:
        jobs.sync(source)

    def answer(incident: str, channel: str, user: str, seen_in: str, ts: str) -> None:
        jobs.answer(incident, channel, user, seen_in, ts)

    app.task(name=ANSWER, shared=False)(answer)
    app.task(name=HANDLE, shared=False)(handle)
    app.task(name=SYNC, shared=False)(sync)
    repeated = ((SWEEP, jobs.sweep), (PURGE, jobs.purge), (GOLDEN, jobs.golden), (REDTEAM, jobs.redteam))
    for name, job in repeated:
        app.task(name=name, shared=False)(_task(job))


def _task(job: Callable[[], object]) -> Callable[[], None]:
    """Return the job as Celery wants it: a named function; what it returns is in the database already."""

    def run() -> None:
        job()

    return run


def schedule(app: Celery, sweep_every: timedelta, sync_every: timedelta | None) -> None:
    """Tell beat when to ask for what; times of day are UTC."""
    entries: dict[str, dict[str, object]] = {
        "sweep": _entry(SWEEP, sweep_every, ONLINE, expires=sweep_every),
        "purge": {"task": PURGE, "schedule": crontab(hour="3", minute="40"), "options": {"queue": BATCH}},
        "redteam": {"task": REDTEAM, "schedule": crontab(hour="3", minute="10"), "options": {"queue": BATCH}},
        "golden": {"task": GOLDEN, "schedule": crontab(hour="2", minute="20"), "options": {"queue": BATCH}},
    }
    if sync_every is not None:
        entries["sync"] = _entry(SYNC, sync_every, BATCH, expires=sync_every)
    app.conf.beat_schedule = entries


def _entry(task: str, every: timedelta, queue: str, expires: timedelta) -> dict[str, object]:
    """Return a beat entry whose message expires before the next: a dead worker leaves no heap of them."""
    return {"task": task, "schedule": every, "options": {"queue": queue, "expires": expires.total_seconds()}}
