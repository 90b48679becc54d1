import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from standardwebhooks import Webhook as Verifier

from application.webhooks.send_out import send_out
from domain.conversations import Channel, Conversation, ConversationErased, ConversationStarted, Message
from domain.ids import WorkspaceId
from entrypoints.supervisor.embedded import Urls
from tests.http.system import Member, System, pointers, problem, settings_for, started
from tests.wire.server import Request, Server, plain

OK = plain(200, "")
BUSY = plain(500, "")


class Bridge:
    """The owner's own few lines: what came, verified with the secret as it was shown."""

    def __init__(self, server: Server, secret: str) -> None:
        self._server = server
        self._verifier = Verifier(secret)

    async def next(self) -> dict[str, Any]:
        """The payload of the next request."""
        payload: dict[str, Any] = self._verifier.verify(*_signed(await self.arrival()))
        return payload

    async def arrival(self) -> Request:
        return await asyncio.wait_for(self._server.arrivals.get(), 20)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server(OK) as receiver:
        yield receiver


async def test_a_message_of_another_channel_reaches_a_bridge_that_verifies_it(
    system: System, member: Member, server: Server
) -> None:
    bridge = Bridge(server, await _secret(member, server))
    conversation, message = await _said(system, member, "Přijďte v devět.")
    payload = await bridge.next()

    assert (payload["type"], payload["timestamp"]) == ("message.sent", _json(message.created_at))
    assert payload["data"]["conversation_id"] == str(conversation.id)
    assert (payload["data"]["channel"], payload["data"]["thread_id"]) == ("whatsapp", conversation.external_id)
    told = payload["data"]["message"]
    assert (told["id"], told["role"], told["content"]) == (str(message.id), "member", "Přijďte v devět.")
    delivery = await _ended(member)
    assert (delivery["type"], delivery["status"]) == ("message.sent", "delivered")
    assert (delivery["conversation_id"], delivery["message_id"]) == (str(conversation.id), str(message.id))
    assert delivery["id"] == server.requests[0].headers["webhook-id"]
    (attempt,) = delivery["attempts"]
    assert (attempt["status_code"], attempt["error"]) == (200, None)
    assert attempt["milliseconds"] >= 0


async def test_what_fails_is_tried_again_later_under_the_same_id(
    system: System, member: Member, server: Server
) -> None:
    server.replies[:] = [BUSY, BUSY, OK]
    bridge = Bridge(server, await _secret(member, server))
    sent = (await member.api.post(f"{member.path}/webhook/test")).json()
    for number, wait in enumerate((timedelta(seconds=5), timedelta(minutes=5)), start=1):
        await bridge.next()
        job = await _waiting(member, sent["job_id"], number)
        tried_at = datetime.fromisoformat((await _read(member, sent["id"]))["attempts"][-1]["at"])
        assert wait <= datetime.fromisoformat(job["run_at"]) - tried_at <= wait * 1.1 + timedelta(seconds=5)
        assert job["error"] == "http_500"
        await system.sql("update jobs set run_at = now() where id = %s", sent["job_id"])
    await bridge.next()

    delivery = await _ended(member)
    assert (delivery["status"], delivery["id"]) == ("delivered", sent["id"])
    assert [attempt["status_code"] for attempt in delivery["attempts"]] == [500, 500, 200]
    assert {request.headers["webhook-id"] for request in server.requests} == {sent["id"]}
    job = (await member.api.get(f"/api/v1/jobs/{sent['job_id']}")).json()
    assert (job["type"], job["status"], job["attempts"]) == ("deliver_webhook", "succeeded", 3)
    assert job["subject"] == {"type": "delivery", "id": sent["id"]}


async def test_the_wait_that_a_receiver_asks_for_is_heeded(member: Member, server: Server) -> None:
    server.replies[:] = [plain(429, "", retry_after="7200")]
    await _secret(member, server)
    sent = (await member.api.post(f"{member.path}/webhook/test")).json()
    job = await _waiting(member, sent["job_id"], 1)

    assert datetime.fromisoformat(job["run_at"]) >= datetime.now(UTC) + timedelta(hours=1, minutes=59)


