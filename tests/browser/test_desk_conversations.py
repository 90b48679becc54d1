"""Conversations at the desk: live, in hand, and away."""

import json
from pathlib import Path

from playwright.async_api import expect

from application.ports.language_model import ModelUnavailable, TextDelta
from domain.access import Role
from tests.browser.chat import Chats
from tests.browser.desk import Desk, desk_of
from tests.browser.proxy import line_to
from tests.http.stage import END
from tests.http.system import Member, System, Visitor


async def opened(chats: Chats, system: System, member: Member, visitor: Visitor) -> Desk:
    """The desk with the visitor's conversation open."""
    desk = await desk_of(chats, system, member, f"conversations/{visitor.conversation_id}")
    await expect(desk.button("Close")).to_be_visible()
    return desk


async def test_the_inbox_tells_what_happens_as_it_does(chats: Chats, system: System, member: Member) -> None:
    desk = await desk_of(chats, system, member)
    await expect(desk.page.get_by_text("No conversation.")).to_be_visible()
    ana = await system.visitor(member.handle, visitor_name="Ana Lima")
    await ana.ask("When are you open?")
    await expect(desk.inbox).to_have_count(1)
    await expect(desk.inbox.first).to_contain_text("Assistant: I don't know")
    bo = await system.visitor(member.handle)
    await bo.ask("Is anybody there?")
    await expect(desk.inbox.locator("strong")).to_have_text(["Visitor", "Ana Lima"])
    answer = await system.client.post(f"{ana.path}/ask-a-person", headers=ana.headers)
    answer.raise_for_status()
    await expect(desk.page.locator("#waiting")).to_have_text("1 waiting")
    await desk.field("Waiting for a person").check()
    await expect(desk.inbox.locator("strong")).to_have_text(["Ana Lima"])
    await desk.field("Waiting for a person").uncheck()
    await desk.field("Search").fill("anybody")
    await desk.page.keyboard.press("Enter")
    await expect(desk.inbox.locator("strong")).to_have_text(["Visitor"])
    await desk.field("Status").select_option("closed")
    await expect(desk.page.get_by_text("No conversation.")).to_be_visible()


async def test_a_takeover_is_seen_from_both_sides(chats: Chats, system: System, member: Member) -> None:
    chat = await chats.open_of(system, member)
    await chat.say("When are you open?")
    await chat.ended()
    desk = await desk_of(chats, system, member)
    await desk.inbox.click()
    await expect(desk.messages.locator(".bubble").first).to_have_text("When are you open?")
    await expect(desk.standing).to_have_text("Assistant answers · Web")
    await desk.button("Take over").click()
    await expect(desk.standing).to_have_text("With Maria Member · Web")
    await expect(chat.status).to_have_text("Maria Member has joined.")  # whose own name is that of the business
    await desk.field("Reply to the visitor").fill("Hello, it is *me*.")
    await desk.page.keyboard.press("Enter")
    await expect(chat.messages.last.locator(".who")).to_have_text("Maria Member")
    await expect(chat.messages.last.locator(".bubble")).to_have_text("Hello, it is me.")
    await chat.say("Oh, hello!")
    await expect(desk.messages.last.locator(".bubble")).to_have_text("Oh, hello!")
    await expect(desk.messages).to_have_count(4)
    await desk.button("Hand back to the assistant").click()
    await expect(desk.messages.last.locator(".who")).to_have_text("Assistant")
    await expect(chat.shown.locator(".message.assistant")).to_have_count(3)
    await chat.ended()
    await expect(chat.status).to_have_text("The assistant is back.")
    reply = await chat.reply.inner_text()
    await expect(desk.messages.last.locator(".bubble")).to_have_text(reply, use_inner_text=True)


async def test_a_reply_is_seen_while_it_is_written(chats: Chats, system: System, member: Member) -> None:
    visitor = await system.visitor(member.handle)
    desk = await opened(chats, system, member, visitor)
    held = system.model.hold(before="Half 😀 a ")
    await visitor.say(held.question)
    reply = desk.messages.last
    await expect(reply.locator(".bubble")).to_have_text("Half 😀 a")
    await expect(reply).to_contain_text("Writing…")
    held.go.set()
    await expect(reply.locator(".bubble")).to_have_text("Half 😀 a reply.")
    await expect(reply).not_to_contain_text("Writing…")
    await desk.page.reload()
    await expect(desk.messages.locator(".bubble")).to_have_text([held.question, "Half 😀 a reply."])


