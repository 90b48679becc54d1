from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256

import msgspec
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send
from typing_extensions import override

from application.ports.rate_limiter import Allowance, Rate, RateLimiter
from domain.errors import Limited
from entrypoints.http.edge.addresses import bucket
from entrypoints.http.edge.exchange import Exchange, exchange_of
from entrypoints.http.edge.opts import CONVERSATION, PREVIEW, PUBLIC, PUBLIC_WRITE, READS, THREAD, UNLIMITED
from entrypoints.http.edge.requests import Request

READING = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of api.md; None is off.

    Attributes:
        public_writes: per address. reads: per credential, or address without a good one, which then also counts what
            else than visitors' writes came with a bad one. conversation: messages in each.
    """

    public_writes: Rate | None = None
    reads: Rate | None = None
    conversation: Rate | None = None


class Limiting(ASGIMiddleware):
    """Counts requests and refuses those above a limit; it stands inside of idempotency, so replays are not counted."""

    scopes = (ScopeType.HTTP,)
    exclude_opt_key = UNLIMITED

    def __init__(self, limiter: RateLimiter, limits: Limits) -> None:
        self._limiter = limiter
        self._limits = limits

    @override
    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        exchange = exchange_of(scope)
        named = scope["route_handler"].opt.get(THREAD)
        thread = await _thread(Request(scope, receive, send), exchange) if named else None
        for name, key, rate in self._applying(scope, exchange, thread):
            allowance = await self._limiter.hit(name, key, rate)
            exchange.allowance = _nearer(exchange.allowance, allowance)
            if not allowance.allowed:
                raise Limited(retry_after=allowance.reset_seconds)
        await next_app(scope, receive, send)

    def _applying(self, scope: Scope, exchange: Exchange, thread: str | None) -> Iterator[tuple[str, str, Rate]]:
        limits = self._limits
        if exchange.method in READING or READS in scope["route_handler"].opt:
            if limits.reads:
                yield "reads", exchange.credential or bucket(exchange.address), limits.reads
            return
        if limits.public_writes and _public(scope):
            yield "public_writes", bucket(exchange.address), limits.public_writes
        conversation = thread or _conversation(scope, exchange) or _previewing(scope, exchange)
        if limits.conversation and conversation:
            yield "conversation", conversation, limits.conversation


def _public(scope: Scope) -> bool:
    return scope["path"].startswith(PUBLIC) or PUBLIC_WRITE in scope["route_handler"].opt


class StreamSlots:
    """How many streams each address has open in this process; `limit` None is any number."""

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._open: Counter[str] = Counter()

    def __len__(self) -> int:
        """How many addresses have one."""
        return len(self._open)

    @contextmanager
    def take(self, address: str) -> Generator[None]:
        """Holds a slot for the block.

        Raises:
            Limited: all of the address are taken.
        """
        key = bucket(address)
        if self._limit is not None and self._open[key] >= self._limit:
            sentence = f"You have {self._limit} event streams open in this process already. Close one first."
            raise Limited(sentence, retry_after=5)
        self._open[key] += 1
        try:
            yield
        finally:
            self._open[key] -= 1
            if not self._open[key]:
                del self._open[key]


def _conversation(scope: Scope, exchange: Exchange) -> str | None:
    """The conversation written to, unless a visitor has no business there: strangers do not use up its limit."""
    parameter = scope["route_handler"].opt.get(CONVERSATION)
    if parameter is None or exchange.caller is None:
        return None
    conversation = scope["path_params"][parameter]
    own = exchange.caller.conversation_id
    return str(conversation) if own is None or own == conversation else None


def _previewing(scope: Scope, exchange: Exchange) -> str | None:
    """The workspace whose assistant is tried out, by those alone who belong to it."""
    if PREVIEW not in scope["route_handler"].opt or exchange.caller is None:
        return None
    workspace = scope["path_params"]["workspace_id"]
    return f"preview:{workspace}" if workspace in exchange.caller.grants else None


class _Threaded(msgspec.Struct):
    thread_id: str


async def _thread(request: Request, exchange: Exchange) -> str | None:
    """The thread written to, by those alone who belong to its workspace."""
    caller = exchange.caller
    if caller is None or request.path_params["workspace_id"] not in caller.grants:
        return None
    try:
        body = msgspec.json.decode(await request.body(), type=_Threaded)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None  # the handler tells what is wrong with the body
    return sha256(f"{request.scope['path']}\0{body.thread_id.strip()}".encode()).hexdigest()


def _nearer(first: Allowance | None, second: Allowance) -> Allowance:
    return second if first is None or second.remaining <= first.remaining else first
