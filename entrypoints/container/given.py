from typing import TypeVar, cast

from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import DependenciesContainer

Pages = TypeVar("Pages", bound=DeclarativeContainer)


def given(kind: type[Pages]) -> Pages:  # noqa: ARG001 (it is there for its type)
    """A container that is given later, seen as what it will be."""
    return cast("Pages", DependenciesContainer())
