"""The menu can be cooked: everything is built, and each field holds what its port asks for."""

import dataclasses
import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from dependency_injector.providers import Container as Page
from dependency_injector.providers import Factory

import application
from domain.jobs import JobSpec
from entrypoints.container import handlers, unconnected

CONTAINER = unconnected()


def use_cases(container: Any, path: str = "") -> Iterator[tuple[str, Factory[Any]]]:
    for name, provider in container.providers.items():
        if isinstance(provider, Page):
            yield from use_cases(provider, f"{path}{name}.")
        elif isinstance(provider, Factory):
            yield f"{path}{name}", provider


@pytest.mark.parametrize(("name", "make"), list(use_cases(CONTAINER)))
def test_every_use_case_is_given_what_its_fields_ask_for(name: str, make: Factory[Any]) -> None:
    built: Any = make()
    hints = get_type_hints(built.__class__)
    for field in dataclasses.fields(built):
        asked = hints[field.name]
        given = getattr(built, field.name)
        kind = get_origin(asked) or asked
        assert isinstance(given, Mapping) if kind is Mapping else kind in type(given).__mro__, f"{name}.{field.name}"
        if kind is Mapping:
            assert all(get_origin(get_args(asked)[1]) in type(value).__mro__ for value in given.values())


def test_every_use_case_of_the_application_is_on_the_menu() -> None:
    built: set[str] = {type(make()).__qualname__ for _, make in use_cases(CONTAINER)}
    assert {kind.__qualname__ for kind in _use_case_classes()} - built == set()


def test_every_job_has_a_handler() -> None:
    assert set(handlers(CONTAINER)) == {
        spec.type for spec in JobSpec.__subclasses__() if spec.__module__.startswith("application.")
    }


def _use_case_classes() -> Iterator[type]:
    for module in pkgutil.walk_packages(application.__path__, "application."):
        if module.name.startswith("application.ports"):
            continue
        for kind in vars(importlib.import_module(module.name)).values():
            if isinstance(kind, type) and kind.__module__ == module.name and _is_use_case(kind):
                yield kind


def _is_use_case(kind: type) -> bool:
    return dataclasses.is_dataclass(kind) and "__call__" in vars(kind)
