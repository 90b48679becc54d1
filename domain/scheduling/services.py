from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Self, TypedDict, cast

from domain.activity import Event
from domain.actors import Subject
from domain.errors import Fault, Invalid
from domain.ids import ServiceId, WorkspaceId, new_id
from domain.money import Money
from domain.text import text


class ServiceFormat(StrEnum):
    """Where a service takes place."""

    IN_PERSON = "in_person"
    ONLINE = "online"
    PHONE = "phone"


class ServiceFields(TypedDict, total=False):
    """The fields of a service a person writes."""

    name: str
    description: str | None
    format: ServiceFormat
    duration_minutes: int | None
    price_from: Money | None
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Something the business offers.

    Attributes:
        duration_minutes: 1 to 10,080 (a week); None when it has no fixed length.
        price_from: the lowest price; None when there is none to name.
        position: its place in the list, from 0.
    """

    id: ServiceId
    workspace_id: WorkspaceId
    name: str
    description: str = ""
    format: ServiceFormat = ServiceFormat.IN_PERSON
    duration_minutes: int | None = None
    price_from: Money | None = None
    active: bool = True
    position: int
    version: int = 1
    created_at: datetime
    updated_at: datetime

    @classmethod
    def offered(
        cls, workspace_id: WorkspaceId, fields: ServiceFields, *, after: Sequence["Service"], at: datetime
    ) -> Self:
        """A new service behind the others.

        Raises:
            Invalid: a field cannot be taken, or the name is missing.
        """
        blank = cls(
            id=ServiceId(new_id(at)),
            workspace_id=workspace_id,
            name="",
            position=max((service.position for service in after), default=-1) + 1,
            created_at=at,
            updated_at=at,
        )
        return blank.edited({"name": "", **fields}, at)

    def edited(self, fields: ServiceFields, at: datetime) -> Self:
        """The service with these fields changed.

        Raises:
            Invalid: a field cannot be taken.
        """
        cleaned = dict(cast("Mapping[str, Any]", fields))
        if "name" in fields:
            cleaned["name"] = text(fields["name"], at="/name", least=1, most=200)
        if "description" in fields:
            cleaned["description"] = text(fields["description"] or "", at="/description", most=5_000)
        minutes = fields.get("duration_minutes")
        if minutes is not None and not 1 <= minutes <= 10_080:  # noqa: PLR2004 (a week, as the sentence says)
            raise Invalid(Fault("/duration_minutes", "out_of_range", "A duration is 1 to 10080 minutes, or null."))
        return replace(self, **cleaned, updated_at=at)

    def described(self) -> str:
        """The service in a sentence or two, as the assistant reads it."""
        facts = [
            f"{self.duration_minutes} minutes" if self.duration_minutes else "",
            self.format.replace("_", " "),
            f"from {self.price_from}" if self.price_from else "",
        ]
        return f"{self.name}: {', '.join(filter(None, facts))}. {self.description}".strip()


def ordered(services: Sequence[Service], ids: Sequence[ServiceId], at: datetime) -> tuple[Service, ...]:
    """Those services whose position changes when they come in the order of `ids`, with their new positions.

    Raises:
        Invalid: `ids` is not exactly the set of the services.
    """
    known = {service.id: service for service in services}
    if len(ids) != len(known) or set(ids) != set(known):
        raise Invalid(Fault("/ids", "not_the_set", "Send each service of the workspace exactly once."))
    moved = (replace(known[id_], position=place, updated_at=at) for place, id_ in enumerate(ids))
    return tuple(service for service in moved if service.position != known[service.id].position)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceEvent(Event):
    """Something happened to a service."""

    service_id: ServiceId

    @property
    def subject(self) -> Subject:
        return Subject("service", self.service_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCreated(ServiceEvent):
    """The business offers it from now on."""

    type: ClassVar[str] = "service.created"
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceEdited(ServiceEvent):
    """Some of its fields, named here, changed."""

    type: ClassVar[str] = "service.edited"
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRemoved(ServiceEvent):
    """The business does not offer it any more."""

    type: ClassVar[str] = "service.removed"
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicesReordered(Event):
    """The services come in another order."""

    type: ClassVar[str] = "service.reordered"

    @property
    def subject(self) -> Subject:
        return Subject("workspace", self.workspace_id)
