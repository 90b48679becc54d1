from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Self, cast
from urllib.parse import urlsplit

from domain.activity import Event
from domain.actors import Actor, Subject
from domain.errors import Conflict, Fault, Invalid
from domain.ids import ConnectorId, WorkspaceId, new_id
from domain.json import JsonValue


class ActiveConnectorExists(Conflict):
    """Another connector of the workspace is active."""

    code = "active_connector_exists"
    detail = "Another connector is active. Activate this one through its 'activate' route."


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

    @classmethod
    def added(cls, workspace_id: WorkspaceId, kind: ConnectorType, url: str, at: datetime) -> Self:
        """A new connector, not handed out yet, whose secrets are still to be sealed for it."""
        identifier = ConnectorId(new_id(at))
        return cls(
            id=identifier, workspace_id=workspace_id, type=kind, url=url, sealed={}, created_at=at, updated_at=at
        )

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
class ConnectorEvent(Event):
    """Something happened to a connector."""

    connector_id: ConnectorId
    connector_type: str

    @property
    def subject(self) -> Subject:
        return Subject("connector", self.connector_id)

    @classmethod
    def of(cls, connector: Connector, *, by: Actor, at: datetime) -> Self:
        """What `by` did to the connector."""
        return cls(
            workspace_id=connector.workspace_id,
            actor=by,
            at=at,
            connector_id=connector.id,
            connector_type=connector.type,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorCreated(ConnectorEvent):
    """There is another way to book."""

    type: ClassVar[str] = "connector.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorEdited(ConnectorEvent):
    """Its config changed.

    Attributes:
        before, after: the keys that changed and may be told.
        secrets: the keys that changed and may not, each `set`, `changed` or `removed`.
    """

    type: ClassVar[str] = "connector.edited"
    before: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    after: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    secrets: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def between(cls, before: Connector, after: Connector, *, by: Actor) -> Self:
        """What `by` changed."""
        told = before.url != after.url
        return replace(
            cls.of(after, by=by, at=after.updated_at),
            before={"url": before.url} if told else {},
            after={"url": after.url} if told else {},
            secrets=_done_to(before.sealed, after.sealed),
        )


def _done_to(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Mapping[str, str]:
    done = {key: "changed" if key in before else "set" for key in after if before.get(key) != after[key]}
    return done | {key: "removed" for key in before if key not in after}


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