async def test_of_two_who_take_over_the_second_is_told_of_the_first(
    chats: Chats, system: System, member: Member
) -> None:
    visitor = await system.visitor(member.handle)
    desk = await opened(chats, system, member, visitor)
    await desk.page.route("**/activity/stream", lambda route: route.abort())
    other = await system.joined(member.workspace_id, Role.MEMBER)
    await system.sql("update users set name = 'Otto Other' where id = %s", other.user.id)
    path = f"/api/v1/conversations/{visitor.conversation_id}"
    take_over = desk.button("Take over")
    # The page is told at once that somebody did; whoever pressed just before was not.
    await desk.page.route(f"**{path}", lambda route: route.abort())
    (await other.api.post(f"{path}/takeover")).raise_for_status()
    await take_over.click()
    await expect(desk.notice).to_contain_text("Otto Other")
    await desk.page.unroute_all()
    await desk.notice.get_by_role("button", name="Dismiss").click()
    await expect(desk.notice).to_be_hidden()


async def test_a_failed_reply_is_tried_again(chats: Chats, system: System, member: Member) -> None:
    visitor = await system.visitor(member.handle)
    question = f"What fails for {visitor.conversation_id}?"
    system.model.stage(question, [ModelUnavailable("away")], [TextDelta("Now it works."), END])
    desk = await opened(chats, system, member, visitor)
    await visitor.say(question)
    await expect(desk.messages.last.locator(".error")).to_contain_text("cannot be reached")
    await desk.page.reload()
    await expect(desk.messages.last.locator(".error")).to_contain_text("cannot be reached")
    await desk.messages.last.get_by_role("button", name="Try again").click()
    await expect(desk.messages.last.locator(".bubble")).to_have_text("Now it works.")
    await desk.page.reload()
    await expect(desk.messages.last.locator(".bubble")).to_have_text("Now it works.")
    await expect(desk.button("Try again")).to_have_count(0)


async def test_feedback_shows_and_a_message_is_removed_for_both_sides(
    chats: Chats, system: System, member: Member
) -> None:
    visitor = await system.visitor(member.handle)
    await visitor.ask("My number is 4711.")
    desk = await opened(chats, system, member, visitor)
    reply = (await visitor.messages())["items"][1]["id"]
    body = {"value": "down", "note": "Wrong"}
    answer = await system.client.post(f"{visitor.path}/messages/{reply}/feedback", json=body, headers=visitor.headers)
    answer.raise_for_status()
    await expect(desk.messages.last).to_contain_text("Not helpful: Wrong")
    await desk.messages.first.get_by_role("button").click()
    dialog = desk.page.get_by_role("dialog", name="Remove this message?")
    await expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    await dialog.get_by_role("button", name="Remove").click()
    await expect(desk.messages.first.locator(".bubble")).to_have_text("This message was removed.")
    await expect(desk.messages.first.get_by_role("button")).to_have_count(0)
    assert (await visitor.messages())["items"][0]["content"] == ""


async def test_what_another_member_does_is_seen_at_once(chats: Chats, system: System, member: Member) -> None:
    visitor = await system.visitor(member.handle)
    await visitor.ask("My number is 4711.")
    desk = Desk(await chats.page())
    await desk.page.route("**/activity/stream*", lambda route: route.abort())
    await desk.page.goto(f"{system.base_url}/desk#/conversations/{visitor.conversation_id}")
    await desk.sign_in(member.token)
    await expect(desk.standing).to_have_text("Assistant answers · Web")
    other = await system.joined(member.workspace_id, Role.MEMBER)
    path = f"/api/v1/conversations/{visitor.conversation_id}"
    (await other.api.post(f"{path}/takeover")).raise_for_status()
    await expect(desk.standing).to_contain_text("With ")
    await expect(desk.button("Hand back to the assistant")).to_be_visible()
    for message in (await visitor.messages())["items"]:
        (await other.api.delete(f"/api/v1/messages/{message['id']}")).raise_for_status()
    await expect(desk.messages.locator(".bubble")).to_have_text(["This message was removed."] * 2)
    await expect(desk.button("Remove")).to_have_count(0)
    (await other.api.post(f"{path}/handback")).raise_for_status()
    await expect(desk.standing).to_have_text("Assistant answers · Web")


