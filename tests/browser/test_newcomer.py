"""On the embedded default, as whoever has just started Flightdeck meets it: from the printed link to a colleague."""

import asyncio
import re
from pathlib import Path

from playwright.async_api import expect

from tests.browser.chat import Chats
from tests.browser.person import PASSWORD, Person
from tests.processes import Instance, up

COLLEAGUE = "carla@example.com"


async def printed(instance: Instance, page: str) -> str:
    """The newest link to this page that the instance has printed, once there is one."""
    async with asyncio.timeout(20):
        while True:
            found = re.findall(rf"http://\S+/{page}#token=[\w-]+", instance.said.read_text(encoding="utf-8"))
            if found:
                return str(found[-1])
            await asyncio.sleep(0.05)


async def test_a_newcomer_invites_a_colleague_and_the_printed_link_works(chats: Chats, tmp_path: Path) -> None:
    with up(tmp_path) as instance:
        owner = Person(await chats.page(), instance.url, "owner@example.com")
        await owner.page.goto(await printed(instance, "reset-password"))
        assert "token" not in owner.page.url
        await owner.field("New password").fill(PASSWORD)
        await owner.button("Set the password").click()
        await owner.is_at_the_desk()
        await owner.button("Sign out").click()
        await owner.sign_in()
        await owner.is_at_the_desk()
        await owner.link("Members").click()
        await owner.field("E-mail").fill(COLLEAGUE)
        await owner.button("Invite").click()
        await expect(owner.page.get_by_text(f"The letter to {COLLEAGUE} is on its way.")).to_be_visible()

        colleague = Person(await chats.page(), instance.url, COLLEAGUE)
        link = await printed(instance, "accept-invite")
        await colleague.page.goto(link)
        await expect(colleague.page.get_by_text("join Harbour Studio as a member")).to_be_visible()
        assert "token" not in colleague.page.url
        await expect(colleague.field("E-mail")).to_have_value(COLLEAGUE)
        assert not await colleague.field("E-mail").is_editable()
        await colleague.field("Name").fill("Carla Colleague")
        await colleague.field("Password").fill(PASSWORD)
        await colleague.button("Sign up and join").click()
        await colleague.is_at_the_desk()
        await expect(colleague.field("Workspace").locator("option:checked")).to_have_text("Harbour Studio")
        await colleague.link("Members").click()
        await expect(colleague.rows.first).to_contain_text("Carla Colleague Member You")
        await expect(colleague.rows).to_have_count(2)
        await expect(colleague.button("Invite")).to_have_count(0)
        await expect(colleague.link("Keys")).to_be_hidden()

        # The owner is told without asking.
        await owner.button("Change role: Carla Colleague").click()
        await owner.dialog.get_by_label("Role").select_option("viewer")
        await owner.dialog.get_by_role("button", name="Save").click()
        await expect(owner.rows.filter(has_text="Carla")).to_contain_text("Carla Colleague Viewer")
        await expect(colleague.rows.first).to_contain_text("Carla Colleague Viewer You")
        await owner.button("Remove: Carla Colleague").click()
        await owner.dialog.get_by_role("button", name="Remove").click()
        await expect(owner.rows).to_have_count(1)
        await colleague.page.reload()
        await colleague.link("Members").click()
        await expect(colleague.page.locator("#business")).to_have_text("Carla Colleague")
        await expect(colleague.rows).to_have_text([re.compile("Carla Colleague Owner You")])

        late = Person(await chats.page(), instance.url, COLLEAGUE)
        await late.page.goto(link)
        await expect(late.page.get_by_text("Ask whoever invited you to send it again")).to_be_visible()
