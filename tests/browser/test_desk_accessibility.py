"""The desk without a mouse, without sight, on a small screen."""

import pytest
from playwright.async_api import expect

from tests.browser.axe import violations
from tests.browser.chat import Chats
from tests.browser.desk import Desk, desk_of
from tests.http.system import Member, System

SMALL = {"width": 320, "height": 568}
VIEWS = ("Unanswered", "Knowledge", "Business", "Statistics", "Share", "Members", "Keys")
WIDTH = "document.documentElement.scrollWidth"


async def furnish(system: System, member: Member) -> None:
    """Gives each view something to show, long words too."""
    long = "Donaudampfschifffahrtsgesellschaftskapitänsmütze"
    facts = {"public_name": long, "knowledge_base": "We are open on Mondays."}
    (await member.api.patch(member.path, json=facts)).raise_for_status()
    service = {"name": long, "duration_minutes": 90, "price_from": {"amount": "120.00", "currency": "EUR"}}
    (await member.api.post(f"{member.path}/services", json=service)).raise_for_status()
    connector = {
        "type": "link",
        "config": {"url": f"https://example.com/{long.lower()[:20]}/{'x' * 60}"},
        "active": True,
    }
    (await member.api.post(f"{member.path}/connectors", json=connector)).raise_for_status()
    visitor = await system.visitor(member.handle, visitor_name=long, visitor_email=f"{'a' * 50}@example.com")
    await visitor.ask("When are you open?")
    await visitor.ask(f"Do you sell {long}?")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious(chats: Chats, system: System, member: Member, axe: str, scheme: str) -> None:
    await furnish(system, member)
    desk = Desk(await chats.page(color_scheme=scheme, reduced_motion="reduce"))
    await desk.page.goto(f"{system.base_url}/desk")
    await desk.sign_in("fd_key_nonsense")
    await expect(desk.page.get_by_text("This token is not valid.").first).to_be_visible()
    assert await violations(desk.page, axe) == []
    await desk.sign_in(member.token)
    await desk.inbox.click()
    await expect(desk.messages).to_have_count(4)
    await desk.page.get_by_text("Tags, export, erase").click()
    assert await violations(desk.page, axe) == []
    await desk.button("Erase…").click()
    assert await violations(desk.page, axe) == []
    await desk.page.keyboard.press("Escape")
    for view in VIEWS:
        await desk.go(view)
        await _shown(desk, view)
        assert await violations(desk.page, axe) == [], view


async def test_a_phone_never_scrolls_sideways(chats: Chats, system: System, member: Member) -> None:
    await furnish(system, member)
    desk = await desk_of(chats, system, member, viewport=SMALL)
    await expect(desk.inbox).to_be_visible()
    assert await desk.page.evaluate(WIDTH) == 320
    await desk.inbox.click()
    await expect(desk.messages).to_have_count(4)
    await expect(desk.inbox).to_be_hidden()
    await expect(desk.field("Reply to the visitor")).to_be_in_viewport()
    await desk.page.get_by_text("Tags, export, erase").click()
    assert await desk.page.evaluate(WIDTH) == 320
    await desk.page.get_by_role("link", name="All conversations").click()
    await expect(desk.inbox).to_be_visible()
    for view in VIEWS:
        await desk.go(view)
        await _shown(desk, view)
        assert await desk.page.evaluate(WIDTH) == 320, view


async def test_the_whole_way_is_open_to_the_keyboard(chats: Chats, system: System, member: Member) -> None:
    visitor = await system.visitor(member.handle)
    await visitor.ask("When are you open?")
    desk = Desk(await chats.page())
    press, write = desk.page.keyboard.press, desk.page.keyboard.type
    await desk.page.goto(f"{system.base_url}/desk")
    await expect(desk.field("E-mail")).to_be_focused()
    await _tab_to(desk, "Sign in with a token")
    await press("Enter")
    await press("Tab")
    await write(member.token)
    await press("Enter")
    await expect(desk.inbox).to_be_visible()
    await _tab_to(desk, "Visitor")
    await press("Enter")
    await expect(desk.messages).to_have_count(2)
    await expect(desk.page.locator(".conversation h2")).to_be_focused()
    await _tab_to(desk, "Take over")
    await press("Enter")
    await expect(desk.button("Hand back to the assistant")).to_be_focused()
    await _tab_to(desk, "reply")
    await write("One line")
    await press("Shift+Enter")
    await write("and another")
    await press("Enter")
    await expect(desk.messages.last.locator(".bubble")).to_have_text("One line\nand another", use_inner_text=True)
    await expect(desk.field("Reply to the visitor")).to_be_focused()
    await _tab_to(desk, "Knowledge")
    await press("Enter")
    await expect(desk.page.get_by_role("heading", name="Knowledge")).to_be_visible()
    await expect(desk.page.locator("#main")).to_be_focused()
    await press("Tab")
    await write("We are open on Mondays.")
    await _tab_to(desk, "Save")
    await press("Enter")
    await expect(desk.page.locator("form").get_by_role("status")).to_have_text("Saved.")
    await press("Tab")
    await write("When are you open?")
    await press("Enter")
    await expect(desk.page.locator(".answer .bubble")).to_contain_text("Mondays")
    await _tab_to(desk, "Sign out")
    await press("Enter")
    await expect(desk.field("E-mail")).to_be_focused()


async def test_what_a_visitor_says_is_announced_once(chats: Chats, system: System, member: Member) -> None:
    visitor = await system.visitor(member.handle)
    desk = await desk_of(chats, system, member, f"conversations/{visitor.conversation_id}")
    await desk.button("Take over").click()
    await expect(desk.button("Hand back to the assistant")).to_be_visible()
    (await visitor.say("Is anybody there?")).raise_for_status()
    await expect(desk.messages).to_have_count(1)
    said = desk.page.locator("#announcer p", has_text="Is anybody there?")
    await expect(said).to_have_text(["Visitor: Is anybody there?"])


async def _shown(desk: Desk, view: str) -> None:
    """Waits until what the view loads is there."""
    first = {
        "Unanswered": ".plainly form",
        "Business": ".rows > li",
        "Statistics": "figure",
        "Share": "a[href*='/chat/']",
        "Members": ".rows > li",
    }
    await expect(desk.page.locator(first.get(view, "h1")).first).to_be_visible()


async def _tab_to(desk: Desk, name: str) -> None:
    """Walks there by Tab alone, to what has this text, at its beginning, or this id."""
    for _ in range(60):
        await desk.page.keyboard.press("Tab")
        focused = await desk.page.evaluate("[document.activeElement.textContent, document.activeElement.id]")
        if focused[1] == name or focused[0].startswith(name):
            assert await desk.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            return
    pytest.fail(f"Tab does not lead to '{name}'.")