async def test_a_conversation_is_tagged_closed_and_opened_again(chats: Chats, system: System, member: Member) -> None:
    visitor = await system.visitor(member.handle)
    desk = await opened(chats, system, member, visitor)
    await desk.page.get_by_text("Tags, export, erase").click()
    await desk.field("Tags").fill("vip, spring,")
    await desk.button("Save").click()
    await expect(desk.inbox.locator(".badge")).to_have_text(["Assistant answers", "vip", "spring"])
    await desk.button("Close").click()
    await expect(desk.standing).to_contain_text("Closed")
    await expect(desk.button("Open again")).to_be_focused()
    await expect(desk.field("Reply to the visitor")).to_be_disabled()
    await desk.page.keyboard.press("Enter")
    await expect(desk.field("Reply to the visitor")).to_be_enabled()
    await expect(desk.standing).to_contain_text("Assistant answers")


async def test_words_that_cannot_be_sent_stay_to_be_changed(chats: Chats, system: System, member: Member) -> None:
    visitor = await system.visitor(member.handle)
    desk = await opened(chats, system, member, visitor)
    await desk.field("Reply to the visitor").fill("nul \x00 nul")
    await desk.page.keyboard.press("Enter")
    await expect(desk.page.locator(".reply .error")).to_contain_text("Not sent. Text may hold neither NUL")
    await expect(desk.field("Reply to the visitor")).to_have_value("nul \x00 nul")
    await expect(desk.field("Reply to the visitor")).to_be_focused()


async def test_a_conversation_is_exported_and_erased(
    chats: Chats, system: System, member: Member, tmp_path: Path
) -> None:
    visitor = await system.visitor(member.handle)
    await visitor.ask("When are you open?")
    desk = await opened(chats, system, member, visitor)
    await desk.page.get_by_text("Tags, export, erase").click()
    for name, suffix in (("Markdown", "md"), ("JSON", "json")):
        async with desk.page.expect_download() as saving:
            await desk.button(f"Export as {name}").click()
        download = await saving.value
        assert download.suggested_filename == f"conversation-{visitor.conversation_id}.{suffix}"
        await download.save_as(tmp_path / suffix)
    assert "When are you open?" in (tmp_path / "md").read_text(encoding="utf-8")
    exported = json.loads((tmp_path / "json").read_text(encoding="utf-8"))
    assert exported["messages"][0]["content"] == "When are you open?"
    await desk.button("Erase…").click()
    dialog = desk.page.get_by_role("dialog", name="Erase this conversation?")
    await expect(dialog).to_contain_text("All that was said in it (messages: 2)")
    await dialog.get_by_role("button", name="Cancel").click()
    await expect(desk.button("Erase…")).to_be_focused()
    await desk.button("Erase…").click()
    await dialog.get_by_role("button", name="Erase").click()
    await expect(desk.page.get_by_text("Choose a conversation.")).to_be_visible()
    await expect(desk.inbox).to_have_count(0)
    answer = await member.api.get(f"/api/v1/conversations/{visitor.conversation_id}")
    assert answer.status_code == 404


async def test_what_is_being_written_waits_in_its_conversation(chats: Chats, system: System, member: Member) -> None:
    visitors = [await system.visitor(member.handle, visitor_name=name) for name in ("Ana", "Bo")]
    desk = await desk_of(chats, system, member)
    await desk.inbox.filter(has_text="Ana").click()
    await desk.field("Reply to the visitor").fill("Dear Ana,")
    await desk.inbox.filter(has_text="Bo").click()
    await expect(desk.page.locator(".conversation h2")).to_have_text("Bo")
    await expect(desk.field("Reply to the visitor")).to_have_value("")
    await desk.go("Share")
    await desk.page.goto(f"{system.base_url}/desk#/conversations/{visitors[0].conversation_id}")
    await expect(desk.field("Reply to the visitor")).to_have_value("Dear Ana,")


async def test_a_line_that_was_cut_costs_nothing(chats: Chats, system: System, member: Member) -> None:
    visitor = await system.visitor(member.handle)
    async with line_to(system.base_url) as line:
        desk = Desk(await chats.page())
        await desk.page.goto(f"{line.url}/desk#/conversations/{visitor.conversation_id}")
        await desk.sign_in(member.token)
        await desk.button("Take over").click()
        await expect(desk.button("Hand back to the assistant")).to_be_visible()
        line.cut()
        await expect(desk.page.locator("#connection")).to_have_text("Reconnecting…")
        (await visitor.say("Is anybody there?")).raise_for_status()
        line.mend()
        await expect(desk.messages.locator(".bubble")).to_have_text(["Is anybody there?"])
        await expect(desk.page.locator("#connection")).to_have_text("")
        await expect(desk.inbox).to_contain_text("Is anybody there?")
