"""Import once, before processes are forked, what each of them would spend seconds on."""

from __future__ import annotations

import importlib

_MODULES = """
anyio._backends._asyncio celery.app.amqp celery.app.builtins celery.app.control celery.app.events celery.app.log
celery.apps.worker celery.concurrency.thread celery.events.state celery.fixups.django celery.loaders.app
celery.worker.autoscale celery.worker.components celery.worker.consumer celery.worker.consumer.delayed_delivery
celery.worker.control celery.worker.pidbox celery.worker.request celery.worker.strategy fastapi.routing h2.connection
httpcore2 jinja2 jiter kombu.pools kombu.transport.redis langchain.chat_models langchain_core.tracers.langchain
langchain_core.tracers.run_collector langchain_core.tracers.stdout langchain_openai langsmith.client
openai.lib.streaming.chat openai.resources.chat.completions openai.resources.responses requests rich._emoji_codes
summarizer.model truststore uvicorn.lifespan.on uvicorn.loops.asyncio uvicorn.loops.auto
uvicorn.protocols.http.auto uvicorn.protocols.websockets.auto worker.app worker.console.preview worker.console.shelf
worker.http.auth worker.intake.amazon
"""


def preload() -> None:
    """Import them."""
    for name in _MODULES.split():
        importlib.import_module(name)
