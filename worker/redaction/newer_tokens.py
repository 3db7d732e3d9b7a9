"""More secrets known by how they begin or what stands within: services that are younger, smaller or rarer in logs.

Shapes follow what the services publish, with bounded repeats; minimum lengths are a little below what they say.
"""

from __future__ import annotations

import re

from worker.redaction.rule import Rule, at_anchor
from worker.redaction.tokens import _hex, _inside, _run, prefixed
from worker.redaction.values import UUID, is_random

_MODELS: tuple[Rule, ...] = (
    prefixed("model-key", "tvly- tvly-dev- tvly-prod-", _run(20, 60)),
    prefixed("model-key", "rpa_ apify_api_ cpk_ glama_ dtn_ bb_live_ sk-helicone- key_live_", _run(24, 160)),
    prefixed("model-key", "BSA", r"(?=[A-Za-z0-9_-]{0,24}\d)(?=[A-Za-z0-9_-]{0,24}[a-z])[A-Za-z0-9_-]{24,32}(?![\w-])"),
    prefixed("model-key", "key_", _hex(60, 140)),
)

_RUNNING: tuple[Rule, ...] = (
    prefixed("aws-key", "amzn.mws.", r"[0-9a-z]{8}-(?:[0-9a-z]{4}-){3}[0-9a-z]{10,12}"),
    prefixed("aws-key", "amzn1.oa2-cs.v1.", _hex(40, 80)),
    prefixed("aws-key", "da2-", r"[a-z0-9]{26}(?![A-Za-z0-9])"),
    prefixed("aws-key", "A3T", r"[A-Z0-9]{17}(?![A-Za-z0-9])"),
    prefixed("aws-key", "APKA ASCA", r"[A-Z0-9]{16}(?![A-Za-z0-9])"),
    prefixed("aiven-password", "AVNS_", _run(16, 60)),
    prefixed("exoscale-key", "EXO", r"[0-9a-f]{24}(?![A-Za-z0-9])"),
    prefixed("volcengine-key", "AKLT", _run(36, 60, "")),
    prefixed("yandex-token", "y0_AgAA y0_ y1_ y2_ y3_", _run(40, 200)),
    prefixed("deno-token", "ddp_ ddo_ ddw_", _run(30, 60, "")),
    prefixed("xata-key", "xau_", _run(24, 60, "")),
    prefixed("cockroach-key", "CCDB1_", _run(30, 90)),
    prefixed("materialize-password", "mzp_", _hex(48, 80)),
    prefixed("crunchy-key", "cbkey_", _run(30, 80)),
    prefixed("dbt-token", "dbtc_ dbts_ dbtu_", _run(24, 80, "=_-")),
    prefixed("netbird-token", "nbp_", _run(30, 60, "")),
    prefixed("upcloud-token", "ucat_", _run(20, 40, "")),
    prefixed("swarm-token", "SWMTKN-1- SWMKEY-1-", _run(40, 120)),
    prefixed("k3s-token", "K10", r"[0-9a-f]{40,64}::[a-z]{0,12}:?[A-Za-z0-9.]{16,80}"),
    prefixed("boundary-token", "at_ hcbat_", r"[A-Za-z0-9]{10}_s[A-Za-z0-9]{40,200}"),
    prefixed("ory-token", "ory_pat_ ory_at_ ory_st_ ory_rt_ ory_ac_", _run(24, 100, "._-")),
    prefixed("nats-seed", "SU SA SO SC SN SX", r"[A-D][A-Z2-7]{55}(?![A-Za-z0-9])"),
    prefixed("intercom-token", "dG9rO", _run(40, 80, "=")),
    prefixed("alchemy-key", "alcht_ alch_", _run(28, 60, "")),
    prefixed("blockfrost-key", "mainnet preprod preview", r"(?=[A-Za-z0-9]{0,20}\d)[A-Za-z0-9]{32}(?![A-Za-z0-9])"),
)

