import asyncio
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from application.ports.language_model import TextDelta
from domain.access import Role
from domain.prompts import ToolCall
from tests.http.stage import END, TOOLS
from tests.http.system import Event, Member, System, Visitor, events_of, pointers, problem, text_of

VIEW = set(
    "id workspace_id kind user_id channel thread_id status handled_by handler visitor tags minutes_saved message_count"
    " last_message waiting_since version created_at updated_at closed_at".split()
)


@pytest.fixture
async def visitor(system: System, member: Member) -> Visitor:
    return await system.visitor(member.handle, visitor_name="Vera", visitor_email="vera@example.com")


def path_of(visitor: Visitor) -> str:
    """Where members find the visitor's conversation."""
    return f"/api/v1/conversations/{visitor.conversation_id}"


async def listed(member: Member, **query: Any) -> dict[str, Any]:
    """A page of the workspace's conversations."""
    answer = await member.api.get(f"{member.path}/conversations", params=query)
    answer.raise_for_status()
    page: dict[str, Any] = answer.json()
    return page


async def found(member: Member, **query: Any) -> list[str]:
    return [view["id"] for view in (await listed(member, **query))["items"]]


async def happened(member: Member, type_: str) -> list[dict[str, Any]]:
    """The workspace's events of this type, newest first."""
    answer = await member.api.get(f"{member.path}/activity", params={"type": type_})
    events: list[dict[str, Any]] = answer.json()["items"]
    return events


class Following:
    """A visitor's open stream."""

    def __init__(self, events: AsyncIterator[Event]) -> None:
        self.seen: list[Event] = []
        self._events = events

    async def until(self, name: str) -> Event:
        """The next event of this name; those before it have been seen by then."""
        async with asyncio.timeout(20):
            async for event in self._events:
                self.seen.append(event)
                if event.name == name:
                    return event
        raise AssertionError("the stream has closed")


