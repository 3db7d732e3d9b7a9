"""Gives a model's answer again to the very same question: of the same audience, snapshot, model and prompt.

The question is the whole rendered prompt without its nonce: the incident as it is shown, and every passage. So an
answer is given only to somebody who was just given the same passages, and it is checked against them once more.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from pydantic import TypeAdapter

from domain.errors import MiddlewatchError
from domain.summary import Usage
from summarizer.bill import Bill
from summarizer.draft import Answer
from summarizer.prompt import Prompt
from worker.store.answers import Answers

_ANSWERS = TypeAdapter(Answer)


def key_of(bill: Bill, model: str, prompt: Prompt) -> str:
    """Return what an answer is kept under, "" where the audience is not known: then it is kept for nobody."""
    if not bill.audience.groups or not prompt.nonce:
        return ""
    said = (prompt.version, prompt.system, prompt.user)
    question = [" ".join(text.replace(prompt.nonce, "").split()) for text in said]
    parts = [sorted(bill.audience.groups), bill.snapshot, model, *question]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class KeptAnswers:
    """The answers that are given again for a while; `redact` goes over each before it is kept."""

    store: Answers
    redact: Callable[[str], str]
    ttl: timedelta

    def find(self, key: str, now: datetime) -> Answer | None:
        """Return the answer to the same question, as it was: its usage is what it took then. None: there is none."""
        if not key or not self.ttl:
            return None
        body = self.store.get(key, now - self.ttl)
        return None if body is None else _ANSWERS.validate_json(zlib.decompress(body))

    def keep(self, key: str, answer: Answer, prompt: Prompt, now: datetime) -> bool:
        """Keep an answer. False: it is not one to be kept; one that repeats the nonce holds nowhere else."""
        text = _ANSWERS.dump_json(replace(answer, raw="")).decode()
        if not key or not self.ttl or prompt.nonce in text:
            return False
        try:
            if self.redact(text) != text:
                return False
        except MiddlewatchError:
            return False
        documents = tuple(sorted({given.chunk.meta.id for given in prompt.passages}))
        self.store.keep(key, zlib.compress(text.encode()), documents, now, self.ttl)
        return True


def given_again(answer: Answer) -> Answer:
    """Return a kept answer as it is given again: it costs nothing."""
    return replace(answer, usage=Usage(cost_usd=Decimal(0)))
