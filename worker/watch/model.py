"""The probe of the language model's server: something listens, with a certificate that holds; no token is spent."""

from __future__ import annotations

import socket
import ssl
from urllib.parse import urlsplit

from domain.errors import ModelUnavailable
from summarizer.places import base_of
from worker.http.ports import Probe
from worker.settings import Settings

_TIMEOUT_S = 3


def model(settings: Settings) -> Probe:
    """Probe the language model's server: something listens; no token is spent."""

    def check() -> str:
        llm = settings.llm
        if not llm.model:
            return "none: the extractive summary stands"
        address = urlsplit(base_of(llm.model, llm.base_url))
        if not address.hostname:
            return f"{llm.model}, not probed: its provider's own address"
        port = address.port or (443 if address.scheme == "https" else 80)
        try:
            _listens(address.hostname, port, tls=address.scheme == "https")
        except ssl.SSLCertVerificationError as error:
            raise ModelUnavailable(
                f"The certificate at llm.base_url is not accepted: {error.verify_message}.",
                mend="Renew it; see this machine's clock and CA certificates; messages stay extractive meanwhile.",
            ) from error
        except OSError as error:
            raise ModelUnavailable(
                f"Nothing listens where the model should be ({type(error).__name__}).",
                mend="Start it, or correct llm.base_url; messages stay extractive meanwhile.",
            ) from error
        return f"{llm.model}, {address.hostname}:{port} listens"

    return Probe("model", check)


def _listens(host: str, port: int, *, tls: bool) -> None:
    """See that something listens, and where it is to speak TLS that its certificate holds."""
    with socket.create_connection((host, port), timeout=_TIMEOUT_S) as connection:
        if tls:
            ssl.create_default_context().wrap_socket(connection, server_hostname=host).close()
