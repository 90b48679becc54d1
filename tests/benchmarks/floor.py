"""The floor: bare Litestar routes with the same SQL, by hand on psycopg, under the same server.

They know the token by the same look-up, and change the same rows in one transaction. They do not: identify or log
requests, count metrics, add security headers, limit, validate more than the content's type, compare ETags, seal stored
answers, or ring for workers and readers.
"""

import asyncio
import hmac
import secrets
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
import uvicorn
import uvloop
from litestar import Litestar, Request, get, post
from litestar.exceptions import NotAuthorizedException, NotFoundException
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Stream
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from domain.ids import new_id
from tests.benchmarks import floor_sql as sql

_POOL = 10
_KEY = b"a key of the floor"


class Said(msgspec.Struct):
    content: str
    if_busy: str = "queue"
    idempotency_key: str | None = None


class Hub:
    """The open streams, each with the queue that feeds it."""

    def __init__(self) -> None:
        self.queues: dict[str, set[asyncio.Queue[bytes]]] = {}

    async def follow(self, topic: str) -> AsyncGenerator[bytes]:
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        queues = self.queues.setdefault(topic, set())
        queues.add(queue)
        try:
            yield b"retry: 1000\n\n"
            while True:
                yield await queue.get()
        finally:
            queues.discard(queue)

    def tell(self, topic: str, event: bytes) -> None:
        for queue in self.queues.get(topic, ()):
            queue.put_nowait(event)


@get("/", sync_to_thread=False)
def get_alive() -> dict[str, bool]:
    return {"alive": True}


@get("/conversations/{conversation_id:uuid}/messages")
async def get_messages(
    request: Request[Any, Any, Any], conversation_id: FromPath[UUID], limit: FromQuery[int] = 25
) -> dict[str, Any]:
    async with _pool(request).connection() as connection:
        if (await _caller(request, connection))["conversation_id"] != conversation_id:
            raise NotFoundException
        found = await connection.execute(sql.MESSAGES, {"id": conversation_id, "position": 0, "most": limit})
        items = [_message(row) for row in await found.fetchall()]
    return {"items": items, "next_cursor": str(items[-1]["position"]) if items else None}


@get("/conversations/{conversation_id:uuid}")
async def get_conversation(request: Request[Any, Any, Any], conversation_id: FromPath[UUID]) -> dict[str, Any]:
    async with _pool(request).connection() as connection:
        roles: dict[str, list[Any]] = (await _caller(request, connection))["roles"] or {}
        found = await connection.execute(sql.CONVERSATION, {"id": conversation_id})
        row = await found.fetchone()
    if row is None or str(row[1]) not in roles:
        raise NotFoundException
    return _conversation(row)


@post("/conversations/{conversation_id:uuid}/messages")
async def post_message(
    request: Request[Any, Any, Any], conversation_id: FromPath[UUID], data: JSONBody[Said]
) -> dict[str, Any]:
    async with _pool(request).connection() as connection:
        if (await _caller(request, connection))["conversation_id"] != conversation_id:
            raise NotFoundException
        async with connection.transaction():
            return await _posted(connection, conversation_id, data.content)


@post("/keyed/conversations/{conversation_id:uuid}/messages")
async def post_message_once(
    request: Request[Any, Any, Any], conversation_id: FromPath[UUID], data: JSONBody[Said]
) -> dict[str, Any]:
    scope = sha256(f"{conversation_id} {request.method} {request.url.path}".encode()).digest()
    key, digest = request.headers["idempotency-key"], sha256(await request.body()).digest()
    async with _pool(request).connection() as connection:
        if (await _caller(request, connection))["conversation_id"] != conversation_id:
            raise NotFoundException
        found = await connection.execute(sql.FIND_KEY, {"scope": scope, "key": key})
        if (stored := await found.fetchone()) is not None:
            return msgspec.json.decode(stored[1], type=dict[str, Any])
        async with connection.transaction():
            await connection.execute(
                sql.TAKE_KEY, {"scope": scope, "key": key, "digest": digest, "at": datetime.now(UTC)}
            )
            answer = await _posted(connection, conversation_id, data.content)
            stored_answer = msgspec.json.encode(answer)
            await connection.execute(
                sql.KEEP_ANSWER, {"scope": scope, "key": key, "answer": stored_answer, "conversation": conversation_id}
            )
            return answer


@get("/streams/{topic:str}")
async def get_stream(request: Request[Any, Any, Any], topic: FromPath[str]) -> Stream:
    hub: Hub = request.app.state.hub
    return Stream(hub.follow(topic), media_type="text/event-stream")


@post("/streams/{topic:str}", status_code=200)
async def post_event(request: Request[Any, Any, Any], topic: FromPath[str], data: JSONBody[Said]) -> dict[str, str]:
    hub: Hub = request.app.state.hub
    hub.tell(topic, b"event: told\ndata: " + msgspec.json.encode(data) + b"\n\n")
    return {"told": topic}


def _pool(request: Request[Any, Any, Any]) -> AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]]:
    pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]] = request.app.state.pool
    return pool


async def _caller(request: Request[Any, Any, Any], connection: AsyncConnection[tuple[Any, ...]]) -> dict[str, Any]:
    _, _, token = request.headers.get("authorization", "").partition(" ")
    *_, identifier, secret = token.split("_", 3)
    found = await connection.execute(sql.CREDENTIAL, {"id": UUID(hex=identifier)})
    row = await found.fetchone()
    if row is None or not hmac.compare_digest(row[2], sha256(secret.encode()).digest()) or row[12] is not None:
        raise NotAuthorizedException
    return {"conversation_id": row[5], "roles": row[17]}


