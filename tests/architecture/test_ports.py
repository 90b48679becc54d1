"""A port, its contract and its adapters share a file name: whoever knows one path knows all."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PORTS = sorted(path.stem for path in (ROOT / "application/ports").glob("*.py") if path.stem != "__init__")
TECHNOLOGIES = sorted(path.name for path in (ROOT / "adapters").iterdir() if (path / "__init__.py").exists())


def adapters() -> Iterator[tuple[str, str]]:
    for technology in TECHNOLOGIES:
        for path in sorted((ROOT / "adapters" / technology).glob("*.py")):
            if path.stem in PORTS:
                yield technology, path.stem


@pytest.mark.parametrize("port", PORTS)
def test_every_port_has_a_contract(port: str) -> None:
    assert (ROOT / f"tests/contracts/{port}.py").exists()


@pytest.mark.parametrize("port", PORTS)
def test_every_port_has_a_memory_adapter(port: str) -> None:
    assert (ROOT / f"adapters/memory/{port}.py").exists()


@pytest.mark.parametrize(("technology", "port"), list(adapters()))
def test_every_adapter_runs_the_contract_of_its_port(technology: str, port: str) -> None:
    tests = ROOT / f"tests/adapters/{technology}/test_{port}.py"
    assert tests.exists()
    bases = {
        ast.unparse(base)
        for node in ast.walk(ast.parse(tests.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        for base in node.bases
    }
    assert any("Contract" in base for base in bases)


@pytest.mark.parametrize("port", PORTS)
def test_every_class_of_a_port_says_what_it_promises(port: str) -> None:
    tree = ast.parse((ROOT / f"application/ports/{port}.py").read_text(encoding="utf-8"))
    silent = [
        f"{owner.name}.{method.name}"
        for owner in ast.walk(tree)
        if isinstance(owner, ast.ClassDef) and any("Protocol" in ast.unparse(base) for base in owner.bases)
        for method in owner.body
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef) and not ast.get_docstring(method)
    ]
    assert silent == []
