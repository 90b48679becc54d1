import asyncio
import json

import httpx
import pytest
from structlog.testing import capture_logs

from application.ports.rate_limiter import Rate
from entrypoints.http.edge.idempotency import Idempotency
from entrypoints.http.edge.limits import Limits
from tests.entrypoints.http.edge.world import CONVERSATION_ID, VISITOR, World, problem

NOTES = "/api/v1/notes"
KEY = {"idempotency-key": "k1"}
BODY = {"title": "a"}


def told(response: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    """Everything that a replay must repeat."""
    own = {"x-request-id", "idempotent-replayed"}
    return response.status_code, response.content, {n: v for n, v in response.headers.items() if n not in own}


async def test_a_repeat_gets_the_same_answer_and_changes_nothing(client: httpx.AsyncClient, world: World) -> None:
    first = await client.post(NOTES, json=BODY, headers=KEY)
    again = await client.post(NOTES, json=BODY, headers=KEY)

    assert first.status_code == 201
    assert told(again) == told(first)
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert world.units.commits == 1


async def test_an_answer_is_stored_sealed(client: httpx.AsyncClient, world: World) -> None:
    await client.post(NOTES, json={"title": "secret"}, headers=KEY)

    [stored] = world.units.stored.values()
    assert stored.answer.startswith(b"idempotency:")
    assert b"secret" not in stored.answer


async def test_another_body_under_the_same_key_is_refused(client: httpx.AsyncClient, world: World) -> None:
    await client.post(NOTES, json=BODY, headers=KEY)

    problem(await client.post(NOTES, json={"title": "b"}, headers=KEY), 422, "idempotency_mismatch")
    assert world.units.commits == 1


async def test_fifty_at_once_with_one_key_are_served_once(client: httpx.AsyncClient, world: World) -> None:
    world.units.going.clear()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(client.post(NOTES, json=BODY, headers=KEY)) for _ in range(50)]
        while world.units.finds < 50:  # noqa: ASYNC110 (every one has looked and found nothing)
            await asyncio.sleep(0)
        world.units.going.set()

    answers = [task.result() for task in tasks]
    assert world.units.commits == 1
    assert {told(answer)[:2] for answer in answers} == {told(answers[0])[:2]}
    assert sum("idempotent-replayed" in answer.headers for answer in answers) == 49


@pytest.mark.parametrize("grouped", [False, True])
async def test_a_key_that_another_process_commits_meanwhile_is_replayed(
    client: httpx.AsyncClient, world: World, grouped: bool
) -> None:
    world.units.elsewhere, world.units.grouped = True, grouped

    response = await client.post(NOTES, json=BODY, headers=KEY)

    assert response.status_code == 201
    assert response.headers["idempotent-replayed"] == "true"
    assert response.json()["title"] == "a"
    assert world.units.commits == 0


async def test_an_error_is_not_stored_and_the_next_try_is_served(client: httpx.AsyncClient, world: World) -> None:
    problem(await client.post(NOTES, json={"title": "refuse"}, headers=KEY), 409, "conflict")
    assert not world.units.stored

    assert (await client.post(NOTES, json=BODY, headers=KEY)).status_code == 201


async def test_a_waiting_repeat_is_served_when_the_first_one_fails(client: httpx.AsyncClient) -> None:
    first, second = await asyncio.gather(
        client.post(NOTES, json={"title": "refuse"}, headers=KEY), client.post(NOTES, json=BODY, headers=KEY)
    )

    assert (first.status_code, second.status_code) == (409, 201)


@pytest.mark.parametrize(
    "other", [{"authorization": "Bearer fd_key_other"}, {"path": "/api/v1/raw"}, {"idempotency-key": "k2"}]
)
async def test_keys_of_other_actors_and_paths_do_not_meet(client: httpx.AsyncClient, other: dict[str, str]) -> None:
    await client.post(NOTES, json=BODY, headers=KEY)
    headers = KEY | other
    response = await client.post(headers.pop("path", NOTES), json=BODY, headers=headers)

    assert "idempotent-replayed" not in response.headers


