from tests.http.system import System, text_of


async def test_a_visitor_asks_and_is_answered_from_the_workspace(system: System) -> None:
    visitor = await system.visitor()
    posted = await visitor.say("What does a consultation cost?")
    assert posted.status_code == 201
    events = await visitor.replies()
    assert [events[0].name, events[-1].name] == ["message_start", "message_end"]
    assert "60" in events[-1].data["full_text"]
    assert text_of(events) == events[-1].data["full_text"]
    messages = (await visitor.messages())["items"]
    assert [message["role"] for message in messages] == ["visitor", "assistant"]
    assert messages[1]["content"] == events[-1].data["full_text"]
    assert messages[1]["id"] == events[0].data["message_id"]
