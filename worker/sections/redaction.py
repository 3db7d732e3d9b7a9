"""The settings of redaction: its key, the personal data it takes, and rules of one's own."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from worker.redaction.custom import custom_rule
from worker.sections.source import Section

Personal = Literal["card", "iban", "email", "phone"]


class RedactionRule(Section):
    """A kind of secret of one's own."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    pattern: str = Field(min_length=1, max_length=500)
    keywords: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _usable(self) -> Self:
        """Refuse a pattern that is none, or that a text could make slow."""
        custom_rule(self.name, self.pattern, self.keywords)
        return self


class RedactionSettings(Section):
    """What is taken out of every text, besides the secrets that the product knows."""

    key: SecretStr = SecretStr("")
    personal: tuple[Personal, ...] = ("card", "iban")
    rules: tuple[RedactionRule, ...] = ()