async def test_anonymous_keys_belong_to_an_address(world: World) -> None:
    path = "/api/v1/public/conversations"
    app = world.app()
    answers: list[httpx.Response] = []
    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.1"):
        transport = httpx.ASGITransport(app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://flightdeck.test") as client:
            answers.append(await client.post(path, json=BODY, headers=KEY))

    assert ["idempotent-replayed" in answer.headers for answer in answers] == [False, False, True]
    assert world.units.commits == 2


async def test_the_key_may_be_in_the_body(client: httpx.AsyncClient, world: World) -> None:
    body = BODY | {"idempotency_key": "k1"}

    await client.post(NOTES, json=body)
    assert (await client.post(NOTES, json=body)).headers["idempotent-replayed"] == "true"
    problem(await client.post(NOTES, json=body | {"title": "b"}), 422, "idempotency_mismatch")
    assert world.units.commits == 1


@pytest.mark.parametrize("key", [b"", b"a" * 256, b"\xc3\xab", b"a\tb"])
async def test_a_key_is_printable_and_of_bounded_length(client: httpx.AsyncClient, key: bytes) -> None:
    response = await client.post(NOTES, json=BODY, headers={b"idempotency-key": key})

    [fault] = problem(response, 422, "invalid")["errors"]
    assert fault["pointer"] == "/header/Idempotency-Key"


async def test_a_key_in_the_body_has_the_same_bounds(client: httpx.AsyncClient) -> None:
    response = await client.post(NOTES, json=BODY | {"idempotency_key": "a" * 256})

    assert problem(response, 422, "invalid")["errors"][0]["pointer"] == "/idempotency_key"


@pytest.mark.parametrize("content", [b"{", b"\xff", b'{"a":' * 40_000, b"[1]", b'{"idempotency_key": 7}'])
async def test_a_body_without_a_readable_key_has_none(client: httpx.AsyncClient, content: bytes) -> None:
    response = await client.post("/api/v1/raw", content=content, headers={"content-type": "application/json"})

    assert response.status_code in {201, 400}


async def test_a_get_has_no_key(client: httpx.AsyncClient, world: World) -> None:
    await client.get(NOTES, headers=KEY)

    assert world.units.finds == 0


async def test_a_route_may_opt_out(world: World) -> None:
    async with world.client() as client:
        await client.post("/api/v1/unrepeatable", json=BODY, headers=KEY)

    assert world.units.finds == 0


async def test_an_answer_that_cannot_be_unsealed_is_a_conflict(client: httpx.AsyncClient, world: World) -> None:
    await client.post(NOTES, json=BODY, headers=KEY)
    for slot, stored in world.units.stored.items():
        world.units.stored[slot] = type(stored)(digest=stored.digest, answer=b"another key's")

    problem(await client.post(NOTES, json=BODY, headers=KEY), 409, "conflict")


async def test_a_replay_is_not_counted(world: World) -> None:
    path = f"/api/v1/public/conversations/{CONVERSATION_ID}/messages"
    async with world.client(limits=Limits(public_writes=Rate(1, 60), conversation=Rate(1, 60))) as client:
        answers = [await client.post(path, json=BODY, headers=KEY | VISITOR) for _ in range(3)]
        refused = await client.post(path, json=BODY, headers=VISITOR)

    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert refused.status_code == 429


async def test_an_answer_other_than_the_committed_one_is_noticed(client: httpx.AsyncClient) -> None:
    with capture_logs() as logs:
        await client.post("/api/v1/liar", json=BODY, headers=KEY)

    assert [line["log_level"] for line in logs] == ["error", "info"]


async def test_nothing_is_kept_of_requests_that_ended() -> None:
    world = World()
    app = world.app()
    middleware = [part for part in app.middleware if isinstance(part, Idempotency)]
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://flightdeck.test") as client:
        for title in ("a", "refuse"):
            headers = {"authorization": "Bearer fd_key_owner", "idempotency-key": title}
            await client.post(NOTES, content=json.dumps({"title": title}), headers=headers)

    assert not middleware[0].running
