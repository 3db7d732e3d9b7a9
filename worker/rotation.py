"""New secrets without a restart: on SIGHUP the settings are read again, and their secrets take the place of the old.

Everything else in them counts from the next start. Where the new settings cannot be read the old secrets stay.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

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
    """Return the old settings with the secrets of senders, of the API and of Slack from the fresh ones."""
    slack = {"bot_token": fresh.slack.bot_token, "signing_secret": fresh.slack.signing_secret}
    senders = {
        name: table.model_copy(update={"tokens": new.tokens, "secrets": new.secrets})
        for name in type(old.intake).model_fields
        if hasattr(table := getattr(old.intake, name), "secrets") and (new := getattr(fresh.intake, name))
    }
    intake = {"api_tokens": fresh.intake.api_tokens, **senders}
    return old.model_copy(
        update={"slack": old.slack.model_copy(update=slack), "intake": old.intake.model_copy(update=intake)}
    )
