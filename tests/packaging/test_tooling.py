import json
import os
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
MAKEFILE = (ROOT / "Makefile").read_text()
HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
LAUNCHES = json.loads((ROOT / ".vscode/launch.json").read_text())["configurations"]


def called() -> set[tuple[str, ...]]:
    """Every `flightdeck` command that make, the editor and Compose call, with its options."""
    services = yaml.safe_load((ROOT / "compose.yml").read_text())["services"].values()
    by_compose = {tuple(service["command"]) for service in services if service.get("build")}
    by_editor = {tuple(launch["args"]) for launch in LAUNCHES if launch.get("program", "").endswith("/flightdeck")}
    by_make = {tuple(words.split()) for words in re.findall(r"bin/flightdeck ([\w -]+)", MAKEFILE)}
    return by_compose | by_editor | by_make


@pytest.mark.parametrize("words", sorted(called()), ids=" ".join)
def test_every_command_that_is_called_exists_with_its_options(words: tuple[str, ...]) -> None:
    command, *rest = words
    helped = subprocess.run([BIN / "flightdeck", command, "--help"], capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert helped.returncode == 0, helped.stderr
    assert all(option in helped.stdout for option in rest if option.startswith("--"))


@cache
def targets() -> set[str]:
    helped = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S607
    return {line.split()[0] for line in helped.splitlines()}


def test_make_lists_what_can_be_made() -> None:
    running = {"setup", "run", "dev", "serve", "worker", "services", "migrate", "migration", "seed"}
    checking = {"test", "soak", "bench", "coverage", "check", "fix", "lint", "format", "typecheck"}
    assert targets() == running | checking | {"help", "doctor", "openapi", "lock", "clean"}


def test_hooks_are_local_and_call_what_exists() -> None:
    assert [repo["repo"] for repo in HOOKS] == ["local"]
    made = set(re.findall(r"^(\w+):", MAKEFILE, flags=re.MULTILINE))
    for hook in HOOKS[0]["hooks"]:
        assert hook["language"] == "system"
        program, first = hook["entry"].split()[0], hook["entry"].split()[-1]
        assert first in made if program == "make" else (BIN / Path(program).name).exists()


def test_the_editor_starts_the_api_a_worker_and_the_current_test() -> None:
    assert [launch["name"] for launch in LAUNCHES] == ["API", "Worker", "Current test"]


def test_ci_checks_and_tests() -> None:
    script = ROOT / ".ci/run"
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", script], check=True)  # noqa: S603, S607 - our own script
    assert re.findall(r"^make (\w+)", script.read_text(), flags=re.MULTILINE) == ["check", "test", "report"]


def test_ci_looks_for_what_the_tests_say_when_they_tried_no_model() -> None:
    (looked_for,) = re.findall(r"grep -q '([^']+)'", (ROOT / ".ci/run").read_text())
    assert looked_for in (ROOT / "tests/adapters/sentence_transformers/test_embedder.py").read_text()


def test_the_license_is_the_declared_one() -> None:
    text = (ROOT / "LICENSE").read_text()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert text.startswith(f"{project['license']} License\n")
    assert "The Flightdeck authors" in text
