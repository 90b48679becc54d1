import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from typing import Any

import httpx2
import pytest

from adapters.httpx2.client import vendor_client
from adapters.memory.clock import MemoryClock
from adapters.oidc.discovery import IssuerDocuments
from adapters.oidc.key_rings import FetchedKeys, FixedKey
from adapters.oidc.keys import pem_key
from adapters.oidc.token_verifier import OidcTokenVerifier
from domain.errors import Unauthenticated, Unavailable
from tests.adapters.oidc.signing import claims, jwk, jwks, pem, token
from tests.adapters.oidc.verifiers import verifier
from tests.wire.server import Reply, Server, Then, plain, refusing

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ISSUER = "https://issuer.example.com/"


def keys(*names: str) -> Reply:
    return plain(200, jwks(*map(jwk, names)).decode())


DOWN = plain(503, "")


class Stage(AsyncExitStack):
    """An issuer on loopback, and who fetches its keys."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = MemoryClock()
        self.server: Server

    async def ring(self, *replies: Reply) -> FetchedKeys:
        self.server = await self.enter_async_context(Server(*replies))
        return self.ring_at(f"{self.server.url}/jwks.json")

    def ring_at(self, url: str, **settings: Any) -> FetchedKeys:
        documents = IssuerDocuments(ISSUER, url, partial(vendor_client, most=10_000), **settings)
        return FetchedKeys(documents, self.clock)

    async def verifier(self, *replies: Reply) -> OidcTokenVerifier:
        return verifier(self.clock, keys=await self.ring(*replies))

    @property
    def fetches(self) -> int:
        return len(self.server.requests)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with Stage() as stage:
        yield stage


def signed(by: str, subject: str = "ann") -> str:
    return token(claims(sub=subject, exp=None) | {"exp": 2**33}, {"alg": "RS256", "kid": by}, by=by)


async def settled(ring: FetchedKeys) -> None:
    """Waits until nothing is being fetched."""
    fetching: asyncio.Task[None] | None = vars(ring)["_fetching"]
    if fetching:
        await fetching


async def test_keys_are_fetched_when_the_first_is_needed_and_once(stage: Stage) -> None:
    ring = await stage.ring(keys("rsa", "rsa-2"))
    assert stage.fetches == 0

    found = await asyncio.gather(*(ring.find(name) for name in ["rsa", "rsa-2"] * 50))

    assert {key.id for key in found if key} == {"rsa", "rsa-2"}
    assert stage.fetches == 1


async def test_a_thousand_requests_during_a_rotation_are_all_served_with_two_fetches(stage: Stage) -> None:
    knowing = await stage.verifier(keys("rsa"), keys("rsa", "rsa-2"))
    # Half of them know the new key before we do; each is another person, so that none is served from memory.
    tokens = [signed("rsa-2" if n % 2 else "rsa", f"user {n}") for n in range(1000)]

    identities = await asyncio.gather(*map(knowing.verify, tokens))

    assert [identity.subject for identity in identities] == [f"user {n}" for n in range(1000)]
    assert stage.fetches == 2


async def test_the_same_holds_when_the_old_keys_were_known(stage: Stage) -> None:
    knowing = await stage.verifier(keys("rsa"), keys("rsa", "rsa-2"))
    await knowing.verify(signed("rsa"))

    told = await asyncio.gather(*(knowing.verify(signed(by, by)) for by in ["rsa", "rsa-2"] * 50))

    assert {identity.subject for identity in told} == {"rsa", "rsa-2"}
    assert stage.fetches == 2


async def test_an_unknown_name_is_asked_for_once_a_minute(stage: Stage) -> None:
    ring = await stage.ring(keys("rsa"))
    await ring.find("rsa")

    assert await asyncio.gather(*(ring.find(f"unknown {n}") for n in range(100))) == [None] * 100
    assert stage.fetches == 2
    stage.clock.advance(MINUTE - timedelta(seconds=1))
    assert await ring.find("unknown") is None
    assert stage.fetches == 2
    stage.clock.advance(timedelta(seconds=1))
    assert await ring.find("unknown") is None
    assert stage.fetches == 3


async def test_without_a_name_nothing_is_asked_anew(stage: Stage) -> None:
    ring = await stage.ring(keys("rsa", "rsa-2"))

    assert [await ring.find(None), await ring.find(None)] == [None, None]
    assert stage.fetches == 1


async def test_old_keys_serve_while_new_ones_are_fetched(stage: Stage) -> None:
    gate = asyncio.Event()
    ring = await stage.ring(keys("rsa"), (gate, *keys("rsa-2")))
    await ring.find("rsa")
    stage.clock.advance(HOUR)

    assert await ring.find("rsa") is not None
    gate.set()
    await settled(ring)
    assert await ring.find("rsa-2") is not None
    assert stage.fetches == 2


async def test_who_waits_for_a_fetch_that_began_too_early_asks_anew(stage: Stage) -> None:
    gate = asyncio.Event()
    ring = await stage.ring(keys("rsa"), (gate, *keys("rsa")), keys("rsa", "rsa-2"))
    await ring.find("rsa")
    stage.clock.advance(HOUR)
    await ring.find("rsa")
    waiting = [asyncio.create_task(ring.find("rsa-2")) for _ in range(10)]
    gate.set()

    assert None not in await asyncio.gather(*waiting)
    assert stage.fetches == 3


async def test_keys_are_kept_through_an_outage(stage: Stage) -> None:
    ring = await stage.ring(keys("rsa"), DOWN, DOWN, keys("rsa-2"))
    await ring.find("rsa")
    for age in (HOUR, MINUTE):
        stage.clock.advance(age)
        assert await ring.find("rsa") is not None
        await settled(ring)
        assert await ring.find("rsa") is not None  # and asks no more within the minute
    assert stage.fetches == 3

    stage.clock.advance(MINUTE)
    await ring.find("rsa")
    await settled(ring)
    assert await ring.find("rsa") is None


async def test_during_an_outage_an_unknown_name_may_be_a_new_key(stage: Stage) -> None:
    ring = await stage.ring(keys("rsa"), DOWN)
    await ring.find("rsa")

    for _ in range(2):
        with pytest.raises(Unavailable):
            await ring.find("rsa-2")
    assert stage.fetches == 2


async def test_without_any_keys_it_is_tried_again_after_seconds(stage: Stage) -> None:
    ring = await stage.ring(DOWN, DOWN, keys("rsa"))
    for _ in range(2):
        with pytest.raises(Unavailable):
            await ring.find("rsa")
    assert stage.fetches == 1

    stage.clock.advance(timedelta(seconds=5))
    with pytest.raises(Unavailable):
        await ring.find(None)
    stage.clock.advance(timedelta(seconds=5))
    assert await ring.find("rsa") is not None
    assert stage.fetches == 3


async def test_a_key_that_is_not_published_any_more_opens_nothing(stage: Stage) -> None:
    ring = await stage.ring(keys("rsa", "rsa-2"), keys("rsa-2"))
    remembering, known = verifier(stage.clock, keys=ring), signed("rsa")
    await remembering.verify(known)
    stage.clock.advance(HOUR)
    assert (await remembering.verify(known)).subject == "ann"

    await settled(ring)
    for made in (known, signed("rsa", "bob")):
        with pytest.raises(Unauthenticated):
            await remembering.verify(made)
    assert (await remembering.verify(signed("rsa-2"))).subject == "ann"


async def test_who_gives_up_does_not_end_the_fetch_for_others(stage: Stage) -> None:
    gate = asyncio.Event()
    ring = await stage.ring((gate, *keys("rsa")))
    impatient, patient = (asyncio.create_task(ring.find("rsa")) for _ in range(2))
    await stage.server.arrivals.get()
    impatient.cancel()
    gate.set()

    assert await patient is not None
    assert stage.fetches == 1


@pytest.mark.parametrize(
    "reply",
    [
        plain(404, ""),
        plain(302, "", location="/elsewhere"),
        plain(200, "<html>"),
        plain(200, {"keys": []}),
        plain(200, "x" * 10_001),
        (Then.CLOSE,),
        (Then.RESET,),
    ],
    ids=["404", "302", "html", "no keys", "too long", "closed", "reset"],
)
async def test_what_is_no_set_of_keys_is_an_outage(stage: Stage, reply: Reply) -> None:
    ring = await stage.ring(reply)

    with pytest.raises(Unavailable):
        await ring.find("rsa")


async def test_an_issuer_that_hangs_is_an_outage(stage: Stage) -> None:
    await stage.ring((Then.HANG,))
    ring = stage.ring_at(stage.server.url, patience=0.05)

    with pytest.raises(Unavailable):
        await ring.find("rsa")


async def test_an_issuer_that_is_not_there_is_an_outage(stage: Stage) -> None:
    with pytest.raises(Unavailable):
        await stage.ring_at(await refusing()).find("rsa")


async def test_a_fixed_key_is_found_under_any_name() -> None:
    key = pem_key(pem("rsa"))
    ring = FixedKey(key)

    assert (await ring.find("any"), await ring.find(None)) == (key, key)
    assert ring.holds(key)
    assert not ring.holds(pem_key(pem("rsa-2")))


class TestDiscovery:
    async def find(self, stage: Stage, server: Server, issuer: str) -> object:
        stage.server = server
        documents = IssuerDocuments(issuer, None, vendor_client)
        return await FetchedKeys(documents, stage.clock).find("rsa")

    @pytest.mark.parametrize("slash", ["", "/"])
    async def test_the_issuer_says_where_its_keys_are(self, stage: Stage, slash: str) -> None:
        async with Server() as server:
            issuer = f"{server.url}/realms/desk{slash}"
            server.replies = [plain(200, {"issuer": issuer, "jwks_uri": f"{server.url}/certs"}), keys("rsa")]

            assert await self.find(stage, server, issuer) is not None
        assert [request.path for request in server.requests] == [
            "/realms/desk/.well-known/openid-configuration",
            "/certs",
        ]

    @pytest.mark.parametrize(
        "metadata",
        [{"issuer": "other", "jwks_uri": "…/certs"}, {"jwks_uri": "…/certs"}, {"issuer": "…"}, [], "nonsense"],
        ids=str,
    )
    async def test_metadata_of_another_is_not_believed(self, stage: Stage, metadata: object) -> None:
        async with Server() as server:
            server.replies = [plain(200, _placed(metadata, server.url)), keys("rsa")]

            with pytest.raises(Unavailable):
                await self.find(stage, server, server.url)
        assert len(server.requests) == 1

    async def test_keys_of_a_secure_issuer_are_not_fetched_in_the_clear(self, stage: Stage) -> None:
        asked: list[str] = []

        def answer(request: httpx2.Request) -> httpx2.Response:
            asked.append(str(request.url))
            return httpx2.Response(200, json={"issuer": ISSUER, "jwks_uri": "http://issuer.example.com/certs"})

        documents = IssuerDocuments(ISSUER, None, lambda: httpx2.AsyncClient(transport=httpx2.MockTransport(answer)))
        with pytest.raises(Unavailable):
            await FetchedKeys(documents, stage.clock).find("rsa")
        assert asked == [f"{ISSUER}.well-known/openid-configuration"]


def _placed(metadata: object, url: str) -> object:
    if not isinstance(metadata, dict):
        return metadata
    return {name: str(value).replace("…", url) for name, value in metadata.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
