"""The whole system in one process: the API on a port of its own and a worker, over real servers."""

import asyncio
import dataclasses
import json
import ssl
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import httpx
import psycopg
from dependency_injector.providers import Object

from adapters.memory.language_model import MemoryLanguageModels, ScriptedLanguageModel
from application.identity.home import home_of
from domain.access import Caller, Role
from domain.identity import KeyIssued, SessionLife, SessionStarted, User, issue_key, issue_session
from domain.ids import WorkspaceId
from domain.jobs import JOBS_TOPIC, Job, JobSpec
from entrypoints.cli.first_start import make_ready
from entrypoints.container import Container, job_runner, running
from entrypoints.http.app import build
from entrypoints.http.edge.server import listen, server_of
from entrypoints.settings import Settings, load
from entrypoints.settings.model import SETTINGS
from tests.http.stage import StagedLanguageModel
from tests.planted import PLANTED, Asgi

_TLS = ssl.create_default_context()  # made once, as it takes longer than a test's requests
OTHER_MODEL = "scripted:other"
KEY = "a secret key of the tests, 32 characters or more"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A server-sent event; `id` is None when it came without one."""

    id: str | None
    name: str
    data: dict[str, Any]


class Visitor:
    """A visitor's side of one conversation."""

    def __init__(self, client: httpx.AsyncClient, conversation_id: str, token: str) -> None:
        self.path = f"/api/v1/public/conversations/{conversation_id}"
        self.conversation_id = conversation_id
        self.token = token
        self._client = client
        self.headers = {"Authorization": f"Bearer {token}"}

    async def say(self, content: str, **more: Any) -> httpx.Response:
        """Posts a message; `headers` are added, the rest goes into the body."""
        headers = self.headers | more.pop("headers", {})
        return await self._client.post(f"{self.path}/messages", json={"content": content, **more}, headers=headers)

    async def messages(self, **query: Any) -> dict[str, Any]:
        """A page of messages."""
        answer = await self._client.get(f"{self.path}/messages", params=query, headers=self.headers)
        answer.raise_for_status()
        page: dict[str, Any] = answer.json()
        return page

    @asynccontextmanager
    async def stream(self, *, last_id: str | None = None, follow: bool = False) -> AsyncGenerator[AsyncIterator[Event]]:
        """The events of the stream as they come."""
        headers = self.headers | ({"Last-Event-ID": last_id} if last_id else {})
        query = {"follow": "true"} if follow else {}
        async with self._client.stream("GET", f"{self.path}/stream", params=query, headers=headers) as answer:
            yield events_of(answer)

    async def writing(self) -> None:
        """Waits until the stream shows the first text of the newest reply."""
        async with asyncio.timeout(20), self.stream() as events:
            async for event in events:
                if event.name == "delta":
                    return

    async def replies(self, *, last_id: str | None = None) -> list[Event]:
        """All events until the stream closes."""
        async with asyncio.timeout(20), self.stream(last_id=last_id) as events:
            return [event async for event in events]

    async def ask(self, content: str) -> str:
        """Says something and waits for the whole reply."""
        posted = await self.say(content)
        posted.raise_for_status()
        end = (await self.replies())[-1]
        assert end.name == "message_end", end
        text: str = end.data["full_text"]
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A user, with `api` sending their token; `path` is that of their personal workspace."""

    api: httpx.AsyncClient
    user: User
    token: str
    workspace_id: str
    handle: str

    @property
    def path(self) -> str:
        return f"/api/v1/workspaces/{self.workspace_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A running Flightdeck; `client` sends no token, `owner` the owner's."""

    base_url: str
    container: Container
    settings: Settings
    client: httpx.AsyncClient
    owner: httpx.AsyncClient
    token: str
    model: StagedLanguageModel
    clients: AsyncExitStack

    async def bearing(self, token: str) -> httpx.AsyncClient:
        """A client that sends this token, open as long as the instance."""
        headers = {"Authorization": f"Bearer {token}"}
        return await self.clients.enter_async_context(
            httpx.AsyncClient(base_url=self.base_url, timeout=20, headers=headers, verify=_TLS)
        )

    async def member(self) -> Member:
        """A new user with a personal workspace and a key."""
        mail = f"member-{uuid.uuid4().hex[:12]}@example.com"
        user = User.new(mail, "Maria Member", self.container.ports.clock().now())
        async with self.container.ports.begin()() as work:
            await work.users.add(user)
            await work.commit(None)
        workspace = await self.container.workspaces().open_personal_workspace()(Caller(actor=user.actor))
        token = await self.key(user, str(workspace.id))
        api = await self.bearing(token)
        return Member(api=api, user=user, token=token, workspace_id=str(workspace.id), handle=workspace.handle)

    async def newcomer(self) -> tuple[User, httpx.AsyncClient]:
        """A new user without any workspace; their key hangs on the owner's."""
        now = self.container.ports.clock().now()
        mail = f"new-{uuid.uuid4().hex}@example.com"
        user = User.new(mail, "Nina New", now)
        async with self.container.ports.begin()() as work:
            await work.users.add(user)
            await work.commit(None)
        return user, await self.bearing(await self.key(user, (await self.workspace())["id"]))

    async def key(self, user: User, told_to: str, **changes: Any) -> str:
        """The token of a new key of the user; `changes` are fields of its credential."""
        now, workspace = self.container.ports.clock().now(), WorkspaceId(uuid.UUID(told_to))
        credential, token = issue_key(user, None, "test", now)
        issued = KeyIssued.of(credential, workspace, by=user.actor, at=now)
        async with self.container.ports.begin()() as work:
            await work.credentials.add(dataclasses.replace(credential, **changes), because=issued)
            await work.commit(None)
        return token.reveal()

    async def session(self, user: User, **changes: Any) -> str:
        """The token of a new session of the user; `changes` are fields of its credential."""
        now = self.container.ports.clock().now()
        session, token = issue_session(user.id, "tests", now, SessionLife())
        async with self.container.ports.begin()() as work:
            home = await home_of(work, user.id)
            started = SessionStarted(workspace_id=home, actor=user.actor, at=now, session_id=session.id)
            await work.credentials.add(dataclasses.replace(session, **changes), because=started)
            await work.commit(None)
        return token.reveal()

    async def joined(self, workspace_id: str, role: Role) -> Member:
        """A new user who has this role in the workspace, too."""
        member = await self.member()
        await self.sql(
            "insert into members (workspace_id, user_id, role, joined_at) values (%s, %s, %s, now())",
            workspace_id,
            member.user.id,
            role,
        )
        return member

    async def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a statement, run beside the application."""
        url = str(self.settings.database_url)
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            cursor = await connection.execute(statement.encode(), values)
            return await cursor.fetchall() if cursor.description else []

    async def run_now(self, spec: JobSpec) -> None:
        """A scheduled job is done, which began after this call."""
        begun = "select coalesce(max(number), 0) from jobs where type = %s and status in ('running', 'succeeded')"
        ((before,),) = await self.sql(begun, spec.type)
        done = "select 1 from jobs where type = %s and status = 'succeeded' and number > %s"
        async with asyncio.timeout(30):
            while not await self.sql(done, spec.type, before):
                async with self.container.ports.begin()() as work:
                    # Without effect while there is one that has not ended.
                    await work.jobs.add(Job.of(spec, self.container.ports.clock().now()))
                    await work.commit(None)
                await self.sql("update jobs set run_at = now() where type = %s and status = 'queued'", spec.type)
                await self.container.ports.bell().ring([JOBS_TOPIC])
                await asyncio.sleep(0.05)

    async def visitor(self, handle: str = "harbour-studio", **fields: Any) -> Visitor:
        """A new conversation."""
        answer = await self.client.post("/api/v1/public/conversations", json={"workspace_handle": handle, **fields})
        answer.raise_for_status()
        started = answer.json()
        return Visitor(self.client, started["conversation_id"], started["visitor_token"])

    async def workspace(self) -> dict[str, Any]:
        """The owner's personal workspace."""
        answer = await self.owner.get("/api/v1/workspaces/me")
        answer.raise_for_status()
        view: dict[str, Any] = answer.json()
        return view

    async def holders_of(self, text: str) -> list[str]:
        """The tables with a row that holds `text` in the clear, in whatever column."""
        tables = await self.sql("select tablename from pg_tables where schemaname = 'public' order by 1")
        found: list[str] = []
        for (table,) in tables:
            held = f'select 1 from "{table}" t where position(%s in t::text) + position(%s in t::text) > 0 limit 1'  # noqa: S608 (a name of the catalog)
            found += [table] if await self.sql(held, text, text.encode().hex()) else []
        return found


