"""Run it: everything in one process, or the API, the worker and the scheduler apart."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import ExitStack
from datetime import timedelta
from typing import Annotated

import structlog
import typer
import uvicorn

from domain.errors import BadSettings
from worker import telemetry, wiring
from worker.cli.base import ConfigFile, command, stderr
from worker.http.beside import Beside
from worker.memory import share_heaps
from worker.process import running
from worker.redacting import redactor_of
from worker.rotation import Rotation
from worker.settings import Settings, load
from worker.threads import Consumers, Every, Threads
from worker.threads import beat as beat_thread

log = structlog.get_logger()

_SWITCH_S = 0.0005
"""For how long a thread that computes keeps one that has an answer ready waiting, in seconds; Python's own is 0.005.

It halves the slowest answers to senders while summaries are made (`python -m benchmarks.storm`).
"""

_RECALL = timedelta(seconds=1)
"""How often it is asked whether who may read what has changed."""

Host = Annotated[str | None, typer.Option(help="Address to listen on; default intake.host.", show_default=False)]
Port = Annotated[int | None, typer.Option(help="Port to listen on; default intake.port.", show_default=False)]


@command
def up(config: ConfigFile = None, host: Host = None, port: Port = None) -> None:
    """Run everything in one process: API, worker, scheduler, with what no settings name bundled.

    Example: middlewatch up --config middlewatch.toml
    """
    settings = _begin(config)
    with ExitStack() as stack:
        parts = stack.enter_context(running(settings, migrated=False, bundled_redis=True))
        _listen(parts, config)
        start_work(stack, parts)
        _start_beat(stack, parts)
        serve(parts, host, port)


@command
def api(config: ConfigFile = None, host: Host = None, port: Port = None) -> None:
    """Run the HTTP side alone.

    Example: middlewatch api --host 0.0.0.0 --port 8787
    """
    settings = _begin(config, needs_redis="api")
    with running(settings) as parts:
        _listen(parts, config)
        serve(parts, host, port)


@command
def worker(config: ConfigFile = None) -> None:
    """Run the work alone: alerts, batch work and the sweeper.

    Example: middlewatch worker --config middlewatch.toml
    """
    settings = _begin(config, needs_redis="worker")
    with ExitStack() as stack:
        parts = stack.enter_context(running(settings))
        _listen(parts, config)
        start_work(stack, parts)
        _tell_beside(stack, parts)
        _wait_for_a_signal()


@command
def beat(config: ConfigFile = None) -> None:
    """Run the scheduler alone; one is enough.

    Example: middlewatch beat --config middlewatch.toml
    """
    settings = _begin(config, needs_redis="beat")
    with ExitStack() as stack:
        parts = stack.enter_context(running(settings))
        _listen(parts, config)
        _start_beat(stack, parts)
        _tell_beside(stack, parts)
        _wait_for_a_signal()


def _begin(config: ConfigFile, needs_redis: str = "") -> Settings:
    settings = load(config)
    if needs_redis and not settings.store.redis_url:
        raise BadSettings(
            f"`middlewatch {needs_redis}` needs a Redis that the other processes reach too.",
            mend="Set store.redis_url, or run everything in one process with `middlewatch up`.",
        )
    telemetry.configure_logging(redactor_of(settings.redaction, settings.store.data_dir))
    sys.setswitchinterval(_SWITCH_S)
    share_heaps()
    signal.signal(signal.SIGTERM, _end)
    return settings


def _end(*_: object) -> None:
    """End as a return would, so that all that was opened is closed: the bundled Redis would outlive us.

    The web server takes the signal first and, once it has ended, sends it on to us.
    """
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(0)


def _listen(parts: wiring.Parts, config: ConfigFile) -> None:
    """Read the secrets again on SIGHUP."""
    Rotation(lambda: load(config), parts.renew).listen()


def _tell_beside(stack: ExitStack, parts: wiring.Parts) -> None:
    """Serve the metrics of a process that has no HTTP side, where the settings say at which address."""
    if not parts.settings.worker.metrics_listen:
        return
    beside = Beside(parts.health, parts.settings.worker.metrics_listen)
    if beside.start():
        stack.callback(beside.stop)


def start_work(stack: ExitStack, parts: wiring.Parts) -> None:
    """Start what does the work: the consumers, the sweeper, the renewal of leases; `stack` stops them."""
    settings, parts.works = parts.settings.worker, True
    llm = parts.settings.llm
    online = settings.online_threads + (llm.at_once if llm.model else 0)  # no first message waits for a model's answer
    consumers = Consumers(parts.working_app, Threads(online, settings.batch_threads), parts.owner)
    sweeper = Every(settings.sweep_every, parts.sweep, "sweep")
    leases = Every(settings.lease / 4, parts.work.renew, "renew")
    warming = threading.Thread(target=parts.warm, name="warm", daemon=True)
    recall = Every(min(settings.sweep_every, _RECALL), parts.recall.run, "recall")
    for each in (parts.timer, leases, consumers, sweeper, recall):
        each.start()
        stack.callback(each.stop)
    if parts.verified:
        readers = Every(settings.sweep_every, parts.refresher.run, "readers")
        readers.start()
        stack.callback(readers.stop)
    warming.start()
    if parts.settings.canary.every:
        canary = Every(parts.settings.canary.every, parts.canary.run, "canary")
        canary.start()
        stack.callback(canary.stop)


def _start_beat(stack: ExitStack, parts: wiring.Parts) -> None:
    parts.schedule()
    service = beat_thread(parts.celery, parts.settings.store.data_dir)
    service.start()
    stack.callback(service.stop)


def serve(parts: wiring.Parts, host: str | None, port: int | None) -> None:
    """Answer over HTTP until a signal comes."""
    settings = parts.settings.intake
    address, number = host or settings.host, settings.port if port is None else port
    stderr.print(f"middlewatch listens on http://{address}:{number} (preview: /preview)", markup=False)
    uvicorn.run(
        parts.http,
        host=address,
        port=number,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=10,
    )


def _wait_for_a_signal() -> None:
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    stopped.wait()
