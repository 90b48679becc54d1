"""A visitor's conversation on the chat page."""

import asyncio
from typing import Any

from playwright.async_api import Route, expect

from application.ports.language_model import ModelUnavailable, TextDelta
from domain.prompts import ToolCall
from tests.browser.chat import HANDLE, Chat, Chats
from tests.http.stage import END, TOOLS
from tests.http.system import Member, System

ASTRAL = "Half 😀 a𝄞 " * 3


async def test_it_greets_and_a_suggested_question_is_answered(chat: Chat) -> None:
    await expect(chat.messages.first).to_contain_text("Hello, this is Harbour Studio.")
    await chat.button("What does a consultation cost?").click()
    await chat.ended()
    await expect(chat.visitors).to_have_text(["What does a consultation cost?"])
    await expect(chat.reply).to_contain_text("consultation")
    await expect(chat.shown.locator("#questions")).to_be_hidden()
    await expect(chat.text).to_be_focused()


async def test_a_reply_is_shown_while_it_is_made(chat: Chat, system: System) -> None:
    held = system.model.hold(before=ASTRAL, after="reply.")
    await chat.say(held.question)
    await expect(chat.reply).to_have_text(ASTRAL.strip())
    held.go.set()
    await chat.ended()
    await expect(chat.reply).to_have_text(f"{ASTRAL}reply.")


async def test_a_reload_in_mid_reply_loses_and_repeats_nothing(chat: Chat, system: System) -> None:
    held = system.model.hold(before=ASTRAL, after="reply.")
    await chat.say(held.question)
    await expect(chat.reply).to_have_text(ASTRAL.strip())
    await chat.page.reload()
    await expect(chat.reply).to_have_text(ASTRAL.strip())
    held.go.set()
    await chat.ended()
    await expect(chat.reply).to_have_text(f"{ASTRAL}reply.")
    await expect(chat.visitors).to_have_text([held.question])
    await chat.page.reload()
    await chat.ended()
    await expect(chat.messages).to_have_count(3)
    await expect(chat.reply).to_have_text(f"{ASTRAL}reply.")


async def test_two_tabs_show_the_same_conversation(chat: Chat, system: System) -> None:
    first, second = system.model.hold(), system.model.hold(after="answer.")
    await chat.say(first.question)
    first.go.set()
    await chat.ended()
    other = Chat(await chat.page.context.new_page())
    await other.page.goto(chat.page.url)
    await expect(other.visitors).to_have_text([first.question])
    await other.say(second.question)
    await expect(chat.reply).to_have_text("Half a")
    second.go.set()
    for tab in (chat, other):
        await tab.ended()
        await expect(tab.reply).to_have_text("Half a answer.")
        await expect(tab.visitors).to_have_text([first.question, second.question])


async def test_one_that_ends_in_a_tab_leaves_alone_what_another_tab_has_begun(chat: Chat) -> None:
    await chat.say("Old")
    await chat.ended()
    other = Chat(await chat.page.context.new_page())
    await other.page.goto(chat.page.url)
    await expect(other.visitors).to_have_text(["Old"])
    await chat.button("Delete conversation").click()
    await chat.button("Delete").click()
    await expect(chat.shown.get_by_role("dialog")).to_be_hidden()
    await chat.say("New")
    await chat.ended()
    await expect(other.notice).to_contain_text("This conversation was deleted.")
    for tab in (chat, other):
        await tab.page.reload()
        await expect(tab.visitors).to_have_text(["New"])


async def test_messages_said_while_a_reply_is_made_are_answered_in_order(chat: Chat, system: System) -> None:
    first, second = system.model.hold(before="One"), system.model.hold(before="Two")
    await chat.say(first.question)
    await expect(chat.reply).to_have_text("One")
    await chat.say(second.question)
    await expect(chat.visitors).to_have_count(2)
    await chat.page.reload()
    first.go.set()
    second.go.set()
    await chat.ended()
    texts = chat.shown.locator(".message.assistant .bubble")
    await expect(texts).to_have_count(3)
    await expect(texts.nth(1)).to_have_text("Onereply.")
    await expect(texts.nth(2)).to_have_text("Tworeply.")


