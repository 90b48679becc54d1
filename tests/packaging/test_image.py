import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from typing_extensions import override

from entrypoints.settings.model import SETTINGS

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def instructions() -> list[tuple[str, str]]:
    """Of the Dockerfile: each instruction and its argument, lines joined and comments left out."""
    joined = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE))
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in joined.splitlines() if line)]


def final_stage() -> list[tuple[str, str]]:
    found = instructions()
    return found[max(place for place, (word, _) in enumerate(found) if word == "FROM") :]


def the(word: str) -> str:
    """The argument of the last such instruction of the image itself."""
    return next(rest for found, rest in reversed(final_stage()) if found == word)


def test_the_image_is_built_in_two_stages_of_which_the_last_installs_nothing() -> None:
    assert [word for word, _ in instructions()].count("FROM") == 2
    runs = [rest for word, rest in final_stage() if word == "RUN"]
    assert not re.search(r"\b(apt-get|pip|uv|gcc)\b", " ".join(runs))
    assert ("COPY", "--from=builder /app/.venv .venv") in final_stage()


def test_the_image_runs_the_api_as_a_user_who_is_not_root() -> None:
    assert the("USER") == "flightdeck"
    assert (json.loads(the("ENTRYPOINT")), json.loads(the("CMD"))) == (["flightdeck"], ["serve"])
    assert any(word == "RUN" and "useradd" in rest and "--uid 10001" in rest for word, rest in final_stage())


def test_the_image_has_locked_versions_only() -> None:
    installs = [rest for word, rest in instructions() if word == "RUN" and "uv pip install" in rest]
    assert len(installs) == 3
    assert "--constraints requirements.lock" in installs[0]
    assert "--require-hashes" in installs[0]
    assert "--no-deps --build-constraints requirements.lock" in installs[1]


def test_extras_that_no_lock_has_are_installed_on_demand_alone() -> None:
    (more,) = [rest for word, rest in instructions() if word == "RUN" and "EXTRAS" in rest]
    assert ("ARG", "EXTRAS=") in instructions()
    assert more.startswith('if [ -n "${EXTRAS}" ]; then uv pip install --constraints requirements.lock ')
    assert more.endswith('--excludes /tmp/excluded --editable ".[${EXTRAS}]"; fi')


def test_the_packages_left_out_of_the_image_are_those_of_the_embedded_servers() -> None:
    left_out = re.search(r"printf '([^']+)'", DOCKERFILE)
    assert left_out
    conditional = [need for need in PYPROJECT["project"]["dependencies"] if "sys_platform" in need]
    assert left_out[1].split("\\n")[:-1] == [re.split(r"[^\w-]", need)[0] for need in conditional]


def test_what_the_image_sets_for_flightdeck_are_settings() -> None:
    of_others = {"PATH", "PYTHONUNBUFFERED"}
    names = {pair.partition("=")[0] for pair in shlex.split(the("ENV"))}
    assert names - of_others == {"HOST", "FLIGHTDECK_HOME"}
    assert names - of_others <= SETTINGS.keys()


def test_what_is_copied_into_the_image_is_not_ignored() -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {name for word, rest in instructions() if word == "COPY" for name in rest.split()[:-1]}
    packages: list[str] = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert {name for name in copied if not name.startswith(("-", "/", "."))} <= kept
    assert {*packages, "pyproject.toml", PYPROJECT["project"]["readme"]} <= kept
    assert not {".env", ".git", ".flightdeck", "tests"} & kept


@pytest.fixture
def readiness() -> Iterator[tuple[HTTPServer, list[str]]]:
    """A server that is ready while asked at /readyz, and the paths it was asked at."""
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(503 if len(paths) > 1 else 200)
            self.end_headers()

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server, paths
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_health_check_asks_readyz_and_fails_when_it_is_not_ready(readiness: tuple[HTTPServer, list[str]]) -> None:
    server, paths = readiness
    _, code, program = json.loads(the("HEALTHCHECK").partition("CMD ")[2])
    command = [sys.executable, code, program]
    environ = os.environ | {"PORT": str(server.server_port)}
    ready, not_ready = (
        subprocess.run(command, env=environ, capture_output=True, check=False).returncode  # noqa: S603 - our own text
        for _ in range(2)
    )
    assert (ready, not_ready, paths) == (0, 1, ["/readyz", "/readyz"])
