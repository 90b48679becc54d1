import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.memory.language_model import ScriptedLanguageModel
from application.ports.language_model import Finished, ModelEvent, StopReason, TextDelta
from domain.access import Role
from tests.http.system import Member, System, Visitor, pointers, text_of

SENTENCE = "I have reached my limit for now. I have passed your message on: a person will answer here."
ANSWER: list[ModelEvent] = [
    TextDelta("It costs "),
    TextDelta("60 €."),
    Finished(reason=StopReason.END, input_tokens=900, output_tokens=100),
]


def question(system: System) -> tuple[str, ScriptedLanguageModel]:
    """A question of its own, whose answer takes 1000 tokens; it can be asked five times."""
    asked = f"What does {uuid.uuid4()} cost?"
    return asked, system.model.stage(asked, *[ANSWER] * 5)


async def usage_of(member: Member, **query: str) -> dict[str, Any]:
    answer = await member.api.get(f"{member.path}/usage", params=query)
    answer.raise_for_status()
    usage: dict[str, Any] = answer.json()
    return usage


async def limit(member: Member, **limits: int | None) -> None:
    (await member.api.patch(member.path, json={"limits": limits})).raise_for_status()


async def told_of(member: Member, kind: str) -> list[dict[str, Any]]:
    events = (await member.api.get(f"{member.path}/activity", params={"type": kind})).json()["items"]
    return [event["data"] | {"subject": event["subject"]["type"]} for event in events]


async def test_what_replies_take_is_told_by_day_model_and_conversation(system: System, member: Member) -> None:
    asked, _ = question(system)
    visitor = await system.visitor(member.handle)
    assert [await visitor.ask(asked) for _ in range(2)] == ["It costs 60 €."] * 2

    today = str(datetime.now(UTC).date())
    whole: dict[str, Any] = {
        "calls": 2,
        "estimated_calls": 0,
        "input_tokens": 1_800,
        "output_tokens": 200,
        "costs": [],
        "unpriced_calls": 2,
    }
    keys = {"day": today, "model": system.model.name, "conversation": visitor.conversation_id}
    for group, key in keys.items():
        usage = await usage_of(member, group=group)
        assert (usage["rows"], usage["total"]) == ([{"key": key, "usage": whole}], whole)
    assert [(await usage_of(member))[name] for name in ("last_day", "timezone", "group")] == [today, "UTC", "day"]
    yesterday = str(datetime.now(UTC).date() - timedelta(days=1))
    assert (await usage_of(member, **{"from": yesterday, "to": yesterday}))["total"]["calls"] == 0


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"from": "2026-02-01", "to": "2026-01-31"}, "/query/to"),
        ({"from": "2025-01-01", "to": "2026-06-01"}, "/query/from"),
        ({"from": "yesterday"}, "/query/from"),
        ({"to": "2026-13-01"}, "/query/to"),
        ({"group": "week"}, "/query/group"),
    ],
)
async def test_a_range_that_cannot_be_told_is_named(member: Member, query: dict[str, str], pointer: str) -> None:
    assert pointers(await member.api.get(f"{member.path}/usage", params=query)) == [pointer]


async def test_viewers_may_look(system: System, member: Member) -> None:
    viewer = await system.joined(member.workspace_id, Role.VIEWER)
    assert (await viewer.api.get(f"{member.path}/usage")).status_code == 200


async def test_at_the_limit_of_a_day_the_visitor_is_told_and_a_person_asked(system: System, member: Member) -> None:
    await limit(member, tokens_per_day=1_000)
    asked, script = question(system)
    first, second = await system.visitor(member.handle), await system.visitor(member.handle)
    assert await first.ask(asked) == "It costs 60 €."

    for visitor in (second, first):
        await visitor.say(asked)
        events = await visitor.replies()
        assert [event.name for event in events] == ["message_start", "delta", "error"]
        assert text_of(events) == events[-1].data["full_text"] == SENTENCE
        assert (events[-1].data["code"], "limit" in events[-1].data["message"]) == ("limit_reached", True)
        said = (await visitor.messages())["items"][-1]
        assert (said["role"], said["content"], said["status"]) == ("assistant", SENTENCE, "partial")
        assert said["id"] == events[0].data["message_id"]
        waiting = "select waiting_since is not null from conversations where id = %s"
        assert await system.sql(waiting, visitor.conversation_id) == [(True,)]
    assert len(script.prompts) == 1
    assert await told_of(member, "limit.reached") == [
        {
            "conversation_id": second.conversation_id,
            "limit": "day",
            "tokens": 1_000,
            "spent": 1_000,
            "subject": "workspace",
        }
    ]
    assert len(await told_of(member, "conversation.person_requested")) == 2

    await limit(member, tokens_per_day=1_001)
    assert await second.ask(asked) == "It costs 60 €."


async def test_erasing_a_conversation_keeps_the_totals_of_the_day(system: System, member: Member) -> None:
    await limit(member, tokens_per_day=1_000)
    asked, _ = question(system)
    visitor = await system.visitor(member.handle)
    await visitor.ask(asked)
    before = await usage_of(member)
    erased = await system.client.delete(visitor.path, headers=visitor.headers)

    assert erased.status_code == 204
    assert await usage_of(member) == before
    assert before["total"]["input_tokens"] == 900
    again = await system.visitor(member.handle)
    await again.say(asked)
    assert text_of(await again.replies()) == SENTENCE


async def test_an_address_has_its_limit_over_all_its_conversations_and_is_never_kept(
    system: System, member: Member
) -> None:
    await limit(member, tokens_per_visitor=1_000)
    asked, _ = question(system)
    assert await (await system.visitor(member.handle)).ask(asked) == "It costs 60 €."
    again = await system.visitor(member.handle)
    await again.say(asked)

    assert (await again.replies())[-1].data["code"] == "limit_reached"
    assert [told["limit"] for told in await told_of(member, "limit.reached")] == ["visitor"]
    (origins,) = await system.sql(
        "select count(distinct origin), min(octet_length(origin)) from usage_entries where workspace_id = %s",
        member.workspace_id,
    )
    assert origins == (1, 32)
    # Other tests' webhooks, issuers and documents are at this address, too.
    assert set(await system.holders_of("127.0.0.1")) <= {"webhooks", "identities", "documents"}


async def test_of_many_visitors_at_once_one_overspends(system: System, member: Member) -> None:
    await limit(member, tokens_per_day=1)
    asked, _ = question(system)
    visitors = [await system.visitor(member.handle) for _ in range(5)]

    async def ask(visitor: Visitor) -> str:
        await visitor.say(asked)
        return text_of(await visitor.replies())

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(ask(visitor)) for visitor in visitors]
    assert sorted(task.result() for task in tasks) == [SENTENCE] * 4 + ["It costs 60 €."]
    assert len(await told_of(member, "limit.reached")) == 1


async def test_a_question_that_cannot_be_answered_is_kept_as_such(system: System, member: Member) -> None:
    visitor = await system.visitor(member.handle)
    assert (await visitor.ask("Do you groom parrots?")).startswith("I don't know")
    ((answered, steps),) = await system.sql(
        "select answered, steps from runs where conversation_id = %s", visitor.conversation_id
    )
    assert answered is False
    assert [(step["tool"], step["args"]) for step in steps] == [
        ("report_unanswered", {"question": "Do you groom parrots?"})
    ]
    assert [told["answered"] for told in await told_of(member, "run.completed")] == [False]
