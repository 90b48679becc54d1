"""A bridge to a channel, in the few lines that the README shows for it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.http.system import Member, System
from tests.wire.server import Server, plain


class Bridge:
    """What its owner writes: brings in what its provider tells, and verifies what is to go out."""

    def __init__(self, member: Member, server: Server, secret: str) -> None:
        self._member, self._server, self._secret = member, server, secret

    async def came_in(self, sms: Mapping[str, str]) -> None:
        message = {"thread_id": sms["From"], "message_id": sms["MessageSid"], "text": sms["Body"]}
        (await self._member.api.post(f"{self._member.path}/inbound/sms", json=message)).raise_for_status()

    async def goes_out(self) -> tuple[str, str, str]:
        """To whom, by whom, and what is said next."""
        request = await asyncio.wait_for(self._server.arrivals.get(), 20)
        told: Any = Webhook(self._secret).verify(request.raw, dict(request.headers))
        assert told["type"] == "message.sent"
        return told["data"]["thread_id"], told["data"]["message"]["role"], told["data"]["message"]["content"]


@pytest.fixture
async def bridge(member: Member) -> AsyncIterator[Bridge]:
    async with Server(plain(200, "")) as server:
        answer = await member.api.put(f"{member.path}/webhook", json={"url": f"{server.url}/out"})
        yield Bridge(member, server, answer.json()["secret"])


async def test_somebody_asks_by_sms_and_is_answered_by_the_assistant_and_by_a_person(
    system: System, member: Member, bridge: Bridge
) -> None:
    patch = {"knowledge_base": "# Prices\n\nA portrait costs 120 EUR."}
    (await member.api.patch(member.path, json=patch)).raise_for_status()
    for _ in range(2):
        await bridge.came_in({"From": "+420123", "MessageSid": "SM1", "Body": "What does a portrait cost?"})
    thread, role, content = await bridge.goes_out()
    assert (thread, role) == ("+420123", "assistant")
    assert "120 EUR" in content

    ((conversation_id,),) = await system.sql(
        "select id from conversations where workspace_id = %s", member.workspace_id
    )
    path = f"/api/v1/conversations/{conversation_id}"
    (await member.api.post(f"{path}/takeover")).raise_for_status()
    await bridge.came_in({"From": "+420123", "MessageSid": "SM2", "Body": "And for two?"})
    (await member.api.post(f"{path}/messages", json={"content": "200 EUR."})).raise_for_status()
    assert await bridge.goes_out() == ("+420123", "member", "200 EUR.")

    (await member.api.patch(path, json={"status": "closed"})).raise_for_status()
    await bridge.came_in({"From": "+420123", "MessageSid": "SM3", "Body": "Thank you!"})
    assert (await member.api.get(path)).json()["status"] == "open"