_CODE: tuple[Rule, ...] = (
    prefixed("stackhawk-key", "hawk.", r"[A-Za-z0-9_-]{20}\.[A-Za-z0-9_-]{20}(?![\w-])"),
    prefixed("pulumi-token", "pul-", r"[a-z0-9]{40}(?![A-Za-z0-9])"),
    prefixed("dynatrace-token", "dt0", r"[a-zA-Z]\d\d\.[A-Z0-9]{8,30}\.[A-Z0-9]{40,80}+"),
    prefixed("gitpod-token", "gitpod_pat_", _run(30, 120)),
    prefixed("codesandbox-token", "csb_v1_", _run(30, 80)),
    prefixed("depot-token", "depot_project_ depot_org_ depot_user_", _run(30, 100)),
    prefixed("socket-key", "sktsec_", _run(24, 100)),
    prefixed("snyk-token", "snyk_uat. snyk_sat.", _run(24, 300, "._-")),
    prefixed("packagist-token", "packagist_uut_ packagist_ack_ packagist_out_", _hex(50, 100)),
    prefixed("chromatic-token", "chpt_", _run(10, 40, "")),
    prefixed("gitbook-key", "gb_api_", _run(24, 60, "")),
    prefixed("n8n-key", "n8n_api_", _run(24, 300, "._-")),
    prefixed("retool-key", "retool_", _run(24, 80)),
    prefixed("calendar-key", "cal_live_ cal_test_", _run(24, 60)),
    prefixed("artifactory-key", "AKC AP", r"(?:p\d[A-Za-z0-9]{60,80}|[\dABCDEF][A-Za-z0-9]{60,80})(?![A-Za-z0-9])"),
    prefixed("airtable-token", "oaa", r"[A-Za-z0-9]{14}\.v1\.[A-Za-z0-9_=-]{40,600}(?:\.[A-Za-z0-9_=-]{20,200})?"),
    prefixed(
        "airtable-key",
        "key",
        r"(?=[a-z]{0,13}[A-Z0-9])(?=[A-Za-z]{0,13}\d)(?=[A-Za-z0-9]{0,13}[A-Z])[A-Za-z0-9]{14}(?![\w-])",
    ),
    prefixed("flag-key", "configcat-sdk-1/ configcat-proxy/", _run(20, 80, "_/-")),
    prefixed("flag-key", "ser.", r"[A-Za-z0-9]{20,40}(?![\w.])"),
    prefixed("teamwork-token", "tkn.v1_", _run(30, 100, "=_-")),
    prefixed("statsig-key", "secret- console-", r"[A-Za-z0-9]{40,60}(?![\w-])"),
    prefixed("stytch-secret", "secret-live- secret-test-", _run(30, 60, "=_-")),
)

