import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCKED = {name: needs for name, needs in PROJECT["optional-dependencies"].items() if name != "local-embedder"}


def test_the_lock_holds_versions_and_hashes_and_no_address() -> None:
    requirements = re.split(r"\n(?=\S)", LOCK.rstrip("\n"))
    one = re.compile(r"[a-z0-9-]+(\[[a-z,-]+\])?==[\w.!+]+( ; [^\\]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+")
    assert [requirement for requirement in requirements if not one.fullmatch(requirement)] == []
    assert len(requirements) > 50


def test_the_lock_has_every_dependency_that_is_declared() -> None:
    locked = set(re.findall(r"^([a-z0-9-]+)", LOCK, flags=re.MULTILINE))
    declared = [*PROJECT["dependencies"], *(need for extra in LOCKED.values() for need in extra)]
    assert {re.split(r"[^\w-]", need)[0] for need in declared} <= locked


def test_the_lock_is_made_of_every_extra_but_the_one_that_brings_pytorch() -> None:
    made_of = re.findall(r"--extra (\S+)", (ROOT / "Makefile").read_text())
    assert sorted(made_of) == sorted(LOCKED)
    assert "\ntorch==" not in LOCK