async def test_a_receiver_that_is_gone_gets_nothing_until_its_owner_activates_it_and_resends(
    member: Member, server: Server
) -> None:
    server.replies[:] = [plain(410, ""), OK]
    bridge = Bridge(server, await _secret(member, server))
    sent = (await member.api.post(f"{member.path}/webhook/test")).json()
    failed = await _ended(member)
    webhook = (await member.api.get(f"{member.path}/webhook")).json()

    assert (failed["status"], failed["attempts"][0]["status_code"]) == ("failed", 410)
    assert (webhook["active"], webhook["disabled_reason"]) == (False, "gone")
    problem(await member.api.post(f"{member.path}/webhook/test"), 409, "webhook_inactive")
    problem(await member.api.post(f"/api/v1/webhook-deliveries/{sent['id']}/resend"), 409, "webhook_inactive")
    activated = await member.api.put(f"{member.path}/webhook", json={"url": webhook["url"]})
    assert (activated.json()["active"], activated.json()["disabled_reason"]) == (True, None)
    await bridge.next()
    again = await member.api.post(f"/api/v1/webhook-deliveries/{sent['id']}/resend")
    assert (again.status_code, again.json()["status"]) == (202, "pending")
    await bridge.next()
    delivered = await _ended(member)
    assert [attempt["status_code"] for attempt in delivered["attempts"]] == [410, 200]
    problem(await member.api.post(f"/api/v1/webhook-deliveries/{sent['id']}/resend"), 409, "delivery_not_resendable")
    happened = [event["type"] for event in (await member.api.get(f"{member.path}/activity")).json()["items"]]
    wanted = ["delivery.resent", "webhook.edited", "delivery.failed", "webhook.disabled", "webhook.tested"]
    assert [name for name in happened if name in wanted] == wanted


async def test_what_was_erased_meanwhile_is_not_sent_and_leaves_no_trace_in_the_log(
    system: System, member: Member, server: Server
) -> None:
    server.replies[:] = [BUSY, OK]
    bridge = Bridge(server, await _secret(member, server))
    words = f"planted {uuid4().hex}"
    conversation, _ = await _said(system, member, words)
    await bridge.arrival()
    (delivery,) = await _deliveries(member)
    await _waiting(member, delivery["job_id"], 1)
    await _erase(system, conversation)
    await system.sql("update jobs set run_at = now() where id = %s", delivery["job_id"])

    assert (await _ended(member))["status"] == "cancelled"
    assert len(server.requests) == 1
    assert await system.holders_of(words) == []


async def test_a_secret_is_shown_when_it_is_made_and_sealed_at_rest(
    system: System, member: Member, server: Server
) -> None:
    made = await member.api.put(f"{member.path}/webhook", json={"url": f"{server.url}/hook?key=planted"})
    assert (made.status_code, made.headers["location"]) == (201, f"{member.path}/webhook")
    keyed = {"Idempotency-Key": "rotated"}
    rotated = [await member.api.post(f"{member.path}/webhook/rotate", headers=keyed) for _ in range(2)]
    assert rotated[1].headers["idempotent-replayed"] == "true"
    assert rotated[0].json() == rotated[1].json()
    secrets = [made.json()["secret"], rotated[0].json()["secret"]]
    assert len(set(secrets)) == 2
    await member.api.post(f"{member.path}/webhook/test")
    request = await asyncio.wait_for(server.arrivals.get(), 20)
    for secret in secrets:
        assert Verifier(secret).verify(*_signed(request))["type"] == "webhook.test"
        assert await system.holders_of(secret.removeprefix("whsec_")) == []
    told = [
        await member.api.get(f"{member.path}/webhook"),
        await member.api.get(f"{member.path}/webhook/deliveries"),
        await member.api.put(f"{member.path}/webhook", json={"url": server.url}),
        await member.api.get(f"{member.path}/activity"),
        await member.api.get(f"{member.path}/jobs"),
    ]
    assert not [answer.text for answer in told if "whsec_" in answer.text or "planted" in answer.text.split("/hook")[0]]
    assert "planted" not in told[3].text + told[4].text


async def test_a_webhook_is_made_changed_and_removed_by_its_version(member: Member) -> None:
    path = f"{member.path}/webhook"
    problem(await member.api.get(path), 404, "not_found")
    problem(await member.api.put(path, json={"url": "https://a.example/"}, headers={"If-Match": '"1"'}), 412, "stale")
    made = await member.api.put(path, json={"url": "https://a.example/", "active": False})
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    changed = await member.api.put(path, json={"url": "https://b.example/"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["url"], changed.json()["active"]) == (200, "https://b.example/", True)
    read = await member.api.get(path)
    assert read.json() == changed.json()
    assert (await member.api.get(path, headers={"If-None-Match": read.headers["etag"]})).status_code == 304
    problem(await member.api.delete(path, headers={"If-Match": '"1"'}), 412, "stale")
    problem(await member.api.post(f"{path}/rotate", headers={"If-Match": '"1"'}), 412, "stale")
    assert (await member.api.delete(path, headers={"If-Match": read.headers["etag"]})).status_code == 204
    problem(await member.api.delete(path), 404, "not_found")
    assert (await member.api.put(path, json={"url": "https://a.example/"})).status_code == 201


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({}, "/url"),
        ({"url": 5}, "/url"),
        ({"url": "ftp://bridge.example/"}, "/url"),
        ({"url": "https://user:password@bridge.example/"}, "/url"),
        ({"url": f"https://bridge.example/{'a' * 2000}"}, "/url"),
        ({"url": "https://bridge.example/", "secret": "whsec_mine"}, "/secret"),
        ({"url": "https://bridge.example/", "active": "yes"}, "/active"),
    ],
    ids=str,
)
async def test_an_address_that_cannot_be_taken_is_refused(
    member: Member, sent: dict[str, object], pointer: str
) -> None:
    assert pointers(await member.api.put(f"{member.path}/webhook", json=sent)) == [pointer]


