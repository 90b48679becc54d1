"""People with their companions: what these know of them, and that nobody else knows of it."""

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from application.ports.language_model import ModelRefused, TextDelta
from domain.access import Role
from domain.ids import WorkspaceId
from tests.http.stage import END
from tests.http.system import Event, Member, System, events_of, problem
from tests.http.test_user_export import exported

API = "/api/v1"


@dataclass(frozen=True, slots=True)
class Talk:
    """A member's conversation with their companion."""

    member: Member
    view: dict[str, Any]

    @property
    def path(self) -> str:
        return f"{API}/conversations/{self.view['id']}"

    async def say(self, content: str, **more: Any) -> httpx.Response:
        headers = more.pop("headers", {})
        return await self.member.api.post(f"{self.path}/messages", json={"content": content, **more}, headers=headers)

    @asynccontextmanager
    async def stream(self, *, follow: bool = False) -> AsyncGenerator[AsyncIterator[Event]]:
        query = {"follow": "true"} if follow else {}
        async with self.member.api.stream("GET", f"{self.path}/stream", params=query) as answer:
            yield events_of(answer)

    async def replies(self) -> list[Event]:
        async with asyncio.timeout(20), self.stream() as events:
            return [event async for event in events]

    async def writing(self) -> None:
        async with asyncio.timeout(20), self.stream() as events:
            async for event in events:
                if event.name == "delta":
                    return

    async def ask(self, content: str) -> dict[str, Any]:
        """The message that answers it."""
        run = (await self.say(content)).raise_for_status().json()["run"]
        end = (await self.replies())[-1]
        assert (end.name, end.data["run_id"]) == ("message_end", run["id"]), end
        messages = (await self.member.api.get(f"{self.path}/messages", params={"limit": 100})).json()["items"]
        reply: dict[str, Any] = next(each for each in messages if each["id"] == run["reply_message_id"])
        return reply


async def a_talk(member: Member, path: str | None = None) -> Talk:
    answer = await member.api.post(f"{path or member.path}/conversations", json={})
    assert answer.status_code == 201, answer.text
    return Talk(member, answer.json())


@pytest.fixture
async def talk(member: Member) -> Talk:
    return await a_talk(member)


async def remember(talk: Talk, content: str, **fields: Any) -> dict[str, Any]:
    path = f"{API}/workspaces/{talk.view['workspace_id']}/memories"
    memory: dict[str, Any] = (
        (await talk.member.api.post(path, json={"content": content, **fields})).raise_for_status().json()
    )
    return memory


async def test_a_conversation_with_ones_companion_is_begun(member: Member) -> None:
    answer = await member.api.post(f"{member.path}/conversations", json={})
    view = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{API}/conversations/{view['id']}"
    assert answer.headers["etag"] == '"1"'
    assert (view["kind"], view["user_id"], view["status"]) == ("companion", str(member.user.id), "open")
    assert (await member.api.get(f"{API}/conversations/{view['id']}")).json() == view
    problem(await member.api.post(f"{member.path}/conversations", json={"kind": "visitor"}), 422, "invalid")


async def test_a_companion_answers_from_what_it_was_told_and_names_what_it_rests_on(talk: Talk) -> None:
    memory = await remember(talk, "My sister's name is Mia.")
    await remember(talk, "I am allergic to peanuts.")
    reply = await talk.ask("What is my sister's name?")
    assert reply["content"] == "You told me: “My sister's name is Mia.”"
    assert reply["metadata"] == {"memories": [memory["id"]], "documents": []}
    recalled = (await talk.member.api.get(f"{API}/memories/{memory['id']}")).json()
    assert (recalled["access_count"], recalled["last_accessed_at"] is None) == (1, False)
    assert (await talk.ask("What is my dentist's address?"))["content"].startswith("I don't know that.")


async def test_a_companion_remembers_and_forgets_in_the_chat(talk: Talk) -> None:
    reply = await talk.ask("Remember that my dog is called Rex.")
    assert reply["content"] == "I will remember that: “My dog is called Rex.”"
    (memory_id,) = reply["metadata"]["memories"]
    assert (await talk.ask("What is my dog called?"))["metadata"] == {"memories": [memory_id], "documents": []}
    gone = await talk.ask("Forget that.")
    assert gone["content"].startswith("I have forgotten that: “My dog is called Rex.”")
    assert (await talk.ask("What is my dog called?"))["content"].startswith("I don't know that.")
    undone = await talk.member.api.post(f"{API}/memories/{memory_id}/undo")
    assert (undone.status_code, undone.json()["content"]) == (200, "My dog is called Rex.")
    assert (await talk.ask("What is my dog called?"))["metadata"] == {"memories": [memory_id], "documents": []}


