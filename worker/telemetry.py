"""What is told about ourselves: metrics that are declared in `metrics.yaml`, and logs as JSON lines.

Every log event has a stable `action`; the incident's id is bound once, through structlog's context variables.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping, MutableMapping
from functools import lru_cache
from pathlib import Path
from typing import Any, TextIO

import structlog
import yaml
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from structlog.typing import Processor

from domain.errors import MiddlewatchError
from worker.redaction.redactor import redact as redact_text

DECLARED = Path(__file__).with_name("metrics.yaml")
UNLOGGABLE = "[not shown: the redactor failed]"

Event = MutableMapping[str, Any]
_Metric = Counter | Gauge | Histogram


class UnknownMetric(MiddlewatchError):
    """A metric was used that is not declared, or with other labels than declared."""

    reason = "unknown-metric"


class Metrics:
    """The metrics of one process, by their declared names."""

    def __init__(self, declared: Path = DECLARED) -> None:
        """Register every declared metric, and what the process itself takes."""
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._metrics: dict[str, _Metric] = {}
        self._labelled_names: set[str] = set()
        for row in yaml.safe_load(declared.read_text(encoding="utf-8")):
            self._metrics[row["name"]] = self._register(row)

    @property
    def names(self) -> frozenset[str]:
        """The names of all declared metrics."""
        return frozenset(self._metrics)

    def count(self, name: str, amount: float = 1, **labels: str) -> None:
        """Add to a counter. An amount of 0 makes the series appear.

        Raises:
            UnknownMetric: no counter of this name and these labels is declared.
        """
        self._labelled(Counter, name, labels).inc(amount)

    def set(self, name: str, value: float, **labels: str) -> None:
        """Set a gauge.

        Raises:
            UnknownMetric: no gauge of this name and these labels is declared.
        """
        self._labelled(Gauge, name, labels).set(value)

    def observe(self, name: str, value: float, **labels: str) -> None:
        """Put a value, seconds where the name says so, into a histogram.

        Raises:
            UnknownMetric: no histogram of this name and these labels is declared.
        """
        self._labelled(Histogram, name, labels).observe(value)

    def value(self, name: str, **labels: str) -> float:
        """Return what a series stands at; 0 where it has not been seen. A histogram's is NAME_count or NAME_sum."""
        return self.registry.get_sample_value(name, labels) or 0.0

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text form."""
        return generate_latest(self.registry)

    def _labelled(self, kind: type[Any], name: str, labels: Mapping[str, str]) -> Any:
        metric = self._metrics.get(name)
        if not isinstance(metric, kind):
            raise UnknownMetric(f"No {kind.__name__.lower()} {name} is declared.", mend="Declare it in metrics.yaml.")
        try:
            return metric.labels(**labels) if labels or name in self._labelled_names else metric
        except ValueError as error:
            raise UnknownMetric(f"{name} has other labels.", mend="Use those in metrics.yaml.") from error

    def _register(self, row: Mapping[str, Any]) -> _Metric:
        name, text, labels = row["name"], row["help"], tuple(row["labels"])
        if labels:
            self._labelled_names.add(name)
        if row["type"] == "counter":
            return Counter(name, text, labels, registry=self.registry)
        if row["type"] == "gauge":
            return Gauge(name, text, labels, registry=self.registry)
        return Histogram(name, text, labels, buckets=tuple(row["buckets"]), registry=self.registry)


@lru_cache(maxsize=1)
def process_metrics() -> Metrics:
    """Return the metrics of this process; `wiring` hands them on."""
    return Metrics()


def configure_logging(
    redact: Callable[[str], str] = redact_text, level: str = "INFO", stream: TextIO | None = None
) -> None:
    """Send every log, ours and the libraries', to standard error as one JSON object a line.

    `redact` goes over every text of an event, tracebacks included; where it fails the text is left out.
    Below warning the libraries say nothing: what they tell at work is not ours to name.
    """
    target = stream or sys.stderr
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Processor] = [
        structlog.processors.format_exc_info,
        Redacting(redact),
        structlog.processors.JSONRenderer(default=_safe),
    ]
    structlog.configure(
        processors=[*shared, _with_action, *last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(target),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name, _with_action],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(number, logging.WARNING))


class Redacting:
    """Takes secrets out of every text of an event, however deep it lies."""

    def __init__(self, redact: Callable[[str], str]) -> None:
        """`redact` returns its text without secrets."""
        self._redact = redact

    def __call__(self, _logger: object, _method: str, event: Event) -> Event:
        """Return the event without secrets."""
        return {key: self._clean(value) for key, value in event.items()}

    def _clean(self, value: object) -> object:
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, Mapping):
            return {str(key): self._clean(item) for key, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._clean(item) for item in value]
        try:
            return self._redact(str(value))
        except Exception:  # noqa: BLE001 - no log line may pass a redactor that failed, nor break what logs it
            return UNLOGGABLE


def _with_action(_logger: object, _method: str, event: Event) -> Event:
    event.setdefault("action", "library" if "logger" in event else "unnamed")
    return event


def _safe(value: object) -> str:
    return type(value).__name__