async def test_a_reply_that_ends_before_the_one_missed_is_loaded_stands_behind_it(chat: Chat, system: System) -> None:
    first, second = system.model.hold(before="One"), system.model.hold(before="Two")
    await chat.say(first.question)
    await expect(chat.reply).to_have_text("One")
    await chat.say(second.question)
    await expect(chat.visitors).to_have_count(2)
    await chat.page.reload()
    await expect(chat.visitors).to_have_count(2)
    ended = asyncio.Event()

    async def late(route: Route) -> None:
        await ended.wait()
        await route.continue_()

    await chat.page.route("**/messages?*", late)
    first.go.set()
    second.go.set()
    await expect(chat.reply).to_have_text("Tworeply.")
    ended.set()
    texts = chat.shown.locator(".message.assistant .bubble")
    await expect(texts).to_have_count(3)
    await expect(texts.nth(1)).to_have_text("Onereply.")
    await expect(texts.nth(2)).to_have_text("Tworeply.")


async def test_stop_keeps_what_was_said(chat: Chat, system: System) -> None:
    held = system.model.hold()
    await expect(chat.button("Stop")).to_be_hidden()
    await chat.say(held.question)
    await expect(chat.reply).to_have_text("Half a")
    await chat.button("Stop").click()
    await expect(chat.messages.last).to_contain_text("Stopped")
    await expect(chat.reply).to_have_text("Half a")
    await expect(chat.button("Stop")).to_be_hidden()
    await expect(chat.text).to_be_focused()
    assert held.script.closed == 1


async def test_feedback_is_kept_and_can_be_changed(chat: Chat) -> None:
    await chat.say("When are you open?")
    await chat.ended()
    thanks = chat.shown.locator("#announcer p").filter(has_text="Thank you.")
    await chat.button("Helpful").click()
    await expect(chat.button("Helpful")).to_have_attribute("aria-pressed", "true")
    await expect(thanks).to_have_count(1)
    await chat.button("Not helpful").click()
    await expect(chat.button("Not helpful")).to_have_attribute("aria-pressed", "true")
    await expect(chat.button("Helpful")).to_have_attribute("aria-pressed", "false")
    await expect(thanks).to_have_count(2)
    await chat.page.reload()
    await expect(chat.button("Not helpful")).to_have_attribute("aria-pressed", "true")


async def test_of_two_choices_at_once_the_later_is_kept(chat: Chat) -> None:
    slow = asyncio.Event()

    async def hold(route: Route) -> None:
        if "up" in (route.request.post_data or ""):
            await slow.wait()
        await route.continue_()

    await chat.say("When are you open?")
    await chat.ended()
    await chat.page.route("**/feedback", hold)
    async with chat.page.expect_request("**/feedback"):
        await chat.button("Helpful").click()
    await chat.button("Not helpful").click()
    await expect(chat.button("Not helpful")).to_have_attribute("aria-pressed", "true")
    await asyncio.sleep(0.2)  # for the second to overtake
    slow.set()
    await expect(chat.shown.locator("#announcer p").filter(has_text="Thank you.")).to_have_count(2)
    await chat.page.reload()
    await expect(chat.button("Not helpful")).to_have_attribute("aria-pressed", "true")


async def test_the_end_stays_in_sight_when_more_comes_before_the_last_scrolling_is_heard_of(chat: Chat) -> None:
    await chat.say("When are you open?")
    await chat.ended()
    await chat.page.evaluate(
        """async () => {
            const messages = document.getElementById("messages");
            const tall = (height) => Object.assign(document.createElement("li"), { style: `height: ${height}px` });
            const grown = new ResizeObserver(() => { grown.disconnect(); messages.append(tall(700)); });
            messages.append(tall(900));
            const frame = () => new Promise(requestAnimationFrame);
            grown.observe(messages);
            for (let frames = 0; frames < 5; frames += 1) await frame();
            messages.append(Object.assign(tall(20), { id: "end" }));
        }"""
    )
    await expect(chat.shown.locator("#end")).to_be_in_viewport()