def settings_for(database_url: str, redis_url: str, home: Path, **more: str) -> Settings:
    """Settings of a test's instance: limits are off unless `more` says otherwise, and no burst is too much."""
    environ = {
        "ENVIRONMENT": "dev",
        "DATABASE_URL": database_url,
        "DATABASE_POOL_WAIT": "20s",
        "REDIS_URL": redis_url,
        "FLIGHTDECK_HOME": str(home),
        "SECRET_KEY": KEY,
        "LIMIT_PUBLIC_WRITES": "0",
        "LIMIT_CONVERSATION": "0",
        "LIMIT_READS": "0",
        "LIMIT_SIGN_IN": "0",
        "SIGNUP": "open",
        "LOG_LEVEL": "error",
        "OUTBOUND_ALLOW_PRIVATE": "true",
        **more,
    }
    return load(environ, None)


@asynccontextmanager
async def started(given: Settings, *, worker: bool = True, staged: bool = True) -> AsyncGenerator[System]:
    """An instance with these settings, on a free port; its model is staged, or those of the settings."""
    (socket,) = listen("127.0.0.1", 0)
    base_url = f"http://127.0.0.1:{socket.getsockname()[1]}"
    settings = replace(given, base_url=base_url)
    async with AsyncExitStack() as stack:
        container = await stack.enter_async_context(running(settings))
        model = StagedLanguageModel()
        ports: Any = container.ports
        for provider in (ports.rate_limiter, ports.run_log, ports.bell):
            provider.add_kwargs(patience=20.0)  # a machine that runs tests stops for a second now and then
        if staged:
            ports.language_models.override(Object(MemoryLanguageModels(model, ScriptedLanguageModel(name=OTHER_MODEL))))
        await make_ready(container, settings)
        server = server_of(build(container, settings))
        server.config.app = PLANTED.around(cast("Asgi", server.config.app))
        await stack.enter_async_context(_in_background(server.serve(sockets=[socket])))
        stop = asyncio.Event()
        if worker:
            await stack.enter_async_context(_in_background(job_runner(container, settings, "test").run(stop)))
        token = (settings.flightdeck_home / "owner-token").read_text(encoding="utf-8").strip()
        PLANTED.plant(token, "the owner's file")
        for name in (name for name, setting in SETTINGS.items() if setting.secret):
            PLANTED.plant(str(getattr(settings, name.lower())), "a setting")
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=base_url, timeout=20))
        owner = await stack.enter_async_context(
            httpx.AsyncClient(base_url=base_url, timeout=20, headers={"Authorization": f"Bearer {token}"})
        )
        clients = await stack.enter_async_context(AsyncExitStack())
        yield System(
            base_url=base_url,
            container=container,
            settings=settings,
            client=client,
            owner=owner,
            token=token,
            model=model,
            clients=clients,
        )
        stop.set()
        server.should_exit = True


