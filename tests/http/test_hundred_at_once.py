import asyncio
from uuid import uuid4

import pytest

from tests.http.system import System

AT_ONCE = 100


@pytest.mark.parametrize("where", ["header", "body"])
async def test_a_hundred_equal_messages_at_once_are_one_with_a_hundred_equal_answers(
    system: System, where: str
) -> None:
    visitor, key = await system.visitor(), uuid4().hex
    carried = {"headers": {"Idempotency-Key": key}} if where == "header" else {"idempotency_key": key}
    answers = await asyncio.gather(*(visitor.say("Hello", **carried) for _ in range(AT_ONCE)))
    assert [answer.status_code for answer in answers] == [201] * AT_ONCE
    assert len({answer.content for answer in answers}) == 1
    said = answers[0].json()["message"]["id"]
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
    await visitor.replies()
    assert [message["role"] for message in (await visitor.messages())["items"]] == ["visitor", "assistant"]
    counted = await system.sql(
        "select count(*), count(distinct job_id) from runs where conversation_id = %s", visitor.conversation_id
    )
    assert counted == [(1, 1)]
    jobs = await system.sql("select count(*) from jobs where payload->>'conversation_id' = %s", visitor.conversation_id)
    assert jobs == [(1,)]
    told = await system.sql("select count(*) from activity where type = 'message.posted' and subject_id = %s", said)
    assert told == [(1,)]
