"""Secrets that are known by how they begin: the prefixes that vendors give their tokens.

Shapes follow the vendors' pages and the MIT-licensed rule set of gitleaks, rewritten with bounded repeats.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from worker.redaction.rule import Rule, always, no_example

_BEFORE = r"(?<![A-Za-z0-9_])"
_AFTER = r"(?![A-Za-z0-9_])"


def _token(
    name: str, shape: str, *keywords: str, flags: int = 0, accept: Callable[[re.Match[str]], bool] = always
) -> Rule:
    return Rule(name, keywords, re.compile(f"{_BEFORE}(?:{shape})", flags), accept=accept)


def _has_digit(found: re.Match[str]) -> bool:
    return any(character.isdigit() for character in found.group())


TOKENS: tuple[Rule, ...] = (
    _token(
        "aws-key", rf"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{{16}}{_AFTER}", "akia", "asia", "abia", "acca", accept=no_example
    ),
    _token("gcp-key", r"AIza[0-9A-Za-z_-]{35}", "aiza"),
    _token("gcp-token", r"ya29\.[0-9A-Za-z_-]{20,500}+|GOCSPX-[0-9A-Za-z_-]{20,60}+", "ya29.", "gocspx-"),
    _token("azure-secret", r"[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34}", "q~"),
    _token(
        "slack-token",
        r"xox[abceoprs](?:\.xox[a-z])?-[A-Za-z0-9-]{10,300}+|xapp-\d-[A-Za-z0-9-]{20,300}+",
        "xox", "xapp-",
    ),
    _token("github-token", r"gh[pousr]_[A-Za-z0-9]{30,255}+|github_pat_[A-Za-z0-9_]{30,255}+", "gh", "github_pat_"),
    _token(
        "gitlab-token",
        r"gl(?:pat|ptt|dt|rt|cbt|ft|imt|agent|soat|ffct|oas)-[A-Za-z0-9_.-]{20,300}+|GR1348941[A-Za-z0-9_-]{20,60}+",
        "gl", "gr1348941",
    ),
    _token(
        "stripe-key",
        r"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,200}+|whsec_[A-Za-z0-9+/=]{20,200}+",
        "_live_", "_test_", "whsec_",
    ),
    _token(
        "model-key",
        r"sk-[A-Za-z0-9][A-Za-z0-9_-]{19,250}+|gsk_[A-Za-z0-9]{30,80}+|xai-[A-Za-z0-9]{40,120}+|pplx-[A-Za-z0-9]{30,80}+"
        r"|r8_[A-Za-z0-9]{30,60}+",
        "sk-", "gsk_", "xai-", "pplx-", "r8_", accept=_has_digit,
    ),
    _token("huggingface-token", r"hf_[A-Za-z0-9]{30,60}+", "hf_"),
    _token("npm-token", r"npm_[A-Za-z0-9]{30,60}+", "npm_"),
    _token("pypi-token", r"pypi-[A-Za-z0-9_-]{50,400}+", "pypi-", accept=_has_digit),
    _token("rubygems-key", r"rubygems_[a-f0-9]{40,60}+", "rubygems_"),
    _token("docker-token", r"dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,80}+", "dckr_"),
    _token("sendgrid-key", r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{30,64}+", "sg."),
    _token("twilio-key", rf"SK[0-9a-f]{{32}}{_AFTER}", "sk"),
    _token("newrelic-key", r"NRAK-[A-Z0-9]{20,40}+|NRII-[A-Za-z0-9_-]{20,50}+", "nrak-", "nrii-"),
    _token("digitalocean-token", r"do[opr]_v1_[a-f0-9]{40,80}+", "_v1_"),
    _token("vault-token", r"hv[sbr]\.[A-Za-z0-9_-]{20,300}+", "hvs.", "hvb.", "hvr."),
    _token("grafana-token", r"gl(?:sa|c)_[A-Za-z0-9+/=_-]{30,400}+", "glsa_", "glc_"),
    _token("shopify-token", r"shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{30,40}+", "shp"),
    _token("mailgun-key", rf"key-[0-9a-f]{{32}}{_AFTER}", "key-"),
    _token("telegram-token", r"\d{8,10}:AA[A-Za-z0-9_-]{32,34}", ":aa"),
    _token("age-key", r"AGE-SECRET-KEY-1[A-Z0-9]{50,70}+", "age-secret-key-1"),
    _token("atlassian-token", r"ATATT3[A-Za-z0-9_=-]{50,300}+", "atatt3"),
    _token("databricks-token", rf"dapi[a-f0-9]{{32}}(?:-\d)?{_AFTER}", "dapi"),
    _token("terraform-token", r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{40,100}+", ".atlasv1."),
    _token("linear-key", r"lin_(?:api|oauth)_[A-Za-z0-9]{30,80}+", "lin_"),
    _token("sentry-token", r"sntr[yu][su]?_[A-Za-z0-9+/=_-]{30,400}+", "sntr"),
    _token("supabase-token", r"sbp_[a-f0-9]{36,60}+", "sbp_"),
    _token("planetscale-token", r"pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{30,64}+", "pscale_"),
    _token("doppler-token", r"dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}", "dp."),
    _token("postman-key", r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}", "pmak-"),
    _token("figma-token", r"fig[du]_[A-Za-z0-9_-]{36,60}+", "figd_", "figu_"),
    _token("fly-token", r"fo1_[A-Za-z0-9_-]{40,60}+|fm[12][ar]?_[A-Za-z0-9+/=_-]{60,600}+", "fo1_", "fm1", "fm2"),
    _token("heroku-key", r"HRKU-[A-Za-z0-9_-]{30,80}+", "hrku-"),
)  # fmt: skip
"""Each begins where no letter, digit or underscore stands before it, so a long word is looked at once."""
