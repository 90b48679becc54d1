import asyncio
import sys
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.http.system import Event, Visitor, events_of, text_of
from tests.processes import DEADLINE, Instance, up
from tests.survival.servers import answers

QUESTION = "What does a consultation cost?"
ENDS = {"message_end", "error", "cancelled"}
SLOW = (sys.executable, str(Path(__file__).with_name("slow_up.py")))
SETTINGS = {"JOB_LEASE": "4s", "WORKER_GRACE": "0s", "LIMIT_PUBLIC_WRITES": "0", "LIMIT_READS": "0"}


@pytest.fixture
def kill_log(record_property: Callable[[str, object], None]) -> Iterator[Counter[str]]:
    """What was killed where, and how often; printed at the end, whichever process the test ran in."""
    killed = Counter[str]()
    yield killed
    for place, count in killed.items():
        record_property(f"killed {place}", count)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Waits until a condition holds, and fails when it never does."""
    async with asyncio.timeout(DEADLINE):
        while True:
            if await condition():
                return
            await asyncio.sleep(0.02)


@dataclass(slots=True)
class Reader:
    """A client that follows a conversation's replies: cut off or told to come later, it comes again and resumes."""

    client: httpx.AsyncClient
    visitor: Visitor
    events: list[Event] = field(default_factory=list[Event])
    connections: int = 0

    async def follow(self, replies: int = 1) -> None:
        """Returns at the end of that many replies."""
        while sum(event.name in ENDS for event in self.events) < replies:
            with suppress(httpx.TransportError):
                await self._read()
            await asyncio.sleep(0.02)

    async def _read(self) -> None:
        last = self.events[-1].id if self.events else None
        headers = self.visitor.headers | ({"Last-Event-ID": last} if last else {})
        async with self.client.stream("GET", f"{self.visitor.path}/stream", headers=headers) as answer:
            if answer.status_code in {204, 503}:
                return
            self.connections += 1
            async for event in events_of(answer):
                self.events.append(event)

    async def done(self) -> bool:
        """Whether it has seen the end of a reply."""
        return any(event.name in ENDS for event in self.events)

    async def heard(self, deltas: int) -> None:
        """Waits until that many pieces of text have come."""

        async def enough() -> bool:
            return sum(event.name == "delta" for event in self.events) >= deltas

        await until(enough)

    def named(self, name: str) -> list[Event]:
        return [event for event in self.events if event.name == name]


def assert_whole(reader: Reader, text: str) -> None:
    """It has seen the one reply, to its end."""
    assert reader.events[-1].name == "message_end", reader.events[-1]
    assert reader.events[-1].data["full_text"] == text
    assert text_of(reader.events) == text
    assert len({start.data["message_id"] for start in reader.named("message_start")}) == 1


@dataclass(frozen=True, slots=True)
class Desk:
    """A running instance whose model is slow, and the visitors' way to it."""

    instance: Instance
    client: httpx.AsyncClient

    async def healthy(self) -> bool:
        """Whether all is well, and was not only a moment ago, which health remembers."""
        try:
            read = await self.client.get("/api/v1/public/workspaces/harbour-studio")
            health = await self.client.get("/api/v1/health")
        except httpx.TransportError:
            return False
        return (read.status_code, health.json()["status"]) == (200, "healthy") and answers(self.instance)

    async def says(self, name: str, status: str, *, ready: bool) -> bool:
        """Whether `/readyz` says so of one of what it looks at, and of the whole."""
        answer = await self.client.get("/readyz")
        said = answer.json()
        assert answer.status_code == (200 if said["ready"] else 503)
        return (said["ready"], said["checks"][name]["status"]) == (ready, status)

    async def visitor(self) -> Visitor:
        answer = await self.client.post("/api/v1/public/conversations", json={"workspace_handle": "harbour-studio"})
        answer.raise_for_status()
        return Visitor(self.client, answer.json()["conversation_id"], answer.json()["visitor_token"])

    @asynccontextmanager
    async def reading(self, question: str = QUESTION) -> AsyncGenerator[Reader]:
        """A reader of the reply to a new visitor's question, which is being made; at its end when the block ends."""
        visitor = await self.visitor()
        (await visitor.say(question)).raise_for_status()
        reader = Reader(self.client, visitor)
        async with asyncio.timeout(DEADLINE), asyncio.TaskGroup() as group:
            group.create_task(reader.follow())
            await reader.heard(3)
            yield reader


@asynccontextmanager
async def desk_of(instance: Instance) -> AsyncGenerator[Desk]:
    async with httpx.AsyncClient(base_url=instance.url, timeout=20) as client:
        yield Desk(instance, client)


@pytest.fixture(scope="package")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    with up(tmp_path_factory.mktemp("survival"), SETTINGS, command=SLOW) as instance:
        async with desk_of(instance) as desk:
            yield desk


@pytest.fixture
async def desk(shared: Desk) -> Desk:
    """The instance all tests share, recovered from what the one before did to it."""
    await until(shared.healthy)
    return shared


@pytest.fixture(scope="package")
async def whole_reply(shared: Desk) -> str:
    """What the reply says when nothing happens to it."""
    await until(shared.healthy)
    return await (await shared.visitor()).ask(QUESTION)