async def test_the_use_of_a_tool_is_a_small_note(chat: Chat, system: System) -> None:
    question = "Which services are there, by the tool?"
    call = ToolCall(id="1", tool="list_services", args={})
    system.model.stage(question, [call, TOOLS], [TextDelta("These."), END])
    await chat.say(question)
    await chat.ended()
    await expect(chat.messages.last.locator(".tools")).to_have_text("Looked at the services")
    await expect(chat.reply).to_have_text("These.")


async def test_markdown_is_shown_and_markup_is_only_text(chat: Chat, system: System) -> None:
    question = "Show all you can."
    text = (
        "# Prices\n\nA **bold** and *slanted* `x < 1`\n\n1. one\n   - inner\n2. two\n\n> said\n\n```\n<b>\n```\n\n"
        "[good](https://example.com/a_(b)) [mail](mailto:a@b.example) [bad](javascript:alert(1)) "
        'https://example.com/x. <img src=x onerror="document.title=1"> <script>1</script> snake_case_name 2*3*4'
    )
    system.model.stage(question, [TextDelta(text), END])
    await chat.say(question)
    await chat.ended()
    tags: list[str] = await chat.reply.evaluate("node => [...node.querySelectorAll('*')].map(n => n.localName)")
    expected = "p strong p strong em code ol li ul li li blockquote pre code p a a a"
    assert tags == expected.split()
    links: list[Any] = await chat.reply.evaluate("node => [...node.querySelectorAll('a')].map(a => [a.href, a.rel])")
    addresses = ["https://example.com/a_(b)", "mailto:a@b.example", "https://example.com/x"]
    assert links == [[address, "noopener noreferrer"] for address in addresses]
    await expect(chat.reply).to_contain_text('[bad](javascript:alert(1)) https://example.com/x. <img src=x onerror="')
    await expect(chat.reply).to_contain_text("<script>1</script> snake_case_name 2*3*4")


async def test_a_failed_reply_says_so_and_can_be_tried_again(chat: Chat, system: System) -> None:
    question = "Will it fail first?"
    system.model.stage(question, [TextDelta("Well"), ModelUnavailable("nobody may see this")])
    await chat.say(question)
    failed = chat.messages.last
    await expect(failed).to_contain_text("The assistant cannot be reached at the moment.")
    await expect(failed).not_to_contain_text("nobody may see this")
    await chat.page.reload()
    await expect(chat.messages.last).to_contain_text("The assistant cannot be reached at the moment.")
    system.model.stage(question, [TextDelta("Not again."), END])
    await chat.button("Try again").click()
    await expect(chat.reply).to_have_text("Not again.")
    await expect(chat.button("Try again")).to_be_hidden()


async def test_a_person_who_takes_over_is_heard_at_once(chats: Chats, system: System, member: Member) -> None:
    (await member.api.patch(member.path, json={"public_name": "the studio"})).raise_for_status()
    chat = await chats.open_of(system, member)
    await chat.say("Hello")
    await chat.ended()
    await chat.button("Talk to a person").click()
    await expect(chat.status).to_have_text("A person was asked to join, and will answer here.")
    await expect(chat.button("Talk to a person")).to_be_hidden()
    path = f"/api/v1/conversations/{(await chat.kept(member.handle))['id']}"
    (await member.api.post(f"{path}/takeover")).raise_for_status()
    joined = "Maria Member from the studio has joined."
    await expect(chat.status).to_have_text(joined)
    (await member.api.post(f"{path}/messages", json={"content": "Hello, it is *me*."})).raise_for_status()
    said = chat.messages.last
    await expect(said.locator(".who")).to_have_text("Maria Member")
    await expect(said.locator(".bubble")).to_have_text("Hello, it is me.")
    await chat.say("Oh, hello!")
    await expect(chat.visitors.last).to_have_text("Oh, hello!")
    await expect(chat.messages.last).to_contain_text("Oh, hello!")
    await chat.page.reload()
    await expect(chat.messages).to_have_count(5)
    await expect(chat.status).to_have_text(joined)
    (await member.api.post(f"{path}/handback")).raise_for_status()
    await expect(chat.status).to_have_text("The assistant is back.")
    await chat.say("And now?")
    await chat.ended()
    await expect(chat.status).to_be_hidden()


