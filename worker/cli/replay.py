"""Make recorded runs again, on this machine or on another, and take a document's words out of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from domain.errors import BadInput
from worker.cli.base import FAILED, AsJson, ConfigFile, command, print_json, stdout
from worker.process import running
from worker.recording import Recording, as_json, from_json
from worker.redaction.redactor import redact
from worker.replay.code_version import versions_here
from worker.replay.records_access import Operator, Records, reader_of
from worker.replay.replaying import Replay, diff
from worker.replay.replaying import replay as made_again
from worker.replay.variants import told_by
from worker.settings import Settings, load
from worker.store.audit import Act
from worker.wiring_index import caller, keeping, now

Run = Annotated[str, typer.Argument(metavar="[RUN]", help="The run's id: it stands at the foot of each message.")]


@command
def replay(  # noqa: PLR0913 - a command's options are its arguments
    run: Run = "",
    every: Annotated[bool, typer.Option("--all", help="Every run that is on record.")] = False,
    file: Annotated[Path | None, typer.Option(help="A run that `--save` wrote; no database is needed.")] = None,
    save: Annotated[Path | None, typer.Option(help="Write the run to a file, for another machine.")] = None,
    model: Annotated[str, typer.Option(help="Ask this model instead, and show what differs. It costs money.")] = "",
    prompt: Annotated[str, typer.Option(help="Ask with this version of the prompt, and show what differs.")] = "",
    channel: Annotated[str, typer.Option(help="As everyone in this channel; else as operator.")] = "",
    groups: Annotated[str, typer.Option(help="As readers who hold these groups, separated by commas.")] = "",
    as_json_: AsJson = False,
    config: ConfigFile = None,
) -> int:
    """Make a run's messages again from what was recorded of it, and compare them byte for byte; offline.

    Exit code 1: a message differs, or can not be made again; it says why.

    Example: middlewatch replay 019a3f0c2b1de4f5a6b7c8
    """
    if [bool(run), every, file is not None].count(True) != 1:
        raise BadInput("Say which run.", mend="Give a run's id, --all, or --file FILE.")
    if file is not None and not (model or prompt):
        return _show([made_again(_read(file), redact, versions_here())], as_json_)
    settings = load(config)
    if model or prompt:
        return _other(settings, _given(settings, run, file), (model, prompt), as_json_)
    with keeping(settings) as parts:
        records = Records(parts.store, reader_of(settings, channel, groups))
        if every:
            return _show_all(records, as_json_)
        if save is not None:
            _write(records.get(run), save)
        return _show_one(records.get(run), records, as_json_)


def _given(settings: Settings, run: str, file: Path | None) -> Recording:
    if file is not None:
        return _read(file)
    with keeping(settings) as parts:
        return Records(parts.store, Operator()).get(run)


def _show_one(recording: Recording, records: Records, as_json_: bool) -> int:
    return _show([made_again(recording, redact, versions_here())], as_json_, records.withdrawn(recording))


def _show_all(records: Records, as_json_: bool) -> int:
    done = [made_again(recording, redact, versions_here()) for recording in records.all()]
    differ = [each.run_id for each in done if not each.same]
    messages = sum(len(each.messages) for each in done)
    if as_json_:
        print_json({"runs": len(done), "messages": messages, "same": len(done) - len(differ), "differ": differ})
    else:
        stdout.print(f"{len(done)} runs, {messages} messages: {len(done) - len(differ)} runs the same byte for byte.")
        for run_id in differ:
            stdout.print(f"differs: {run_id}", markup=False)
    return FAILED if differ else 0


def _show(done: list[Replay], as_json_: bool, withdrawn: tuple[str, ...] = ()) -> int:
    (each,) = done
    if as_json_:
        print_json(each.as_json() | {"withdrawn": list(withdrawn)})
        return 0 if each.same else FAILED
    for message in each.messages:
        stdout.print(message.rebuilt, markup=False)
        stdout.print("— the same, byte for byte" if message.same else "— it differs:", markup=False)
        for line in message.diff:
            stdout.print(line, markup=False)
    for line in _words(each, withdrawn):
        stdout.print(line, markup=False)
    return 0 if each.same else FAILED


def _words(each: Replay, withdrawn: tuple[str, ...]) -> Iterator[str]:
    if not each.messages and not each.erased:
        yield "The run showed no message."
    for name in each.erased:
        yield f"erased: {name}; a run that rests on it cannot be made again."
    for name in withdrawn:
        yield f"withdrawn since: {name}"
    if each.prompts_differ:
        yield f"{each.prompts_differ} prompts would read otherwise today."
    for name, (was, here) in each.versions.items():
        yield f"other {name}: recorded with {was or 'none'}, here is {here or 'none'}"


def _other(settings: Settings, recording: Recording, chosen: tuple[str, str], as_json_: bool) -> int:
    if recording.erased:
        raise BadInput(f"Words that the run rests on were erased: {', '.join(recording.erased)}.", reason="erased")
    with running(settings, migrated=False) as parts:
        from_other = told_by(recording, parts.ladder_of(*chosen))
    before = recording.editions[-1].text if recording.editions else ""
    lines = list(diff(before, from_other.message.text))
    if as_json_:
        print_json({"run": recording.run_id, "recorded": before, "other": from_other.as_json(), "diff": lines})
        return 0
    stdout.print("\n".join(lines) or "The message would be the same.", markup=False)
    stdout.print(from_other.as_line(), markup=False)
    return 0


def _read(file: Path | None) -> Recording:
    try:
        return from_json(json.loads(file.read_text(encoding="utf-8"))) if file else from_json(None)
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise BadInput(f"{file} is not JSON.") from error


def _write(recording: Recording, file: Path) -> None:
    content: Any = as_json(recording, redact)
    try:
        file.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{file} cannot be written: {error.strerror}.") from error
    file.chmod(0o600)


@command
def erase(
    document: Annotated[str, typer.Argument(metavar="DOC", help="SOURCE/relative/path, as `search` shows it.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept on record.")] = "",
    config: ConfigFile = None,
) -> int:
    """Take a document's words out of every recorded run and every kept answer, for good.

    Runs that rest on it cannot be made again; that they were, and which document is missing, stays on record.
    Withdraw the document first, or take it out of its source: else it comes back with the next run.

    Example: middlewatch erase runbooks/storage/VolumeFilling.md --reason "Held a customer's name"
    """
    with keeping(load(config)) as parts:
        runs = Records(parts.store, Operator()).erase(document)
        parts.store.audit.add(Act(now(), caller(), "erase", document, reason))
    stdout.print(f"{document} is erased from {runs} recorded {'run' if runs == 1 else 'runs'}.", markup=False)
    return 0