async def test_what_one_tells_a_companion_is_remembered_after_its_reply(talk: Talk) -> None:
    reply = await talk.ask("I prefer window seats on trains.")
    assert reply["content"] == "Thank you for telling me."
    (memory,) = await _some(lambda: _memories(talk))
    assert "window seats" in memory["content"]
    assert memory["source"] == {"type": "message", "id": (await _said(talk))[0]["id"]}
    assert (await talk.ask("Which seats do I prefer?"))["metadata"] == {"memories": [memory["id"]], "documents": []}


async def test_a_companion_finds_what_was_said_before(talk: Talk) -> None:
    await talk.ask("The quarterly figures of the harbour project look odd.")
    await _some(lambda: _found(talk, "harbour figures"))
    reply = await talk.ask("What did I say about the harbour project?")
    assert "The quarterly figures of the harbour project look odd." in reply["content"]
    assert reply["metadata"] == {"memories": [], "documents": []}


SPRING = (3, 4, 5)


def _yesterday(now: datetime) -> datetime:
    return now - timedelta(days=1)


def _last_month(now: datetime) -> datetime:
    return now.replace(day=1) - timedelta(days=3)


def _last_spring(now: datetime) -> datetime:
    return now.replace(year=now.year - (now.month <= SPRING[-1]), month=SPRING[1], day=10)


@pytest.mark.parametrize(
    ("said", "at", "question"),
    [
        ("We had goulash at the harbour inn.", _last_month, "Where did we have goulash last month?"),
        ("The flat in Karlin is too loud.", _last_spring, "What did I say about the flat in Karlin last spring?"),
        ("The ferry was late again.", _yesterday, "What did I tell you about the ferry yesterday?"),
    ],
    ids=["last month", "last spring", "yesterday"],
)
async def test_a_companion_tells_what_was_said_at_a_time(
    system: System, talk: Talk, said: str, at: Callable[[datetime], datetime], question: str
) -> None:
    await talk.ask(said)
    await _some(lambda: _found(talk, said))
    await talk.ask(f"{said[:-1]}, I said.")
    await system.sql(
        "update passages set at = %s where workspace_id = %s and kind = 'message' and text = %s",
        at(datetime.now(UTC)),
        talk.view["workspace_id"],
        said,
    )
    content = (await talk.ask(question))["content"]
    assert said in content
    assert "I said." not in content


async def test_a_companion_tells_what_is_to_be_done_at_a_time(talk: Talk) -> None:
    await talk.ask("I have to renew my passport next week.")
    await _some(lambda: _memories(talk))
    assert "I have to renew my passport next week" in (await talk.ask("What do I have to do next week?"))["content"]


async def test_a_reply_names_the_documents_it_rests_on(talk: Talk) -> None:
    path = f"{API}/workspaces/{talk.view['workspace_id']}"
    workspace = (await talk.member.api.get(path)).json()
    changes = {"knowledge_base": "# Wi-Fi\n\nThe password is harbour."}
    headers = {"If-Match": f'"{workspace["version"]}"'}
    (await talk.member.api.patch(path, json=changes, headers=headers)).raise_for_status()
    reply = await talk.ask("What is the Wi-Fi password?")
    assert reply["metadata"] == {"memories": [], "documents": [workspace["id"]]}


async def test_of_a_memory_that_is_deleted_for_good_no_run_tells(talk: Talk) -> None:
    canary = f"canary-{uuid4().hex}"
    reply = await talk.ask(f"Remember that my code word is {canary}.")
    (memory_id,) = reply["metadata"]["memories"]
    run = await talk.member.api.get(f"{API}/runs/{reply['run_id']}")
    assert [(step["tool"], step["output"]["id"]) for step in run.json()["steps"]] == [("remember", memory_id)]
    (await talk.member.api.delete(f"{API}/memories/{memory_id}", params={"forever": "true"})).raise_for_status()
    again = await talk.ask(f"Forget {canary}.")
    for each in (reply, again):
        assert canary not in (await talk.member.api.get(f"{API}/runs/{each['run_id']}")).text
    assert not [event for event in await talk.replies() if event.name == "tool_call" and canary in str(event.data)]


async def _said(talk: Talk) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = (await talk.member.api.get(f"{talk.path}/messages")).json()["items"]
    return messages


async def _memories(talk: Talk) -> list[dict[str, Any]]:
    answer = await talk.member.api.get(f"{API}/workspaces/{talk.view['workspace_id']}/memories")
    memories: list[dict[str, Any]] = answer.json()["items"]
    return memories


async def _found(talk: Talk, query: str) -> list[dict[str, Any]]:
    path = f"{API}/workspaces/{talk.view['workspace_id']}/search"
    answer = await talk.member.api.post(path, json={"query": query, "kinds": ["message"]})
    hits: list[dict[str, Any]] = answer.raise_for_status().json()["items"]
    return hits


