"""A storm: 10,000 alerts in a minute on the whole program, and what became of them.

    python -m benchmarks.storm                          # both databases; tables and pictures in benchmarks/results/
    python -m benchmarks.storm --databases sqlite --soak 20
    python -m benchmarks.storm --busy 2                 # while two processes beside it take what they get

`middlewatch up` runs as its users run it, with the bundled embedding model and Redis; senders and the Slack-compatible
server, which enforces Slack's rate limits, are processes of their own on the same machine. Each database goes through

1. the rate: 100 deliveries a second for a while, five new incidents a second over six channels and the rest repeats;
   the first ten seconds after the start in a column of their own;
2. five new incidents a second over six channels;
3. the storm: the alerts of 40 services, with duplicates, flaps and resolves, over five channels; in its middle the
   broker is emptied.

So far every incident has a message of its own: the most messages, each one timed. Then, on a fresh installation whose
settings are the default, the storm comes again: what begins at once in a channel shares a message. Last, on another, a
language model is asked: a scripted one that takes its time.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.storm_picture import picture
from benchmarks.storm_site import Layout, Site
from benchmarks.storm_traffic import Sent, rate, send, steady, storm
from benchmarks.storm_watch import Told, ends, flat, percentile, told
from samples.scripted_model import ScriptedModel
from tests.postgres import running_postgres

RESULTS = Path(__file__).parent / "results"
CHANNELS = 6
_FIRST_S = 10
"""For how long the rate is held before it is measured: a process that has just started has seen no runbook yet."""


def main() -> int:
    """Run it; 0 when no acknowledged alert was lost and no message stands twice."""
    options = _options()
    folder = Path(tempfile.mkdtemp(prefix="mwstorm"))
    lines, good = _head(options), True
    with ExitStack() as stack:
        for _ in range(options.busy):
            stack.callback(subprocess.Popen([sys.executable, "-c", "while True: pass"]).kill)
        for kind in options.databases.split(","):
            server = None if kind == "sqlite" else stack.enter_context(running_postgres())
            urls = [server.new_database() if server else "" for _ in range(3)]
            layouts = [Layout(url, CHANNELS, apart=not number) for number, url in enumerate(urls)]
            more, well = _database(kind, layouts, folder, options)
            print("\n".join(more), flush=True)
            lines += more
            good = good and well
    (options.out / "storm.md").write_text("\n".join(lines) + "\n")
    shutil.rmtree(folder, ignore_errors=True)
    return 0 if good else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.storm", description=__doc__)
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--alerts", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=60, help="how long the storm takes")
    parser.add_argument("--rate-seconds", type=int, default=20, help="how long 100 requests a second are held")
    parser.add_argument("--documents", type=Path, default=None, help="a folder of runbooks; default the samples")
    parser.add_argument("--chunks", type=int, default=5000, help="documents are copied until there are so many")
    parser.add_argument("--soak", type=float, default=0.0, help="minutes at ten alerts a second, after the storm")
    parser.add_argument("--model-seconds", type=float, default=3.0, help="what the model's answer takes; 0: none")
    parser.add_argument("--busy", type=int, default=0, help="how many processes compute beside it all the while")
    parser.add_argument("--out", type=Path, default=RESULTS)
    return parser.parse_args()


def _head(options: argparse.Namespace) -> list[str]:
    load, busy = os.getloadavg()[0], f", and {options.busy} processes that only compute" if options.busy else ""
    return [
        "# Storm",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, of which senders and the Slack-compatible server take "
        f"their part{busy}; load {load:.1f} before the start. `python -m benchmarks.storm`: {options.alerts} alerts of "
        f"40 services in {options.seconds} s; extractive summaries where no model is named.",
        "",
    ]


def _database(
    kind: str, layouts: Sequence[Layout], folder: Path, options: argparse.Namespace
) -> tuple[list[str], bool]:
    with Site(folder / kind, layouts[0], options.documents, options.chunks) as site:
        chunks = site.ingest()
        with site.up():
            lines = [f"## {kind}, {chunks} chunks", ""]
            lines += ["| | the first seconds | rate: 100 requests/s | 5 incidents/s | storm |", "|---|---|---|---|---|"]
            runs = [
                run(site, rate(_FIRST_S, CHANNELS), 0.0),
                run(site, rate(options.rate_seconds, CHANNELS), 0.0),
                run(site, steady(options.rate_seconds, CHANNELS), 0.0),
                run(site, storm(options.alerts, options.seconds), options.seconds / 2),
            ]
            lines += table(runs)
            site.out(options.out / f"storm-{kind}.svg", picture(runs[-1][1].waits, f"{kind}: alert to first message"))
            lines += ["", f"![alert to first message, {kind}](storm-{kind}.svg)", ""]
            if options.soak:
                lines += _soak(site, options.soak)
    shared = _shared(kind, layouts[1], folder, options)
    lines += ["Told together, as settings are by default:", "", "| | storm |", "|---|---|", *table([shared]), ""]
    runs.append(shared)
    if options.model_seconds:
        asked = _asked(kind, layouts[2], folder, options)
        lines += [
            f"Told together, with a language model that answers within {options.model_seconds:g} s:",
            "",
            "| | 5 incidents/s | storm |",
            "|---|---|---|",
            *table(asked),
            "",
        ]
        runs += asked
    return lines, all(not run[1].lost and not run[1].doubled for run in runs)


def _asked(kind: str, layout: Layout, folder: Path, options: argparse.Namespace) -> list[Run]:
    with (
        ScriptedModel("slow") as model,
        Site(folder / f"{kind}-asked", replace(layout, model=model), options.documents, options.chunks) as site,
    ):
        model.script.delay_s = options.model_seconds
        site.ingest()
        with site.up():
            return [
                run(site, steady(options.rate_seconds, CHANNELS), 0.0),
                run(site, storm(options.alerts, options.seconds), options.seconds / 2),
            ]


def _shared(kind: str, layout: Layout, folder: Path, options: argparse.Namespace) -> Run:
    with Site(folder / f"{kind}-shared", layout, options.documents, options.chunks) as site:
        site.ingest()
        with site.up():
            return run(site, storm(options.alerts, options.seconds), options.seconds / 2)


Run = tuple[Sent, Told, float]
"""What was sent, what was told, and the seconds until all was."""


def run(site: Site, plan: object, empty_at: float) -> Run:
    """Send a plan, empty the broker after so many seconds (0: never), and wait until all was told."""
    asked = site.model_calls()
    sent = send(plan, site.webhook, site.token, (empty_at, site.empty_broker) if empty_at else None)  # type: ignore[arg-type]
    seconds = ends(site, sent)
    found = told(site, sent)
    found.model_calls = site.model_calls() - asked
    return sent, found, seconds


def table(runs: list[Run]) -> list[str]:
    """Return the rows of a table with a column for each run."""

    def row(name: str, *cells: str) -> str:
        return f"| {name} | " + " | ".join(cells) + " |"

    sents, tolds = [run[0] for run in runs], [run[1] for run in runs]
    return [
        row("alerts sent / deliveries", *(f"{s.alerts} / {s.deliveries}" for s in sents)),
        row("accepted / duplicates / shed, then taken", *(f"{s.accepted} / {s.duplicates} / {s.shed}" for s in sents)),
        row("acknowledged incidents lost", *(str(len(t.lost)) for t in tolds)),
        row("incidents / messages / doubled", *(f"{t.incidents} / {t.messages} / {len(t.doubled)}" for t in tolds)),
        row("edits", *(str(t.edits) for t in tolds)),
        row("model calls / messages in its words at the end", *(f"{t.model_calls} / {t.by_model}" for t in tolds)),
        row("ack p50 / p99 / max, ms", *(_milliseconds(s.acks) for s in sents)),
        row("first message p50 / p95 / max, s", *(_seconds([w for _, w in t.waits]) for t in tolds)),
        row("until all was told, s after the last delivery", *(f"{run[2]:.1f}" for run in runs)),
        row("memory of the program at the end, MB", *(f"{t.memory_mb:.0f}" for t in tolds)),
        row("broker emptied in the middle: waited longest, s", *(_after(t.after_emptying) for t in tolds)),
    ]


def _after(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds:.1f}"


def _milliseconds(values: list[float]) -> str:
    return " / ".join(f"{1000 * percentile(values, q):.0f}" for q in (50, 99, 100))


def _seconds(values: list[float]) -> str:
    return " / ".join(f"{percentile(values, q):.2f}" for q in (50, 95, 100)) if values else "–"


def _soak(site: Site, minutes: float) -> list[str]:
    memory, n = flat(site, minutes)
    told = ", ".join(f"{each:.0f}" for each in memory)
    return [
        f"Soak of {minutes:g} minutes at 10 alerts/s, n={n}: memory in MB at the start and after each tenth {told}.",
        "",
    ]


if __name__ == "__main__":
    raise SystemExit(main())
