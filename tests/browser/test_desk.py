"""The owner's desk: signing in, and what the business says of itself."""

from playwright.async_api import expect

from tests.browser.chat import Chats
from tests.browser.desk import Desk, desk_of
from tests.http.system import Member, System

DRAFT = "# Opening hours\n\nWe are open on Mondays only."
LEFT = "You were signed out, as your token is not valid any more."


async def test_an_owner_signs_in_with_the_token_and_out_again(chats: Chats, system: System, member: Member) -> None:
    desk = Desk(await chats.page())
    await desk.page.goto(f"{system.base_url}/desk")
    await desk.sign_in("fd_key_nonsense")
    await expect(desk.page.get_by_text("This token is not valid.", exact=True).first).to_be_visible()
    await expect(desk.field("Token")).to_be_focused()
    await desk.sign_in(member.token)
    await expect(desk.page.get_by_role("heading", name="Conversations")).to_be_visible()
    assert member.token not in desk.page.url
    await desk.page.reload()
    await expect(desk.page.get_by_role("heading", name="Conversations")).to_be_visible()
    await desk.button("Sign out").click()
    await expect(desk.field("E-mail")).to_be_focused()
    await expect(desk.field("Token")).to_have_value("")
    assert await desk.page.evaluate("[...Object.values(sessionStorage), ...Object.values(localStorage)]") == []
    await desk.page.reload()
    await expect(desk.field("E-mail")).to_be_visible()


async def test_another_tab_is_signed_in_only_when_the_device_was_to_keep_it(
    chats: Chats, system: System, member: Member
) -> None:
    desk = Desk(await chats.page())
    await desk.page.goto(f"{system.base_url}/desk")
    await desk.sign_in(member.token)
    other = Desk(await desk.page.context.new_page())
    await other.page.goto(f"{system.base_url}/desk")
    await other.sign_in(member.token, keep=True)
    await expect(other.button("Sign out")).to_be_visible()
    third = Desk(await desk.page.context.new_page())
    await third.page.goto(f"{system.base_url}/desk")
    await expect(third.button("Sign out")).to_be_visible()


async def test_a_token_that_is_revoked_leads_back_to_the_sign_in(chats: Chats, system: System, member: Member) -> None:
    desk = await desk_of(chats, system, member)
    await system.sql("update credentials set revoked_at = now() where user_id = %s", member.user.id)
    await desk.page.evaluate("location.hash = '#/business'")
    await expect(desk.page.locator("main .notice").first).to_have_text(LEFT)
    await expect(desk.field("E-mail")).to_be_focused()
    await desk.page.reload()
    await expect(desk.field("E-mail")).to_be_visible()
    await expect(desk.page.get_by_text(LEFT)).to_have_count(0)


async def test_the_business_is_edited_field_by_field(chats: Chats, system: System, member: Member) -> None:
    before = (await member.api.get(member.path)).json()
    desk = await desk_of(chats, system, member, "business")
    form = desk.form("Business")
    await desk.field("Public name").fill("Ada & Sons")
    await desk.field("Websites that may show the chat").fill("https://ada.example\n\nhttps://sons.example")
    await form.get_by_role("button", name="Save").click()
    await expect(form.get_by_role("status")).to_have_text("Saved.")
    await expect(desk.page.locator("#business")).to_have_text("Ada & Sons")
    await desk.form("Limits").get_by_label("Tokens a day").fill("5000")
    await desk.form("Limits").get_by_label("Tokens a visitor and day").fill("")
    await desk.form("Limits").get_by_role("button", name="Save").click()
    await expect(desk.form("Limits").get_by_role("status")).to_have_text("Saved.")
    after = (await member.api.get(member.path)).json()
    limits = before["limits"] | {"tokens_per_day": 5000, "tokens_per_visitor": None}
    changed = {"public_name": "Ada & Sons", "embed_origins": ["https://ada.example", "https://sons.example"]}
    moved = {"version": before["version"] + 2, "updated_at": after["updated_at"]}
    assert after == before | changed | moved | {"limits": limits}