async def _some(look: Callable[[], Awaitable[list[dict[str, Any]]]]) -> list[dict[str, Any]]:
    """What there is to see once there is something."""
    async with asyncio.timeout(20):
        while True:
            if seen := await look():
                return seen
            await asyncio.sleep(0.02)


async def test_the_marks_of_a_model_are_in_no_frame_and_no_message(system: System, talk: Talk) -> None:
    memory, question = await remember(talk, "My sister's name is Mia."), f"My sister's name, {uuid4()}?"
    system.model.stage(question, [TextDelta("It is Mia [["), TextDelta("1]]"), TextDelta("."), END])
    reply = await talk.ask(question)
    assert (reply["content"], reply["metadata"]) == ("It is Mia.", {"memories": [memory["id"]], "documents": []})
    frames = await talk.replies()
    assert "".join(event.data["text_chunk"] for event in frames if event.name == "delta") == "It is Mia."


async def test_a_message_meanwhile_waits_is_refused_or_interrupts(system: System, talk: Talk) -> None:
    held = system.model.hold()
    first = (await talk.say(held.question)).json()["run"]
    await talk.writing()
    problem(await talk.say("Hello?", if_busy="reject"), 409, "run_in_progress")
    waiting = (await talk.say("Hello?")).json()["run"]
    assert waiting["status"] == "queued"
    last = await talk.say("Hi!", if_busy="interrupt")
    assert last.status_code == 201
    ends = [event for event in await talk.replies() if event.name in {"message_end", "cancelled"}]
    assert ends[-1].data["run_id"] == last.json()["run"]["id"]
    for run in (first, waiting):
        shown = (await talk.member.api.get(f"{API}/runs/{run['id']}")).json()
        assert shown["status"] == "cancelled"


async def test_a_repeat_with_the_same_key_says_it_once(talk: Talk) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    first, second = [await talk.say("Hello", headers=key) for _ in range(2)]
    assert first.json() == second.json()
    assert second.headers["idempotent-replayed"] == "true"
    assert (await talk.member.api.get(talk.path)).json()["message_count"] <= 2


async def test_a_failed_reply_is_made_once_more_and_a_running_one_stopped(system: System, talk: Talk) -> None:
    question = f"Why {uuid4()}?"
    system.model.stage(question, [ModelRefused("as planned")])
    run = (await talk.say(question)).json()["run"]
    assert (await talk.replies())[-1].name == "error"
    held = system.model.hold()
    system.model.stage(question, [TextDelta("Half"), held.go, END])
    again = await talk.member.api.post(f"{API}/runs/{run['id']}/retry")
    assert again.status_code == 201
    await talk.writing()
    told = await talk.member.api.post(f"{API}/runs/{again.json()['run']['id']}/cancel")
    assert told.status_code == 202
    assert (await talk.replies())[-1].name == "cancelled"
    runs = (await talk.member.api.get(f"{talk.path}/runs")).json()["items"]
    assert [each["status"] for each in runs] == ["cancelled", "failed"]


async def test_its_own_words_are_told_to_who_follows(talk: Talk) -> None:
    async with asyncio.timeout(20), talk.stream(follow=True) as events:
        seen: list[Event] = []
        said = (await talk.say("Hello")).json()["message"]
        async for event in events:
            seen.append(event)
            if event.name == "message_end":
                break
    (told,) = [event for event in seen if event.name == "message"]
    assert told.data == said


async def test_a_reply_is_rated_by_its_user(talk: Talk) -> None:
    reply = await talk.ask("Hello")
    path = f"{talk.path}/messages/{reply['id']}/feedback"
    rated = await talk.member.api.post(path, json={"value": "down", "note": "Too short."})
    assert rated.status_code == 200
    feedback = rated.json()["metadata"]["feedback"]
    assert (feedback["value"], feedback["note"]) == ("down", "Too short.")
    assert rated.json()["metadata"]["memories"] == []
    stats = (await talk.member.api.get(f"{talk.member.path}/conversations/stats?range=7d")).json()["totals"]
    assert stats["feedback"] == {"up": 0, "down": 0}


async def test_nobody_takes_a_companion_over(talk: Talk) -> None:
    problem(await talk.member.api.post(f"{talk.path}/takeover"), 409, "companion_conversation")


