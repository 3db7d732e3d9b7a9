"""Secrets that only their vendor's name gives away: `datadog_app = 40 letters and digits`.

Keys of these vendors carry no mark of their own. The lengths are those that the vendors publish; the list of vendors
was checked against that of gitleaks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from worker.redaction.rule import Rule
from worker.redaction.values import UUID, is_example, is_stand_in

_UUID = re.compile(UUID)

_LENGTHS: dict[str, str] = {
    "adafruit": "32", "adobe": "32", "airtable": "17", "algolia": "32", "alibaba": "30", "amplitude": "32",
    "asana": "16 32", "atlassian": "24", "confluence": "24", "jira": "24", "auth0": "32 64", "beamer": "46",
    "bitbucket": "32 64", "bittrex": "32", "bugsnag": "32", "meraki": "40", "circleci": "40", "clearbit": "35",
    "cloudflare": "37 40", "codecov": "32 36", "codeclimate": "64", "cohere": "40", "coinbase": "64", "confluent": "16 64",
    "contentful": "43", "coveralls": "32", "datadog": "32 40", "dd_api": "32", "dd_app": "40", "digitalocean": "64", "discord": "18 32 64",
    "droneci": "32", "drone": "32", "dropbox": "15 64", "etsy": "24", "facebook": "32", "fastly": "32", "finicity": "20 32",
    "finnhub": "20", "flickr": "32", "freshbooks": "64", "gitter": "40", "gocardless": "45", "hubspot": "u", "heroku": "u",
    "intercom": "60", "jfrog": "64 73", "artifactory": "64 73", "bintray": "64 73", "kraken": "80-90", "kucoin": "24 u",
    "launchdarkly": "40 u", "linear": "32", "linkedin": "14 16", "linked_in": "14 16", "logdna": "32", "loggly": "36 u",
    "looker": "20 24", "mailchimp": "36 37", "mailgun": "36 39 50", "mailjet": "32", "mandrill": "22", "mapbox": "60-110", "mattermost": "26", "messagebird": "25 u",
    "message_bird": "25 u", "message-bird": "25 u", "mixpanel": "32", "netlify": "40-46 64", "newrelic": "40 64", "new_relic": "40 64", "new-relic": "40 64",
    "nytimes": "32", "okta": "42", "onesignal": "48 u", "opsgenie": "u", "pagerduty": "20 32", "pingdom": "71", "plaid": "24 30",
    "postmark": "u", "privateai": "32", "private_ai": "32", "pusher": "20", "rapidapi": "50", "rollbar": "32", "segment": "32",
    "sendbird": "40 u", "sentry": "32 64", "shodan": "32", "snyk": "u", "sonar": "40", "spotify": "32", "squarespace": "u",
    "statuspage": "36 u", "sumologic": "14 64", "sumo_": "14 64", "telegr": "35-50", "travis": "22", "trello": "32 64", "twilio": "32",
    "twitch": "30", "twitter": "25 36-66 80-130", "typeform": "44", "vercel": "24", "victorops": "36 u", "wandb": "40", "webex": "64",
    "yandex": "40", "zendesk": "40", "zoom": "22 32", "elastic_cloud": "40-100", "grafana_": "32 40", "contribsys": "17", "newyorktimes": "32",
    "dockerhub": "36 u", "splunk": "36 u", "linode": "64", "vultr": "36", "hetzner": "64", "scaleway": "36 u", "bitly": "40",
}  # fmt: skip

_SHAPE = re.compile(
    r"(?P<vendor>[a-z0-9_-]+?)(?P<rest>[ \t\w.-]{0,30}?)\\?[\"'`\])]{0,2}\s{0,3}(?:=>|:?=|:{1,3}|\|\||\?=|,|>|\bis\b)\s{0,4}\\?[\"'`]?"
    r"(?P<v>[\w=+/:|.%-]{14,140}?)(?=[.,;:]?(?:[^\w=+/.%|:-]|$))",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"(?:_|\b|(?<=[a-z]))ids?\b|commit|sha|rev|digest|checksum|trace|span|event|request|req|ray|image|build|version|hash|etag|release|pod|deploy|"
    r"span|dashboard|monitor|incident|issue|job|run|uid|url|host|org|account|zone|domain|path|file|dir|cluster|instance|error",
    re.IGNORECASE,
)


_JUST_BEFORE = re.compile(r"[\w.-]+$")


def _attached(before: str) -> str:
    found = _JUST_BEFORE.search(before)
    return found.group() if found else ""


def _lengths(text: str) -> tuple[frozenset[int], bool]:
    sizes: set[int] = set()
    for part in text.replace("u", "").split():
        low, _, high = part.partition("-")
        sizes.update(range(int(low), int(high or low) + 1))
    return frozenset(sizes), "u" in text


_KNOWN = {vendor: _lengths(text) for vendor, text in _LENGTHS.items()}


def _finder(vendor: str) -> Rule:
    sizes, uuids = _KNOWN[vendor]

    def find(text: str, at: int) -> Iterator[tuple[int, int]]:
        found = _SHAPE.match(text, at + len(vendor) - 1)
        if not found or _OTHER.search(found["rest"]) or _OTHER.search(_attached(text[max(0, at - 24) : at])):
            return
        value = found["v"]
        if is_stand_in(value) or is_example(value):
            return
        if _UUID.fullmatch(value):
            if uuids:
                yield found.span("v")
        elif len(value) in sizes and _drawn(value):
            yield found.span("v")

    return Rule(f"{vendor.strip('_').replace('_', '-')}-key", (vendor,), find)


def _drawn(value: str) -> bool:
    digits = sum(c.isdigit() for c in value)
    return digits >= 2 and (digits < len(value) or len(value) in (16, 18)) and "://" not in value


VENDORS: tuple[Rule, ...] = tuple(map(_finder, _LENGTHS))
