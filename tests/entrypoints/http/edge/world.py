import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import httpx
import msgspec
from litestar import Response, get, patch, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, MultipartBody, QueryParameter
from typing_extensions import override

from adapters.memory.bell import MemoryBell
from application.ports.activity import CAUSE
from application.ports.clock import Clock
from application.ports.idempotency import REQUEST_KEY, IdempotencyKeys, KeyUsed, StoredAnswer
from application.ports.rate_limiter import Allowance, Rate, RateLimiter
from application.ports.secret_box import SecretBox, UnsealError
from domain.access import Caller
from domain.actors import Actor, ActorType
from domain.errors import (
    Conflict,
    DomainError,
    EditConflict,
    Fault,
    Forbidden,
    Gone,
    Invalid,
    Limited,
    NotFound,
    Stale,
    Unauthenticated,
    Unavailable,
)
from domain.ids import ConversationId
from entrypoints.http.edge.application import Application, Needs, Options, build_app
from entrypoints.http.edge.bounded_http import BoundedHttp
from entrypoints.http.edge.opts import ANONYMOUS, CONVERSATION, NOT_IDEMPOTENT, READS, UNLIMITED
from entrypoints.http.edge.responses import Renderer
from entrypoints.http.edge.server import Server, listen, server_of
from entrypoints.http.edge.streams import EventStream, Frames

NOTE = UUID("0198c0de-0000-7000-8000-000000000001")
CONVERSATION_ID = ConversationId(UUID("0198c0de-0000-7000-8000-0000000000c0"))
OWNER = {"Authorization": "Bearer fd_key_owner"}
VISITOR = {"Authorization": "Bearer fd_visitor_v"}
CALLERS = {
    "fd_key_owner": Caller(actor=Actor(ActorType.USER, UUID(int=7), "Olga")),
    "fd_key_other": Caller(actor=Actor(ActorType.USER, UUID(int=8), "Otto")),
    "fd_visitor_v": Caller(actor=Actor(ActorType.VISITOR, CONVERSATION_ID, "Visitor"), conversation_id=CONVERSATION_ID),
}
ERRORS: Mapping[str, DomainError | Exception] = {
    "unauthenticated": Unauthenticated(),
    "forbidden": Forbidden("Your role 'viewer' lacks the permission 'service:write'."),
    "not_found": NotFound(),
    "conflict": Conflict(),
    "edit_conflict": EditConflict(),
    "gone": Gone(),
    "stale": Stale(),
    "invalid": Invalid(Fault("/config/url", "not_https", "The link must be https.")),
    "limited": Limited(retry_after=17),
    "unavailable": Unavailable(),
    "internal": ValueError("the password is hunter2"),
    "grouped": ExceptionGroup("tasks", [Gone()]),
}


class KnownTokens:
    def __init__(self) -> None:
        self.seen: list[str] = []
        self.callers: dict[str, Caller | None] = {**CALLERS, "unavailable": None}

    async def __call__(self, token: str) -> Caller:
        self.seen.append(token)
        if token not in self.callers:
            raise Unauthenticated
        caller = self.callers[token]
        if caller is None:
            raise Unavailable
        return caller


class FixedClock(Clock):
    @override
    def now(self) -> datetime:
        return datetime(2026, 11, 21, tzinfo=UTC)


class ReversingBox(SecretBox):
    @override
    def seal(self, secret: bytes, *, purpose: str) -> bytes:
        return purpose.encode() + b":" + secret[::-1]

    @override
    def unseal(self, sealed: bytes, *, purpose: str) -> bytes:
        if not sealed.startswith(purpose.encode() + b":"):
            raise UnsealError
        return sealed.removeprefix(purpose.encode() + b":")[::-1]

    @override
    def renewed(self, sealed: bytes) -> bytes | None:
        return None


class CountingLimiter(RateLimiter):
    def __init__(self) -> None:
        self.hits: dict[tuple[str, str], int] = {}

    @override
    async def hit(self, name: str, key: str, rate: Rate) -> Allowance:
        count = self.hits[name, key] = self.hits.get((name, key), 0) + 1
        return Allowance(
            allowed=count <= rate.amount, limit=rate.amount, remaining=max(0, rate.amount - count), reset_seconds=9
        )


