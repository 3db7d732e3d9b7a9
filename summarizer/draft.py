"""What a language model may answer, before anything of it is believed.

The fields are closed: severity, times, counts, names and links have no place in it, because code states those.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from domain.errors import MiddlewatchError
from domain.summary import Usage


class ClaimDraft(BaseModel):
    """One claim as the model states it: nothing of it is checked yet but its form."""

    model_config = ConfigDict(extra="forbid", strict=True)

    section: Literal["meaning", "impact", "step", "past"]
    text: str
    citations: list[int]
    command: str | None


class Draft(BaseModel):
    """A model's whole answer."""

    model_config = ConfigDict(extra="forbid", strict=True)

    claims: list[ClaimDraft]


def schema() -> dict[str, Any]:
    """Return the JSON schema that the provider is asked to hold the model to: plain types, closed objects."""
    return {
        "title": "Draft",
        "description": "Claims about one incident, each with the passages it rests on.",
        **{key: value for key, value in Draft.model_json_schema().items() if key not in ("title", "description")},
    }


@dataclass(frozen=True, slots=True)
class Answer:
    """A draft and what it took, over both tries where one had to be repaired.

    `model` names who gave it, where that is not the model that was asked. `raw` is the text of it as it came.
    """

    draft: Draft
    usage: Usage | None = None
    tries: int = 1
    model: str = ""
    raw: str = ""


class BadAnswer(MiddlewatchError):
    """The model answered, but not with a draft: cut short, empty or not in form, and a second try did not mend it."""

    reason = "answer-unreadable"

    def __init__(self, message: str, *, reason: str = "", usage: Usage | None = None, raw: str = "") -> None:
        """Say what was wrong, and what the tries took; `raw` is the answer as it came."""
        super().__init__(message, reason=reason)
        self.usage = usage
        self.raw = raw
