from dataclasses import replace
from datetime import timedelta

import pytest

from application.webhooks.webhooks import ReadWebhook, RemoveWebhook, RotateWebhookSecret, SendTestDelivery
from domain.errors import Forbidden, Invalid, NotFound, Stale
from domain.webhooks import SigningSecret, WebhookInactive
from tests.application.webhooks.desk import URL, Desk


def stored_keys(desk: Desk) -> list[str]:
    """The secrets that sign now, as they are shown."""
    world = desk.world
    webhook = world.store.webhooks.rows[desk.workspace.id]
    purpose = f"webhook:{desk.workspace.id}"
    return [
        SigningSecret(world.secret_box.unseal(sealed, purpose=purpose)).reveal()
        for sealed in webhook.signing(world.clock.now())
    ]


async def test_a_new_webhook_shows_its_secret_once(desk: Desk) -> None:
    made = await desk.set()

    assert (made.url, made.active, made.version) == (URL, True, 1)
    assert [made.secret] == stored_keys(desk)
    read = await ReadWebhook(desk.views)(desk.owner, desk.workspace.id)
    changed = await desk.set("https://other.example/", active=False)
    assert (read.secret, changed.secret) == (None, None)
    assert (changed.url, changed.active, changed.version) == ("https://other.example/", False, 2)
    assert [made.secret] == stored_keys(desk)
    assert desk.happened()[-2:] == ["webhook.created", "webhook.edited"]


async def test_a_webhook_that_is_set_as_it_is_stays_as_it_is(desk: Desk) -> None:
    made = await desk.set()
    happened = desk.happened()
    desk.world.clock.advance(timedelta(seconds=1))
    again = await desk.set(expected=made.version)

    assert again == replace(made, secret=None)
    assert desk.happened() == happened


async def test_a_rotation_shows_a_new_secret_and_keeps_the_one_before(desk: Desk) -> None:
    made = await desk.set()
    rotated = await desk.rotate()

    assert rotated.secret != made.secret
    assert stored_keys(desk) == [rotated.secret, made.secret]
    assert desk.happened()[-1] == "webhook.rotated"


async def test_a_removed_webhook_is_gone(desk: Desk) -> None:
    await desk.set()
    await desk.remove()

    with pytest.raises(NotFound):
        await ReadWebhook(desk.views)(desk.owner, desk.workspace.id)
    for act in (desk.remove, desk.rotate, desk.send_test):
        with pytest.raises(NotFound):
            await act()
    assert desk.happened()[-1] == "webhook.removed"


async def test_an_address_that_cannot_be_taken_is_refused(desk: Desk) -> None:
    for url in ("http://bridge.example/", "https://10.0.0.1/"):
        with pytest.raises(Invalid):
            await desk.set(url)

    assert not desk.world.store.webhooks.rows


async def test_a_version_that_is_not_the_expected_one_is_stale(desk: Desk) -> None:
    with pytest.raises(Stale):
        await desk.set(expected=1)
    await desk.set()
    await desk.set("https://other.example/", expected=1)
    world = desk.world
    with pytest.raises(Stale):
        await desk.set(expected=1)
    with pytest.raises(Stale):
        await RemoveWebhook(world.begin, world.clock)(desk.owner, desk.workspace.id, 1)
    with pytest.raises(Stale):
        await RotateWebhookSecret(world.begin, world.secret_box, world.clock)(desk.owner, desk.workspace.id, 1)


async def test_only_an_active_webhook_is_tested(desk: Desk) -> None:
    await desk.set(active=False)

    with pytest.raises(WebhookInactive):
        await desk.send_test()
    assert desk.deliveries() == []


async def test_only_who_may_sees_and_sets_it(desk: Desk) -> None:
    await desk.set()
    world, workspace_id = desk.world, desk.workspace.id
    viewer, stranger = world.viewer(desk.workspace), world.stranger()
    remove, send = RemoveWebhook(world.begin, world.clock), SendTestDelivery(world.begin, world.clock)
    rotate = RotateWebhookSecret(world.begin, world.secret_box, world.clock)
    for caller, error in ((viewer, Forbidden), (stranger, NotFound)):
        with pytest.raises(error):
            await desk.set_webhook(caller, workspace_id, URL, active=True)
        for write in (remove, rotate, send):
            with pytest.raises(error):
                await write(caller, workspace_id)
        with pytest.raises(error):  # the address may hold a secret
            await ReadWebhook(desk.views)(caller, workspace_id)
    assert (await ReadWebhook(desk.views)(desk.owner, workspace_id)).url == URL
