import stat
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from application.identity.reset_password import ResetPasswordCommand
from entrypoints.cli.first_start import make_ready, tell_how_to_sign_in
from entrypoints.container import Container, running
from entrypoints.settings import AuthMode, Environment, Settings
from entrypoints.supervisor.embedded import Urls
from tests.http.system import settings_for


@pytest.fixture
def settings(database_url: str, servers: Urls, tmp_path: Path) -> Settings:
    return settings_for(database_url, servers.redis, tmp_path)


@pytest.fixture
async def container(settings: Settings) -> AsyncIterator[Container]:
    async with running(settings) as container:
        yield container


def token(settings: Settings) -> str:
    return (settings.flightdeck_home / "owner-token").read_text(encoding="utf-8").strip()


async def test_the_owners_token_stays_the_same(container: Container, settings: Settings) -> None:
    await make_ready(container, settings)
    first = token(settings)
    await make_ready(container, settings)
    assert token(settings) == first


@pytest.mark.parametrize("stale", [b"fd_key_0198c0de_secret\n", b"", b"\xff"], ids=["of another", "empty", "no text"])
async def test_a_token_that_this_database_does_not_know_is_replaced(
    container: Container, settings: Settings, stale: bytes
) -> None:
    (settings.flightdeck_home / "owner-token").write_bytes(stale)
    await make_ready(container, settings)
    assert (await container.ports.callers().of_token(token(settings))).actor.name == "Owner"
    assert stat.S_IMODE((settings.flightdeck_home / "owner-token").stat().st_mode) == 0o600


async def test_in_production_a_workspace_that_is_in_use_brings_no_token(
    container: Container, settings: Settings
) -> None:
    await make_ready(container, settings)
    (settings.flightdeck_home / "owner-token").unlink()
    await make_ready(container, replace(settings, environment=Environment.PRODUCTION))
    assert not (settings.flightdeck_home / "owner-token").exists()


async def test_a_token_of_a_former_owner_is_replaced(container: Container, settings: Settings) -> None:
    await make_ready(container, settings)
    former = await container.ports.callers().of_token(token(settings))
    await make_ready(container, replace(settings, owner_email="another@example.com"))
    assert (await container.ports.callers().of_token(token(settings))).actor.id != former.actor.id


async def test_how_the_owner_sets_a_password_is_told_while_they_have_none(
    container: Container, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    given = replace(settings, owner_email="first@example.com")
    await make_ready(container, given)
    for silent in (
        replace(given, environment=Environment.PRODUCTION),
        replace(given, auth_mode=frozenset({AuthMode.OIDC})),
    ):
        await tell_how_to_sign_in(container, silent)
    assert capsys.readouterr().out == ""
    await tell_how_to_sign_in(container, given)
    told = capsys.readouterr().out
    assert told.startswith(f"The owner's password is not set: {settings.base_url}/reset-password#token=")
    token = told.partition("#token=")[2].split()[0]
    command = ResetPasswordCommand(secret=token, password="another long password")
    await container.sign_in().reset_password()(command)
    await tell_how_to_sign_in(container, given)
    assert capsys.readouterr().out == ""
