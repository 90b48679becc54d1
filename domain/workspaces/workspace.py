import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self, TypedDict, cast
from urllib.parse import urlsplit

from domain.errors import Conflict, Fault, Invalid
from domain.ids import UserId, WorkspaceId, new_id
from domain.pictures import Picture
from domain.text import language_tag, text
from domain.timezones import check_timezone
from domain.workspaces.handle import Handle
from domain.workspaces.savings import Savings, SavingsChanges, minutes_per_answer, minutes_per_booking

KNOWLEDGE_BASE = "knowledge_base"
KNOWLEDGE_BASE_BYTES = 1_048_576
MOST_DAYS = 3_650


class PersonalWorkspaceExists(Conflict):
    """The user has a personal workspace already."""

    code = "personal_workspace_exists"
    detail = "You have a personal workspace already."


class PersonalWorkspace(Conflict):
    """It is somebody's personal workspace, which stays theirs as long as they are there."""

    code = "personal_workspace"
    detail = "This is a personal workspace: it stays with the user it belongs to."


class WorkspaceInactive(Conflict):
    """The workspace talks to nobody at the moment."""

    code = "workspace_inactive"
    detail = "This workspace is not active. Activate it, then try again."


class BusinessType(StrEnum):
    """Who the workspace stands for."""

    INDIVIDUAL = "individual"
    BUSINESS = "business"


class Tone(StrEnum):
    """How the assistant speaks."""

    PROFESSIONAL = "professional"
    FRIENDLY = "friendly"
    CASUAL = "casual"
    FORMAL = "formal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assistant:
    """How a workspace's assistant presents itself; `model` chooses among the configured ones, None leaves it to us."""

    instructions: str = ""
    greeting: str = "Hello! How can I help you?"
    suggested_questions: tuple[str, ...] = ()
    model: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceLimits:
    """What a workspace's assistant may use, in tokens; None is without limit.

    Attributes:
        tokens_per_day: by all conversations, in the workspace's time zone.
        tokens_per_visitor: by all conversations of one address, on such a day.
    """

    tokens_per_day: int | None = None
    tokens_per_conversation: int | None = 500_000
    tokens_per_visitor: int | None = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long conversations are kept, in whole days; None is for ever.

    Attributes:
        close_idle_days: an open conversation without activity for so long is closed, unless a person has to do with it.
        erase_closed_days: a conversation closed for so long is erased with all that was said in it.
    """

    close_idle_days: int | None = None
    erase_closed_days: int | None = None


class AssistantChanges(TypedDict, total=False):
    """The fields of `Assistant` to change; None restores a default."""

    instructions: str | None
    greeting: str | None
    suggested_questions: list[str] | None
    model: str | None


class LimitsChanges(TypedDict, total=False):
    """The fields of `WorkspaceLimits` to change; None lifts the limit."""

    tokens_per_day: int | None
    tokens_per_conversation: int | None
    tokens_per_visitor: int | None


class RetentionChanges(TypedDict, total=False):
    """The fields of `Retention` to change; None keeps for ever."""

    close_idle_days: int | None
    erase_closed_days: int | None


class WorkspaceChanges(TypedDict, total=False):
    """The fields of a workspace to change; None empties those that can be empty."""

    handle: str
    name: str
    business_type: BusinessType
    tone: Tone
    timezone: str
    language: str
    public_name: str | None
    subtitle: str | None
    description: str | None
    active: bool
    embed_origins: list[str] | None
    assistant: AssistantChanges
    limits: LimitsChanges
    retention: RetentionChanges
    savings: SavingsChanges
    knowledge_base: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A tenant.

    Attributes:
        owner_id: for a personal workspace, the one user it belongs to; None for one that is shared.
        public_name: what visitors see; `name` when empty.
        timezone: an IANA name. language: BCP 47, such as `en` or `pt-BR`.
        embed_origins: which sites may frame the chat; any when empty.
        knowledge_base: what the assistant may know, Markdown or plain text, up to 1 MiB of UTF-8.
        image: its picture.
        suspended_at: since when an administrator of the instance keeps it from talking and from being changed.
    """

    id: WorkspaceId
    handle: Handle
    name: str
    personal: bool
    owner_id: UserId | None = None
    business_type: BusinessType = BusinessType.INDIVIDUAL
    tone: Tone = Tone.FRIENDLY
    timezone: str = "UTC"
    language: str = "en"
    public_name: str = ""
    subtitle: str = ""
    description: str = ""
    active: bool = True
    embed_origins: tuple[str, ...] = ()
    assistant: Assistant = field(default_factory=Assistant)
    limits: WorkspaceLimits = field(default_factory=WorkspaceLimits)
    retention: Retention = field(default_factory=Retention)
    savings: Savings = field(default_factory=Savings)
    knowledge_base: str = ""
    image: Picture | None = None
    suspended_at: datetime | None = None
    version: int = 1
    created_at: datetime
    updated_at: datetime

    @classmethod
    def personal_of(cls, user_id: UserId, user_name: str, handle: Handle, at: datetime) -> Self:
        """A user's own first workspace."""
        return cls(
            id=WorkspaceId(new_id(at)),
            handle=handle,
            name=user_name or str(handle),
            personal=True,
            owner_id=user_id,
            created_at=at,
            updated_at=at,
        )

    @classmethod
    def shared(cls, name: str, handle: Handle, at: datetime) -> Self:
        """A workspace of several.

        Raises:
            Invalid: the name is empty or too long.
        """
        return cls(
            id=WorkspaceId(new_id(at)),
            handle=handle,
            name=_RULES["name"](name),
            personal=False,
            created_at=at,
            updated_at=at,
        )

    def showing(self, image: Picture | None, at: datetime) -> Self:
        """The workspace with this picture, or with none."""
        return replace(self, image=image, updated_at=at)

    def must_be_confirmed(self, confirm: str) -> None:
        """Nothing, when it can be deleted by one who typed `confirm`.

        Raises:
            PersonalWorkspace: it cannot. Invalid: that is not its handle.
        """
        if self.personal:
            raise PersonalWorkspace
        if confirm != str(self.handle):
            raise Invalid(Fault("/confirm", "not_the_handle", "Confirm with the handle of the workspace."))

    def edited(self, changes: WorkspaceChanges, at: datetime) -> Self:
        """The workspace with these fields changed.

        Raises:
            Invalid: naming each field that cannot be taken.
        """
        cleaned = _cleaned(cast("Mapping[str, Any]", changes), _RULES)
        if "assistant" in cleaned:
            cleaned["assistant"] = replace(self.assistant, **cleaned["assistant"])
        if "limits" in cleaned:
            cleaned["limits"] = replace(self.limits, **cleaned["limits"])
        if "retention" in cleaned:
            cleaned["retention"] = replace(self.retention, **cleaned["retention"])
        if "savings" in cleaned:
            cleaned["savings"] = replace(self.savings, **cleaned["savings"])
        return replace(self, **cleaned, updated_at=at)


