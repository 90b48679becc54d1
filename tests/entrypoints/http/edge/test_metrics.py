import httpx

from tests.entrypoints.http.edge.world import NOTE, World


async def test_requests_are_counted_by_method_route_and_status(client: httpx.AsyncClient) -> None:
    await client.get(f"/api/v1/notes/{NOTE}")
    await client.get(f"/api/v1/notes/{NOTE}?a=b")
    await client.get("/nothing/secret")
    await client.request("BREW", "/nothing")
    text = (await client.get("/metrics")).text

    assert 'http_requests_total{method="GET",route="/api/v1/notes/{note_id}",status="200"} 2.0' in text
    assert 'http_requests_total{method="GET",route="unmatched",status="404"} 1.0' in text
    assert 'http_requests_total{method="other",route="unmatched",status="404"} 1.0' in text
    assert 'http_request_duration_seconds_count{method="GET",route="unmatched",status="404"} 1.0' in text
    assert "http_open_streams 0.0" in text
    assert "secret" not in text


async def test_each_application_counts_for_itself(world: World) -> None:
    async with world.client() as one, world.client() as other:
        await one.get("/healthz")
        text = (await other.get("/metrics")).text

    assert "/healthz" not in text