async def test_what_cannot_be_taken_is_said_at_its_field(chats: Chats, system: System, member: Member) -> None:
    desk = await desk_of(chats, system, member, "business")
    await desk.field("Time zone").fill("Nowhere")
    await desk.field("Language").fill("not a language")
    await desk.form("Business").get_by_role("button", name="Save").click()
    await expect(desk.field("Language")).to_be_focused()
    await expect(desk.field("Language")).to_have_attribute("aria-invalid", "true")
    await expect(desk.field("Language")).to_have_accessible_description(
        "A tag such as en or pt-BR. A language is a BCP 47 tag such as 'en' or 'pt-BR'."
    )
    await expect(desk.field("Time zone")).to_have_accessible_description(
        "Such as Europe/Lisbon. A time zone is an IANA name such as 'Europe/Prague'."
    )
    await expect(desk.field("Name")).not_to_have_attribute("aria-invalid", "true")
    await desk.field("Language").fill("pt")
    await desk.field("Time zone").fill("Europe/Lisbon")
    await desk.form("Business").get_by_role("button", name="Save").click()
    await expect(desk.form("Business").get_by_role("status")).to_have_text("Saved.")
    await expect(desk.field("Language")).not_to_have_attribute("aria-invalid", "true")


async def test_what_somebody_else_changed_meanwhile_is_shown_before_it_is_lost(
    chats: Chats, system: System, member: Member
) -> None:
    desk = await desk_of(chats, system, member, "business")
    form, save = desk.form("Business"), desk.form("Business").get_by_role("button", name="Save")
    await desk.field("Public name").fill("Mine")
    await desk.field("Subtitle").fill("My subtitle")
    theirs = {"public_name": "Theirs", "description": "Their description"}
    (await member.api.patch(member.path, json=theirs)).raise_for_status()
    await save.click()
    told = form.locator(".notice")
    await expect(told).to_contain_text("Somebody else has changed this meanwhile.")
    await expect(told.get_by_role("listitem")).to_have_text(
        ["Public name is now “Theirs”. Take theirs", "Description is now “Their description”."]
    )
    assert (await member.api.get(member.path)).json()["public_name"] == "Theirs"
    await expect(desk.field("Public name")).to_have_value("Mine")
    await expect(desk.field("Description")).to_have_value("Their description")
    await desk.button("Take theirs for Public name").click()
    await expect(desk.field("Public name")).to_have_value("Theirs")
    await save.click()
    await expect(form.get_by_role("status")).to_have_text("Saved.")
    after = (await member.api.get(member.path)).json()
    assert (after["public_name"], after["subtitle"]) == ("Theirs", "My subtitle")


async def test_services_are_added_ordered_by_keyboard_and_removed(chats: Chats, system: System, member: Member) -> None:
    for name in ("One", "Two"):
        (await member.api.post(f"{member.path}/services", json={"name": name})).raise_for_status()
    desk = await desk_of(chats, system, member, "business")
    names = desk.page.get_by_role("region", name="Services").locator("strong")
    await expect(names).to_have_text(["One", "Two"])
    await desk.button("Add a service").click()
    dialog = desk.page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_label("Name")).to_have_attribute("aria-invalid", "true")
    await dialog.get_by_label("Name").fill("Three")
    await dialog.get_by_label("Price from").fill("12.50")
    await dialog.get_by_label("Currency").fill("EUR")
    await dialog.get_by_role("button", name="Save").click()
    await expect(names).to_have_text(["One", "Two", "Three"])
    await desk.button("Move up Three").focus()
    await desk.page.keyboard.press("Enter")
    await expect(names).to_have_text(["One", "Three", "Two"])
    await expect(desk.button("Move up Three")).to_be_focused()
    await desk.page.keyboard.press("Enter")
    await expect(names).to_have_text(["Three", "One", "Two"])
    await expect(desk.button("Move down Three")).to_be_focused()
    await desk.button("Remove One").click()
    await dialog.get_by_role("button", name="Remove").click()
    await expect(names).to_have_text(["Three", "Two"])
    await desk.button("Edit Three").click()
    await dialog.get_by_label("Price from").fill("15")
    await dialog.get_by_role("button", name="Save").click()
    await expect(desk.page.get_by_text("from 15 EUR")).to_be_visible()