async def test_a_conversation_is_listed_as_it_is_read(member: Member, visitor: Visitor) -> None:
    await visitor.say("Hello\nthere")
    await visitor.replies()
    (view,) = (await listed(member))["items"]
    assert set(view) == VIEW
    assert view["visitor"] == {"name": "Vera", "email": "vera@example.com"}
    assert (view["message_count"], view["handled_by"], view["handler"], view["tags"]) == (2, "assistant", None, [])
    assert set(view["last_message"]) == {"role", "excerpt", "at"}
    assert view["last_message"]["role"] == "assistant"
    answer = await member.api.get(path_of(visitor))
    assert (answer.json(), answer.headers["etag"]) == (view, f'"{view["version"]}"')
    again = await member.api.get(path_of(visitor), headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_lists_are_filtered_counted_and_paged(system: System, member: Member) -> None:
    visitors = [await system.visitor(member.handle, visitor_name=f"Visitor {number}") for number in range(4)]
    ids = [visitor.conversation_id for visitor in visitors]
    paths = [path_of(visitor) for visitor in visitors]
    await member.api.patch(paths[0], json={"status": "closed"})
    await member.api.patch(paths[1], json={"tags": ["vip"]})
    await member.api.post(f"{paths[2]}/takeover")
    await system.client.post(f"{visitors[3].path}/ask-a-person", headers=visitors[3].headers)
    everything = {
        (): [ids[3], ids[2], ids[1], ids[0]],
        (("status", "closed"),): [ids[0]],
        (("tag", "vip"),): [ids[1]],
        (("handled_by", "human"),): [ids[2]],
        (("waiting", "true"),): [ids[3]],
        (("waiting", "false"),): [ids[2], ids[1], ids[0]],
        (("q", "visitor 1"),): [ids[1]],
        (("q", "%"),): [],
        (("channel", "web"), ("status", "open")): [ids[3], ids[2], ids[1]],
        (("channel", "sms"),): [],
    }
    for query, expected in everything.items():
        page = await listed(member, **dict(query))
        assert [view["id"] for view in page["items"]] == expected, query
        assert page["counts"] == {"open": 3, "waiting": 1, "human": 1}
    first = await listed(member, limit=3)
    rest = await listed(member, limit=3, cursor=first["next_cursor"])
    assert [view["id"] for view in [*first["items"], *rest["items"]]] == everything[()]
    assert rest["next_cursor"] is None


@pytest.mark.parametrize(
    "query",
    [
        {"status": "lost"},
        {"channel": "pigeon"},
        {"waiting": "maybe"},
        {"q": ""},
        {"q": "x" * 201},
        {"q": "nul\0"},
        {"tag": "nul\0"},
    ],
)
async def test_a_filter_that_means_nothing_is_refused(member: Member, query: dict[str, str]) -> None:
    problem(await member.api.get(f"{member.path}/conversations", params=query), 422, "invalid")


async def test_a_cursor_of_another_list_is_refused(member: Member) -> None:
    problem(await member.api.get(f"{member.path}/conversations", params={"cursor": "lost"}), 422, "invalid_cursor")


async def test_an_edit_wants_the_version_that_was_read(member: Member, visitor: Visitor) -> None:
    path = path_of(visitor)
    edited = await member.api.patch(path, json={"tags": ["vip", " new ", "vip"]}, headers={"If-Match": '"1"'})
    assert (edited.status_code, edited.json()["tags"], edited.headers["etag"]) == (200, ["vip", "new"], '"2"')
    problem(await member.api.patch(path, json={"tags": None}, headers={"If-Match": '"1"'}), 412, "stale")
    problem(await member.api.delete(path, headers={"If-Match": '"1"'}), 412, "stale")
    assert (await member.api.patch(path, json={})).headers["etag"] == '"2"'
    assert (await member.api.patch(path, json={"tags": None})).json()["tags"] == []
    assert pointers(await member.api.patch(path, json={"tags": ["x" * 51]})) == ["/tags"]
    assert pointers(await member.api.patch(path, json={"status": None})) == ["/status"]
    assert pointers(await member.api.patch(path, json={"handled_by": "human"})) == ["/handled_by"]
    assert [event["data"]["fields"] for event in await happened(member, "conversation.edited")] == [["tags"], ["tags"]]


async def test_a_closed_conversation_takes_no_messages_until_it_is_opened(
    system: System, member: Member, visitor: Visitor
) -> None:
    path = path_of(visitor)
    closed = (await member.api.patch(path, json={"status": "closed"})).json()
    assert closed["closed_at"] is not None
    problem(await visitor.say("Hello?"), 409, "conversation_closed")
    told = problem(await member.api.post(f"{path}/messages", json={"content": "Hello?"}), 409, "conversation_closed")
    assert "Open it again first" in told["detail"]
    asking = await system.client.post(f"{visitor.path}/ask-a-person", headers=visitor.headers)
    problem(asking, 409, "conversation_closed")
    assert (await member.api.patch(path, json={"status": "open"})).json()["closed_at"] is None
    assert (await visitor.say("Hello?")).status_code == 201
    await visitor.replies()


async def test_a_member_erases_a_conversation(system: System, member: Member, visitor: Visitor) -> None:
    marker = f"marker-{uuid.uuid4().hex}"
    await visitor.ask(f"I am {marker}")
    body = {"content": f"Hello {marker}", "idempotency_key": marker}
    assert (await member.api.post(f"{path_of(visitor)}/messages", json=body)).status_code == 201
    assert (await member.api.delete(path_of(visitor))).status_code == 204
    problem(await member.api.get(path_of(visitor)), 404, "not_found")
    problem(await visitor.say("Hello?"), 404, "not_found")
    assert await system.holders_of(marker) == []
    assert (await happened(member, "conversation.erased"))[0]["actor"]["id"] == str(member.user.id)


async def test_a_member_answers_beside_the_assistant(member: Member, visitor: Visitor) -> None:
    await visitor.ask("Hello")
    body = {"content": " Maria here. ", "idempotency_key": uuid.uuid4().hex}
    posted = await member.api.post(f"{path_of(visitor)}/messages", json=body)
    assert (posted.status_code, posted.json()["run"]) == (201, None)
    assert posted.headers["location"] == f"{path_of(visitor)}/messages"
    message = posted.json()["message"]
    assert (message["role"], message["content"], message["position"]) == ("member", "Maria here.", 3)
    assert message["author"] == {"type": "user", "id": str(member.user.id), "name": "Maria Member"}
    replay = await member.api.post(f"{path_of(visitor)}/messages", json=body)
    assert (replay.json(), replay.headers["idempotent-replayed"]) == (posted.json(), "true")
    assert pointers(await member.api.post(f"{path_of(visitor)}/messages", json={"content": ""})) == ["/content"]
    assert pointers(await member.api.post(f"{path_of(visitor)}/messages", json={"content": "x", "run": "y"})) == [
        "/run"
    ]
    seen = (await member.api.get(f"{path_of(visitor)}/messages")).json()
    assert seen == await visitor.messages()
    since = await member.api.get(f"{path_of(visitor)}/messages", params={"since": seen["items"][1]["id"]})
    assert since.json()["items"] == [message]
    assert (await happened(member, "message.posted"))[0]["data"]["response_seconds"] is None


async def test_of_twenty_who_take_over_at_once_one_wins_and_all_see_who(
    system: System, member: Member, visitor: Visitor
) -> None:
    rivals = [await system.joined(member.workspace_id, Role.MEMBER) for _ in range(19)]
    for number, rival in enumerate(rivals):
        await system.sql("update users set name = %s where id = %s", f"Rival {number}", rival.user.id)
    answers = await asyncio.gather(*(each.api.post(f"{path_of(visitor)}/takeover") for each in (member, *rivals)))
    (won,) = [answer.json() for answer in answers if answer.status_code == 200]
    lost = [problem(answer, 409, "taken_over") for answer in answers if answer.status_code != 200]
    assert {told["detail"] for told in lost} == {
        f"{won['handler']['name']} handles this conversation. Hand it back first to take it over."
    }
    assert len(lost) == 19
    assert (await member.api.get(path_of(visitor))).json() == won
    (event,) = await happened(member, "conversation.taken_over")
    assert event["actor"] == won["handler"]


async def test_taking_over_and_handing_back_can_be_repeated(member: Member, visitor: Visitor) -> None:
    path = path_of(visitor)
    taken = [await member.api.post(f"{path}/takeover") for _ in range(2)]
    assert [answer.status_code for answer in taken] == [200, 200]
    assert taken[0].json() == taken[1].json()
    problem(await member.api.post(f"{path}/takeover", headers={"If-Match": '"1"'}), 412, "stale")
    back = [await member.api.post(f"{path}/handback") for _ in range(2)]
    assert [answer.status_code for answer in back] == [200, 200]
    assert back[0].json() == back[1].json()
    assert back[0].json()["handler"] is None
    assert len(await happened(member, "conversation.taken_over")) == 1
    assert len(await happened(member, "conversation.handed_back")) == 1
    assert await happened(member, "run.retried") == []


async def test_a_visitor_who_asks_for_a_person_waits_until_one_comes(
    system: System, member: Member, visitor: Visitor
) -> None:
    async def view() -> dict[str, Any]:
        answer = await system.client.get(visitor.path, headers=visitor.headers)
        told: dict[str, Any] = answer.json()
        return told

    assert set(await view()) == {"id", "status", "handled_by", "waiting", "created_at"}
    assert not (await view())["waiting"]
    for _ in range(2):
        asked = await system.client.post(f"{visitor.path}/ask-a-person", headers=visitor.headers)
        assert (asked.status_code, asked.json()["waiting"]) == (200, True)
    assert await found(member, waiting="true") == [visitor.conversation_id]
    (event,) = await happened(member, "conversation.person_requested")
    assert event["actor"] == {"type": "visitor", "id": visitor.conversation_id, "name": "Visitor"}
    await member.api.post(f"{path_of(visitor)}/takeover")
    assert ((await view())["waiting"], (await view())["handled_by"]) == (False, "human")
    assert await found(member, waiting="true") == []


async def test_a_visitor_asks_tools_are_called_a_person_takes_over_and_hands_back(
    system: System, member: Member, visitor: Visitor
) -> None:
    path, asked, again = path_of(visitor), _a_question(), _a_question()
    go = asyncio.Event()
    call = ToolCall(id="1", tool="list_services", args={})
    system.model.stage(asked, [TextDelta("Let me "), TextDelta("see. "), call, TOOLS], [TextDelta("It is 60 €."), END])
    half = _a_question()
    script = system.model.stage(half, [TextDelta("Half a "), go, TextDelta("sentence"), END])
    system.model.stage(again, [TextDelta("The assistant again."), END])
    async with visitor.stream(follow=True) as events:
        stream = Following(events)
        await visitor.say(asked)
        reply = await stream.until("message_end")
        assert [event.name for event in stream.seen if "tool" in event.name] == ["tool_call", "tool_result"]
        assert text_of(stream.seen) == reply.data["full_text"] == "Let me see. It is 60 €."

        await visitor.say(half)
        await stream.until("delta")
        assert (await member.api.post(f"{path}/takeover")).json()["handler"]["name"] == "Maria Member"
        stopped = await stream.until("cancelled")
        assert stopped.data["full_text"] == "Half a "
        assert script.closed == 1

        posted = (await member.api.post(f"{path}/messages", json={"content": "Maria here."})).json()["message"]
        said = await stream.until("message")
        assert said.data == posted
        assert (await visitor.say(again)).json()["run"] is None
        posted = (await member.api.post(f"{path}/messages", json={"content": "One moment."})).json()["message"]
        assert (await stream.until("message")).data == posted
        silent = stream.seen[stream.seen.index(stopped) + 1 :]
        assert {event.name for event in silent} <= {"conversation", "message"}

        more = await visitor.say(again)
        assert more.json()["run"] is None
        assert (await member.api.post(f"{path}/handback")).json()["handled_by"] == "assistant"
        back = await stream.until("message_end")
        assert back.data["full_text"] == "The assistant again."
    roles = [message["role"] for message in (await visitor.messages())["items"]]
    assert roles == [
        *("visitor", "assistant", "visitor", "assistant"),
        *("member", "visitor", "member", "visitor", "assistant"),
    ]
    ids = [tuple(map(int, event.id.split("-"))) for event in stream.seen if event.id]
    assert ids == sorted(set(ids))
    assert (await happened(member, "run.retried"))[0]["data"]["message_id"] == more.json()["message"]["id"]
    types = [event["type"] for event in (await member.api.get(f"{member.path}/activity?limit=100")).json()["items"]]
    for type_ in ("conversation.taken_over", "conversation.handed_back", "run.cancelled"):
        assert types.count(type_) == 1


@asynccontextmanager
async def followed(api: httpx.AsyncClient, path: str, **headers: str) -> AsyncGenerator[Following]:
    async with api.stream("GET", f"{path}/stream", params={"follow": "true"}, headers=headers) as answer:
        yield Following(events_of(answer))


async def test_both_sides_are_told_at_once_how_the_conversation_stands(
    system: System, member: Member, visitor: Visitor
) -> None:
    path, fresh = path_of(visitor), {"status": "open", "handled_by": "assistant", "handler": None, "waiting": False}
    maria = {"name": "Maria Member"}
    async with visitor.stream(follow=True) as events, followed(member.api, path) as there:
        here = Following(events)

        async def told(**changed: object) -> None:
            handler = changed.pop("handler", None)
            for stream, shown in ((here, handler), (there, handler and {**maria, "id": str(member.user.id)})):
                event = await stream.until("conversation")
                assert (event.id, event.data) == (None, {**fresh, "handler": shown, **changed})

        await told()
        asked = await system.client.post(f"{visitor.path}/ask-a-person", headers=visitor.headers)
        asked.raise_for_status()
        await told(waiting=True)
        (await member.api.post(f"{path}/takeover")).raise_for_status()
        await told(handled_by="human", handler=maria)
        (await member.api.post(f"{path}/handback")).raise_for_status()
        await told()
        for status in ("closed", "open"):
            (await member.api.patch(path, json={"status": status})).raise_for_status()
            await told(status=status)
        assert {event.name for stream in (here, there) for event in stream.seen} == {"conversation"}


async def test_both_sides_are_told_which_words_are_gone_also_when_they_come_back(
    member: Member, visitor: Visitor
) -> None:
    await visitor.ask("My number is 4711.")
    end = (await visitor.replies())[-1]
    question = (await visitor.messages())["items"][0]["id"]
    resumed = {"Last-Event-ID": str(end.id)}
    async with (
        visitor.stream(last_id=end.id, follow=True) as events,
        followed(member.api, path_of(visitor), **resumed) as there,
    ):
        here = Following(events)
        for stream in (here, there):
            await stream.until("conversation")
        (await member.api.delete(f"/api/v1/messages/{question}")).raise_for_status()
        for stream in (here, there):
            event = await stream.until("message_blanked")
            assert (event.id, event.data) == (None, {"message_id": question})
    async with visitor.stream(last_id=end.id, follow=True) as events:
        back = Following(events)
        assert (await back.until("message_blanked")).data == {"message_id": question}
        assert [event.name for event in back.seen] == ["conversation", "message_blanked"]


async def test_what_a_member_says_while_a_reply_is_made_comes_at_once_and_is_not_lost(
    system: System, member: Member, visitor: Visitor
) -> None:
    held = system.model.hold()
    await visitor.say(held.question)
    async with visitor.stream(follow=True) as events:
        stream = Following(events)
        last = await stream.until("delta")
        posted = (await member.api.post(f"{path_of(visitor)}/messages", json={"content": "Maria here."})).json()
        said = await stream.until("message")
        assert (said.id, said.data) == (None, posted["message"])
    async with visitor.stream(last_id=last.id, follow=True) as events:
        resumed = Following(events)
        held.go.set()
        end = await resumed.until("message_end")
        assert end.data["full_text"] == "Half a reply."
        if "message" not in [event.name for event in resumed.seen]:
            await resumed.until("message")
    messages = [event for event in resumed.seen if event.name == "message"]
    assert [event.data for event in messages] == [posted["message"]]
    assert (await happened(member, "message.posted"))[0]["data"]["response_seconds"] > 0


async def test_a_blanked_message_is_gone_from_everywhere(system: System, member: Member, visitor: Visitor) -> None:
    marker, question = f"marker-{uuid.uuid4().hex}", _a_question()
    call = ToolCall(id="1", tool="search_knowledge", args={"query": marker})
    system.model.stage(question, [call, TOOLS], [TextDelta(f"It is {marker}."), END])
    await visitor.ask(question)
    reply = (await visitor.messages())["items"][1]
    before = (await member.api.get(path_of(visitor))).headers["etag"]
    assert marker in (await listed(member))["items"][0]["last_message"]["excerpt"]
    for _ in range(2):
        assert (await member.api.delete(f"/api/v1/messages/{reply['id']}")).status_code == 204
    blanked = (await visitor.messages())["items"][1]
    assert blanked == {**reply, "content": "", "blanked_at": blanked["blanked_at"]}
    assert await system.holders_of(marker) == []
    assert marker not in str(await visitor.replies())
    assert (await listed(member))["items"][0]["last_message"]["excerpt"] == ""
    seen = await member.api.get(path_of(visitor), headers={"If-None-Match": before})
    assert seen.status_code == 200
    (event,) = await happened(member, "message.blanked")
    assert event["subject"] == {"type": "message", "id": reply["id"]}
    await visitor.ask("And now?")
    assert marker not in str(system.model.prompts[-1])


async def test_the_reply_to_a_blanked_question_is_stopped(system: System, member: Member, visitor: Visitor) -> None:
    held = system.model.hold()
    posted = (await visitor.say(held.question)).json()["message"]
    await visitor.writing()
    assert (await member.api.delete(f"/api/v1/messages/{posted['id']}")).status_code == 204
    assert (await visitor.replies())[-1].name == "cancelled"
    assert [message["content"] for message in (await visitor.messages())["items"]] == ["", "Half a "]


async def test_of_a_blanked_question_nothing_stays(system: System, member: Member, visitor: Visitor) -> None:
    marker, question = f"marker-{uuid.uuid4().hex}", _a_question()
    call = ToolCall(id="1", tool="search_knowledge", args={"query": marker})
    system.model.stage(f"{marker} {question}", [call, TOOLS], [TextDelta("Who knows?"), END])
    await visitor.ask(f"{marker} {question}")
    asked = (await visitor.messages())["items"][0]
    assert "runs" in await system.holders_of(marker)
    assert (await member.api.delete(f"/api/v1/messages/{asked['id']}")).status_code == 204
    assert await system.holders_of(marker) == []
    assert (await visitor.replies())[-1].data["full_text"] == "Who knows?"


async def test_viewers_see_and_change_nothing(system: System, member: Member, visitor: Visitor) -> None:
    viewer = await system.joined(member.workspace_id, Role.VIEWER)
    path = path_of(visitor)
    assert (await viewer.api.get(path)).status_code == 200
    for answer in (
        await viewer.api.post(f"{path}/takeover"),
        await viewer.api.post(f"{path}/messages", json={"content": "Hello"}),
        await viewer.api.patch(path, json={"tags": []}),
    ):
        assert "conversation:write" in problem(answer, 403, "forbidden")["detail"]


def _a_question() -> str:
    return f"What of {uuid.uuid4()}?"
