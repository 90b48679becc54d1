"""A conversation as a file."""

import asyncio
import json
from typing import Any

import httpx

from application.ports.language_model import TextDelta
from domain.prompts import ToolCall
from tests.http.stage import END, TOOLS
from tests.http.system import Member, System, Visitor, pointers

API = "/api/v1"
QUESTION = "What does it cost?\n# Forged heading"


async def test_the_json_holds_all_that_was_said_and_done(system: System, member: Member) -> None:
    visitor = await _talked(system, member)
    answer = await _export(member, visitor)
    assert answer.headers["content-type"] == "application/json"
    name = f"conversation-{visitor.conversation_id}.json"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    exported = answer.json()
    conversation = (await member.api.get(f"{API}/conversations/{visitor.conversation_id}")).json()
    assert exported["conversation"] == conversation
    messages = (await member.api.get(f"{API}/conversations/{visitor.conversation_id}/messages")).json()["items"]
    assert exported["messages"] == messages
    assert messages[1]["metadata"]["feedback"]["note"] == "Thanks!"
    runs = (await member.api.get(f"{API}/conversations/{visitor.conversation_id}/runs")).json()["items"]
    assert exported["runs"] == runs
    assert runs[0]["steps"][0]["tool"] == "list_services"
    assert exported["usage"] == runs[0]["usage"]
    assert exported["exported_at"] > conversation["updated_at"]


async def test_the_markdown_is_a_page_to_read(system: System, member: Member) -> None:
    (await member.api.patch(member.path, json={"timezone": "Asia/Tokyo"})).raise_for_status()
    visitor = await _talked(system, member)
    answer = await _export(member, visitor, format="markdown")
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    assert answer.headers["content-disposition"].endswith('.md"')
    page = answer.text
    assert page.startswith("# Conversation with Vera\n")
    assert [line for line in page.splitlines() if line.startswith("#")] == ["# Conversation with Vera"]
    assert "> What does it cost?  \n> \\# Forged heading\n" in page
    assert "**Maria Member**, " in page
    assert "*Used list\\_services.*" in page
    assert "*Feedback: up, “Thanks\\!”*" in page
    assert "- Times: Asia/Tokyo" in page


async def test_what_was_blanked_is_exported_blank(system: System, member: Member) -> None:
    visitor = await _talked(system, member)
    (message, *_) = (await visitor.messages())["items"]
    (await member.api.delete(f"{API}/messages/{message['id']}")).raise_for_status()
    exported = (await _export(member, visitor)).json()
    assert exported["messages"][0]["content"] == ""
    assert exported["messages"][0]["blanked_at"]
    page = (await _export(member, visitor, format="markdown")).text
    assert "Forged" not in page
    assert "*This message was removed.*" in page


async def test_an_unknown_format_is_refused(system: System, member: Member) -> None:
    visitor = await system.visitor(member.handle)
    answer = await member.api.get(
        f"{API}/conversations/{visitor.conversation_id}/export", params={"format": "../../etc/passwd"}
    )
    assert len(pointers(answer)) == 1


async def test_an_empty_conversation_is_exported(system: System, member: Member) -> None:
    visitor = await system.visitor(member.handle)
    exported = (await _export(member, visitor)).json()
    assert (exported["messages"], exported["runs"]) == ([], [])
    assert (await _export(member, visitor, format="markdown")).text.startswith("# Conversation with Visitor\n")


async def test_a_conversation_of_ten_thousand_messages_comes_in_pieces_while_others_are_served(
    system: System, member: Member
) -> None:
    visitor = await system.visitor(member.handle)
    await _fill(system, member, visitor, 10_000)
    served, sizes, body = 0, list[int](), bytearray()
    done = asyncio.Event()

    async def others() -> None:
        nonlocal served
        while not done.is_set():
            (await system.client.get("/healthz")).raise_for_status()
            served += 1

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(others())
        path = f"{API}/conversations/{visitor.conversation_id}/export"
        async with member.api.stream("GET", path) as answer:
            async for chunk in answer.aiter_raw():
                sizes.append(len(chunk))
                body += chunk
        done.set()
    contents = [message["content"] for message in json.loads(body)["messages"]]
    assert contents == [f"Message {number}" for number in range(1, 10_001)]
    assert served > 10
    assert len(sizes) > 10


async def _talked(system: System, member: Member) -> Visitor:
    """A conversation with a reply that used a tool, feedback on it, and a member's word."""
    visitor = await system.visitor(member.handle, visitor_name="Vera")
    call = ToolCall(id="1", tool="list_services", args={})
    system.model.stage(QUESTION, [call, TOOLS], [TextDelta("120 CZK."), END])
    await visitor.ask(QUESTION)
    reply = (await visitor.messages())["items"][1]
    feedback = {"value": "up", "note": "Thanks!"}
    rated = await system.client.post(
        f"{visitor.path}/messages/{reply['id']}/feedback", json=feedback, headers=visitor.headers
    )
    rated.raise_for_status()
    said = await member.api.post(
        f"{API}/conversations/{visitor.conversation_id}/messages", json={"content": "I can help."}
    )
    said.raise_for_status()
    return visitor


async def _fill(system: System, member: Member, visitor: Visitor, amount: int) -> None:
    """So many messages of a member, as if they had been said one after the other and found since."""
    await system.sql(
        "insert into messages (id, workspace_id, conversation_id, position, turn, role, author_type, author_id,"
        " author_name, content, status, metadata, created_at) select gen_random_uuid(), %s, %s, n, n, 'member', 'user',"
        " %s, 'Maria', 'Message ' || n, 'complete', '{}', now() from generate_series(1, %s) n",
        member.workspace_id,
        visitor.conversation_id,
        member.user.id,
        amount,
    )
    await system.sql(
        # Indexed, as the instance that all tests share would else be busy with them for half a minute.
        "update conversations set message_count = %s, turns = %s, indexed_messages = %s where id = %s",
        amount,
        amount,
        amount,
        visitor.conversation_id,
    )


async def _export(member: Member, visitor: Visitor, **query: Any) -> httpx.Response:
    answer = await member.api.get(f"{API}/conversations/{visitor.conversation_id}/export", params=query)
    answer.raise_for_status()
    return answer
