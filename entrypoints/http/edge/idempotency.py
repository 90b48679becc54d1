import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

import msgspec
import structlog
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from typing_extensions import override

from application.ports.clock import Clock
from application.ports.idempotency import KEYS_KEPT, REQUEST_KEY, IdempotencyKeys, KeyUsed, RequestKey, StoredAnswer
from application.ports.secret_box import SecretBox, UnsealError
from domain.errors import Conflict, Fault, Invalid
from entrypoints.http.edge.exchange import Exchange, exchange_of
from entrypoints.http.edge.faults import pointer
from entrypoints.http.edge.opts import NOT_IDEMPOTENT
from entrypoints.http.edge.requests import Request
from entrypoints.http.edge.responses import Renderer

_PURPOSE = "idempotency"
_KEY = re.compile(r"[\x20-\x7e]{1,255}", re.ASCII)
_MOST_WAITED_FOR = 10_000

_log = structlog.stdlib.get_logger(__name__)


class Mismatch(Invalid):
    """The key belongs to another request."""

    code = "idempotency_mismatch"
    detail = "This idempotency key was used with another body. Use a new key for a new request."


class _Stored(msgspec.Struct, frozen=True, array_like=True):
    status: int
    headers: Mapping[str, str]
    body: bytes


class _Keyed(msgspec.Struct, frozen=True):
    idempotency_key: str | None = None


@dataclass(slots=True)
class _Answer:
    """The answer of the request being served; `body` is what a replay will tell, once it is sealed."""

    status: int
    body: bytes | None = field(default=None)


class Idempotency(ASGIMiddleware):
    """Serves a POST with an idempotency key once, and replays its answer to each repeat.

    The key is the header `Idempotency-Key`, or the `idempotency_key` of a JSON body. The unit of work stores key and
    answer with its effects (`application.ports.idempotency`), so that neither is ever there without the other.
    Repeats that arrive meanwhile wait for the first one in this process; in another, its unit of work tells.

    Attributes:
        running: the requests with a key being served, by scope and key, each with what tells its end.
    """

    scopes = (ScopeType.HTTP,)
    exclude_opt_key = NOT_IDEMPOTENT

    def __init__(self, keys: IdempotencyKeys, box: SecretBox, clock: Clock, renderer: Renderer) -> None:
        self._keys = keys
        self._box = box
        self._clock = clock
        self._renderer = renderer
        self.running: dict[tuple[bytes, str], asyncio.Event] = {}

    @override
    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        request = Request(scope, receive, send) if exchange_of(scope).method == "POST" else None
        key = await _key_of(request) if request else None
        if request is None or key is None:
            return await next_app(scope, receive, send)
        answer = _Answer(request.route_handler.status_code)
        body = await request.body()
        caller = exchange_of(scope).caller
        mine = RequestKey(
            scope=_scope_of(scope),
            key=key,
            digest=sha256(body).digest(),
            conversation_id=caller.conversation_id if caller else None,
            seal=lambda view: self._seal(view, answer),
        )
        while not await self._replayed(mine, send):
            before = self.running.get((mine.scope, key))
            if before is None:
                return await self._serve(mine, answer, scope, receive, send, next_app)
            await before.wait()
        return None

    async def _serve(
        self, mine: RequestKey, answer: _Answer, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp
    ) -> None:
        slot, ended = (mine.scope, mine.key), asyncio.Event()
        if len(self.running) < _MOST_WAITED_FOR:
            self.running[slot] = ended
        token = REQUEST_KEY.set(mine)
        try:
            await next_app(scope, receive, _compared(send, answer))
        except KeyUsed:
            if not await self._replayed(mine, send):
                raise Conflict("A request with this idempotency key was served, and its answer is gone.") from None
        finally:
            REQUEST_KEY.reset(token)
            ended.set()
            if self.running.get(slot) is ended:
                del self.running[slot]

    async def _replayed(self, mine: RequestKey, send: Send) -> bool:
        """Whether an answer was stored under the key, and so was sent again.

        Raises:
            Mismatch: to another body.
        """
        stored = await self._keys.find(mine.scope, mine.key, since=self._clock.now() - KEYS_KEPT)
        if stored is None:
            return False
        if stored.digest != mine.digest:
            raise Mismatch
        await _send(self._unseal(stored), send)
        return True

    def _seal(self, view: object, answer: _Answer) -> bytes:
        rendered = self._renderer(view, answer.status)
        answer.body = rendered.body
        plain = msgspec.msgpack.encode(_Stored(answer.status, rendered.headers, rendered.body))
        return self._box.seal(plain, purpose=_PURPOSE)

    def _unseal(self, stored: StoredAnswer) -> _Stored:
        try:
            plain = self._box.unseal(stored.answer, purpose=_PURPOSE)
        except UnsealError as error:
            raise Conflict("A request with this idempotency key was served, and its answer cannot be read.") from error
        return msgspec.msgpack.decode(plain, type=_Stored)


async def _key_of(request: Request) -> str | None:
    named = request.headers.getall("idempotency-key", [])
    at, key = pointer("header", "Idempotency-Key"), named[0] if named else None
    if key is None and request.content_type[0] == "application/json":
        at, key = pointer("idempotency_key"), _key_in(await request.body())
    if key is not None and (len(named) > 1 or not _KEY.fullmatch(key)):
        raise Invalid(Fault(at, "invalid", "An idempotency key is one of 1 to 255 printable ASCII characters."))
    return key


def _key_in(body: bytes) -> str | None:
    try:
        return msgspec.json.decode(body, type=_Keyed).idempotency_key
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None  # the handler tells what is wrong with the body


def _scope_of(scope: Scope) -> bytes:
    exchange = exchange_of(scope)
    return sha256("\0".join((_who(exchange), exchange.method, scope["path"])).encode()).digest()


def _who(exchange: Exchange) -> str:
    """A key hears what it was answered itself: what its user was told may be more than it may know."""
    caller = exchange.caller
    if caller is None:
        return f"address:{exchange.address}"
    return f"{caller.actor.type}:{caller.actor.id}{f':{caller.credential_id}' if caller.by_key else ''}"


async def _send(stored: _Stored, send: Send) -> None:
    headers = {**stored.headers, "Idempotent-Replayed": "true"}
    if stored.body:
        headers["Content-Length"] = str(len(stored.body))
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": stored.status, "headers": raw})
    await send({"type": "http.response.body", "body": stored.body, "more_body": False})


def _compared(send: Send, answer: _Answer) -> Send:
    """Logs a handler that answers something else than the view it committed with: its replays would differ."""

    async def compared(message: Message) -> None:
        if message["type"] == "http.response.body" and answer.body not in {None, message["body"]}:
            _log.error("the answer differs from the one that was committed")
        await send(message)

    return compared
