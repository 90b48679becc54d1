"""The chat without a mouse, without sight, on a small screen."""

import pytest
from playwright.async_api import expect

from application.ports.language_model import TextDelta
from tests.browser.axe import violations
from tests.browser.chat import Chat, Chats
from tests.http.stage import END
from tests.http.system import System

SMALL = {"width": 320, "height": 568}
WIDE = "document.documentElement.scrollWidth <= 320 && document.querySelector('#log').scrollWidth <= 320"
# Counts what is put into the live region, as a screen reader would hear it.
LISTEN = """() => {
  window.heard = [];
  new MutationObserver((changes) => changes.forEach((change) =>
    change.addedNodes.forEach((node) => window.heard.push(node.textContent))
  )).observe(document.querySelector("[aria-live=polite]"), {childList: true, subtree: true, characterData: true});
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious(chats: Chats, system: System, axe: str, scheme: str) -> None:
    chat = await chats.open(system.base_url, color_scheme=scheme, reduced_motion="reduce")
    await expect(chat.button("When are you open?")).to_be_visible()
    assert await violations(chat.shown, axe) == []
    await chat.say("When are you open?")
    await chat.ended()
    await chat.button("Helpful").click()
    await chat.page.route("**/ask-a-person", lambda route: route.abort())
    await chat.button("Talk to a person").click()
    await expect(chat.notice).to_be_visible()
    held = system.model.hold()
    await chat.say(held.question)
    await expect(chat.reply).to_have_text("Half a")
    assert await violations(chat.shown, axe) == []
    held.go.set()
    await chat.button("Delete conversation").click()
    assert await violations(chat.shown, axe) == []
    await chat.page.goto(f"{system.base_url}/chat/nobody-here")
    assert await violations(chat.shown, axe) == []


async def test_the_whole_way_is_open_to_the_keyboard(chats: Chats, system: System) -> None:
    chat = await chats.open(system.base_url)
    press = chat.page.keyboard.press
    await expect(chat.button("When are you open?")).to_be_visible()
    await _tab_to(chat, "What does a consultation cost?")
    await press("Enter")
    await chat.ended()
    await expect(chat.text).to_be_focused()
    await chat.page.keyboard.type("One line")
    await press("Shift+Enter")
    await chat.page.keyboard.type("and another")
    await expect(chat.text).to_have_value("One line\nand another")
    await press("Enter")
    await expect(chat.visitors.last).to_have_text("One line\nand another")
    held = system.model.hold()
    await chat.page.keyboard.type(held.question)
    await press("Enter")
    await expect(chat.reply).to_have_text("Half a")
    await _tab_to(chat, "Stop")
    await press("Space")
    await expect(chat.messages.last).to_contain_text("Stopped")
    await expect(chat.text).to_be_focused()
    await _tab_to(chat, "Helpful")
    await press("Enter")
    await expect(chat.button("Helpful").first).to_have_attribute("aria-pressed", "true")
    await _tab_to(chat, "Delete conversation")
    await press("Enter")
    await expect(chat.button("Keep it")).to_be_focused()
    await press("Escape")
    await expect(chat.button("Delete conversation")).to_be_focused()
    await _tab_to(chat, "Talk to a person")
    await press("Enter")
    await expect(chat.status).to_be_visible()
    await expect(chat.text).to_be_focused()


async def test_each_text_is_announced_once(chats: Chats, system: System) -> None:
    chat = await chats.open(system.base_url)
    await chat.page.evaluate(LISTEN)
    held = system.model.hold(before="Some **text** ", after="and more.")
    await chat.say(held.question)
    await expect(chat.reply).to_have_text("Some text")
    held.go.set()
    await chat.ended()
    assert await chat.page.evaluate("heard") == ["Assistant: Some text and more."]
    await chat.page.reload()
    await chat.page.evaluate(LISTEN)
    await expect(chat.messages).to_have_count(3)
    await chat.say("When are you open?")
    await expect(chat.shown.locator(".message.assistant")).to_have_count(3)
    await chat.ended()
    assert await chat.page.evaluate("heard") == [f"Assistant: {await chat.reply.inner_text()}"]


async def test_a_phone_shows_all_without_scrolling_sideways(chats: Chats, system: System) -> None:
    chat = await chats.open(system.base_url, viewport=SMALL, has_touch=True)
    await expect(chat.button("When are you open?")).to_be_visible()
    assert await chat.page.evaluate(WIDE)
    question = "Wide things, please: " + "x" * 300
    text = f"`{'code' * 40}`\n\n```\n{'block' * 40}\n```\n- https://example.com/{'long' * 40}\n- {'word' * 60}"
    system.model.stage(question, [TextDelta(text), END])
    await chat.say(question)
    await chat.ended()
    await chat.page.route("**/ask-a-person", lambda route: route.abort())
    await chat.button("Talk to a person").click()
    await expect(chat.notice).to_be_visible()
    assert await chat.page.evaluate(WIDE)
    assert await chat.page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    await expect(chat.button("Helpful")).to_be_in_viewport()


async def test_the_field_grows_with_the_text_to_an_end(chat: Chat) -> None:
    heights: list[float] = []
    for lines in (1, 4, 400):
        await chat.text.fill("\n".join(["line"] * lines))
        box = await chat.text.bounding_box()
        assert box
        heights.append(box["height"])
    assert heights[0] < heights[1] < heights[2] < 300


async def test_nothing_moves_for_those_who_do_not_want_it(chats: Chats, system: System) -> None:
    chat = await chats.open(system.base_url, reduced_motion="reduce")
    held = system.model.hold()
    await chat.say(held.question)
    dot = chat.shown.locator(".writing i").first
    await expect(dot).to_be_visible()
    assert await dot.evaluate("node => getComputedStyle(node).animationName") == "none"
    held.go.set()
    await chat.ended()


async def _tab_to(chat: Chat, name: str) -> None:
    """Walks there by Tab alone."""
    await chat.text.focus()
    for _ in range(40):
        await chat.page.keyboard.press("Tab")
        if await chat.page.evaluate("document.activeElement.textContent") == name:
            outline = "getComputedStyle(document.activeElement).outlineStyle"
            assert await chat.page.evaluate(outline) == "solid"
            return
    pytest.fail(f"Tab does not lead to '{name}'.")
