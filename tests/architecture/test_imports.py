"""What may import what, where it is more than a direction between layers."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def sources(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def packages(path: Path) -> set[str]:
    return {module.partition(".")[0] for module in imported(path)}


@pytest.mark.parametrize("path", sources("domain"), ids=str)
def test_the_domain_imports_the_standard_library_only(path: Path) -> None:
    assert packages(path) - sys.stdlib_module_names <= {"domain"}


@pytest.mark.parametrize("path", sources("application"), ids=str)
def test_the_application_imports_the_standard_library_and_the_domain_only(path: Path) -> None:
    assert packages(path) - sys.stdlib_module_names <= {"application", "domain"}


def test_the_container_alone_names_adapters() -> None:
    naming = {path.parent for path in sources("entrypoints") if "adapters" in packages(path)}
    assert naming == {ROOT / "entrypoints/container"}


@pytest.mark.parametrize("path", [*sources("domain"), *sources("application")], ids=str)
def test_rules_and_use_cases_do_not_read_the_clock(path: Path) -> None:
    called = {ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)}
    assert called.isdisjoint({"datetime.now", "datetime.utcnow", "time.time", "date.today"})


def test_no_test_mocks() -> None:
    mocking = [path for path in sources("tests") if any(module.startswith("unittest") for module in imported(path))]
    assert mocking == []
