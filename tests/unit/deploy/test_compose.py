"""docker-compose.yml against the Compose Specification and against the settings that the code reads.

No engine runs here; what can be checked without one is.
"""

from __future__ import annotations

import http.server
import importlib.resources
import importlib.util
import json
import re
import shlex
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import BaseModel

from worker.settings import Settings, load

ROOT = Path(__file__).parents[3]
OURS = ("migrate", "api", "worker", "beat")
SERVERS = ("qdrant", "redis", "postgres")
BESIDE_THE_SETTINGS = {"MIDDLEWATCH_CONFIG"}
"""Names with our prefix that are read, and are no setting."""


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    content = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


def _names(model: type[BaseModel], prefix: str) -> Iterator[str]:
    """Walk the settings as pydantic-settings names them in the environment."""
    for name, field in model.model_fields.items():
        full = prefix + name.upper()
        yield full
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _names(field.annotation, full + "__")


def _example() -> dict[str, str]:
    """Return what deploy/env.example sets, also in its commented lines, by the rules of an env file."""
    pairs: dict[str, str] = {}
    for line in (ROOT / "deploy" / "env.example").read_text(encoding="utf-8").splitlines():
        if found := re.fullmatch(r"(?:# )?([A-Z][A-Z0-9_]*)=(.*)", line):
            pairs[found[1]] = "".join(shlex.split(found[2]))
    return pairs


def test_it_is_of_the_form_that_compose_takes(compose: dict[str, Any]) -> None:
    schema = json.loads((Path(__file__).parent / "compose-subset.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(compose)


@pytest.mark.parametrize(
    ("service", "key", "value"),
    [
        ("api", "depends", {}),
        ("api", "ports", [8787]),
        ("redis", "healthcheck", {"test": "redis-cli ping"}),
        ("redis", "image", "redis"),
        ("worker", "depends_on", {"redis": {"condition": "healthy"}}),
    ],
)
def test_the_schema_refuses_what_compose_would_refuse_or_we_do(
    compose: dict[str, Any], service: str, key: str, value: object
) -> None:
    schema = json.loads((Path(__file__).parent / "compose-subset.schema.json").read_text(encoding="utf-8"))
    services = compose["services"]
    broken = compose | {"services": services | {service: services[service] | {key: value}}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate(broken)


@pytest.mark.skipif(
    importlib.util.find_spec("check_jsonschema") is None,
    reason="the package check-jsonschema, which holds the schema, is not installed",
)
def test_it_is_of_the_form_of_the_whole_specification(compose: dict[str, Any]) -> None:
    vendored = importlib.resources.files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    schema = json.loads(vendored.read_text(encoding="utf-8"))
    jsonschema.validators.validator_for(schema)(schema).validate(compose)


def test_every_part_is_there(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {*OURS, *SERVERS}


def test_every_part_that_stays_has_a_health_check(compose: dict[str, Any]) -> None:
    lasting = {name: service["healthcheck"] for name, service in compose["services"].items() if name != "migrate"}
    assert all("test" in check for check in lasting.values())


def test_only_the_api_is_published_and_on_loopback_alone(compose: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in compose["services"].items() if service.get("ports")}
    assert published == {"api": ["127.0.0.1:8787:8787"]}


def test_everything_waits_for_what_it_needs(compose: dict[str, Any]) -> None:
    for name in ("api", "worker", "beat"):
        assert compose["services"][name]["depends_on"] == {
            "migrate": {"condition": "service_completed_successfully"},
            "postgres": {"condition": "service_healthy"},
            "redis": {"condition": "service_healthy"},
            "qdrant": {"condition": "service_healthy"},
        }
    assert compose["services"]["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}


def test_redis_writes_down_and_evicts_nothing(compose: dict[str, Any]) -> None:
    command = compose["services"]["redis"]["command"]
    options = dict(zip(command[1::2], command[2::2], strict=True))
    assert options["--appendonly"] == "yes"
    assert options["--maxmemory-policy"] == "noeviction"


def test_every_named_volume_is_declared_and_used(compose: dict[str, Any]) -> None:
    mounts = [mount for service in compose["services"].values() for mount in service.get("volumes", [])]
    named = {mount.split(":")[0] for mount in mounts if not mount.startswith((".", "/", "$"))}
    assert named == set(compose["volumes"])


def test_no_password_is_written_down(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|KEY|AUTH|_URL$", name) and value != "http://qdrant:6333":
                assert ":?" in value, f"{name} must come from the environment file, and be asked for by name"


def test_our_processes_have_no_rights_to_spare(compose: dict[str, Any]) -> None:
    for name in OURS:
        service = compose["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_every_setting_it_names_is_one_that_the_code_reads(compose: dict[str, Any]) -> None:
    known = {*_names(Settings, "MIDDLEWATCH_"), *BESIDE_THE_SETTINGS}
    named = {
        name for service in compose["services"].values() for name in service.get("environment", {}) if "WATCH" in name
    }
    named |= {name for name in _example() if "WATCH" in name}
    assert "MIDDLEWATCH_STORE__REDIS_URL" in named
    assert named - known == set()


def test_every_variable_it_asks_for_is_in_the_example() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    asked = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", text))
    assert asked <= set(_example())
    assert {"POSTGRES_PASSWORD", "REDIS_PASSWORD", "QDRANT_API_KEY"} <= asked


def test_the_settings_hold_together_with_what_compose_adds(
    compose: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    passwords = {"POSTGRES_PASSWORD": "0a", "REDIS_PASSWORD": "0b", "QDRANT_API_KEY": "0c"}
    for name, value in compose["services"]["api"]["environment"].items():
        filled = re.sub(r"\$\{([A-Z_]+):\?[^}]*\}", lambda found: passwords[found[1]], value)
        monkeypatch.setenv(name, filled)
    for name, value in _example().items():
        if name.startswith("MIDDLEWATCH_"):
            monkeypatch.setenv(name, value)
    settings = load(ROOT / "deploy" / "settings.toml")
    assert settings.database_url == "postgresql+psycopg://middlewatch:0a@postgres:5432/middlewatch"
    assert settings.store.redis_url == "redis://:0b@redis:6379/0"
    assert str(settings.store.data_dir) == "/var/lib/middlewatch"
    assert settings.intake.grafana.secrets
    assert [source.name for source in settings.sources] == ["runbooks", "postmortems"]


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
def test_the_health_check_of_qdrant_reads_the_answer(compose: dict[str, Any], status: int, healthy: bool) -> None:
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/readyz" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        _, *command = compose["services"]["qdrant"]["healthcheck"]["test"]
        command = [part.replace("$$", "$").replace("6333", str(server.server_port)) for part in command]
        ended = subprocess.run(command, capture_output=True, timeout=20, check=False)
        server.shutdown()
    assert (ended.returncode == 0) is healthy


def test_the_image_runs_as_nobody_in_particular_and_holds_no_tools() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    last = text[text.rindex("\nFROM ") :]
    assert "\nUSER 10001:10001\n" in last
    assert "pip install" not in last
    assert not re.search(r"^FROM \S+:latest|^FROM [^:\s]+$", text, re.MULTILINE)


def test_the_builder_is_sent_every_package_and_no_secret() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    kept = {line.removeprefix("!") for line in lines if line.startswith("!")}
    copied = set(re.findall(r"^COPY (?!--)(.+?) \S+$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE))
    assert lines[1] == "*"
    assert lines[-1] == "**/.env"
    assert {name for line in copied for name in line.split()} == kept
    assert (ROOT / "deploy" / ".gitignore").read_text(encoding="utf-8").split() == [".env"]
