"""Lines that were written without a look at the rules, in eight rounds; the first figure of each is on record.

The sixth of the nine is of another kind: a line for each family that was missed, or changed by mistake, in material of others.

A line may hold `{a20}` (20 letters and digits; the letters are those of `labelled_secrets.ALPHABETS`), `{pw}` a
password, `{pwa}` one without signs, `{jwt}`, `{b64user}` and the like, all drawn from a seed, so that no secret is
written down. What stands between « and » is the secret.
"""

from __future__ import annotations

import base64
import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.labelled_secrets import ALPHABETS

FOLDER = Path(__file__).parent / "data" / "fresh"
ROUNDS = (1, 2, 3, 4, 5, 6, 7, 8, 9)
FIRST = {
    (1, 1): (80, 82), (1, 2): (124, 131), (1, 3): (54, 79),
    (2, 1): (37, 48), (2, 2): (56, 62), (2, 3): (41, 58),
    (3, 1): (115, 118), (3, 2): (111, 120), (3, 3): (76, 126),
    (5, 1): (45, 50), (5, 2): (60, 66), (5, 3): (48, 57),
    (4, 1): (73, 75), (4, 2): (110, 120), (4, 3): (92, 119),
    (6, 1): (18, 39), (6, 2): (9, 30), (6, 3): (4, 7),
    (7, 1): (58, 60), (7, 2): (85, 85), (7, 3): (69, 78),
    (8, 1): (56, 60), (8, 2): (66, 66), (8, 3): (49, 62),
    (9, 1): (112, 113), (9, 3): (29, 30),
}  # fmt: skip
"""By round and tier: how many were removed when they were measured for the first time, of how many."""
FIRST_CHANGED = {
    1: (2, 143),
    2: (1, 115),
    3: (1, 175),
    4: (3, 119),
    5: (7, 79),
    6: (49, 91),
    7: (5, 115),
    8: (4, 157),
    9: (3, 153),
}
"""By round: how many lines without a secret were changed then, of how many."""
_MARK = re.compile(r"\{([a-z]\w*)\}")
_SEED = 7
_SIGNS = str.maketrans({"⏎": "\n", "¦": "", "␛": "\x1b", "⍽": "\u200b"})


@dataclass(frozen=True, slots=True)
class Fresh:
    """A line, the secrets in it, its round and tier."""

    text: str
    secrets: tuple[str, ...]
    round: int
    tier: int


def _run(rng: random.Random, alphabet: str, size: int) -> str:
    return "".join(rng.choice(ALPHABETS[alphabet]) for _ in range(size))


def _password(rng: random.Random, *, signs: bool) -> str:
    word = rng.choice(["Winter", "Orange", "Turtle", "Falcon", "Rocket"])
    made = [
        lambda: _run(rng, "a", rng.randint(12, 20)),
        lambda: f"{word}{rng.randint(10, 9999)}{rng.choice('!#$_')}{_run(rng, 'a', 4)}",
        lambda: f"{_run(rng, 'l', 5)}-{_run(rng, 'l', 5)}-{_run(rng, 'l', 5)}{rng.randint(0, 9)}",
        lambda: _run(rng, "a", 6) + rng.choice("!#%^*") + _run(rng, "a", 7),
    ]
    plain = [
        made[0],
        lambda: f"{_run(rng, 'a', 7)}_{_run(rng, 'a', 6)}9",
        lambda: _run(rng, "l", 14) + str(rng.randint(10, 99)),
    ]
    return rng.choice(made if signs else plain)()