async def test_to_everybody_else_it_does_not_exist(system: System, member: Member) -> None:
    canary = f"canary-{uuid4().hex}"
    user = await system.joined(member.workspace_id, Role.MEMBER)
    talk = await a_talk(user, member.path)
    await remember(talk, f"My code word is {canary}.")
    await talk.ask(f"What is my code word, {canary}?")
    question = f"Why {canary}?"
    system.model.stage(question, [ModelRefused("as planned")])
    run = (await talk.say(question)).json()["run"]
    assert (await talk.replies())[-1].name == "error"
    messages = (await user.api.get(f"{talk.path}/messages")).json()["items"]
    private = {talk.view["id"], run["id"], *(each["id"] for each in messages)}
    others = [member, await system.joined(member.workspace_id, Role.ADMIN), await system.member()]
    clients = [other.api for other in others] + [await system.bearing(await _narrow(system, user, member.workspace_id))]
    requests: list[tuple[str, str, Any]] = [
        ("GET", talk.path, None),
        ("GET", f"{talk.path}/messages", None),
        ("GET", f"{talk.path}/stream", None),
        ("GET", f"{talk.path}/runs", None),
        ("GET", f"{talk.path}/export", None),
        ("GET", f"{API}/runs/{run['id']}", None),
        ("POST", f"{API}/runs/{run['id']}/cancel", {}),
        ("POST", f"{API}/runs/{run['id']}/retry", {}),
        ("POST", f"{talk.path}/messages", {"content": "Hello?"}),
        ("POST", f"{talk.path}/messages/{messages[1]['id']}/feedback", {"value": "up"}),
        ("POST", f"{talk.path}/takeover", {}),
        ("POST", f"{talk.path}/handback", {}),
        ("PATCH", talk.path, {"status": "closed"}),
        ("DELETE", f"{API}/messages/{messages[0]['id']}", None),
        ("DELETE", talk.path, None),
        ("POST", f"{member.path}/unanswered/{run['id']}/dismiss", {}),
        ("POST", f"{member.path}/unanswered/{run['id']}/knowledge", {"answer": "Yes."}),
    ]
    for api in clients:
        for method, path, body in requests:
            answer = await api.request(method, path, json=body)
            assert answer.status_code in ({403, 404} if api is clients[-1] else {404}), (method, path)
            assert canary not in answer.text
    for path in (
        "conversations",
        f"conversations?q={canary}",
        "conversations?kind=companion",
        "conversations/stats?range=7d",
        "unanswered",
        "jobs",
        "activity",
        "memories",
    ):
        for api in clients[:2]:
            shown = await api.get(f"{member.path}/{path}")
            assert shown.status_code == 200, path
            told = shown.text.replace(f"q={canary}", "")
            assert not [secret for secret in (*private, canary) if secret in told], path
    stats = (await member.api.get(f"{member.path}/conversations/stats?range=7d")).json()["totals"]
    assert (stats["conversations"], stats["messages"]) == (0, {"visitor": 0, "member": 0, "assistant": 0})
    found = await member.api.post(f"{member.path}/search", json={"query": canary, "kinds": ["memory", "message"]})
    assert canary not in found.text.replace(json.dumps(canary), "")
    own = (await user.api.get(f"{member.path}/conversations?kind=companion")).json()["items"]
    assert [each["id"] for each in own] == [talk.view["id"]]
    assert (await user.api.get(f"{member.path}/activity?subject={talk.view['id']}")).json()["items"] != []


async def test_a_conversation_is_kept_as_a_file_blanked_and_erased_by_its_user(talk: Talk) -> None:
    await talk.ask("Hello")
    exported = await talk.member.api.get(f"{talk.path}/export")
    assert [said["role"] for said in exported.json()["messages"]] == ["member", "assistant"]
    assert (await talk.member.api.get(f"{talk.path}/export?format=markdown")).status_code == 200
    first = exported.json()["messages"][0]["id"]
    assert (await talk.member.api.delete(f"{API}/messages/{first}")).status_code == 204
    assert (await talk.member.api.delete(talk.path)).status_code == 204
    problem(await talk.member.api.get(talk.path), 404, "not_found")


async def test_what_was_said_is_in_a_users_export_and_goes_with_them(system: System, member: Member) -> None:
    user, canary = await system.joined(member.workspace_id, Role.MEMBER), f"canary-{uuid4().hex}"
    talk = await a_talk(user, member.path)
    reply = await talk.ask(f"Remember that my code word is {canary}.")
    me = f"{API}/users/me"
    assert (await exported(user))["status"] == "ready"
    archive = zipfile.ZipFile(io.BytesIO((await user.api.get(f"{me}/export/content")).content))
    lines = [json.loads(line) for line in archive.read("messages.jsonl").splitlines()]
    assert reply["id"] in {line["id"] for line in lines}
    assert "messages" in await system.holders_of(canary)
    (await user.api.delete(me, params={"confirm": user.user.email or ""})).raise_for_status()
    assert await system.sql("select 1 from conversations where user_id = %s", user.user.id) == []
    assert await system.sql("select 1 from messages where conversation_id = %s", talk.view["id"]) == []


async def _narrow(system: System, user: Member, workspace_id: str) -> str:
    """The token of a key of the user's own that opens conversations, and not what is remembered."""
    return await system.key(
        user.user,
        workspace_id,
        workspace_id=WorkspaceId(UUID(workspace_id)),
        permissions=("conversation:read", "conversation:write"),
    )