class Units(IdempotencyKeys):
    """Keys, and the units of work that commit with them; `elsewhere` commits first, as another process would."""

    def __init__(self) -> None:
        self.stored: dict[tuple[bytes, str], StoredAnswer] = {}
        self.commits = 0
        self.finds = 0
        self.elsewhere = False
        self.grouped = False
        self.going = asyncio.Event()
        self.going.set()
        self.begun = asyncio.Event()

    @override
    async def find(self, scope: bytes, key: str, *, since: datetime) -> StoredAnswer | None:
        self.finds += 1
        await asyncio.sleep(0)
        return self.stored.get((scope, key))

    @override
    async def purge(self, before: datetime) -> int:
        return 0

    async def commit(self, answer: "NoteView") -> "NoteView":
        request = REQUEST_KEY.get()
        self.begun.set()
        await self.going.wait()
        if request is not None:
            slot = (request.scope, request.key)
            lost = slot in self.stored
            if self.elsewhere or not lost:
                self.stored.setdefault(slot, StoredAnswer(digest=request.digest, answer=request.seal(answer)))
            if self.elsewhere or lost:
                raise ExceptionGroup("tasks", [KeyUsed()]) if self.grouped else KeyUsed()
        self.commits += 1
        return answer


class Line(msgspec.Struct, forbid_unknown_fields=True):
    amount: Annotated[int, msgspec.Meta(ge=0, le=100)]


class NewNote(msgspec.Struct, forbid_unknown_fields=True):
    title: Annotated[str, msgspec.Meta(min_length=1)]
    lines: list[Line] = []
    extra: dict[str, int] = {}
    at: datetime | None = None
    idempotency_key: str | None = None


class NoteChange(msgspec.Struct, forbid_unknown_fields=True):
    title: str | msgspec.UnsetType | None = msgspec.UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteView:
    id: UUID
    title: str
    version: int
    at: datetime = datetime(2026, 11, 21, 8, tzinfo=UTC)


class Impatient(BoundedHttp):
    head_seconds = 0.4


@dataclass(slots=True)
class World:
    """Everything a test may set before and look at after."""

    identify: KnownTokens = field(default_factory=KnownTokens)
    units: Units = field(default_factory=Units)
    limiter: CountingLimiter = field(default_factory=CountingLimiter)
    bell: MemoryBell = field(default_factory=MemoryBell)
    frames: Callable[[], Frames] | None = None
    options: Options = field(default_factory=Options)
    causes: list[str | None] = field(default_factory=list[str | None])

    def app(self, **changes: Any) -> Application:
        needs = Needs(
            identify=self.identify,
            keys=self.units,
            box=ReversingBox(),
            clock=FixedClock(),
            limiter=self.limiter,
            bell=self.bell,
        )
        renderer = Renderer({NoteView: lambda note: f"/api/v1/notes/{note.id}"})
        return build_app(routes(self), needs=needs, renderer=renderer, options=replace(self.options, **changes))

    def client(self, address: str = "192.0.2.1", **changes: Any) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app(**changes), client=(address, 4321))
        return httpx.AsyncClient(transport=transport, base_url="http://flightdeck.test", headers=OWNER)

    @asynccontextmanager
    async def served(
        self, http: type[BoundedHttp] = BoundedHttp, **changes: Any
    ) -> AsyncGenerator[tuple[Server, int], None]:
        """The application on a real socket; yields the server and its port."""
        server = server_of(self.app(**changes), http)
        sockets = listen("127.0.0.1", 0)
        task = asyncio.create_task(server.serve(sockets=sockets))
        try:
            async with asyncio.timeout(10):
                while not server.started:  # noqa: ASYNC110 (uvicorn tells nobody)
                    await asyncio.sleep(0.005)
            yield server, sockets[0].getsockname()[1]
        finally:
            server.should_exit = True
            async with asyncio.timeout(20):
                await task


