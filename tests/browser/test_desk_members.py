"""Who works at a desk, with which keys, and at which of several."""

import asyncio
import re

from playwright.async_api import Route, expect

from domain.access import Role
from domain.permissions import KEY_PERMISSIONS
from tests.browser.chat import Chats
from tests.browser.desk import Desk, desk_of
from tests.browser.letters import Inbox
from tests.browser.person import an_email
from tests.http.system import Member, System


async def test_an_invite_is_sent_again_and_taken_back(
    chats: Chats, system: System, inbox: Inbox, member: Member
) -> None:
    email = an_email()
    desk = await desk_of(chats, system, member, "members")
    form, pending = desk.form("Invite somebody"), desk.page.get_by_role("region", name="Invitations").locator("li")
    await form.get_by_label("E-mail").fill("nobody")
    await form.get_by_role("button", name="Invite").click()
    await expect(form.get_by_label("E-mail")).to_have_attribute("aria-invalid", "true")
    await expect(form.get_by_label("E-mail")).to_have_value("nobody")
    await form.get_by_label("E-mail").fill(email)
    await form.get_by_label("Role").select_option("viewer")
    await form.get_by_role("button", name="Invite").click()
    await expect(pending).to_have_text([re.compile(f"{email} Viewer")])
    first = await inbox.link(email)
    await system.sql("update invites set sent_at = sent_at - interval '1 hour' where email = %s", email)
    await desk.button(f"Send again: {email}").click()
    await expect(form.get_by_role("status")).to_have_text(f"Sent to {email}.")
    assert await inbox.link(email, 2) != first
    await desk.button(f"Send again: {email}").click()
    await expect(desk.notice).to_be_visible()
    await form.get_by_label("E-mail").fill(email)
    await form.get_by_role("button", name="Invite").click()
    await expect(form.get_by_text("They are invited already.")).to_be_visible()
    await desk.button(f"Take back: {email}").click()
    await desk.page.get_by_role("dialog").get_by_role("button", name="Take back").click()
    await expect(desk.page.get_by_text("Nobody is invited at the moment.")).to_be_visible()


async def test_who_only_works_here_changes_no_members_and_may_leave(
    chats: Chats, system: System, member: Member
) -> None:
    other = await system.joined(member.workspace_id, Role.MEMBER)
    desk = await desk_of(chats, system, other)
    await desk.field("Workspace").select_option(member.workspace_id)
    await desk.go("Members")
    await expect(desk.page.locator(".rows > li")).to_have_count(2)
    await expect(desk.page.get_by_role("button", name=re.compile("^(Change role|Remove)"))).to_have_count(0)
    await expect(desk.page.get_by_role("link", name="Keys")).to_be_hidden()
    await desk.page.get_by_role("button", name=re.compile("^Leave")).click()
    await desk.page.get_by_role("dialog").get_by_role("button", name="Leave").click()
    await expect(desk.page.get_by_role("heading", name="Conversations")).to_be_visible()
    await expect(desk.field("Workspace")).to_be_hidden()
    members = (await member.api.get(f"{member.path}/members")).json()["items"]
    assert [each["user_id"] for each in members] == [str(member.user.id)]


async def test_an_admin_is_not_offered_what_only_owners_do(chats: Chats, system: System, member: Member) -> None:
    admin = await system.joined(member.workspace_id, Role.ADMIN)
    await system.joined(member.workspace_id, Role.VIEWER)
    desk = await desk_of(chats, system, admin)
    await desk.field("Workspace").select_option(member.workspace_id)
    await desk.go("Members")
    rows = desk.page.locator(".rows > li")
    await expect(rows.filter(has_text="Owner").get_by_role("button")).to_have_count(0)
    await rows.filter(has_text="Viewer").get_by_role("button", name=re.compile("^Change role")).click()
    roles = desk.page.get_by_role("dialog").get_by_label("Role").locator("option")
    assert await roles.evaluate_all("all => all.map(each => each.value)") == ["viewer", "member", "admin"]


async def test_who_goes_on_while_the_workspace_changes_stays_there(
    chats: Chats, system: System, member: Member
) -> None:
    made = await member.api.post("/api/v1/workspaces", json={"name": "Slow to come"})
    other = made.raise_for_status().json()["id"]
    desk = await desk_of(chats, system, member)
    asked, answered = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        asked.set()
        await answered.wait()
        await route.continue_()

    await desk.page.route(f"**/api/v1/workspaces/{other}", late)
    await desk.field("Workspace").select_option(other)
    await asked.wait()
    await desk.go("Members")
    answered.set()
    await expect(desk.field("Workspace")).to_have_value(other)
    await expect(desk.page.get_by_role("heading", name="Members", level=1)).to_be_visible()
    await expect(desk.page).to_have_url(re.compile("#/members$"))


