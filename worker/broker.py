"""The bell: Celery on Redis tells a worker that there is work; the database says what the work is.

Redis loses tasks whatever the settings (a message leaves the list before it is noted as unacknowledged), so
a broker message holds an id only, and a lost one costs a sweep, not an alert.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import BoundedSemaphore
from urllib.parse import unquote, urlsplit

import structlog
from celery import Celery
from kombu.connection import Connection
from kombu.exceptions import OperationalError
from redis.credentials import CredentialProvider

ONLINE = "online"
BATCH = "batch"
HANDLE = "middlewatch.handle"
SYNC = "middlewatch.sync"
PURGE = "middlewatch.purge"
GOLDEN = "middlewatch.golden"
REDTEAM = "middlewatch.redteam"
SWEEP = "middlewatch.sweep"
ANSWER = "middlewatch.answer"

_BATCH_TASKS = (SYNC, PURGE, GOLDEN, REDTEAM)
_MOST_WAITING = 10_000
_AT_ONCE = timedelta(0)
_PRESSED = timedelta(minutes=5)

log = structlog.get_logger()


class Login(CredentialProvider):
    """User and password of Redis as they are by now; each new connection asks for them."""

    def __init__(self, current: Callable[[], str]) -> None:
        """`current` gives the URL."""
        self._current = current

    def get_credentials(self) -> tuple[str] | tuple[str, str]:
        """Return the password, with the user before it where there is one."""
        url = urlsplit(self._current())
        password = unquote(url.password or "")
        return (unquote(url.username), password) if url.username else (password,)


def make_celery(broker_url: str, current: Callable[[], str] | None = None) -> Celery:
    """Return the Celery app; what is not set here stays at Celery's default on purpose.

    `current` gives the URL as it is by now: where the first has a password, each new connection takes its own from it.
    Time limits are not set: they do nothing in a pool of threads; deadlines are carried in code.
    """
    app = Celery("middlewatch", broker=broker_url, set_as_current=False)
    app.conf.update(
        task_default_queue=ONLINE,
        task_routes={name: {"queue": BATCH} for name in _BATCH_TASKS},
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        result_backend=None,
        task_serializer="json",
        accept_content=["json"],
        # Without an event loop a consumer that has its fill looks again after up to two seconds: with one message for
        # each thread it takes four a second. They are hints, so many of them may be in the hands of one worker.
        worker_prefetch_multiplier=16,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": 300,
            "socket_timeout": 5,
            "socket_connect_timeout": 2,
            "health_check_interval": 10,
            "unacked_restore_interval": 5,
            "unacked_restore_throttle": 1,
        },
        task_publish_retry=True,
        task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_max": 0.2},
        timezone="UTC",
    )
    if current and urlsplit(broker_url).password:
        app.amqp.Connection = partial(Connection, credential_provider=Login(current))
    return app


class Bell:
    """Rings for incidents from a thread of its own: a silent broker delays no webhook.

    At most `_MOST_WAITING` rings wait; beyond that they are left to the sweeper.
    """

    def __init__(self, app: Celery) -> None:
        """Ring through this app."""
        self._app = app
        self._threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="bell")
        self._room = BoundedSemaphore(_MOST_WAITING)

    def ring(self, incident_ids: Iterable[str]) -> None:
        """Ask for work on these incidents soon; never waits and never fails."""
        for incident_id in incident_ids:
            if self._room.acquire(blocking=False):
                self._threads.submit(self._send, incident_id)

    def ask_sync(self, source: str, later: timedelta = _AT_ONCE) -> None:
        """Ask for a sync because this source has changed; never waits and never fails."""
        if self._room.acquire(blocking=False):
            self._threads.submit(self._send_sync, source, later)

    def ask_answer(self, *press: str) -> None:
        """Ask that a person who pressed the button be answered; never waits and never fails."""
        if self._room.acquire(blocking=False):
            self._threads.submit(self._send_press, press)

    def close(self) -> None:
        """Stop ringing; what still waits is left to the sweeper."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _send(self, incident_id: str) -> None:
        try:
            self._app.send_task(HANDLE, (incident_id,), queue=ONLINE)
        except (OperationalError, OSError):
            log.warning("the bell did not ring; the sweeper will", action="bell_silent", incident=incident_id)
        finally:
            self._room.release()

    def _send_press(self, press: tuple[str, ...]) -> None:
        try:
            self._app.send_task(ANSWER, press, queue=ONLINE, expires=_PRESSED.total_seconds())
        except (OperationalError, OSError):
            log.warning("nobody was asked to answer; the person can press again", action="bell_silent")
        finally:
            self._room.release()

    def _send_sync(self, source: str, later: timedelta) -> None:
        try:
            self._app.send_task(SYNC, (source,), queue=BATCH, countdown=later.total_seconds() or None)
        except (OperationalError, OSError):
            log.warning("nobody was asked to sync; the schedule will", action="bell_silent", source=source)
        finally:
            self._room.release()
