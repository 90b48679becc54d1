"""What restoring refuses, and what is there when it is ended midway."""

import shutil
import signal
import stat
import subprocess
import tarfile
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import msgspec
import psycopg
import pytest
from redis import Redis
from sqlalchemy import make_url

from adapters.postgres.migrate import migrate
from domain.errors import Conflict, Unavailable
from entrypoints.cli.backup_file import opened, written
from entrypoints.cli.configuration import running_servers
from entrypoints.supervisor.embedded import EmbeddedServers, Urls
from tests.cli.backups import everything, execute, large, lived_in
from tests.http.system import KEY
from tests.migrations.databases import new_database
from tests.processes import FLIGHTDECK, Done, Instance, environment, eventually, run

OTHER_KEY = "another secret key of the tests, as long as it"
_MIGRATION_LOCK = 4_816_213_025  # as in migrations/env.py
_DOING = "select query, wait_event from pg_stat_activity where application_name = 'flightdeck restore'"


@pytest.fixture(scope="module")
async def source(servers: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    async with lived_in(servers.database, servers.redis, tmp_path_factory.mktemp("source")) as url:
        yield url


@pytest.fixture(scope="module")
async def ample(servers: Urls) -> AsyncIterator[str]:
    async with large(servers.database) as url:
        yield url


@pytest.fixture
async def target(servers: Urls) -> AsyncIterator[str]:
    async with new_database(servers.database) as url:
        yield url


@pytest.fixture(scope="module")
def backup(source: str, servers: Urls, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return backed_up(source, servers, tmp_path_factory.mktemp("backup"))


@pytest.fixture(scope="module")
def ample_backup(ample: str, servers: Urls, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return backed_up(ample, servers, tmp_path_factory.mktemp("ample"))


def backed_up(url: str, servers: Urls, folder: Path) -> Path:
    done = run("backup", "file", env=on(url, servers, folder), cwd=folder)
    assert (done.code, done.err) == (0, "")
    return folder / "file"


def on(url: str, servers: Urls, folder: Path, key: str = KEY) -> dict[str, str]:
    return environment(folder / "home", DATABASE_URL=url, REDIS_URL=servers.redis, SECRET_KEY=key)


def refused(done: Done) -> str:
    """The one sentence it said."""
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1), done
    return done.err.removeprefix("flightdeck: ").rstrip("\n")


def lived_elsewhere(url: str, servers: Urls, folder: Path) -> None:
    """The database has data that is not the backup's."""
    assert run("seed", env=on(url, servers, folder), cwd=folder).code == 0


def changed(backup: Path, to: Path, change: Callable[[bytearray], None]) -> Path:
    content = bytearray(backup.read_bytes())
    change(content)
    to.write_bytes(content)
    return to


def fault(file: Path) -> str:
    """What is wrong with it."""
    with pytest.raises((Conflict, Unavailable)) as refusal, opened(file):
        pass
    return str(refusal.value)


def with_manifest(backup: Path, to: Path, **fields: object) -> Path:
    """The backup with another manifest, and the checksums that go with it."""
    with opened(backup) as found, written(to, force=False) as file, tarfile.open(backup) as tar:
        dump = tar.extractfile("flightdeck/database.dump")
        assert dump
        file.write(dump.read())
        file.finish(msgspec.structs.replace(found.manifest, **fields), found.secret_key)
    return to


def restore(backup: Path, env: dict[str, str], folder: Path, *options: str) -> Done:
    return run("restore", str(backup), *options, env=env, cwd=folder)


class TestWhatItReplaces:
    def test_data_is_replaced_only_when_asked_and_then_all_of_it(
        self, source: str, backup: Path, target: str, servers: Urls, tmp_path: Path
    ) -> None:
        env = on(target, servers, tmp_path)
        lived_elsewhere(target, servers, tmp_path)
        execute(
            target, "create table later (id int); create view latest as select * from later; create sequence lately"
        )
        before = everything(target)
        told = refused(restore(backup, env, tmp_path))
        assert told == "The database holds data. With --force all of it is replaced by the backup."
        assert everything(target) == before
        assert restore(backup, env, tmp_path, "--force").code == 0
        assert everything(target) == everything(source)

    def test_tables_without_rows_are_no_data(
        self, source: str, backup: Path, target: str, servers: Urls, tmp_path: Path
    ) -> None:
        migrate(target)
        assert restore(backup, on(target, servers, tmp_path), tmp_path).code == 0
        assert everything(target) == everything(source)

    def test_another_programs_tables_are_never_replaced(
        self, backup: Path, target: str, servers: Urls, tmp_path: Path
    ) -> None:
        execute(target, "create table customers (id int)")
        told = refused(restore(backup, on(target, servers, tmp_path), tmp_path, "--force"))
        assert told == "The database holds tables of another program. Restore into a database of its own."

    def test_live_text_that_is_newer_than_the_backup_is_forgotten(
        self, backup: Path, target: str, servers: Urls, tmp_path: Path
    ) -> None:
        run_key, other = f"flightdeck:run:{uuid4()}", f"flightdeck:limit:{uuid4()}"
        with Redis.from_url(servers.redis) as redis:  # pyright: ignore[reportUnknownMemberType]
            redis.xadd(run_key, {"f": "text"})  # pyright: ignore[reportUnknownMemberType]
            redis.set(other, "1", ex=60)
            assert restore(backup, on(target, servers, tmp_path), tmp_path).code == 0
            assert [redis.exists(run_key), redis.exists(other)] == [0, 1]

    def test_nothing_changes_while_redis_is_away(
        self, backup: Path, target: str, servers: Urls, tmp_path: Path
    ) -> None:
        before = everything(target)
        env = {**on(target, servers, tmp_path), "REDIS_URL": "redis://127.0.0.1:1/0"}
        assert refused(restore(backup, env, tmp_path)).startswith("Redis does not answer.")
        assert everything(target) == before


class TestWhoUsesIt:
    def test_the_api_and_the_worker_are_named(self, instance: Instance, backup: Path, tmp_path: Path) -> None:
        told = refused(restore(backup, environment(instance.home, SECRET_KEY=KEY), tmp_path, "--force"))
        assert told == (
            "The database is in use by flightdeck serve and flightdeck worker. Stop that first, then restore again."
        )

    def test_any_other_program_is_named(self, backup: Path, target: str, servers: Urls, tmp_path: Path) -> None:
        with psycopg.connect(target, application_name="reports"):
            told = refused(restore(backup, on(target, servers, tmp_path), tmp_path))
        assert told == "The database is in use by reports. Stop that first, then restore again."

    def test_a_user_without_permission_is_told(self, backup: Path, target: str, servers: Urls, tmp_path: Path) -> None:
        name = f"nobody_{uuid4().hex[:8]}"
        execute(servers.database, f"create role {name} login password 'unspeakable'")
        url = make_url(target).set(username=name, password="unspeakable").render_as_string(hide_password=False)
        told = refused(restore(backup, on(url, servers, tmp_path), tmp_path))
        execute(servers.database, f"drop role {name}")
        assert told.startswith("The database's user lacks a permission: ")


class TestWhatIsNoBackup:
    @pytest.mark.parametrize("size", [600, 30_000, -1_500, -3_000], ids=str)
    def test_one_that_is_cut_off_is_damaged(self, backup: Path, tmp_path: Path, size: int) -> None:
        file = changed(backup, tmp_path / "cut", lambda content: content.__delitem__(slice(size, None)))
        assert fault(file) == f"{file} is damaged: it is cut off or was changed. Nothing was restored."

    @pytest.mark.parametrize("place", [b"PGDMP", b'"rows": {', b"  manifest.json", b"flightdeck/manifest"], ids=str)
    def test_one_that_was_changed_is_damaged(self, backup: Path, tmp_path: Path, place: bytes) -> None:
        file = changed(backup, tmp_path / "changed", lambda content: flip(content, content.index(place) + 3))
        assert fault(file) == f"{file} is damaged: it is cut off or was changed. Nothing was restored."

    def test_a_damaged_one_is_refused_before_anything_changes(
        self, backup: Path, target: str, servers: Urls, tmp_path: Path
    ) -> None:
        before = everything(target)
        file = changed(backup, tmp_path / "changed", lambda content: flip(content, 30_000))
        told = refused(restore(file, on(target, servers, tmp_path), tmp_path))
        assert told == f"{file} is damaged: it is cut off or was changed. Nothing was restored."
        assert everything(target) == before

    @pytest.mark.parametrize(
        "content", [b"", b"-- an SQL script\n" * 100, bytes(10_000)], ids=["empty", "sql", "zeros"]
    )
    def test_another_file_is_none(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "file").write_bytes(content)
        assert fault(tmp_path / "file") == f"{tmp_path}/file is not a backup of Flightdeck."

    def test_another_archive_is_none_and_an_absent_file_is_told(self, tmp_path: Path) -> None:
        shutil.make_archive(str(tmp_path / "another"), "tar", tmp_path)
        assert fault(tmp_path / "another.tar") == f"{tmp_path}/another.tar is not a backup of Flightdeck."
        assert fault(tmp_path / "absent") == f"Cannot read {tmp_path}/absent: No such file or directory."

    def test_one_of_a_newer_flightdeck_is_refused(
        self, backup: Path, target: str, servers: Urls, tmp_path: Path
    ) -> None:
        env = on(target, servers, tmp_path)
        newer = with_manifest(backup, tmp_path / "newer", format=2)
        assert refused(restore(newer, env, tmp_path)) == (
            f"{newer} was made by a newer Flightdeck. Restore it with that one."
        )
        with opened(backup) as found:
            contents = replace(found.manifest.contents, schema=("fedcba987654",))
        later = with_manifest(backup, tmp_path / "later", contents=contents)
        assert refused(restore(later, env, tmp_path)) == (
            "The backup is of a newer Flightdeck (schema fedcba987654). Restore it with that one."
        )

    def test_one_that_brings_other_rows_than_it_says_changes_nothing(
        self, backup: Path, target: str, servers: Urls, tmp_path: Path
    ) -> None:
        before = everything(target)
        with opened(backup) as found:
            contents = found.manifest.contents
        wrong = replace(contents, rows={**contents.rows, "vectors": 1})
        file = with_manifest(backup, tmp_path / "wrong", contents=wrong)
        told = refused(restore(file, on(target, servers, tmp_path), tmp_path))
        assert told == "What was restored is not what was backed up: vectors."
        assert everything(target) == before


class TestTheSecretKey:
    def test_another_one_is_told_and_may_be_insisted_on(
        self, source: str, backup: Path, target: str, servers: Urls, tmp_path: Path
    ) -> None:
        env = on(target, servers, tmp_path, OTHER_KEY)
        told = refused(restore(backup, env, tmp_path))
        assert told.startswith("The secrets in the backup were sealed with a secret key that SECRET_KEY does not hold.")
        assert restore(backup, env, tmp_path, "--other-key").code == 0
        assert everything(target) == everything(source)

    def test_a_home_without_one_is_told_where_it_goes(
        self, backup: Path, target: str, servers: Urls, tmp_path: Path
    ) -> None:
        env = on(target, servers, tmp_path, "")
        assert f"that {tmp_path}/home/secret-key does not hold" in refused(restore(backup, env, tmp_path))
        assert not (tmp_path / "home").exists()

    def test_one_in_the_backup_takes_the_place_of_the_homes_and_never_of_the_settings(
        self, source: str, target: str, servers: Urls, tmp_path: Path
    ) -> None:
        env = on(source, servers, tmp_path)
        assert run("backup", "file", "--with-key", env=env, cwd=tmp_path).code == 0
        env = on(target, servers, tmp_path, OTHER_KEY)
        assert "that SECRET_KEY does not hold" in refused(restore(Path("file"), env, tmp_path))
        key = tmp_path / "home" / "secret-key"
        key.parent.mkdir()
        key.write_text(OTHER_KEY, encoding="utf-8")
        assert restore(Path("file"), on(target, servers, tmp_path, ""), tmp_path).code == 0
        assert key.read_text(encoding="utf-8") == f"{KEY}\n"
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


def flip(content: bytearray, index: int) -> None:
    content[index] ^= 1


def begun(backup: Path, env: dict[str, str], folder: Path) -> subprocess.Popen[str]:
    command = [*FLIGHTDECK, "restore", str(backup), "--force"]
    return subprocess.Popen(command, env=env, cwd=folder, stderr=subprocess.PIPE, text=True)  # noqa: S603 (ours)


def doing(server: str) -> list[tuple[str, str]]:
    """What restoring sends at this moment, and what it waits for, seen from another database of the server."""
    try:
        with psycopg.connect(server) as connection:
            return connection.execute(_DOING).fetchall()
    except psycopg.OperationalError:  # not up yet
        return []


def copying(server: str) -> Callable[[], bool]:
    return lambda: any(query.startswith("COPY public.ballast") for query, _ in doing(server))


class TestEndedInTheMiddle:
    def test_killed_among_the_rows_it_leaves_the_old_data(
        self, ample: str, ample_backup: Path, target: str, servers: Urls, tmp_path: Path
    ) -> None:
        env = on(target, servers, tmp_path)
        lived_elsewhere(target, servers, tmp_path)
        before = everything(target)
        process = begun(ample_backup, env, tmp_path)
        eventually(copying(servers.database))
        assert killed(process)
        eventually(lambda: not doing(servers.database))
        assert everything(target) == before
        assert restore(ample_backup, env, tmp_path, "--force").code == 0
        assert everything(target) == everything(ample)

    def test_killed_before_it_commits_it_leaves_the_old_data(
        self, ample_backup: Path, target: str, servers: Urls, tmp_path: Path
    ) -> None:
        lived_elsewhere(target, servers, tmp_path)
        before = everything(target)
        process = begun(ample_backup, on(target, servers, tmp_path), tmp_path)
        eventually(copying(servers.database))
        with psycopg.connect(target) as beside:
            beside.execute("select pg_advisory_lock(%s)", [_MIGRATION_LOCK])
            eventually(lambda: any(wait == "advisory" for _, wait in doing(servers.database)))
            assert killed(process)
            eventually(lambda: not any(wait != "advisory" for _, wait in doing(servers.database)))
        eventually(lambda: not doing(servers.database))
        assert everything(target) == before

    def test_interrupted_it_leaves_the_old_data(
        self, ample_backup: Path, target: str, servers: Urls, tmp_path: Path
    ) -> None:
        lived_elsewhere(target, servers, tmp_path)
        before = everything(target)
        process = begun(ample_backup, on(target, servers, tmp_path), tmp_path)
        eventually(copying(servers.database))
        with psycopg.connect(target) as beside:  # so that it is still at it, however slow this test is
            beside.execute("select pg_advisory_lock(%s)", [_MIGRATION_LOCK])
            eventually(lambda: any(wait == "advisory" for _, wait in doing(servers.database)))
            process.send_signal(signal.SIGINT)
            assert process.communicate(timeout=20)[1] == ""
        assert process.returncode == 130
        assert everything(target) == before

    async def test_killed_with_the_embedded_servers_the_next_start_has_the_old_data(
        self, ample_backup: Path, tmp_path: Path
    ) -> None:
        home = tmp_path / "home"
        env = environment(home, SECRET_KEY=KEY)
        assert run("seed", env=env, cwd=tmp_path).code == 0
        async with EmbeddedServers(home) as urls:
            before = everything(urls.database)
        process = begun(ample_backup, env, tmp_path)
        eventually(lambda: (urls := running_servers(home)) is not None and copying(of_server(urls))())
        assert killed(process)
        async with EmbeddedServers(home) as urls:
            assert everything(urls.database) == before
        assert restore(ample_backup, env, tmp_path, "--force").code == 0


def of_server(urls: Urls) -> str:
    return make_url(urls.database).set(database="postgres").render_as_string(hide_password=False)


def killed(process: subprocess.Popen[str]) -> bool:
    """Whether it was still at it."""
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=20)
    return process.returncode == -signal.SIGKILL
