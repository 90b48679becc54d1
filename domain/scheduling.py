"""What a business offers, and how it is booked: services and connectors."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, ClassVar, Self, TypedDict, cast
from urllib.parse import urlsplit

from domain.activity import Event
from domain.actors import Subject
from domain.errors import Conflict, Fault, Invalid
from domain.ids import ConnectorId, ServiceId, WorkspaceId, new_id
from domain.text import text


class ActiveConnectorExists(Conflict):
    """Another connector of the workspace is active."""

    code = "active_connector_exists"
    detail = "Another connector is active. Activate this one through its 'activate' route."


class TooMany(Conflict):
    """The list is full."""

    code = "too_many"


MOST = 100


def check_room(present: int, things: str) -> None:
    """Nothing, when one more of the things fits into a workspace.

    Raises:
        TooMany: `MOST` are there already.
    """
    if present >= MOST:
        raise TooMany(f"A workspace can have {MOST} {things}. Remove one first.")


class ServiceFormat(StrEnum):
    """Where a service takes place."""

    IN_PERSON = "in_person"
    ONLINE = "online"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of at most 12 digits, up to 4 of them decimals, and an ISO 4217 currency code.

    Raises:
        Invalid: it is no such amount, or negative.
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not self.amount.is_finite() or not 0 <= self.amount < 10**8 or self.amount != round(self.amount, 4):
            sentence = "An amount is a decimal from 0 to 99999999.9999, such as '120.00'."
            raise Invalid(Fault("/price_from/amount", "bad_amount", sentence))
        if not re.fullmatch("[A-Z]{3}", self.currency):
            raise Invalid(Fault("/price_from/currency", "bad_currency", "A currency is an ISO 4217 code: 'EUR'."))

    @classmethod
    def parse(cls, amount: str, currency: str) -> Self:
        """As the constructor, from the text of the amount."""
        try:
            return cls(Decimal(amount[:40]), currency)
        except InvalidOperation as error:
            raise Invalid(Fault("/price_from/amount", "bad_amount", "An amount is a decimal: '120.00'.")) from error

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"


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


class ConnectorType(StrEnum):
    """How a service is booked."""

    CALENDLY = "calendly"
    SQUARE = "square"
    AGENDAPRO = "agendapro"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class ConnectorRule:
    """What a type's config holds: an https `url` on one of `hosts` (any when empty), and keys that are kept secret."""

    hosts: tuple[str, ...]
    secrets: tuple[str, ...] = ()


CONNECTOR_RULES: Mapping[ConnectorType, ConnectorRule] = {
    ConnectorType.CALENDLY: ConnectorRule(("calendly.com",), ("api_token",)),
    ConnectorType.SQUARE: ConnectorRule(("squareup.com", "square.site"), ("access_token",)),
    ConnectorType.AGENDAPRO: ConnectorRule(("agendapro.com",), ("api_key",)),
    ConnectorType.LINK: ConnectorRule(()),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """A way to book.

    Attributes:
        url: the page visitors are sent to.
        sealed: the type's secret keys that are set, each sealed for storage.
        active: whether the assistant hands it out; at most one of a workspace is.
    """

    id: ConnectorId
    workspace_id: WorkspaceId
    type: ConnectorType
    url: str
    sealed: Mapping[str, bytes]
    active: bool = False
    version: int = 1
    created_at: datetime
    updated_at: datetime

    def configured(self, url: str, sealed: Mapping[str, bytes], at: datetime) -> Self:
        """The connector with another config."""
        return replace(self, url=url, sealed=sealed, updated_at=at)

    def activated(self, at: datetime) -> Self:
        """The connector, handed out from now on."""
        return replace(self, active=True, updated_at=at)

    def deactivated(self, at: datetime) -> Self:
        """The connector, handed out no more."""
        return replace(self, active=False, updated_at=at)


@dataclass(frozen=True, slots=True)
class ConnectorConfig:
    """A config that was checked: the page, and the secrets still in the clear (None: remove it)."""

    url: str
    secrets: Mapping[str, str | None]


def check_config(kind: ConnectorType, config: Mapping[str, object]) -> ConnectorConfig:
    """The config of a connector of this type; a secret key that is absent stays as it is.

    Raises:
        Invalid: naming each key that is unknown, missing or wrong.
    """
    rule = CONNECTOR_RULES[kind]
    faults = [
        Fault(f"/config/{key}", "unknown_field", f"A {kind} connector has no '{key}'.")
        for key in config
        if key != "url" and key not in rule.secrets
    ]
    url = config.get("url")
    if not isinstance(url, str) or not _is_page_of(url, rule.hosts):
        faults.append(Fault("/config/url", "bad_url", f"'url' is an https address{_named(rule.hosts)}."))
    secrets = {key: config[key] for key in rule.secrets if key in config}
    faults += [
        Fault(f"/config/{key}", "bad_secret", f"'{key}' is text of 1 to 1000 characters, or null to remove it.")
        for key, value in secrets.items()
        if value is not None and not (isinstance(value, str) and 1 <= len(value) <= 1000)  # noqa: PLR2004
    ]
    if faults:
        raise Invalid(*faults)
    return ConnectorConfig(cast("str", url).strip(), cast("dict[str, str | None]", secrets))


def _named(hosts: tuple[str, ...]) -> str:
    return f" on {' or '.join(hosts)}" if hosts else ""


def _is_page_of(url: str, hosts: tuple[str, ...]) -> bool:
    printable = len(url) <= 2000 and url.isascii() and url.isprintable() and " " not in url.strip() and "\\" not in url  # noqa: PLR2004
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname or ""
        plain = parts.scheme == "https" and parts.port in {None, 443} and "@" not in parts.netloc
    except ValueError:
        return False
    known = not hosts or any(host == known or host.endswith(f".{known}") for known in hosts)
    return printable and plain and bool(host) and known


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

    type: ClassVar[str] = "services.reordered"

    @property
    def subject(self) -> Subject:
        return Subject("workspace", self.workspace_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorEvent(Event):
    """Something happened to a connector."""

    connector_id: ConnectorId
    connector_type: str

    @property
    def subject(self) -> Subject:
        return Subject("connector", self.connector_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorCreated(ConnectorEvent):
    """There is another way to book."""

    type: ClassVar[str] = "connector.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorEdited(ConnectorEvent):
    """Its config changed."""

    type: ClassVar[str] = "connector.edited"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorActivated(ConnectorEvent):
    """The assistant hands it out from now on, and no other."""

    type: ClassVar[str] = "connector.activated"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorDeactivated(ConnectorEvent):
    """The assistant does not hand it out any more."""

    type: ClassVar[str] = "connector.deactivated"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorRemoved(ConnectorEvent):
    """It is no way to book any more."""

    type: ClassVar[str] = "connector.removed"
