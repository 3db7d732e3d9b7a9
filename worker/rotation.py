"""New secrets without a restart: on SIGHUP the settings are read again, and their secrets take the place of the old.

Everything else in them counts from the next start. Where the new settings cannot be read the old secrets stay. A
connection that is open keeps the secret it was opened with; each new one takes what the settings hold by then.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from urllib.parse import urlsplit

import structlog

from domain.errors import MiddlewatchError
from worker.settings import Settings

log = structlog.get_logger()


class Rotation:
    """Reads the settings again when it is asked to."""

    def __init__(self, load: Callable[[], Settings], take: Callable[[Settings], None]) -> None:
        """`take` takes over the secrets of settings."""
        self._load = load
        self._take = take

    def again(self) -> bool:
        """Read and take over; False: they could not be read, and nothing has changed."""
        try:
            fresh = self._load()
        except MiddlewatchError as error:
            log.error("the secrets stay as they were", action="rotation_failed", reason=error.reason, error=str(error))
            return False
        self._take(fresh)
        log.warning("the secrets were read again", action="rotated")
        return True

    def listen(self) -> None:
        """Do so on every SIGHUP; to be called in the main thread."""
        signal.signal(signal.SIGHUP, self._asked)

    def _asked(self, *_: object) -> None:
        threading.Thread(target=self.again, name="rotation", daemon=True).start()


def with_secrets_of(old: Settings, fresh: Settings) -> Settings:
    """Return the old settings with the secrets of the fresh ones: senders', the API's, Slack's, models' and stores'.

    Of a store's URL user and password are taken over; where anything else in it has changed, nothing of it is.
    """
    slack = {"bot_token": fresh.slack.bot_token, "signing_secret": fresh.slack.signing_secret}
    names = ("database_url", "redis_url")
    urls = {name: _renewed(getattr(old.store, name), getattr(fresh.store, name)) for name in names}
    store = {"qdrant_api_key": fresh.store.qdrant_api_key, **urls}
    senders = {
        name: table.model_copy(update={"tokens": new.tokens, "secrets": new.secrets})
        for name in type(old.intake).model_fields
        if hasattr(table := getattr(old.intake, name), "secrets") and (new := getattr(fresh.intake, name))
    }
    intake = {"api_tokens": fresh.intake.api_tokens, **senders}
    return old.model_copy(
        update={
            "slack": old.slack.model_copy(update=slack),
            "intake": old.intake.model_copy(update=intake),
            "store": old.store.model_copy(update=store),
            "llm": old.llm.model_copy(update={"api_key": fresh.llm.api_key}),
        }
    )


def _renewed(old: str, fresh: str) -> str:
    """Return the fresh URL where it differs from the old one in user and password alone."""
    here, there = urlsplit(old), urlsplit(fresh)
    same_place = here._replace(netloc=_place(here.netloc)) == there._replace(netloc=_place(there.netloc))
    return fresh if same_place else old


def _place(netloc: str) -> str:
    return netloc.rpartition("@")[2]
