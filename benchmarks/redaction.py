"""What the redactor takes out, what it changes by mistake, and how fast: over labelled lines that are made from seeds."""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from tests.labelled_benign import benign
from tests.labelled_fresh import FIRST, FIRST_CHANGED, fresh, plain, survives
from tests.labelled_secrets import secrets
from tests.promises.test_p5_redaction import FLOORS, leaks
from worker.redaction import redact
from worker.redaction.redactor import RULES_VERSION
from worker.redaction.scanner import RULES

OUT = Path(__file__).parent / "results" / "redaction.md"
BOMBS = {
    "password=": "password=", "pw:": "pw:", "key headers": f"-----BEGIN RSA {'PRIVATE'} KEY-----", "://a:": "://a:", "eyJ…": "eyJ" + "a" * 61,
    "curl -u ": "curl -u ", "a@b:": "a@b:", '\\"': '\\"', "%41%70": "%41%70", "kind: Secret": "kind: secret\ndata:\n  a: bbbb\n",
    "name: TOKEN": "name: TOKEN\n", "look-alikes": "\u0430\u200b", "sentences": "password is a ", "other languages": "\u5bc6\u7801",
}  # fmt: skip
LARGE = 120_000


def main() -> None:
    """Measure, print, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path, nargs="?", help="the public runbooks")
    corpus = parser.parse_args().corpus
    report = "\n".join([*_head(), *_recall(), *_benign(corpus), *_fresh(), *_speed(corpus), *_bombs()]) + "\n"
    OUT.write_text(report, encoding="utf-8")
    print(report)


def _head() -> list[str]:
    machine = f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}"
    return [
        "# Redaction",
        "",
        f"{datetime.now(UTC):%Y-%m-%d} · rules {RULES_VERSION} ({len(RULES)} rules) · {machine} · `python -m benchmarks.redaction CORPUS`",
        "",
        "Secrets are made from seeds (`tests/labelled_secrets.py`), so none is written down. A secret counts as removed when no",
        "twelve characters of it in a row are left. Tier 1: tokens with a vendor's mark; 2: secrets that what holds them gives",
        "away; 3: escaped, encoded, cut, dressed up, or told in prose. A third of the lines was kept apart while rules were made.",
        "The authors of the rules made this set too: a set made by others is the harder test.",
        "",
    ]


def _recall() -> list[str]:
    total: Counter[tuple[int, bool]] = Counter()
    gone: Counter[tuple[int, bool]] = Counter()
    for labelled in secrets():
        total[labelled.tier, labelled.held] += 1
        gone[labelled.tier, labelled.held] += not leaks(labelled)
    rows = ["| tier | removed, seen lines | removed, lines kept apart | floor |", "| --- | --- | --- | --- |"]
    for tier, floor in FLOORS.items():
        cells = " | ".join(
            f"{gone[tier, held]} of {total[tier, held]} ({gone[tier, held] / total[tier, held]:.1%})"
            for held in (False, True)
        )
        rows.append(f"| {tier} | {cells} | {floor:.0%} |")
    return [*rows, ""]


def _benign(corpus: Path | None) -> list[str]:
    lines = list(benign(corpus))
    rows = ["| lines without a secret | changed | bar |", "| --- | --- | --- |"]
    for name, held in (("seen", False), ("kept apart", True)):
        those = [line for line, apart in lines if apart is held]
        changed = sum(redact(line) != line for line in those)
        rows.append(f"| {name}, n = {len(those)} | {changed} ({changed / len(those):.2%}) | 0.5 % |")
    return [*rows, ""]


def _fresh() -> list[str]:
    """Lines that were written without a look at the rules: the first figure, and today's after mending by family."""
    lines = list(fresh())
    rows = [
        "Lines written without a look at the rules, in rounds. The first figure is what to expect of lines that are new",
        "to the rules; after it the rules were mended, by family and not by line. From the fourth on they were written by those who",
        "had just mended the rules for the round before, in the manner of another author. The sixth holds a line for each family",
        "that the rules had missed, or had changed by mistake, in material of others; its first figure is that of the rules before.",
        "",
        "| round, tier | removed at first | removed now |",
        "| --- | --- | --- |",
    ]
    for (each, tier), (removed, n) in FIRST.items():
        those = [line for line in lines if (line.round, line.tier) == (each, tier)]
        now = sum(not survives(line, redact(line.text)) for line in those)
        rows.append(
            f"| {each}, {tier} | {removed} of {n} ({removed / n:.1%}) | {now} of {len(those)} ({now / len(those):.1%}) |"
        )
    for each, (changed, n) in FIRST_CHANGED.items():
        those = [text for text, of in plain() if of == each]
        now = sum(redact(text) != text for text in those)
        rows.append(f"| {each}, changed without a secret | {changed} of {n} | {now} of {len(those)} |")
    return [*rows, "", _lately(), ""]


def _lately() -> str:
    """The first figures of the last three rounds together."""
    last = sorted(FIRST_CHANGED)[-3:]
    tiers = []
    for tier in FLOORS:
        those = [figure for (each, of), figure in FIRST.items() if each in last and of == tier]
        tiers.append(f"{sum(removed for removed, _ in those)} of {sum(n for _, n in those)} of tier {tier}")
    changed = [FIRST_CHANGED[each] for each in last]
    return (
        f"The last three rounds together, at first: {', '.join(tiers)}; "
        f"{sum(wrong for wrong, _ in changed)} of {sum(n for _, n in changed)} lines without a secret were changed."
    )


def _speed(corpus: Path | None) -> list[str]:
    texts = {
        "log lines with ids, digests and trace ids": "\n".join(_log_line(number) for number in range(8_000)),
        "JSON log lines with escapes": "\n".join(
            f'{{"ts":{n},"msg":"said \\"refused\\"\\n at a.b(C.java:{n})"}}' for n in range(12_000)
        ),
    }
    if corpus:
        texts["the public runbooks"] = "\n".join(
            path.read_text(errors="replace") for path in sorted(corpus.rglob("*.md"))
        )
    rows = ["| text | characters | MB/s (best of 3, one core) |", "| --- | --- | --- |"]
    rows += [f"| {name} | {len(text):,} | {len(text) / _seconds(text) / 1e6:.1f} |" for name, text in texts.items()]
    return [*rows, ""]


def _log_line(number: int) -> str:
    return (
        f"2026-11-21T03:12:{number % 60:02}Z INFO checkout-7c9d8b6f5-x2k4p request_id=7d444840-9dc0-11d1-b245-5ffdce{number:06} "
        f"trace_id={number * 7919**7 % 16**32:032x} status=200 path=/api/v1/orders/{number} token count: 1534"
    )


def _bombs() -> list[str]:
    rows = [f"| bomb, {LARGE:,} characters | seconds | against an eighth of it, ×8 |", "| --- | --- | --- |"]
    for name, bomb in BOMBS.items():
        large = (bomb * (LARGE // len(bomb) + 1))[:LARGE]
        small, whole = _seconds(large[: LARGE // 8]), _seconds(large)
        rows.append(f"| `{name}` repeated | {whole:.2f} | {whole / small / 8:.2f} |")
    return rows


def _seconds(text: str) -> float:
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        redact(text)
        best = min(best, time.process_time() - started)
    return best


if __name__ == "__main__":
    main()
