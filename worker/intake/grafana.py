"""Grafana's webhook of unified alerting, version 1 (grafana/alerting `receivers/webhook/v1/webhook.go`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from domain.alert import Delivery
from domain.errors import BadInput
from worker.intake import groups, strict_json

NAME = "grafana"

_LEGACY = frozenset({"evalMatches", "ruleId", "ruleName", "ruleUrl"})


def parse(body: bytes, headers: Mapping[str, str], now: datetime) -> Delivery:
    """Return what the body says; it is Alertmanager's form with additions, which are left out.

    Raises:
        BadInput: nothing of it can be understood; `grafana-legacy` for the form before Grafana 9.
    """
    content = strict_json.loads(body)
    if not isinstance(content, dict):
        raise BadInput("The body is not an object.", reason="not-an-object", mend="Send Grafana's own form.")
    if "alerts" not in content and not _LEGACY.isdisjoint(content):
        raise BadInput(
            "The body is of Grafana's legacy alerting, which holds no labels to tell alerts apart.",
            reason="grafana-legacy",
            mend="Move the rule to unified alerting (Grafana 9 or later) and use its webhook contact point.",
        )
    if content.get("version") not in (None, "", "1", 1):
        raise BadInput(
            "The body is of a version that is not known here.",
            reason="unknown-version",
            mend="Send Grafana's version 1; Alertmanager's form goes to /v1/webhooks/alertmanager.",
        )
    return groups.understand(NAME, content, now)