async def _posted(connection: AsyncConnection[tuple[Any, ...]], conversation_id: UUID, content: str) -> dict[str, Any]:
    found = await connection.execute(sql.LOCK_CONVERSATION, {"id": conversation_id})
    conversation = await found.fetchone()
    if conversation is None:
        raise NotFoundException
    await (await connection.execute(sql.ACTIVE_RUNS, {"id": conversation_id})).fetchall()
    workspace_id, count, turns, version = conversation[1], conversation[2], conversation[3], conversation[4]
    now = datetime.now(UTC)
    message = {
        "id": new_id(now), "conversation_id": conversation_id, "workspace_id": workspace_id, "position": count + 1,
        "turn": turns + 1, "content": content, "at": now,
    }  # fmt: skip
    run = {
        "id": new_id(now), "conversation_id": conversation_id, "workspace_id": workspace_id, "turn": turns + 1,
        "message_id": message["id"], "reply_id": new_id(now), "job_id": new_id(now), "at": now,
        "origin": hmac.digest(_KEY, workspace_id.bytes + b"127.0.0.1", "sha256"),
    }  # fmt: skip
    payload = {"run_id": str(run["id"]), "conversation_id": str(conversation_id), "workspace_id": str(workspace_id)}
    await connection.execute(sql.ADD_MESSAGE, message)
    await connection.execute(
        sql.SAVE_CONVERSATION,
        {"id": conversation_id, "version": version, "count": count + 1, "turns": turns + 1, "at": now},
    )
    await connection.execute(sql.ADD_RUN, run)
    await connection.execute(sql.ADD_JOB, {**run, "payload": Jsonb(payload), "lane": f"conversation:{conversation_id}"})
    event = {"conversation_id": str(conversation_id), "message_id": str(message["id"]), "role": "visitor"}
    await connection.execute(
        sql.ADD_ACTIVITY,
        {
            "workspace_id": workspace_id, "cause": secrets.token_hex(16), "types": ["message.posted"],
            "actor_types": ["visitor"], "actor_ids": [conversation_id],
            "subject_types": ["message"], "subject_ids": [message["id"]], "times": [now],
            "data": [msgspec.json.encode(event).decode()],
        },
    )  # fmt: skip
    return {"message": _posted_message(message), "run": _posted_run(run)}


def _message(row: tuple[Any, ...]) -> dict[str, Any]:
    return {
        "id": row[0],
        "conversation_id": row[1],
        "position": row[2],
        "role": row[3],
        "author": {"type": row[4], "id": row[5], "name": row[6]},
        "content": row[7],
        "status": row[8],
        "run_id": row[9],
        "metadata": row[10],
        "created_at": row[11],
        "blanked_at": row[12],
    }


def _conversation(row: tuple[Any, ...]) -> dict[str, Any]:
    return {
        "id": row[0],
        "workspace_id": row[1],
        "kind": row[2],
        "user_id": row[20],
        "channel": row[3],
        "thread_id": row[4],
        "status": row[5],
        "handled_by": row[6],
        "handler": {"type": row[7], "id": row[8], "name": row[9]} if row[8] else None,
        "visitor": {"name": row[10], "email": row[11]},
        "tags": row[12],
        "minutes_saved": row[13],
        "message_count": row[14],
        "last_message": {"role": row[21], "excerpt": " ".join(row[22].split())[:140], "at": row[23]}
        if row[21]
        else None,
        "waiting_since": row[15],
        "version": row[16],
        "created_at": row[17],
        "updated_at": row[18],
        "closed_at": row[19],
    }


def _posted_message(message: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": message["id"],
        "conversation_id": message["conversation_id"],
        "position": message["position"],
        "role": "visitor",
        "author": {"type": "visitor", "id": message["conversation_id"], "name": "Visitor"},
        "content": message["content"],
        "status": "complete",
        "run_id": None,
        "metadata": {},
        "created_at": message["at"],
        "blanked_at": None,
    }


def _posted_run(run: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": run["id"],
        "conversation_id": run["conversation_id"],
        "message_id": run["message_id"],
        "reply_message_id": run["reply_id"],
        "status": "queued",
        "attempt": 0,
        "model": None,
        "usage": None,
        "steps": [],
        "error": None,
        "started_at": None,
        "ended_at": None,
    }


def application(database_url: str) -> Litestar:
    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncGenerator[None]:
        kwargs = {"autocommit": True, "prepare_threshold": 0, "options": "-c timezone=UTC"}
        async with AsyncConnectionPool(database_url, kwargs=kwargs, min_size=4, max_size=_POOL, open=False) as pool:
            app.state.pool, app.state.hub = pool, Hub()
            yield

    routes = [get_alive, get_messages, get_conversation, post_message, post_message_once, get_stream, post_event]
    return Litestar(routes, lifespan=[lifespan], openapi_config=None, logging_config=None)


def main() -> None:
    port, database_url = int(sys.argv[1]), sys.argv[2]
    config = uvicorn.Config(
        application(database_url),
        port=port,
        http="httptools",
        lifespan="on",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=1,
    )
    uvloop.run(uvicorn.Server(config).serve())


if __name__ == "__main__":
    main()
