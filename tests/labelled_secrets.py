"""Labelled secrets for the redactor, in three tiers, made at test time from a seed.

Tier 1: tokens that carry their vendor's mark, in plain lines. Tier 2: secrets that only what holds them gives away.
Tier 3: secrets that are wrapped, cut, escaped, dressed up, or told in prose. No token is written out here: each is
put together when it is asked for. A third of the pairs of secret and line is kept apart (`held`), and no rule was
made by looking at it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from tests.labelled_lines import HARD, LINES, NAMED

Make = Callable[[random.Random], str]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text, the secrets in it, its tier, the line it was made by, and whether it was kept apart."""

    text: str
    secrets: tuple[str, ...]
    tier: int
    made_by: str
    held: bool


ALPHABETS = {
    "a": string.ascii_letters + string.digits,
    "l": string.ascii_lowercase + string.digits,
    "u": string.ascii_uppercase + string.digits,
    "x": "0123456789abcdef",
    "d": string.digits,
    "w": string.ascii_letters + string.digits + "_-",
    "b": string.ascii_letters + string.digits + "+/",
    "t": "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
}

# prefix + what follows, as runs of an alphabet: {a36} is 36 letters and digits
SHAPES = """
AK+IA{t16} AS+IA{t16} AI+za{w35} ya+29.{w60} GOC+SPX-{w28} LT+AI{l20} gh+p_{a36} gh+o_{a36} gh+s_{a36} github_+pat_{a22}_{a59}
gl+pat-{w20} gl+rt-{w20} gl+dt-{w20} glc+bt-6a_{w20} GR13+48941{w20} AT+ATT3xFfGF0{w60}={u8} AT+BB{a32} np+m_{a36} py+pi-AgEIcHlwaS5vcmc{w70}
ruby+gems_{x48} dckr_+pat_{w27} AK+Cp{a69} xo+xb-{d12}-{d13}-{a24} xo+xp-{d12}-{d12}-{d12}-{x32} xa+pp-1-A{u10}-{d13}-{x64}
sk_+live_{a24} rk_+live_{a24} sk_+test_{a99} whs+ec_{a32} sq0+atp-{w22} shp+at_{x32} shp+ss_{x32} S+G.{w22}.{w43} S+K{x32} ke+y-{x32}
xkey+sib-{x64}-{a16} NR+AK-{u27} NR+JS-{x19} gl+sa_{a32}_{x8} gl+c_{a60} dt0+c01.{u24}.{u64} snt+ryu_{x64} sk-+proj-{w74}T3BlbkFJ{w74}
sk-+ant-api03-{w93}AA sk-+or-v1-{x64} gs+k_{a52} xa+i-{a80} pp+lx-{a48} hf+_{a34} r8+_{a37} dap+i{x32} pu+l-{x40} hv+s.{w95} hv+b.{w140} do+p_v1_{x64}
HR+KU-AA{w58} fo+1_{w43} dp.+pt.{a43} lin+_api_{a40} nt+n_{d11}{a35} fig+d_{w40} PM+AK-{x24}-{x34} rd+me_{l70} sb+p_{x40} psc+ale_tkn_{w43}
AGE-SECRET+-KEY-1{t58} A3-{u6}-{u11}-{u5}-{u5}-{u5} sha+256~{w43} {a14}.atlas+v1.{w67} {a3}8+Q~{w34} {d10}:+AA{w33} {x32}-+us12
EZ+AK{a54} duf+fel_live_{w43} ship+po_live_{x40} FLW+SECK-{l32}-X pn+u_{a36} AP+I-{u26} sm+_pat_{a16} tk-+us-{w48} sg+p_{x16}_{x40} pat{a14}.+{x64}
cmV+md{a59} ic+o-{a32} CLO+JARS_{l60} AB+SK{b109} v1.0-{x24}-+{x146} ops+_eyJ{a260} dnk+ey-{w26}-{w52} s-s4+t2ud-{x64} fio+-u-{w64} squ+_{x40}
EAA+M{a140} bkua+_{x40} tskey+-auth-{a12}-{a32} nvapi+-{w64} rnd+_{a32} phc+_{a43} pcsk+_{a70} glsoat+-{w20}
""".split()

PASSWORDS = (
    "Tr0ub4dor&3",
    "hunter2",
    "S3cr3t!pass",
    "correct-horse-battery-staple",
    "xK9#mQ2$vL",
    "P@ssw0rd2024",
    "9f8e7d6c5b4a",
    "Zx!8kQp.27",
    "winter2024!",
    "qwErty77",
)


def token(shape: str, rng: random.Random) -> str:
    """Return a token of a shape."""
    out, rest = "", shape.replace("+", "") if "{b" not in shape else shape.replace("+", "", 1)
    while rest:
        before, brace, rest = rest.partition("{")
        out += before
        if brace:
            run, _, rest = rest.partition("}")
            out += "".join(rng.choices(ALPHABETS[run[0]], k=int(run[1:])))
    return out


