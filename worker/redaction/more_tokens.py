"""More secrets known by how they begin: money, messages, models, observability; and JWTs."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from worker.redaction.rule import Rule
from worker.redaction.tokens import _hex, _run, prefixed

_MONEY: tuple[Rule, ...] = (
    prefixed(
        "stripe-key", "sk_live_ sk_test_ sk_prod_ rk_live_ rk_test_ rk_prod_ pk_live_ pk_test_", _run(10, 250, "")
    ),
    prefixed("webhook-secret", "whsec_", _run(20, 200, "+/=")),
    prefixed("square-token", "EAAA sq0atp- sq0csp- sq0idp-", _run(22, 100)),
    prefixed("paypal-token", "access_token$production$ access_token$sandbox$", r"[a-z0-9]{10,20}\$[a-f0-9]{32}"),
    prefixed("paypal-token", "A21AA", _run(60, 120)),
    prefixed("plaid-token", "access-sandbox- access-development- access-production-", r"[0-9a-f-]{36}"),
    prefixed("shopify-token", "shpat_ shpca_ shppa_ shpss_ shptka_ shpua_ shpit_", _hex(24, 64)),
    prefixed("flutterwave-key", "FLWSECK_TEST- FLWSECK- FLWPUBK_TEST- FLWPUBK-", _run(10, 60)),
    prefixed("braintree-token", "production_ sandbox_", r"[a-z0-9]{8}_[a-z0-9]{16}"),
    prefixed("adyen-key", "AQE", r"[A-Za-z0-9+/=-]{80,400}+"),
    prefixed("razorpay-key", "rzp_live_ rzp_test_", _run(12, 40, "")),
    prefixed("paystack-key", "sk_live_ sk_test_", _hex(30, 60)),
    prefixed("gocardless-token", "live_ sandbox_", _run(36, 60, "_=-")),
    prefixed("lob-key", "live_ test_ live_pub_ test_pub_", _hex(28, 40)),
    prefixed("mollie-key", "live_ test_", r"[A-Za-z0-9]{30,40}"),
    prefixed("coinbase-key", "organizations/", r"[0-9a-f-]{36}/apiKeys/[0-9a-f-]{36}"),
    prefixed("easypost-key", "EZAK EZTK", _run(50, 60, "")),
    prefixed("shippo-token", "shippo_live_ shippo_test_", _hex(32, 48)),
    prefixed("duffel-token", "duffel_test_ duffel_live_", _run(36, 60, "_=-")),
    prefixed("ethereum-key", "0x", r"[0-9a-f]{64}(?=\s{1,4}\(?private)"),
    prefixed("bitcoin-key", "xprv", _run(100, 112, "")),
)

_MESSAGES: tuple[Rule, ...] = (
    prefixed("slack-token", "xoxa- xoxb- xoxc- xoxd- xoxe- xoxo- xoxp- xoxr- xoxs-", _run(10, 400, "%+/=_-")),
    prefixed("slack-token", "xoxe.xoxb- xoxe.xoxp- xoxe.", _run(20, 400)),
    prefixed("slack-token", "xapp- xwfp-", r"\d-[A-Za-z0-9-]{16,300}+"),
    prefixed("sendgrid-key", "SG.", r"[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{20,64}+"),
    prefixed("sendgrid-key", "SG.", r"[\w=.-]{60,70}"),
    prefixed("twilio-key", "SK AC", r"[0-9a-fA-F]{32}(?::[A-Za-z0-9]{32})?(?![0-9A-Za-z])"),
    prefixed("mailgun-key", "key- pubkey-", r"[0-9a-f]{32}(?![0-9A-Za-z])"),
    prefixed("brevo-key", "xkeysib- xsmtpsib-", _run(50, 120)),
    prefixed("mailerlite-key", "mlsn.", _hex(40, 80)),
    prefixed("postmark-token", "PMSRV-", _run(20, 60)),
    prefixed("resend-key", "re_", r"[A-Za-z0-9]{6,12}_[A-Za-z0-9]{20,40}"),
    prefixed("facebook-token", "EAAM EAAC EAAB EAAG EAAJ", _run(60, 400, "")),
    prefixed("discord-token", "mfa.", _run(60, 100)),
    prefixed("mattermost-hook", "mm_", _run(24, 60)),
    prefixed("twitter-token", "AAAAAAAAAAAAAAAAAAAAAA", _run(60, 140, "%")),
    prefixed("adobe-secret", "p8e- p8-", _run(30, 48)),
    prefixed("intra42-secret", "s-s4t2ud- s-s4t2af-", _hex(50, 80)),
    prefixed("defined-key", "dnkey-", _run(60, 100, "_=-")),
    prefixed("settlemint-token", "sm_aat_ sm_pat_ sm_sat_", _run(14, 30, "")),
    prefixed("freemius-key", "sk_", r"[^\s\"']{29}(?=[\"'])"),
    prefixed("beamer-token", "b_", r"[A-Za-z0-9=_-]{44}(?![\w=-])"),
    prefixed("mapbox-token", "sk.eyJ pk.eyJ tk.eyJ", r"[A-Za-z0-9_-]{20,300}\.[A-Za-z0-9_-]{16,40}"),
)

_WATCHING: tuple[Rule, ...] = (
    prefixed("newrelic-key", "NRAK- NRII- NRJS- NRAA- NRRA- NRIQ- NRSP- NRAL-", _run(16, 60)),
    prefixed("newrelic-key", "eu01xx us01xx", r"[0-9a-f]{30,34}NRAL"),
    prefixed("grafana-token", "glsa_ glc_ grafana_", _run(24, 500, "+/=_-")),
    prefixed("grafana-key", "eyJrIjoi", _run(40, 500, "+/=")),
    prefixed("dynatrace-token", "dt0c01. dt0s01. dt0s02. dt0s16. dt0e01.", r"[A-Za-z0-9-]{8,30}\.[A-Za-z0-9]{40,80}+"),
    prefixed("sentry-token", "sntrys_ sntryu_ sntrya_ sntryi_", _run(30, 500, "+/=_-")),
    prefixed("datadog-key", "ddp_ ddapp_ pub", _hex(32, 60)),
    prefixed("honeycomb-key", "hcaik_ hcaic_ hcamk_ hcxik_ hcxlk_", _run(20, 100)),
    prefixed("pagerduty-key", "u+", r"[A-Za-z0-9_-]{18}(?![\w-])"),
    prefixed("rootly-key", "rootly_", _hex(40, 80)),
    prefixed("incidentio-key", "inc_", _run(40, 80)),
    prefixed("posthog-key", "phc_ phx_ phs_", _run(30, 80)),
    prefixed("logfire-token", "pylf_v1_", _run(24, 100)),
    prefixed("elastic-key", "essu_", _run(20, 200, "+/=_-")),
    prefixed("splunk-token", "splunk_", _run(30, 80)),
    prefixed("axiom-token", "xaat- xapt-", r"[0-9a-f-]{36}"),
    prefixed("betterstack-token", "bst_", _run(20, 80)),
    prefixed("checkly-key", "cu_ ck_", _hex(30, 64)),
)

_MODELS: tuple[Rule, ...] = (
    prefixed("model-key", "sk-proj- sk-svcacct- sk-admin- sk-None-", _run(20, 250)),
    prefixed("model-key", "sk-ant-api03- sk-ant-admin01- sk-ant-oat01- sk-ant-sid01- sk-ant-", _run(20, 250)),
    prefixed("model-key", "sk-or-v1- sk-or- sk-lf- pk-lf-", _run(20, 120)),
    prefixed("model-key", "sk-", r"(?=[A-Za-z0-9_-]{0,40}\d)[A-Za-z0-9][A-Za-z0-9_-]{19,250}+"),
    prefixed(
        "model-key",
        "gsk_ xai- pplx- r8_ tgp_v1_ fw_ nvapi- csk- cohere_ together_ mistral_ jina_ vapi_ pa-",
        _run(28, 140),
    ),
    prefixed("model-key", "lsv2_pt_ lsv2_sk_ ls__ wandb_v1_ pcsk_ voyage_ replicate_ e2b_", _run(20, 140)),
    prefixed("model-key", "ghm_ co_ sk_car_ el_ esecret_ AQ.Ab8", _run(36, 120)),
    prefixed("elevenlabs-key", "sk_", _hex(40, 64)),
    prefixed("model-key", "fw_ fc-", r"(?:[0-9a-f]{32}|[A-Za-z0-9]{22,40})(?![\w-])"),
    prefixed("infisical-token", "st.", r"[0-9a-f]{6,32}\.[0-9a-f]{24,64}\.[0-9a-f]{24,64}"),
    prefixed("huggingface-token", "hf_ api_org_", _run(30, 60, "")),
    prefixed("deepgram-key", "dg_", _hex(32, 60)),
)

_JWT = re.compile(
    r"(?<![A-Za-z0-9_-])e[yw][A-Za-z0-9_-]{8,4000}+\.(?:[A-Za-z0-9_-]{0,8000}+)"
    r"(?:\.[A-Za-z0-9_\-]{0,4000}+(?:\.[A-Za-z0-9_-]{0,8000}+){0,2})?"
)


def _jwt(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Yield a JSON Web Token, signed, encrypted, unsigned or cut short: its first part decodes to a JSON object."""
    found = _JWT.match(text, at)
    if not found or len(found.group()) < 24:
        return
    head = found.group().partition(".")[0]
    try:
        decoded = base64.urlsafe_b64decode(head[: len(head) // 4 * 4][:400])
    except (ValueError, binascii.Error):
        return
    if decoded.lstrip().startswith(b"{") and b'"' in decoded:
        yield found.span()


_JWT_RULE = Rule("jwt", ("eyJ", "ewog", "eyA", "ew0K"), _jwt, token=True)

MORE_TOKENS: tuple[Rule, ...] = (_JWT_RULE, *_MONEY, *_MESSAGES, *_WATCHING, *_MODELS)