@asynccontextmanager
async def _in_background(work: Any) -> AsyncGenerator[None]:
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        await asyncio.wait({task}, timeout=10)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def events_of(answer: httpx.Response) -> AsyncIterator[Event]:
    """The events of a stream's body."""
    assert answer.status_code == 200, await answer.aread()
    fields: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if not line and "event" in fields:
            yield Event(id=fields.get("id"), name=fields["event"], data=json.loads(fields["data"]))
        if not line:
            fields = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value


def text_of(events: list[Event]) -> str:
    """What a client shows after these events, by the rule `text[:offset] + text_chunk`."""
    text = ""
    for event in events:
        if event.name == "delta":
            text = text[: event.data["offset"]] + event.data["text_chunk"]
    return text


def secret_of(token: str) -> str:
    """The part of a token, `fd_<kind>_<id>_<secret>`, that is nobody's but its holder's."""
    return token.split("_", 3)[3]


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem that the answer is, which must have this status and code."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    told: dict[str, Any] = answer.json()
    assert told["code"] == code, told
    assert told["request_id"] == answer.headers["x-request-id"]
    return told


def pointers(answer: httpx.Response, code: str = "invalid") -> list[str]:
    """Where the faults are that the answer, a 422, names."""
    return [fault["pointer"] for fault in problem(answer, 422, code)["errors"]]
