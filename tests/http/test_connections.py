from pathlib import Path

from entrypoints.supervisor.embedded import Urls
from tests.http.system import problem, settings_for, started


async def test_who_gets_no_connection_in_time_is_told_to_come_again(
    database_url: str, servers: Urls, tmp_path: Path
) -> None:
    settings = settings_for(database_url, servers.redis, tmp_path, DATABASE_POOL_SIZE="1", DATABASE_POOL_WAIT="1s")
    async with started(settings, worker=False) as small:
        async with small.container.ports.database().transaction():
            refused = await small.owner.get("/api/v1/workspaces/me")
        problem(refused, 503, "unavailable")
        assert (await small.owner.get("/api/v1/workspaces/me")).status_code == 200
