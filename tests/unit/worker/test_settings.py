"""Settings: read once, validated, every fault named, no secret shown."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from domain.errors import BadSettings
from ingest.git import Origin
from worker.from_settings import source_specs
from worker.settings import Settings, load

FILE = """
[store]
data_dir = "data"
[slack]
bot_token = "xoxb-from-the-file"
[[sources]]
name = "runbooks"
kind = "runbook"
path = "docs"
allow = ["everyone"]
every = "90s"
[[channels]]
id = "C1"
default = true
"""


def written(folder: Path, text: str = FILE) -> Path:
    file = folder / "middlewatch.toml"
    file.write_text(text)
    return file


def test_relative_paths_count_from_the_settings_file(tmp_path: Path) -> None:
    settings = load(written(tmp_path))
    assert settings.sources[0].path == tmp_path / "docs"
    assert settings.store.data_dir == tmp_path / "data"
    assert settings.database_url == f"sqlite:///{tmp_path}/data/state.db"
    assert settings.sources[0].every == timedelta(seconds=90)


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIDDLEWATCH_SLACK__BOT_TOKEN", "xoxb-from-the-environment")
    monkeypatch.setenv("MIDDLEWATCH_LLM__MODEL", "openai:x")
    settings = load(written(tmp_path))
    assert settings.slack.bot_token.get_secret_value() == "xoxb-from-the-environment"
    assert settings.llm.model == "openai:x"
    assert settings.llm.timeout_s == 30


def test_the_environment_can_name_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIDDLEWATCH_CONFIG", str(written(tmp_path)))
    assert load(None).sources[0].name == "runbooks"


def test_no_file_means_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load(None).sources == ()


def test_a_secret_is_never_printed(tmp_path: Path) -> None:
    assert "xoxb" not in repr(load(written(tmp_path)))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (FILE.replace("every", "evry"), "sources.0.evry"),
        (FILE.replace('"90s"', '"soon"'), "sources.0.every"),
        (FILE.replace('"runbook"', '"wiki"'), "sources.0.kind"),
        (FILE + '[[channels]]\nid = "C1"\n', "'C1' is there more than once"),
        (FILE + '[[channels]]\nid = "C2"\ndefault = true\n', "only one channel can have default"),
        (FILE + '[[channels]]\nid = "C2"\nmode = "shadow"\n', "slack.shadow_channel"),
        ("[store", "is not TOML"),
    ],
)
def test_every_fault_is_named(tmp_path: Path, text: str, names: str) -> None:
    with pytest.raises(BadSettings, match=names.replace(".", r"\.")) as fault:
        load(written(tmp_path, text))
    assert "xoxb" not in str(fault.value)


def test_a_missing_file_that_was_named_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="cannot be read"):
        load(tmp_path / "none.toml")


def test_an_unknown_channel_is_named_with_the_mend() -> None:
    with pytest.raises(BadSettings, match=r"\[\[channels\]\]"):
        Settings().channel("C404")


def sourced(folder: Path, *lines: str) -> Settings:
    kept = ['[[sources]]\nname = "books"\nkind = "runbook"', *lines]
    return load(written(folder, '[store]\ndata_dir = "data"\n' + "\n".join(kept)))


def test_a_repository_is_a_source_with_a_copy_under_the_data_folder(tmp_path: Path) -> None:
    settings = sourced(tmp_path, 'git = "https://example.com/a.git"', 'branch = "main"', 'path = "docs"')
    (spec,) = source_specs(settings)
    assert spec.origin == Origin("https://example.com/a.git", "main", tmp_path / "data" / "sources" / "books")
    assert spec.path == tmp_path / "data" / "sources" / "books" / "docs"


def test_a_repository_on_this_machine_counts_from_the_settings_file(tmp_path: Path) -> None:
    (spec,) = source_specs(sourced(tmp_path, 'git = "./repo"'))
    assert spec.origin is not None
    assert spec.origin.url == str(tmp_path / "repo")
    assert spec.path == spec.origin.checkout


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "a source needs `path`"),
        (['path = "x"', 'branch = "main"'], "a source needs `path`"),
        (['git = "./x"', 'path = "../y"'], "a folder in the repository"),
        (['git = "./x"', 'path = "/y"'], "a folder in the repository"),
        (['git = "https://token@example.com/x"'], "holds credentials"),
        (['git = "ftp://example.com/x"'], "no address"),
        (['git = "./x"', 'branch = "--all"'], "no name of a branch"),
    ],
)
def test_a_source_that_cannot_be_is_refused_without_repeating_it(tmp_path: Path, lines: list[str], said: str) -> None:
    with pytest.raises(BadSettings, match=said) as caught:
        source_specs(sourced(tmp_path, *lines))
    assert "token" not in str(caught.value)
