import asyncio
import itertools
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from application.conversations.index_conversations import IndexConversations
from domain.access import Role
from domain.ids import MemoryId, MessageId, WorkspaceId
from domain.knowledge import Source, SourceKind, Standing, passages_of
from domain.memories import MemoryAdded, Tier
from tests.http.system import Member, System, pointers, problem

KNOWLEDGE = "# Opening hours\n\nThe studio is open on Mondays.\n\n# Kilns\n\nStoneware is fired at 1,240 degrees."
FIELDS = set("kind id passage_id title text offsets score parts source".split())
PARTS = set("lexical semantic recency tier use".split())


async def ask(client: httpx.AsyncClient, workspace_id: str, query: str, **more: Any) -> dict[str, Any]:
    """What a search answers."""
    answer = await client.post(f"/api/v1/workspaces/{workspace_id}/search", json={"query": query, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def texts(client: httpx.AsyncClient, workspace_id: str, query: str, **more: Any) -> list[str]:
    return [item["text"] for item in (await ask(client, workspace_id, query, **more))["items"]]


async def remember(member: Member, workspace_id: str, content: str, **more: Any) -> str:
    """The id of a new memory of the member."""
    answer = await member.api.post(f"/api/v1/workspaces/{workspace_id}/memories", json={"content": content, **more})
    assert answer.status_code == 201, answer.text
    memory_id: str = (answer.json().get("memory") or answer.json())["id"]
    return memory_id


async def know(member: Member, knowledge: str) -> None:
    """Writes the knowledge base of the member's workspace."""
    (await member.api.patch(member.path, json={"knowledge_base": knowledge})).raise_for_status()


async def embedded(client: httpx.AsyncClient, workspace_id: str) -> dict[str, Any]:
    """What a search answers once everything has its vector: what came as a job ended has it with the next minute."""
    async with asyncio.timeout(90):
        while (found := await ask(client, workspace_id, "stoneware"))["semantic"] != "full":  # noqa: ASYNC110 (nothing tells it)
            await asyncio.sleep(0.05)
    return found


async def said(system: System, member: Member, workspace_id: str, text: str) -> None:
    """Has the text found as something the member said to their companion."""
    now = system.container.ports.clock().now()
    workspace, owner_id = WorkspaceId(UUID(workspace_id)), member.user.id
    source = Source(SourceKind.MESSAGE, MessageId(uuid4()))
    standing = Standing(owner_id=owner_id, reader_id=owner_id, at=now)
    async with system.container.ports.begin()() as work:
        because = MemoryAdded(
            workspace_id=workspace,
            actor=member.user.actor,
            at=now,
            memory_id=MemoryId(uuid4()),
            tier=Tier.PERSONAL,
        )
        work.record(because)
        await work.passages.replace(workspace, source, passages_of(workspace, source, text, now), standing, "en")
        await work.commit(None)


async def test_what_is_known_is_found_by_words_at_once_and_by_meaning_soon(member: Member) -> None:
    await know(member, KNOWLEDGE)
    found = await ask(member.api, member.workspace_id, "When is it open?")
    (item,) = found["items"] if found["semantic"] == "none" else found["items"][:1]

    assert set(item) == FIELDS
    assert (item["kind"], item["text"]) == ("document", "The studio is open on Mondays.")
    start, end = item["offsets"]["start"], item["offsets"]["end"]
    assert KNOWLEDGE[start:end] == item["text"]
    assert item["source"]["heading"] == "Opening hours"
    assert item["title"] == "Knowledge base"
    assert set(item["parts"]) == PARTS
    assert 0 < item["score"] <= 1
    assert all(0 <= value <= 1 for value in item["parts"].values())

    found = await embedded(member.api, member.workspace_id)
    assert len(found["items"]) == 2
    assert found["items"][0]["parts"]["semantic"] > 0
    assert found["embedder"].startswith("offline:")


async def test_memories_and_documents_are_found_together_and_filters_part_them(member: Member) -> None:
    workspace_id = member.workspace_id
    await know(member, KNOWLEDGE)
    lasting = await remember(member, workspace_id, "My stoneware bowl is blue.", tags=["Bowls"])
    passing = await remember(member, workspace_id, "Buy stoneware clay on Friday.", tier="task")
    await embedded(member.api, workspace_id)

    async def ids(**more: Any) -> set[str]:
        return {item["id"] for item in (await ask(member.api, workspace_id, "stoneware", **more))["items"]}

    assert await ids() == {lasting, passing, workspace_id}
    assert await ids(kinds=["memory"]) == {lasting, passing}
    assert await ids(kinds=["document"]) == {workspace_id}
    assert await ids(scopes=["own"]) == {lasting, passing}
    assert await ids(scopes=["workspace"]) == {workspace_id}
    assert await ids(tiers=["task"]) == {passing}
    assert await ids(tags=["bowls"]) == {lasting}
    assert await ids(owner_id=str(member.user.id)) == {lasting, passing}
    assert await ids(since="2100-01-01T00:00:00Z") == set()
    assert await ids(until="2000-01-01T00:00:00+02:00") == set()
    assert len((await ask(member.api, workspace_id, "stoneware", limit=1))["items"]) == 1


async def test_after_a_change_of_language_its_inflected_words_find_what_was_remembered_before(member: Member) -> None:
    workspace_id = member.workspace_id
    content = "Zwei Häuser gehören mir."
    memory_id = await remember(member, workspace_id, content)

    async def by_words() -> list[str]:
        items = (await ask(member.api, workspace_id, "Haus"))["items"]
        return [item["id"] for item in items if item["parts"]["lexical"]]

    assert await texts(member.api, workspace_id, "Häuser") == [content]
    assert await by_words() == []
    (await member.api.patch(member.path, json={"language": "de"})).raise_for_status()
    assert content in await texts(member.api, workspace_id, "Häuser")

    async with asyncio.timeout(30):
        while await by_words() != [memory_id]:  # noqa: ASYNC110 (nothing tells it)
            await asyncio.sleep(0.05)


async def test_what_is_forgotten_is_not_found(member: Member) -> None:
    memory_id = await remember(member, member.workspace_id, "My safe word is marmalade.")
    assert await texts(member.api, member.workspace_id, "marmalade") == ["My safe word is marmalade."]
    removed = await member.api.delete(f"/api/v1/memories/{memory_id}")
    assert removed.status_code == 204

    assert await texts(member.api, member.workspace_id, "marmalade") == []
    await know(member, KNOWLEDGE)
    await know(member, "Nothing.")
    assert KNOWLEDGE not in await texts(member.api, member.workspace_id, "stoneware")


async def test_what_was_found_is_counted_after_the_answer(member: Member) -> None:
    path = f"/api/v1/memories/{await remember(member, member.workspace_id, 'The spare key is under the pot.')}"
    await ask(member.api, member.workspace_id, "spare key")
    async with asyncio.timeout(20):
        while not (memory := (await member.api.get(path)).json())["access_count"]:  # noqa: ASYNC110 (nothing tells it)
            await asyncio.sleep(0.02)

    assert memory["access_count"] == 1
    assert memory["last_accessed_at"] is not None
    assert memory["version"] == 1


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({}, "/query"),
        ({"query": ""}, "/query"),
        ({"query": "x" * 1_001}, "/query"),
        ({"query": "a", "limit": 51}, "/limit"),
        ({"query": "a", "limit": 0}, "/limit"),
        ({"query": "a", "kinds": ["secrets"]}, "/kinds/0"),
        ({"query": "a", "tiers": ["eternal"]}, "/tiers/0"),
        ({"query": "a", "scopes": ["everything"]}, "/scopes/0"),
        ({"query": "a", "collections": ["x"]}, "/collections/0"),
        ({"query": "a", "owner_id": "x"}, "/owner_id"),
        ({"query": "a", "since": "2026-01-01T00:00:00"}, "/since"),
        ({"query": "a", "since": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"}, "/until"),
        ({"query": "a", "reader_id": str(UUID(int=1))}, "/reader_id"),
    ],
    ids=str,
)
async def test_what_cannot_be_taken_is_named(member: Member, sent: dict[str, Any], pointer: str) -> None:
    assert pointers(await member.api.post(f"{member.path}/search", json=sent)) == [pointer]


@pytest.mark.parametrize(
    "query", ["'; drop table passages; --", "a & b | !c <-> (", "%_\\", "🙂", "\u202eabc", "x" * 1_000]
)
async def test_any_text_is_a_query(member: Member, query: str) -> None:
    await know(member, KNOWLEDGE)

    assert (await ask(member.api, member.workspace_id, query))["semantic"] in {"none", "partial", "full"}


async def test_a_key_for_documents_alone_finds_no_memories(system: System, member: Member) -> None:
    await know(member, KNOWLEDGE)
    await remember(member, member.workspace_id, "My stoneware bowl is blue.")
    issued = await member.api.post(f"{member.path}/api-keys", json={"name": "reader", "permissions": ["document:read"]})
    reader = await system.bearing(issued.json()["token"])

    found = await texts(reader, member.workspace_id, "stoneware")
    assert found[0] == "Stoneware is fired at 1,240 degrees."
    assert "My stoneware bowl is blue." not in found
    asking = {"query": "stoneware", "kinds": ["memory"]}
    problem(await reader.post(f"{member.path}/search", json=asking), 403, "forbidden")


class Canaries:
    """Words that only one reader may ever be answered, each planted in another place."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.of: dict[str, tuple[str, frozenset[str]]] = {}

    async def plant(self, system: System, member: Member, workspace_id: str, readers: Sequence[Member]) -> None:
        """A canary in a memory of the member and in what they said, and one that they share."""
        for name in ("memory", "message", "shared"):
            word = f"{name}{uuid4().hex[:10]}"
            text = f"The canary {word} sings in the kitchen."
            if name == "message":
                await said(system, member, workspace_id, text)
            else:
                await remember(member, workspace_id, text, shared=name == "shared")
            may = {str(member.user.id), *(str(each.user.id) for each in readers if name == "shared")}
            self.of[word] = (workspace_id, frozenset(may))

    async def plant_with_visitors(self, member: Member, readers: Sequence[Member]) -> None:
        """A canary in what a visitor says to the member's own workspace."""
        word = f"visitor{uuid4().hex[:10]}"
        visitor = await self.system.visitor(member.handle)
        (await visitor.say(f"The canary {word} sings in the kitchen.")).raise_for_status()
        self.of[word] = (member.workspace_id, frozenset(str(each.user.id) for each in readers))

    def foreign(self, member: Member, workspace_id: str) -> set[str]:
        """Those that the member may not be told of there."""
        return {
            word for word, (at, readers) in self.of.items() if at != workspace_id or str(member.user.id) not in readers
        }


async def test_no_search_ever_tells_of_another_tenants_or_users_passages(system: System) -> None:
    ada, eve = await system.member(), await system.member()
    bob = await system.joined(ada.workspace_id, Role.ADMIN)
    viewer = await system.joined(ada.workspace_id, Role.VIEWER)
    canaries = Canaries(system)
    await canaries.plant(system, ada, ada.workspace_id, [ada, bob, viewer])
    await canaries.plant(system, bob, ada.workspace_id, [ada, bob, viewer])
    await canaries.plant(system, bob, bob.workspace_id, [bob])
    await canaries.plant(system, eve, eve.workspace_id, [eve])
    await canaries.plant_with_visitors(ada, [ada, bob, viewer])
    await canaries.plant_with_visitors(bob, [bob])
    await canaries.plant_with_visitors(eve, [eve])
    await system.run_now(IndexConversations())
    await embedded(ada.api, ada.workspace_id)
    planted = 0
    filters: list[dict[str, Any]] = [
        {},
        {"kinds": ["memory", "document", "message", "visitor_message"]},
        {"kinds": ["message"]},
        {"kinds": ["visitor_message"]},
        {"kinds": ["visitor_message"], "scopes": ["own"]},
        {"scopes": ["own"]},
        {"scopes": ["workspace"], "kinds": ["memory", "message"]},
        {"tiers": ["personal", "project", "task"]},
        *({"owner_id": str(owner.user.id), "kinds": ["memory", "message"]} for owner in (ada, bob, eve)),
    ]
    asking = [(ada, ada.workspace_id), (bob, ada.workspace_id), (viewer, ada.workspace_id), (bob, bob.workspace_id)]
    queries = ["canary sings in the kitchen", *canaries.of]
    for (member, workspace_id), query, more in itertools.product(asking, queries, filters):
        answer = await member.api.post(
            f"/api/v1/workspaces/{workspace_id}/search", json={"query": query, "limit": 50, **more}
        )
        assert answer.status_code == 200
        assert not [word for word in canaries.foreign(member, workspace_id) if word in answer.text]
        planted += sum(word in answer.text for word in canaries.of)
    assert planted > len(asking) * len(queries)
    for member in (ada, bob):
        theirs = await texts(member.api, member.workspace_id, "canary kitchen", kinds=["visitor_message"])
        assert any("visitor" in text for text in theirs)
    for member, workspace_id in ((eve, ada.workspace_id), (ada, bob.workspace_id)):
        refused = await member.api.post(f"/api/v1/workspaces/{workspace_id}/search", json={"query": "canary"})
        problem(refused, 404, "not_found")


async def test_members_find_what_was_said_in_visitors_conversations_until_it_is_taken_away(
    system: System, member: Member
) -> None:
    async def told() -> dict[str, dict[str, Any]]:
        await system.run_now(IndexConversations())
        found = await ask(member.api, member.workspace_id, "celadon vases", kinds=["visitor_message"])
        return {item["text"]: item for item in found["items"]}

    visitor, question = await system.visitor(member.handle), "Do you repair celadon vases?"
    await visitor.ask(question)
    await visitor.ask("And celadon plates?")
    asked = (await told())[question]
    assert (asked["kind"], asked["title"], asked["source"]["owner_id"]) == ("visitor_message", "", None)
    assert asked["source"]["conversation_id"] == visitor.conversation_id
    assert asked["source"]["heading"].startswith("Visitor, ")
    assert await texts(member.api, member.workspace_id, "celadon") == []

    (await member.api.delete(f"/api/v1/messages/{asked['id']}")).raise_for_status()
    left = await told()
    assert question not in left
    assert "And celadon plates?" in left
    (await member.api.delete(f"/api/v1/conversations/{visitor.conversation_id}")).raise_for_status()
    assert await told() == {}


async def test_what_one_visitor_said_is_told_to_no_other(system: System, member: Member) -> None:
    await (await system.visitor(member.handle)).ask("My celadon vase is planted here.")
    await system.run_now(IndexConversations())
    asking = f"Who spoke of a celadon vase, {uuid4().hex}?"
    await (await system.visitor(member.handle)).ask(asking)
    prompt = next(each for each in system.model.prompts if asking in str(each.turns))
    assert not any("planted" in passage.text for passage in prompt.passages)

    key = await system.key(member.user, member.workspace_id, permissions=("document:read", "memory:read"))
    narrow = await system.bearing(key)
    asked = {"query": "celadon", "kinds": ["visitor_message"]}
    problem(await narrow.post(f"{member.path}/search", json=asked), 403, "forbidden")


async def test_a_visitor_is_answered_from_documents_and_never_from_memories(system: System, member: Member) -> None:
    await know(member, KNOWLEDGE)
    for shared in (True, False):
        await remember(member, member.workspace_id, f"Stoneware secret, {shared}: the planted marker.", shared=shared)
    await said(system, member, member.workspace_id, "I said that stoneware has a planted marker.")
    await embedded(member.api, member.workspace_id)
    question = f"At what temperature do you fire stoneware, {uuid4().hex}?"
    visitor = await system.visitor(member.handle)
    await visitor.ask(question)
    prompt = next(each for each in system.model.prompts if question in str(each.turns))
    told = [passage.text for passage in prompt.passages]

    assert "Stoneware is fired at 1,240 degrees." in told
    assert not any("planted" in text for text in told)