def _origin(value: str) -> str:
    try:
        parts = urlsplit(value)
        origin = f"{parts.scheme}://{parts.netloc}"
        valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0 and "@" not in value
    except ValueError:
        origin, valid = "", False
    if not valid or value.rstrip("/") != origin or not re.fullmatch(r"[\w.:\[\]/-]+", value, re.ASCII):
        raise Invalid(Fault("/embed_origins", "bad_origin", "An origin is a scheme and a host: 'https://example.com'."))
    return origin.lower()


def _origins(values: list[str] | None) -> tuple[str, ...]:
    if len(values or []) > 50:  # noqa: PLR2004 (as the sentence says)
        raise Invalid(Fault("/embed_origins", "too_many", "At most 50 origins."))
    return tuple(dict.fromkeys(_origin(value) for value in values or []))


def _questions(values: list[str] | None) -> tuple[str, ...]:
    if len(values or []) > 10:  # noqa: PLR2004 (as the sentence says)
        raise Invalid(Fault("/assistant/suggested_questions", "too_many", "At most 10 suggested questions."))
    return tuple(text(value, at="/assistant/suggested_questions", least=1, most=200) for value in values or [])


def _knowledge_base(value: str | None) -> str:
    cleaned = text(value or "", at="/knowledge_base", most=KNOWLEDGE_BASE_BYTES)
    if len(cleaned.encode()) > KNOWLEDGE_BASE_BYTES:
        raise Invalid(Fault("/knowledge_base", "too_long", "The knowledge base may have at most 1 MiB of UTF-8."))
    return cleaned


def _tokens(name: str) -> Callable[[int | None], int | None]:
    def check(value: int | None) -> int | None:
        if value is not None and not 0 <= value <= 10**12:
            raise Invalid(Fault(f"/limits/{name}", "out_of_range", "A limit is 0 to 10^12 tokens, or null."))
        return value

    return check


def _days(at: str) -> Callable[[int | None], int | None]:
    def checked(value: int | None) -> int | None:
        if value is not None and not 1 <= value <= MOST_DAYS:
            raise Invalid(Fault(at, "out_of_range", f"Days are 1 to {MOST_DAYS}, or null."))
        return value

    return checked


def _line(at: str, most: int, least: int = 0) -> Callable[[str | None], str]:
    return lambda value: text(value or "", at=at, least=least, most=most)


_ASSISTANT_RULES: Mapping[str, Callable[[Any], Any]] = {
    "instructions": _line("/assistant/instructions", 20_000),
    "greeting": lambda value: _line("/assistant/greeting", 1_000)(value) or Assistant().greeting,
    "suggested_questions": _questions,
    "model": lambda value: _line("/assistant/model", 200)(value) or None,
}
_RETENTION_RULES: Mapping[str, Callable[[Any], Any]] = {
    "close_idle_days": _days("/retention/close_idle_days"),
    "erase_closed_days": _days("/retention/erase_closed_days"),
}
_SAVINGS_RULES: Mapping[str, Callable[[Any], Any]] = {
    "minutes_per_answer": minutes_per_answer,
    "minutes_per_booking": minutes_per_booking,
}
_LIMIT_RULES = {name: _tokens(name) for name in LimitsChanges.__annotations__}
_RULES: Mapping[str, Callable[[Any], Any]] = {
    "handle": Handle,
    "name": _line("/name", 200, least=1),
    "business_type": BusinessType,
    "tone": Tone,
    "timezone": check_timezone,
    "language": language_tag,
    "public_name": _line("/public_name", 200),
    "subtitle": _line("/subtitle", 300),
    "description": _line("/description", 5_000),
    "active": bool,
    "embed_origins": _origins,
    "assistant": lambda changes: _cleaned(changes, _ASSISTANT_RULES),
    "limits": lambda changes: _cleaned(changes, _LIMIT_RULES),
    "retention": lambda changes: _cleaned(changes, _RETENTION_RULES),
    "savings": lambda changes: _cleaned(changes, _SAVINGS_RULES),
    "knowledge_base": _knowledge_base,
}


def _cleaned(changes: Mapping[str, Any], rules: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    cleaned: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, value in changes.items():
        try:
            cleaned[name] = rules[name](value)
        except Invalid as invalid:
            faults.extend(invalid.faults)
    if faults:
        raise Invalid(*faults)
    return cleaned
