import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text()


def test_the_lock_holds_versions_and_hashes_and_no_address() -> None:
    requirements = re.split(r"\n(?=\S)", LOCK.rstrip("\n"))
    one = re.compile(r"[a-z0-9-]+(\[[a-z,-]+\])?==[\w.!+]+( ; [^\\]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+")
    assert [requirement for requirement in requirements if not one.fullmatch(requirement)] == []
    assert len(requirements) > 50


def test_the_lock_has_every_dependency_that_is_declared() -> None:
    locked = set(re.findall(r"^([a-z0-9-]+)", LOCK, flags=re.MULTILINE))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = [
        *project["dependencies"],
        *(need for extra in project["optional-dependencies"].values() for need in extra),
    ]
    assert {re.split(r"[^\w-]", need)[0] for need in declared} <= locked