async def test_words_that_are_taken_away_disappear_at_once_and_stay_away(
    chats: Chats, system: System, member: Member
) -> None:
    chat = await chats.open_of(system, member)
    await chat.say("My number is 4711.")
    await chat.ended()
    path = f"/api/v1/conversations/{(await chat.kept(member.handle))['id']}"
    for message in (await member.api.get(f"{path}/messages")).json()["items"]:
        (await member.api.delete(f"/api/v1/messages/{message['id']}")).raise_for_status()
    shown = [await chat.messages.first.locator(".bubble").inner_text(), *["This message was removed."] * 2]
    await expect(chat.messages.locator(".bubble")).to_have_text(shown)
    await expect(chat.button("Helpful")).to_have_count(0)
    await chat.page.reload()
    await expect(chat.messages.locator(".bubble")).to_have_text(shown)


async def test_a_closed_conversation_offers_a_new_one(chats: Chats, system: System, member: Member) -> None:
    chat = await chats.open_of(system, member)
    await chat.say("Hello")
    await chat.ended()
    old = (await chat.kept(member.handle))["id"]
    (await member.api.patch(f"/api/v1/conversations/{old}", json={"status": "closed"})).raise_for_status()
    await chat.say("One more thing")
    await expect(chat.messages.last).to_contain_text("Not sent. This conversation is closed.")
    await chat.button("Start a new conversation").click()
    await chat.ended()
    await expect(chat.visitors).to_have_text(["One more thing"])
    assert (await chat.kept(member.handle))["id"] != old


async def test_a_visitor_can_delete_their_conversation(chat: Chat, system: System) -> None:
    await chat.say("Forget this")
    await chat.ended()
    kept = await chat.kept()
    await chat.button("Delete conversation").click()
    await chat.button("Keep it").click()
    await chat.button("Delete conversation").click()
    await chat.button("Delete").click()
    await expect(chat.visitors).to_have_count(0)
    await expect(chat.button("What does a consultation cost?")).to_be_visible()
    await expect(chat.text).to_be_focused()
    answer = await system.client.get(
        f"/api/v1/public/conversations/{kept['id']}", headers={"Authorization": f"Bearer {kept['token']}"}
    )
    assert answer.status_code == 404
    await chat.page.reload()
    await expect(chat.visitors).to_have_count(0)


async def test_one_that_was_erased_meanwhile_is_begun_anew(chat: Chat, system: System) -> None:
    await chat.say("Hello")
    await chat.ended()
    kept = await chat.kept()
    path, headers = f"/api/v1/public/conversations/{kept['id']}", {"Authorization": f"Bearer {kept['token']}"}
    (await system.client.delete(path, headers=headers)).raise_for_status()
    await expect(chat.notice).to_contain_text("This conversation was deleted.")
    await chat.button("Start a new conversation").click()
    await chat.say("Hello again")
    await chat.ended()
    await expect(chat.visitors).to_have_text(["Hello again"])


async def test_words_have_their_own_language_and_direction(chats: Chats, system: System, member: Member) -> None:
    fields = {"language": "he", "public_name": "סטודיו <b>", "assistant": {"greeting": "שלום"}}
    (await member.api.patch(member.path, json=fields)).raise_for_status()
    chat = await chats.open_of(system, member)
    await expect(chat.shown.get_by_role("heading")).to_have_text("סטודיו <b>")
    greeting = chat.messages.first.locator(".bubble")
    await expect(greeting).to_have_attribute("lang", "he")
    assert await greeting.evaluate("node => getComputedStyle(node).direction") == "rtl"
    assert await chat.page.title() == "סטודיו <b>"


async def test_times_are_those_of_the_visitors_zone(chats: Chats, system: System) -> None:
    chat = await chats.open(system.base_url, HANDLE, timezone_id="Asia/Kathmandu", locale="en-GB")
    await chat.say("What time is it?")
    await chat.ended()
    time = chat.messages.last.locator("time")
    at = await time.get_attribute("datetime")
    local = await chat.shown.evaluate(
        "at => new Date(at).toLocaleTimeString('en-GB', {timeZone: 'Asia/Kathmandu', timeStyle: 'short'})", at
    )
    await expect(time).to_have_text(local)