def password(rng: random.Random) -> str:
    """Return something that people, or their tools, choose for a password."""
    made = "".join(rng.choices(ALPHABETS["a"], k=rng.randint(10, 24)))
    word = (
        rng.choice(("Sommer", "tiger", "Orbit", "delta", "Falcon", "kestrel", "Marble"))
        + str(rng.randint(10, 9999))
        + rng.choice("!#%*.-_")
    )
    return rng.choice((rng.choice(PASSWORDS), made, made, word, word))


def jwt(rng: random.Random) -> str:
    """Return a signed JSON Web Token."""
    parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": str(rng.randint(10**6, 10**7)), "iat": 1700000000})
    coded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join((*coded, token("{w43}", rng)))


def pem(rng: random.Random, kind: str = "RSA ") -> str:
    """Return a private key in PEM."""
    body = "MIIEpAIBAAKCAQEA" + token("{b624}", rng) + "=="
    lines = "\n".join(body[i : i + 64] for i in range(0, len(body), 64))
    return f"-----BEGIN {kind}PRIVATE" + f" KEY-----\n{lines}\n-----END {kind}PRIVATE" + " KEY-----"


def secrets() -> Iterator[Labelled]:
    """Yield every labelled text."""
    for number, shape in enumerate(SHAPES):
        for turn in range(2):
            rng = random.Random(f"1/{number}/{turn}")
            line = LINES[(number * 7 + turn * 5) % len(LINES)]
            yield _made(line, {"T": token(shape, rng)}, 1, shape[:8])
    for tier, lines in ((2, NAMED), (3, HARD)):
        for number, line in enumerate(lines):
            for turn in range(2 if tier == 2 else 3):
                rng = random.Random(f"{tier}/{number}/{turn}")
                yield _made(line, _fillings(line, rng), tier, f"{number}: {line[:60]}")


def _made(line: str, fill: dict[str, str], tier: int, made_by: str) -> Labelled:
    shown, hidden = line, []
    for name, (mark, value) in enumerate((m, v) for m, v in fill.items()):
        del name
        kind = mark.partition("|")
        shown = shown.replace("{" + mark + "}", WRAPS[kind[2]](value) if kind[2] else value)
        hidden += [value, *([WRAPS[kind[2]](value)] if kind[2] else [])]
    digest = hashlib.sha256(f"{made_by}{line}".encode()).digest()
    return Labelled(shown, tuple(hidden), tier, made_by, digest[0] % 3 == 0)


def _fillings(line: str, rng: random.Random) -> dict[str, str]:
    makers: dict[str, Make] = {
        "P": password, "J": jwt, "K": pem, "H": lambda r: token("{x32}", r), "A": lambda r: token("{a40}", r), "B": lambda r: token("{b86}==", r),
        "T": lambda r: token(r.choice(SHAPES[:60]), r), "N": lambda r: token("{a20}", r), "U": lambda r: token("{x8}-{x4}-{x4}-{x4}-{x12}", r),
    }  # fmt: skip
    fill: dict[str, str] = {}
    for piece in line.split("{")[1:]:
        mark = piece.partition("}")[0]
        if mark and mark[0] in makers and (len(mark) == 1 or mark[1] in "|123"):
            fill[mark] = makers[mark[0]](rng)
    return fill


def _halved(value: str, joint: str) -> str:
    return value[: len(value) // 2] + joint + value[len(value) // 2 :]


WRAPS: dict[str, Callable[[str], str]] = {
    "b64": lambda v: base64.b64encode(v.encode()).decode(),
    "user64": lambda v: base64.b64encode(f"svc-orders:{v}".encode()).decode(),
    "kv64": lambda v: base64.b64encode(f"password={v}\n".encode()).decode(),
    "json64": lambda v: base64.b64encode(json.dumps({"user": "svc", "password": v}).encode()).decode(),
    "hex": lambda v: f"password={v}".encode().hex(),
    "url": lambda v: quote(v, safe=""),
    "allurl": lambda v: "".join(f"%{ord(c):02X}" for c in v),
    "esc": lambda v: json.dumps(v)[1:-1],
    "n": lambda v: v.replace("\n", "\\n"),
    "nn": lambda v: v.replace("\n", "\\\\n"),
    "plus": lambda v: _halved(v, '" + "'),
    "dot": lambda v: _halved(v, "' . '"),
    "adj": lambda v: _halved(v, '" "'),
    "cont": lambda v: _halved(v, '" \\\n    "'),
    "fold": lambda v: _halved(v, "\n    "),
    "back": lambda v: _halved(v, "\\\n"),
    "zwsp": lambda v: _halved(v, "\u200b"),
    "shy": lambda v: _halved(v, "\u00ad"),
    "full": lambda v: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in v),
    "indent": lambda v: v.replace("\n", "\n    "),
    "quoted": lambda v: v.replace("\n", "\n> "),
    "body": lambda v: "\n".join(v.split("\n")[1:-1]),
    "u": lambda v: "".join(f"\\u{ord(c):04x}" for c in v),
}