async def test_a_booking_page_is_added_turned_off_and_removed(chats: Chats, system: System, member: Member) -> None:
    desk = await desk_of(chats, system, member, "business")
    await desk.button("Add a booking page").click()
    dialog = desk.page.get_by_role("dialog")
    await dialog.get_by_label("Where").select_option("calendly")
    await dialog.get_by_label("Address").fill("https://evil.example/ada")
    await dialog.get_by_label("Secret key").fill("s3cret")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_label("Address")).to_have_attribute("aria-invalid", "true")
    await dialog.get_by_label("Address").fill("https://calendly.com/ada")
    await dialog.get_by_role("button", name="Save").click()
    region = desk.page.get_by_role("region", name="Booking")
    await expect(region.locator(".badge")).to_have_text("Active")
    (connector,) = (await member.api.get(f"{member.path}/connectors")).json()["items"]
    assert connector["config"] == {"url": "https://calendly.com/ada", "has_api_token": True}
    await desk.button("Deactivate https://calendly.com/ada").click()
    await expect(desk.button("Activate https://calendly.com/ada")).to_be_focused()
    await desk.button("Remove https://calendly.com/ada").click()
    await dialog.get_by_role("button", name="Remove").click()
    await expect(region.get_by_role("listitem")).to_have_count(0)


async def test_the_knowledge_base_is_tried_before_it_is_saved(chats: Chats, system: System, member: Member) -> None:
    desk = await desk_of(chats, system, member, "knowledge")
    answer = desk.page.locator(".answer")
    await desk.field("What the assistant may know").fill(DRAFT)
    await desk.field("Question").fill("When are you open?")
    await desk.page.keyboard.press("Enter")
    await expect(answer.locator(".bubble")).to_contain_text("Mondays only")
    await answer.get_by_text("It was given 1 passage").click()
    await expect(answer.get_by_role("listitem")).to_have_text(["Opening hoursWe are open on Mondays only."])
    assert (await member.api.get(member.path)).json()["knowledge_base"] == ""
    await desk.go("Share")
    await desk.go("Knowledge")
    await expect(desk.field("What the assistant may know")).to_have_value(DRAFT)
    await desk.button("Save").click()
    await expect(desk.page.locator("form").get_by_role("status")).to_have_text("Saved.")
    assert (await member.api.get(member.path)).json()["knowledge_base"] == DRAFT


async def test_a_preview_that_cannot_be_made_says_why(chats: Chats, system: System, member: Member) -> None:
    (await member.api.patch(member.path, json={"limits": {"tokens_per_day": 0}})).raise_for_status()
    desk = await desk_of(chats, system, member, "knowledge")
    await desk.field("Question").fill("When are you open?")
    await desk.button("Ask").click()
    await expect(desk.page.locator(".answer")).to_contain_text("has reached its limit of tokens")


async def test_the_chat_can_be_shared(chats: Chats, system: System, member: Member) -> None:
    desk = await desk_of(chats, system, member, "share", permissions=["clipboard-read", "clipboard-write"])
    chat = f"{system.base_url}/chat/{member.handle}"
    await expect(desk.page.get_by_role("link", name=chat)).to_have_attribute("href", chat)
    await desk.button("Copy").click()
    await expect(desk.page.get_by_text("Copied.")).to_be_visible()
    assert await desk.page.evaluate("navigator.clipboard.readText()") == (
        f'<script src="{chat}/embed.js" async></script>'
    )
    await expect(desk.page.get_by_text("0 calls of models, 0 tokens.")).to_be_visible()


async def test_first_steps_are_shown_until_they_are_not_wanted(chats: Chats, system: System, member: Member) -> None:
    desk = await desk_of(chats, system, member)
    steps = desk.page.get_by_role("complementary", name="First steps")
    await steps.get_by_role("link", name="invite your colleagues").click()
    await expect(desk.page.get_by_role("heading", name="Members", exact=True)).to_be_visible()
    await steps.get_by_role("button", name="Do not show again").click()
    await expect(steps).to_be_hidden()
    async with desk.page.expect_response("**/users/me/preferences"):
        await desk.page.reload()
    await expect(desk.page.get_by_role("heading", name="Members", exact=True)).to_be_visible()
    await expect(steps).to_be_hidden()