def routes(world: World) -> list[HTTPRouteHandler]:  # noqa: C901 (a list of routes)
    @get("/api/v1/notes/{note_id:uuid}")
    async def get_note(note_id: FromPath[UUID], caller: NamedDependency[Caller]) -> NoteView:
        world.causes.append(CAUSE.get())
        return NoteView(id=note_id, title=caller.actor.name, version=3)

    @patch("/api/v1/notes/{note_id:uuid}")
    async def change_note(
        note_id: FromPath[UUID], data: JSONBody[NoteChange], expected_version: NamedDependency[int | None]
    ) -> NoteView:
        shown = "unset" if data.title is msgspec.UNSET else str(data.title)
        return NoteView(id=note_id, title=f"{shown} {expected_version}", version=4)

    @get("/api/v1/notes")
    async def list_notes(
        limit: Annotated[int, QueryParameter(ge=1, le=100)] = 25,
        search: Annotated[str | None, QueryParameter(name="q", max_length=3)] = None,
        tag: FromQuery[list[int] | None] = None,
    ) -> dict[str, Any]:
        return {"limit": limit, "search": search, "tag": tag}

    @get("/api/v1/address")
    async def tell_address(address: NamedDependency[str | None]) -> dict[str, Any]:
        return {"address": address}

    @get("/api/v1/needy")
    async def needy(q: FromQuery[str]) -> str:
        return q

    @post("/api/v1/notes")
    async def make_note(data: JSONBody[NewNote]) -> NoteView:
        if data.title == "refuse":
            raise Conflict
        return await world.units.commit(NoteView(id=NOTE, title=data.title, version=1))

    @post("/api/v1/liar")
    async def lie(data: JSONBody[NewNote]) -> NoteView:
        note = await world.units.commit(NoteView(id=NOTE, title=data.title, version=1))
        return replace(note, title="something else")

    @post("/api/v1/unrepeatable", opt={NOT_IDEMPOTENT: True})
    async def unrepeatable(data: JSONBody[NewNote]) -> NoteView:
        return await world.units.commit(NoteView(id=NOTE, title=data.title, version=1))

    @post("/api/v1/notes/search", status_code=200, opt={NOT_IDEMPOTENT: True, READS: True})
    async def find_notes(data: JSONBody[NewNote]) -> dict[str, Any]:
        return {"found": data.title}

    @post("/api/v1/raw")
    async def raw(data: JSONBody[object]) -> str:
        return type(data).__name__

    @post("/api/v1/maybe", status_code=200)
    async def maybe(data: JSONBody[NewNote | None] = None) -> dict[str, Any]:
        return {"given": data is not None}

    @post("/api/v1/uploads", status_code=200)
    async def upload(data: MultipartBody[UploadFile]) -> dict[str, Any]:
        return {"size": len(await data.read())}

    @get("/api/v1/errors/{name:str}")
    async def fail(name: FromPath[str]) -> None:
        raise ERRORS[name]

    @post("/api/v1/public/conversations", opt={ANONYMOUS: True})
    async def start_conversation(data: JSONBody[NewNote]) -> NoteView:
        return await world.units.commit(NoteView(id=NOTE, title=data.title, version=1))

    @post("/api/v1/public/conversations/{conversation_id:uuid}/messages", opt={CONVERSATION: "conversation_id"})
    async def post_message(conversation_id: FromPath[UUID], data: JSONBody[NewNote]) -> NoteView:
        return await world.units.commit(NoteView(id=conversation_id, title=data.title, version=1))

    @get(
        "/api/v1/public/conversations/{conversation_id:uuid}/stream",
        media_type="text/event-stream",
        response_description="`event: a`, with a number.",
    )
    async def stream(conversation_id: FromPath[UUID]) -> EventStream:
        assert world.frames, conversation_id
        return EventStream(world.frames())

    @get("/healthz", opt={ANONYMOUS: True, UNLIMITED: True})
    async def healthz() -> str:
        return "ok"

    @get("/chat/{handle:str}", opt={ANONYMOUS: True})
    async def chat(handle: FromPath[str]) -> Response[str]:
        return Response(f"<p>{len(handle)}", media_type="text/html", headers={"Content-Security-Policy": "sandbox"})

    return [value for value in locals().values() if isinstance(value, HTTPRouteHandler)]


async def exchange(port: int, sent: bytes) -> bytes:
    """All that the server answers until it closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(sent)
        await writer.drain()
        async with asyncio.timeout(20):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem that the response must be."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(response.content)
    assert body["code"] == code, body
    assert body["status"] == status
    assert body["type"] == "about:blank"
    assert body["request_id"] == response.headers["x-request-id"]
    assert {"title", "detail", "errors"} <= body.keys()
    return body