async def test_the_last_owner_is_told_why_they_stay(chats: Chats, system: System, member: Member) -> None:
    made = await member.api.post("/api/v1/workspaces", json={"name": "Shared by nobody yet"})
    made.raise_for_status()
    desk = await desk_of(chats, system, member)
    await desk.field("Workspace").select_option(made.json()["id"])
    await desk.go("Members")
    dialog = desk.page.get_by_role("dialog")
    await desk.page.get_by_role("button", name=re.compile("^Change role")).click()
    await dialog.get_by_label("Role").select_option("viewer")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_text("A workspace needs an owner. Make somebody else an owner first.")).to_be_visible()
    await dialog.get_by_role("button", name="Cancel").click()
    await desk.page.get_by_role("button", name=re.compile("^Leave")).click()
    await dialog.get_by_role("button", name="Leave").click()
    await expect(desk.notice).to_contain_text("A workspace needs an owner.")


async def test_a_key_is_shown_once_works_and_is_revoked(chats: Chats, system: System, member: Member) -> None:
    desk = await desk_of(chats, system, member, "keys")
    await desk.button("Make a key").click()
    dialog = desk.page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Make").click()
    await expect(dialog.get_by_role("group", name="What it may do")).to_have_attribute("aria-invalid", "true")
    await dialog.get_by_label("Name").fill("Nightly export")
    await dialog.get_by_label("Conversations: read").check()
    await dialog.get_by_label("Until").fill("2099-12-31")
    await dialog.get_by_role("button", name="Make").click()
    token = await dialog.locator("code").inner_text()
    await dialog.get_by_role("button", name="I have it").click()
    api = await system.bearing(token)
    assert (await api.get(f"{member.path}/conversations")).status_code == 200
    assert (await api.get(f"{member.path}/services")).status_code == 403
    row = desk.page.locator(".rows > li", has_text="Nightly export")
    await expect(row).to_contain_text("conversation:read")
    await expect(row).to_contain_text("until")
    assert token not in await desk.page.content()
    await desk.button("Revoke: Nightly export").click()
    await dialog.get_by_role("button", name="Revoke").click()
    await expect(row).to_have_count(0)
    assert (await api.get(f"{member.path}/conversations")).status_code == 401


async def test_a_key_can_be_given_whatever_keys_of_a_workspace_can_have(
    chats: Chats, system: System, member: Member
) -> None:
    desk = await desk_of(chats, system, member, "keys")
    await desk.button("Make a key").click()
    boxes = desk.page.get_by_role("dialog").locator("input[type=checkbox]")
    offered = await boxes.evaluate_all("boxes => boxes.map(box => box.value)")
    # The others are of a user, and not of a workspace.
    assert sorted(offered) == sorted(
        each for each in KEY_PERMISSIONS if each.split(":")[0] not in {"account", "instance"}
    )


async def test_a_link_to_a_conversation_leads_to_its_workspace(chats: Chats, system: System, member: Member) -> None:
    other = await system.joined(member.workspace_id, Role.MEMBER)
    visitor = await system.visitor(member.handle, visitor_name="Ana Lima")
    await visitor.ask("When are you open?")
    desk = await desk_of(chats, system, other, f"conversations/{visitor.conversation_id}")
    await expect(desk.field("Workspace")).to_have_value(member.workspace_id)
    await expect(desk.page.locator(".conversation h2")).to_have_text("Ana Lima")
    await expect(desk.inbox).to_have_count(1)
    await desk.field("Workspace").select_option(other.workspace_id)
    await expect(desk.page.get_by_text("No conversation.")).to_be_visible()
    await desk.page.evaluate(f"location.hash = '#/conversations/{visitor.conversation_id}'")
    await expect(desk.field("Workspace")).to_have_value(member.workspace_id)
    await expect(desk.inbox).to_have_count(1)
    # The next time one is where one was.
    await desk.page.goto(f"{system.base_url}/sign-in")
    await expect(desk.field("Workspace")).to_have_value(member.workspace_id)


async def test_what_is_not_saved_is_not_lost_by_a_change_of_workspace(
    chats: Chats, system: System, member: Member
) -> None:
    other = await system.joined(member.workspace_id, Role.ADMIN)
    desk: Desk = await desk_of(chats, system, other, "business")
    await desk.field("Public name").fill("Not saved yet")
    await desk.field("Workspace").select_option(member.workspace_id)
    dialog = desk.page.get_by_role("dialog", name="Go to the other workspace?")
    await dialog.get_by_role("button", name="Cancel").click()
    await expect(desk.field("Workspace")).to_have_value(other.workspace_id)
    await expect(desk.field("Public name")).to_have_value("Not saved yet")