async def test_unless_it_is_allowed_nothing_of_ours_can_be_named(
    database_url: str, servers: Urls, tmp_path: Path
) -> None:
    settings = settings_for(database_url, servers.redis, tmp_path, OUTBOUND_ALLOW_PRIVATE="false")
    async with started(settings, worker=False) as strict:
        member = await strict.member()
        for url in ("http://bridge.example/", "https://127.0.0.1/", "https://169.254.169.254/", "https://[::1]/"):
            answer = await member.api.put(f"{member.path}/webhook", json={"url": url})
            assert pointers(answer) == ["/url"]
        assert (await member.api.put(f"{member.path}/webhook", json={"url": "https://a.example/"})).status_code == 201


async def test_the_log_is_listed_newest_first_and_by_status(member: Member, server: Server) -> None:
    await _secret(member, server)
    sent = [(await member.api.post(f"{member.path}/webhook/test")).json()["id"] for _ in range(3)]
    for identifier in sent:
        await _ended(member, identifier)
    page = (await member.api.get(f"{member.path}/webhook/deliveries", params={"limit": 2})).json()
    rest = await _deliveries(member, cursor=page["next_cursor"])

    assert [delivery["id"] for delivery in (*page["items"], *rest)] == sent[::-1]
    assert [delivery["id"] for delivery in await _deliveries(member, status="delivered")] == sent[::-1]
    assert await _deliveries(member, status="failed") == []
    path = f"{member.path}/webhook/deliveries"
    problem(await member.api.get(path, params={"status": "lost"}), 422, "invalid")
    problem(await member.api.get(path, params={"cursor": "lost"}), 422, "invalid_cursor")


async def _secret(member: Member, server: Server) -> str:
    """The secret of the member's new webhook, which leads to the server."""
    made = await member.api.put(f"{member.path}/webhook", json={"url": f"{server.url}/hook"})
    assert made.status_code == 201, made.text
    secret: str = made.json()["secret"]
    return secret


def _signed(request: Request) -> tuple[bytes, dict[str, str]]:
    return request.raw, dict(request.headers)


def _json(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


async def _deliveries(member: Member, **query: str) -> list[dict[str, Any]]:
    answer = await member.api.get(f"{member.path}/webhook/deliveries", params=query)
    answer.raise_for_status()
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def _read(member: Member, delivery_id: str) -> dict[str, Any]:
    answer = await member.api.get(f"/api/v1/webhook-deliveries/{delivery_id}")
    answer.raise_for_status()
    delivery: dict[str, Any] = answer.json()
    return delivery


async def _ended(member: Member, delivery_id: str | None = None) -> dict[str, Any]:
    """The delivery, or the newest, once it has ended."""
    async with asyncio.timeout(20):
        while True:
            delivery = await _read(member, delivery_id) if delivery_id else (await _deliveries(member))[0]
            if delivery["ended_at"]:
                return delivery
            await asyncio.sleep(0.02)


async def _waiting(member: Member, job_id: str, tries: int) -> dict[str, Any]:
    """The job, once it waits after so many tries."""
    async with asyncio.timeout(20):
        while True:
            answer: httpx.Response = await member.api.get(f"/api/v1/jobs/{job_id}")
            job: dict[str, Any] = answer.json()
            if (job["status"], job["attempts"]) == ("queued", tries):
                return job
            await asyncio.sleep(0.02)


async def _said(system: System, member: Member, content: str) -> tuple[Conversation, Message]:
    """A member's words in a new conversation on WhatsApp, sent out as use cases do it."""
    ports = system.container.ports
    now, workspace_id = ports.clock().now(), WorkspaceId(UUID(member.workspace_id))
    begun = replace(
        Conversation.started(workspace_id, "Vera", None, now),
        channel=Channel.WHATSAPP,
        external_id=f"+420{uuid4().int % 10**9}",
    )
    because = ConversationStarted(
        workspace_id=workspace_id, actor=member.user.actor, at=now, conversation_id=begun.id, channel=begun.channel
    )
    conversation, message = begun.said_by_member(content, member.user.actor, now)
    async with ports.begin()() as work:
        await work.conversations.add(conversation, because=because)
        await work.messages.add(message)
        await send_out(work, conversation, message, now)
        await work.commit(None)
    return conversation, message


async def _erase(system: System, conversation: Conversation) -> None:
    ports = system.container.ports
    async with ports.begin()() as work:
        locked = await work.conversations.lock(conversation.id)
        because = ConversationErased(
            workspace_id=locked.workspace_id,
            actor=locked.visitor_actor,
            at=ports.clock().now(),
            conversation_id=locked.id,
        )
        await work.conversations.erase(locked, because=because)
        await work.commit(None)