def _human(rng: random.Random) -> str:
    """Return a password as people think one up."""
    word = rng.choice(["sommer", "Dragon", "liverpool", "Coffee", "kestrel", "Blueberry", "welcome", "Passat"])
    other = rng.choice(["horse", "River", "lamp", "Castle"])
    year = str(rng.randint(1990, 2026))
    return rng.choice(
        [
            f"{word}{year}{rng.choice('!?#$')}",
            f"{word.replace('o', '0').replace('e', '3')}@{year[2:]}",
            f"{word}-{other}-{rng.choice(['staple', 'window', 'paper'])}",
            f"{word}{other.title()}{rng.randint(1, 99)}",
            f"{rng.choice('!$%')}{word}.{other}_{year[2:]}",
            f"{_run(rng, 'a', 4)}!{_run(rng, 'a', 4)}",
        ]
    )


def _card(rng: random.Random) -> str:
    """Return a payment card's number with its Luhn digit, in groups of four."""
    digits = [4, *(rng.randrange(10) for _ in range(14))]
    total = sum(sum(divmod(digit * 2, 10)) if place % 2 == 0 else digit for place, digit in enumerate(digits))
    number = "".join(map(str, [*digits, -total % 10]))
    return " ".join(number[at : at + 4] for at in range(0, 16, 4))


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


_WORDS = "abandon ability able about above absent absorb abstract absurd abuse access accident account".split()
_NAMED: dict[str, Callable[[random.Random], str]] = {
    "pw": lambda rng: _password(rng, signs=True),
    "pwa": lambda rng: _password(rng, signs=False),
    "pwurl": lambda rng: _password(rng, signs=False),
    "b64pw": lambda rng: _encoded(_password(rng, signs=False)),
    "b64user": lambda rng: _encoded(f"svc-{_run(rng, 'l', 5)}:{_run(rng, 'a', 16)}"),
    "b64json": lambda rng: _encoded(json.dumps({"password": _run(rng, "a", 16)})),
    "jwt": lambda rng: f"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ{_run(rng, 'a', 60)}.{_run(rng, 'w', 43)}",
    "human": lambda rng: _human(rng),
    "hexpw": lambda rng: _run(rng, "a", 16).encode().hex(),
    "b64conn": lambda rng: _encoded(f"postgres://orders:{_run(rng, 'a', 16)}@db:5432/orders"),
    "b64env": lambda rng: _encoded(f"DB_USER=orders\nDB_PASSWORD={_run(rng, 'a', 16)}\n"),
    "b64docker": lambda rng: _encoded(
        json.dumps({"auths": {"ghcr.io": {"auth": _encoded(f"bob:{_run(rng, 'a', 16)}")}}})
    ),
    "card": lambda rng: _card(rng),
    "seed": lambda rng: " ".join(rng.choice(_WORDS) for _ in range(12)),
}


def _filled(line: str, rng: random.Random) -> str:
    def fill(found: re.Match[str]) -> str:
        name = found[1]
        if name in _NAMED:
            return _NAMED[name](rng)
        return _run(rng, name[0], int(name[1:])) if name[1:].isdigit() and name[0] in ALPHABETS else found[0]

    return _MARK.sub(fill, line.translate(_SIGNS))


def _lines(name: str) -> Iterator[str]:
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("# "):
            yield line


def fresh() -> Iterator[Fresh]:
    """Yield the lines with secrets."""
    for each in ROUNDS:
        rng = random.Random(_SEED)
        for line in _lines(f"secrets-{each}.txt"):
            tier, _, template = line.partition("\t")
            text = _filled(template, rng)
            secrets = tuple(part for part in re.findall(r"«(.*?)»", text, re.DOTALL) if part)
            yield Fresh(re.sub("[«»]", "", text), secrets, each, int(tier))


def plain() -> Iterator[tuple[str, int]]:
    """Yield the lines without a secret, each with its round."""
    for each in ROUNDS:
        rng = random.Random(_SEED)
        for line in _lines(f"benign-{each}.txt"):
            yield _filled(line, rng), each


def survives(line: Fresh, shown: str) -> bool:
    """Tell whether twelve characters in a row of a secret, or all of a shorter one, are still there."""
    parts = [secret[start : start + 12] for secret in line.secrets for start in range(max(1, len(secret) - 11))]
    return any(part in shown for part in parts)
