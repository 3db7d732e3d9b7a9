"""Metrics are declared, logs hold no secret."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from worker.telemetry import UNLOGGABLE, Metrics, UnknownMetric, configure_logging, process_metrics

ROOT = Path(__file__).parents[3]
NAME = r"""["'](middlewatch_[a-z0-9_]+)["']"""
CALL = r"""\.(?:count|set|observe)\(\s*""" + NAME


def found(pattern: str) -> set[str]:
    """Return every metric's name that the pattern finds in the program."""
    sources = [file for file in (ROOT / "worker").rglob("*.py") if "migrations" not in file.parts]
    return {name for file in sources for name in re.findall(pattern, file.read_text("utf-8"))}


def test_every_metric_that_is_used_is_declared() -> None:
    assert "middlewatch_deliveries_total" in found(CALL)
    assert found(CALL) - Metrics().names == set()


def test_every_metric_that_is_declared_is_used() -> None:
    assert Metrics().names - found(NAME) == set()


@pytest.mark.parametrize(
    ("verb", "name", "labels"),
    [
        ("count", "middlewatch_made_up_total", {}),
        ("set", "middlewatch_leaks_total", {}),  # a counter
        ("observe", "middlewatch_outbox_pending", {}),  # a gauge
        ("count", "middlewatch_deliveries_total", {}),  # without its labels
        ("count", "middlewatch_deliveries_total", {"sender": "x"}),
        ("count", "middlewatch_leaks_total", {"channel": "x"}),
    ],
)
def test_an_unknown_metric_is_refused(verb: str, name: str, labels: dict[str, str]) -> None:
    with pytest.raises(UnknownMetric):
        getattr(Metrics(), verb)(name, 1, **labels)


def test_metrics_are_told_in_the_text_form() -> None:
    metrics = Metrics()
    metrics.count("middlewatch_alerts_total", 3, sender="grafana", outcome="accepted")
    metrics.set("middlewatch_outbox_pending", 7)
    metrics.observe("middlewatch_step_seconds", 0.2, step="retrieve")

    text = metrics.text().decode()
    assert 'middlewatch_alerts_total{outcome="accepted",sender="grafana"} 3.0' in text
    assert "middlewatch_outbox_pending 7.0" in text
    assert metrics.value("middlewatch_step_seconds_count", step="retrieve") == 1


def test_a_process_has_one_set_of_metrics() -> None:
    assert process_metrics() is process_metrics()


def hide(text: str) -> str:
    return text.replace("hunter2", "[redacted:test]")


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    target = io.StringIO()
    yield target
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_log_line_is_one_json_object_with_its_action_and_incident(stream: io.StringIO) -> None:
    configure_logging(hide, stream=stream)
    structlog.contextvars.bind_contextvars(incident="inc-1")
    structlog.get_logger().warning("something\nhappened", action="thing_happened", n=3)

    (line,) = lines(stream)
    assert (line["event"], line["action"]) == ("something\nhappened", "thing_happened")
    assert (line["incident"], line["n"]) == ("inc-1", 3)
    assert line["level"] == "warning"
    assert line["timestamp"].endswith("Z")


def test_no_secret_is_logged_wherever_it_lies(stream: io.StringIO) -> None:
    configure_logging(hide, stream=stream)
    log = structlog.get_logger()
    log.warning("password hunter2", deep={"a": ["hunter2", ("hunter2",)]}, odd=Path("/hunter2"))
    try:
        raise ValueError("hunter2")
    except ValueError:
        log.exception("failed")
    logging.getLogger("some.library").warning("connected to %s", "redis://:hunter2@x")

    first, second, third = lines(stream)
    assert "hunter2" not in stream.getvalue()
    assert first["deep"] == {"a": ["[redacted:test]", ["[redacted:test]"]]}
    assert "ValueError: [redacted:test]" in second["exception"]
    assert (third["logger"], third["action"]) == ("some.library", "library")


def test_what_cannot_be_redacted_is_not_logged(stream: io.StringIO) -> None:
    def fails(text: str) -> str:
        raise RuntimeError(text)

    configure_logging(fails, stream=stream)
    structlog.get_logger().error("hunter2", action="thing_failed")
    (line,) = lines(stream)
    assert line["event"] == UNLOGGABLE


def test_below_the_level_nothing_is_said(stream: io.StringIO) -> None:
    configure_logging(hide, "WARNING", stream)
    structlog.get_logger().info("quiet")
    assert stream.getvalue() == ""


def test_the_programs_own_redactor_is_the_default(stream: io.StringIO) -> None:
    configure_logging(stream=stream)
    structlog.get_logger().warning("broker at redis://:hunter2hunter2@cache:6379/0")
    assert "hunter2hunter2" not in stream.getvalue()