_BUSINESS: tuple[Rule, ...] = (
    prefixed("paddle-key", "pdl_live_apikey_ pdl_sdbx_apikey_ pdl_ntfset_", _run(24, 120)),
    prefixed("polar-token", "polar_oat_ polar_pat_ polar_at_", _run(24, 100)),
    prefixed("bank-token", "secret-token: mercury_production_ bxt_ ramp_sec_ ramp_tok_", _run(24, 160, "._-")),
    prefixed("klarna-key", "klarna_live_api_ klarna_test_api_", _run(30, 300, "=/+_-")),
    prefixed("hubspot-token", "pat-na1- pat-na2- pat-eu1- pat-ap1-", UUID),
    prefixed("salesforce-token", "00D", r"[A-Za-z0-9]{9,15}![A-Za-z0-9._]{60,140}"),
    prefixed("salesforce-token", "5Aep861", _run(60, 120, "._")),
    prefixed("salesforce-key", "3MVG9", _run(70, 90, "._")),
    prefixed("instagram-token", "IGQV IGAA IGQW", _run(80, 300)),
    prefixed("linkedin-token", "WPL_AP0. WPL_AP1.", _run(14, 40, ".=")),
    prefixed("tiktok-token", "act. rft.", r"[A-Za-z0-9!*_-]{60,100}"),
    prefixed("vk-token", "vk1.a.", _run(60, 300)),
    prefixed("onesignal-key", "os_v2_app_ os_v2_org_", _run(60, 140, "")),
    prefixed("shopify-token", "prtapi_ atkn_", _hex(24, 80)),
    prefixed("posthog-key", "pha_ phr_", _run(30, 80)),
    prefixed("newrelic-key", "NRBR- NRRA-", _hex(16, 40)),
    prefixed("coralogix-key", "cxtp_ cxup_", _run(24, 60, "")),
    prefixed("healthchecks-key", "hcr_ hcw_", _run(24, 40, "")),
    prefixed("firehydrant-key", "fhb-", _hex(28, 60)),
    prefixed("wakatime-key", "waka_", UUID),
    prefixed("appwrite-key", "standard_", _hex(200, 300)),
    prefixed("ubidots-token", "BBFF- BBUS-", r"[A-Za-z0-9]{30}(?![\w-])"),
    prefixed("iex-key", "sk_ Tsk_", r"[0-9a-f]{32}(?![\w-])"),
    prefixed("ticket-key", "sk_", r"\d{2,8}_\d{3,9}_[0-9a-f]{32}"),
)

_WITHIN: tuple[Rule, ...] = (
    _inside("dropbox-token", "AAAAAAAAAA", r"[A-Za-z0-9]{8,14}AAAAAAAAAA[A-Za-z0-9_-]{40,60}", before=16, after=80),
    _inside("deepl-key", ":fx", rf"{UUID}:fx", before=36, after=4),
    at_anchor("password-hash", ("$8$", "$9$", "$krb5", "$nt$", "$dcc2$", "$sha1$", "$md5$"),
        r"\$(?:[89]\$[^\s:$,'\"]{6,64}(?:\$[./A-Za-z0-9$+=]{8,200}+)?|krb5\w{2,8}\$[^\s'\"]{40,6000}+|(?:nt|dcc2|sha1|md5)\$[^\s'\"]{20,300}+)"),
    at_anchor("password-hash", ("aad3b435b51404eeaad3b435b51404ee:", "31d6cfe0d16ae931b73c59d7e0c089c0"), r"(?:aad3b435b51404eeaad3b435b51404ee:)?(?P<v>[0-9a-f]{32})"),
    at_anchor("private-key", ('"d":', '"d" :', '"k":', '"k" :', 'd\\":', 'k\\":'), r"\\?\"?[dk]\\?\"\s?:\s{0,3}\\?\"(?P<v>[A-Za-z0-9_-]{20,4000}+)", lambda f: '"kty' in f.string[max(0, f.start() - 2500) : f.end() + 2500] or '\\"kty' in f.string[max(0, f.start() - 2500) : f.end() + 2500]),
    at_anchor("truenas-key", ("login_with_api_key",), r"login_with_api_key[^\d]{2,80}(?P<v>\d{1,4}-[A-Za-z0-9]{60,70})"),
    at_anchor("curl-user", ("curlopt_",), r"curlopt_(?:proxy_?)?(?:user|pass)(?:pwd|word)['\"]?\s?(?:,|=>|=|:)\s{0,3}[\"'](?:[\w.@-]{1,60}:)?(?P<v>[^\"'\n$]{3,200})[\"']"),
    at_anchor("link-token", ("/token/", "/tokens/", "/apikey/", "/api_key/", "/api-key/", "/secret/"), r"/[\w-]{5,8}/(?P<v>[A-Za-z0-9_-]{24,200})(?![\w.-])", lambda f: is_random(f["v"], 24) and re.search(r"\d", f["v"]) is not None and re.search(r"[A-Z]", f["v"]) is not None),
)  # fmt: skip

NEWER_TOKENS: tuple[Rule, ...] = (*_MODELS, *_RUNNING, *_CODE, *_BUSINESS, *_WITHIN)
