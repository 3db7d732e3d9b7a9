"""The `middlewatch` command."""

from __future__ import annotations

import typer

from worker.cli import ask, golden, index, keep, serve, setup

app = typer.Typer(
    name="middlewatch",
    help="An alert fires; one Slack message says what it means, what to do first and what was done last time.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.command("up")(serve.up)
app.command("api")(serve.api)
app.command("worker")(serve.worker)
app.command("beat")(serve.beat)
app.command("init")(setup.init)
app.command("test-alert")(setup.send_test_alert)
app.add_typer(setup.db, name="db")
app.add_typer(setup.config, name="config")
app.command("ingest")(keep.ingest)
app.command("withdraw")(keep.withdraw)
app.add_typer(index.app, name="index")
app.command("search")(ask.search)
app.command("summarize")(ask.summarize)
app.add_typer(golden.app, name="golden")


def main() -> None:
    """Run the command that the arguments name."""
    app()


if __name__ == "__main__":
    main()
