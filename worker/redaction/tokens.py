"""Secrets that are known by how they begin: the prefixes that vendors give their tokens.

Shapes follow what vendors publish, written anew with bounded repeats; a token that was cut short or grew longer than
its vendor says is taken too. The list of families was checked against that of gitleaks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from worker.redaction.rule import Rule
from worker.redaction.values import is_example, kinds

_W = "A-Za-z0-9"
_HEX = "[0-9a-fA-F]"


def _random(value: str) -> bool:
    """Accept what holds a digit or mixes capitals with small letters, and is no example."""
    return (
        any(c.isdigit() for c in value) or kinds(value) >= 3 or _UNBROKEN.search(value) is not None
    ) and not is_example(value)


_UNBROKEN = re.compile(r"[A-Za-z]{20}")


def prefixed(name: str, prefixes: str, body: str) -> Rule:
    """Return a rule for tokens that begin with one of the prefixes (separated by blanks; case counts) and go on so."""
    starts = prefixes.split()
    compiled = re.compile(rf"(?<![{_W}])(?:{'|'.join(map(re.escape, starts))}){body}")

    def find(text: str, at: int) -> Iterator[tuple[int, int]]:
        found = compiled.match(text, at)
        if found and _random(found.group()):
            yield found.span()

    return Rule(name, tuple(starts), find, token=True)


def _run(least: int, most: int = 400, more: str = "_-") -> str:
    return rf"[{_W}{more}]{{{least},{most}}}+"


def _hex(least: int, most: int = 128) -> str:
    return rf"{_HEX}{{{least},{most}}}+"


_ABOUT_A_CLOUD: tuple[Rule, ...] = (
    prefixed("aws-key", "AKIA ASIA ABIA ACCA", rf"[A-Z0-9]{{16,17}}(?![{_W}])"),
    prefixed("aws-key", "ABSK", _run(60, 400, "+/=")),
    prefixed("aws-key", "bedrock-api-key-", _run(20, 4000, "+/=_-")),
    prefixed("aws-key", "IQoJb3JpZ2lu FwoGZXIvYXdz FQoGZXIvYXdz", _run(30, 4000, "+/=%")),
    prefixed("gcp-key", "AIza", _run(30, 60)),
    prefixed("gcp-token", "ya29. ya29-", _run(20, 2000, "._-")),
    prefixed("gcp-token", "GOCSPX- 1//0", _run(20, 200)),
    prefixed("gcp-key", "GOOG1E GOOG", r"[A-Z0-9]{20,70}"),
    prefixed("alibaba-key", "LTAI", _run(12, 30, "")),
    prefixed("tencent-key", "AKID", _run(28, 40, "")),
    prefixed("ibm-key", "ibm_", _run(24, 80)),
    prefixed("oracle-key", "ocid1.credential.", _run(30, 200, "._-")),
    prefixed("yandex-key", "AQVN YCAJE YCN YCO YCP", _run(30, 60)),
    prefixed("yandex-token", "t1.", r"[\w=-]{1,200}\.[\w=-]{60,120}+"),
    prefixed("scaleway-key", "SCW", r"[A-Z0-9]{17}(?![A-Z0-9])"),
    prefixed("digitalocean-token", "dop_v1_ doo_v1_ dor_v1_ dos_v1_", _hex(32)),
    prefixed("cloudflare-key", "v1.0-", rf"{_HEX}{{24}}-{_HEX}{{60,160}}+"),
    prefixed("cloudflare-key", "cfut_ cfat_ cfk_", _run(30, 80)),
    prefixed("heroku-key", "HRKU-", _run(30, 80)),
    prefixed("fly-token", "fo1_", _run(30, 60)),
    prefixed("fly-token", "fm1a_ fm1r_ fm2_", _run(40, 2000, "+/=,_-")),
    prefixed("scalingo-token", "tk-us- tk-eu-", _run(40, 60)),
    prefixed("render-key", "rnd_", _run(24, 60)),
    prefixed("vercel-token", "vcp_ vci_ vca_ vcr_ vck_", _run(20, 80)),
    prefixed("netlify-token", "nfp_ nfc_ nfo_ nfu_", _run(30, 60)),
    prefixed("railway-token", "rwy_", _run(24, 80)),
    prefixed("hetzner-token", "hcloud_", _run(40, 80)),
    prefixed("linode-token", "linode_", _run(40, 80)),
    prefixed("tailscale-key", "tskey-", _run(20, 120)),
    prefixed("ngrok-token", "ngrok_", _run(30, 60)),
    prefixed("supabase-token", "sbp_ sb_secret_ sb_publishable_", _run(24, 80)),
    prefixed("planetscale-token", "pscale_tkn_ pscale_pw_ pscale_oauth_", _run(24, 80, "_.=-")),
    prefixed("neon-key", "napi_ neon_", _run(40, 100)),
    prefixed("mongodb-key", "mdb_sa_sk_ mdb_sa_id_", _run(24, 80)),
    prefixed("clickhouse-key", "4b1d", rf"[{_W}]{{38}}(?![{_W}])"),
    prefixed("databricks-token", "dapi dose dkea", rf"{_HEX}{{32}}(?:-\d)?(?![{_W}])"),
    prefixed("confluent-key", "cflt", _run(40, 100, "+/=")),
    prefixed("upstash-key", "UPSTASH_", _run(30, 120)),
    prefixed("airtable-token", "pat", rf"[{_W}]{{14}}\.{_HEX}{{40,64}}+"),
    prefixed(
        "doppler-token", "dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.", r"(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{36,50}"
    ),
    prefixed("vault-token", "hvs. hvb. hvr.", _run(20, 400)),
    prefixed("vault-token", "s.", rf"[{_W}]{{24}}(?![\w./-])"),
    prefixed("vault-key", "hvault_ vault:v1:", _run(24, 400, "+/=_-")),
    prefixed("1password-key", "A3-", r"[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}"),
    prefixed("1password-token", "ops_eyJ", _run(60, 4000, "+/=_-")),
    prefixed("age-key", "AGE-SECRET-KEY-1 AGE-PLUGIN- age-secret-key-1", _run(40, 90)),
    prefixed("openshift-token", "sha256~", _run(30, 60)),
    prefixed("rancher-token", "token-", r"[a-z0-9]{5}:[a-z0-9]{40,60}"),
    prefixed("terraform-token", "tfe. tfp.", _run(40, 90, "._-")),
    prefixed("pulumi-token", "pul-", _hex(32, 48)),
    prefixed("infracost-key", "ico-", _run(28, 40, "")),
    prefixed("spacelift-key", "spacelift_", _run(30, 80)),
    prefixed("tines-key", "tfp_ tines_", _run(40, 80, "_.=-")),
)

_ABOUT_CODE: tuple[Rule, ...] = (
    prefixed("github-token", "ghp_ gho_ ghu_ ghs_ ghr_", rf"[{_W}_.-]{{20,400}}+"),
    prefixed("github-token", "github_pat_", rf"[{_W}_]{{22,255}}+"),
    prefixed(
        "gitlab-token",
        "glpat- glptt- gldt- glrt- glrtr- glcbt- glft- glimt- glagent- glsoat- glffct- gloas- glwt-",
        rf"[{_W}_=-]{{16,320}}+(?:\.[a-z0-9]{{2,12}}){{0,2}}",
    ),
    prefixed("gitlab-token", "GR1348941", _run(16, 60)),
    prefixed("gitlab-session", "_gitlab_session=", _run(20, 64)),
    prefixed("bitbucket-token", "ATBB ATCTT3x", _run(20, 300, "_=-")),
    prefixed("atlassian-token", "ATATT3x ATATT ATSTT3 ATOATT3", _run(40, 400, "_=-")),
    prefixed("npm-token", "npm_", _run(30, 60, "")),
    prefixed("pypi-token", "pypi-AgE pypi-", _run(40, 1000)),
    prefixed("rubygems-key", "rubygems_", _hex(32, 60)),
    prefixed("nuget-key", "oy2", r"[a-z0-9]{43}(?![A-Za-z0-9])"),
    prefixed("crates-token", "cio", rf"[{_W}]{{32}}(?![{_W}])"),
    prefixed("clojars-token", "CLOJARS_ clojars_", _run(48, 70, "")),
    prefixed("hex-key", "hexpm_", _run(24, 80)),
    prefixed("docker-token", "dckr_pat_ dckr_oat_", _run(20, 80)),
    prefixed("artifactory-key", "AKCp", _run(60, 80, "")),
    prefixed("artifactory-token", "cmVmd", _run(52, 70, "")),
    prefixed("octopus-key", "API-", r"[A-Z0-9]{25,34}(?![A-Za-z0-9])"),
    prefixed("buildkite-token", "bkua_ bkpat_ bkct_ bkaj_", _run(30, 80)),
    prefixed("circleci-token", "CCIPAT_ CCIPRJ_", _run(30, 100)),
    prefixed("harness-key", "pat. sat.", rf"[{_W}_-]{{22}}\.[{_W}]{{24}}\.[{_W}]{{20}}"),
    prefixed("sonar-token", "squ_ sqp_ sqa_ sqb_", _run(32, 60, "")),
    prefixed("sourcegraph-token", "sgp_ slk_ sgd_ sgs_", _run(32, 80)),
    prefixed("snyk-token", "snyk_", _run(24, 80, "._-")),
    prefixed("codacy-token", "codacy_", _run(20, 60)),
    prefixed("semgrep-token", "sgrp_", _run(24, 80)),
    prefixed("jfrog-token", "jfrt_ jfid_", _run(40, 100)),
    prefixed("launchdarkly-key", "sdk- api- mob-", r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"),
    prefixed("postman-key", "PMAK- PMAT-", rf"[{_W}]{{20,30}}(?:-[{_W}]{{20,40}})?"),
    prefixed("prefect-key", "pnu_ pnb_", _run(30, 50, "")),
    prefixed("readme-key", "rdme_", _run(50, 80)),
    prefixed("linear-key", "lin_api_ lin_oauth_ lin_wh_", _run(30, 80)),
    prefixed("notion-token", "ntn_ secret_", _run(40, 60, "")),
    prefixed("figma-token", "figd_ figu_ figoh_ figor_", _run(30, 80)),
    prefixed("asana-token", "1/", r"\d{15,17}:[a-f0-9]{32}"),
    prefixed("asana-token", "2/", r"\d{15,17}/\d{15,17}:[a-f0-9]{32}"),
    prefixed("typeform-token", "tfp_", _run(40, 70, "_.=-")),
    prefixed("contentful-token", "CFPAT-", _run(30, 60)),
    prefixed("sanity-token", "sk", rf"[{_W}]{{78,200}}+"),
    prefixed("frameio-token", "fio-u-", _run(50, 80, "_=-")),
    prefixed("dropbox-token", "sl. sl.u.", _run(60, 2000, "_=-")),
    prefixed("clickup-token", "pk_", r"\d{6,10}_[A-Z0-9]{24,40}"),
    prefixed("monday-token", "monday_", _run(30, 200)),
)


def _inside(name: str, marks: str, shape: str, before: int, after: int = 120) -> Rule:
    """Return a rule for tokens whose mark stands inside them, at most so many characters after they begin."""
    compiled = re.compile(rf"(?<![{_W}])(?:{shape})(?![{_W}])")

    def find(text: str, at: int) -> Iterator[tuple[int, int]]:
        for found in compiled.finditer(text, max(0, at - before), min(len(text), at + after)):
            if found.start() <= at < found.end() and _random(found.group()):
                yield found.span()

    return Rule(name, tuple(marks.split()), find, token=True)


_STORAGE = rf"[{_W}+/]{{33,80}}(?:AzCa|\+ASt|ACDb|APIM|AzFu|AzSe|AIoT|AEvHub)[{_W}+/]{{0,44}}={{0,2}}"
_MARKED: tuple[Rule, ...] = (
    _inside("azure-secret", "Q~", rf"[{_W}_~.-]{{3}}\dQ~[{_W}_~.-]{{28,40}}", before=4),
    _inside("azure-key", "AzCa +ASt ACDb APIM AzFu AzSe AIoT AEvHub", _STORAGE, before=80),
    _inside("azure-key", "JQQJ99", rf"[{_W}]{{50,54}}JQQJ99[{_W}]{{16,30}}", before=54),
    _inside("terraform-token", ".atlasv1.", rf"[{_W}]{{14}}\.atlasv1\.[{_W}_=-]{{40,100}}", before=14),
    _inside("maxmind-key", "_mmk", rf"[{_W}]{{6}}_[{_W}]{{24,32}}_mmk", before=40, after=4),
    _inside("telegram-token", ":AA", rf"\d{{6,12}}:AA[{_W}_-]{{30,36}}", before=12),
    _inside(
        "mailchimp-key", "-us1 -us2 -us3 -us4 -us5 -us6 -us7 -us8 -us9", r"[0-9a-f]{32}-us\d{1,2}", before=32, after=6
    ),
    _inside("facebook-token", "|", rf"\d{{15,16}}[|][{_W}_-]{{25,42}}", before=16, after=46),
    _inside(
        "authress-key",
        ".acc_ .acc-",
        rf"\w{{3,40}}\.[{_W}]{{4,6}}\.acc[_-][{_W}-]{{10,32}}\.[{_W}+/_=-]{{30,120}}",
        48,
        170,
    ),
)

TOKENS: tuple[Rule, ...] = (*_ABOUT_A_CLOUD, *_ABOUT_CODE, *_MARKED)
