"""A backup and what is restored from it."""

import hashlib
import signal
import stat
import subprocess
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psutil
import pytest

from adapters.postgres.tools import connecting, fitting
from domain.errors import Unavailable
from entrypoints.cli.configuration import running_servers
from entrypoints.supervisor.embedded import EmbeddedServers, Urls
from tests.cli.backups import PASSWORD, QUESTION, everything, large, lived_in, older_server, sequences
from tests.http.system import KEY, Visitor
from tests.migrations.databases import new_database
from tests.processes import FLIGHTDECK, Done, Instance, environment, eventually, run, up


@pytest.fixture(scope="module")
async def older(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    async with older_server(tmp_path_factory.mktemp("older")) as url:
        yield url


@pytest.fixture(scope="module")
async def source(servers: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    async with lived_in(servers.database, servers.redis, tmp_path_factory.mktemp("source")) as url:
        yield url


@pytest.fixture
async def target(servers: Urls) -> AsyncIterator[str]:
    async with new_database(servers.database) as url:
        yield url


@pytest.fixture
async def old_target(older: str) -> AsyncIterator[str]:
    async with new_database(older) as url:
        yield url


@pytest.fixture(scope="module")
async def ample(older: str) -> AsyncIterator[str]:
    async with large(older) as url:
        yield url


def on(url: str, servers: Urls, folder: Path) -> dict[str, str]:
    """The environment of an instance on this database, with the key that sealed what is in it."""
    return environment(folder / "home", DATABASE_URL=url, REDIS_URL=servers.redis, SECRET_KEY=KEY)


def done_well(done: Done) -> str:
    assert (done.code, done.err) == (0, "")
    return done.out


def test_from_external_to_embedded_to_external_every_row_stays_the_same(
    source: str, target: str, servers: Urls, tmp_path: Path
) -> None:
    there, back = tmp_path / "there", tmp_path / "back"
    embedded = environment(tmp_path / "embedded", SECRET_KEY=KEY)
    told = done_well(run("backup", str(there), env=on(source, servers, tmp_path), cwd=tmp_path))
    assert told.endswith(f" in {there}, without the secret key.\n")
    assert done_well(run("restore", str(there), env=embedded, cwd=tmp_path)).startswith("Restored ")
    done_well(run("backup", str(back), env=embedded, cwd=tmp_path))
    assert running_servers(tmp_path / "embedded") is None
    done_well(run("restore", str(back), env=on(target, servers, tmp_path), cwd=tmp_path))
    assert everything(target) == everything(source)


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"BLOB_STORE": "directory", "BLOB_DIRECTORY": "/srv/files"}, "the directory /srv/files"),
        ({"BLOB_STORE": "s3", "S3_BUCKET": "files"}, "the bucket files"),
    ],
)
def test_files_that_are_kept_elsewhere_are_not_in_it_and_it_says_so(
    source: str, servers: Urls, tmp_path: Path, settings: dict[str, str], place: str
) -> None:
    told = done_well(run("backup", str(tmp_path / "file"), env=on(source, servers, tmp_path) | settings, cwd=tmp_path))
    assert told.splitlines()[1:] == [f"What is in files is not in it: now back up {place} as well."]


def test_to_an_older_server_and_back_every_row_stays_the_same(
    source: str, old_target: str, target: str, servers: Urls, tmp_path: Path
) -> None:
    there, back = tmp_path / "there", tmp_path / "back"
    done_well(run("backup", str(there), env=on(source, servers, tmp_path), cwd=tmp_path))
    done_well(run("restore", str(there), env=on(old_target, servers, tmp_path), cwd=tmp_path))
    assert everything(old_target) == everything(source)
    done_well(run("backup", str(back), env=on(old_target, servers, tmp_path), cwd=tmp_path))
    done_well(run("restore", str(back), env=on(target, servers, tmp_path), cwd=tmp_path))
    assert everything(target) == everything(source)


def backed_up(instance: Instance, file: Path) -> tuple[dict[str, object], dict[str, tuple[int, int]]]:
    """All that was in the instance while the backup was made, and between what its sequences were.

    It is made anew when a job ran meanwhile.
    """
    servers = running_servers(instance.home)
    assert servers
    url = servers.database
    for _ in range(5):
        file.unlink(missing_ok=True)
        rows, before = everything(url), sequences(url)
        done_well(run("backup", str(file), "--with-key", env=environment(instance.home), cwd=file.parent))
        after = sequences(url)
        if {**everything(url), **dict.fromkeys(after)} == {**rows, **dict.fromkeys(before)}:
            return rows, {name: (first, after[name]) for name, first in before.items()}
    raise AssertionError("Jobs run all the time.")


async def test_an_instance_goes_on_elsewhere_from_a_backup_made_while_it_runs(
    instance: Instance, tmp_path: Path
) -> None:
    async with httpx.AsyncClient(base_url=instance.url, timeout=20) as client:
        begun = await client.post("/api/v1/public/conversations", json={"workspace_handle": "harbour-studio"})
        visitor = Visitor(client, begun.json()["conversation_id"], begun.json()["visitor_token"])
        answer = await visitor.ask(QUESTION)
        file = tmp_path / "backup"
        rows, between = backed_up(instance, file)
        before = await visitor.messages()
    done_well(run("restore", str(file), env=environment(tmp_path / "home"), cwd=tmp_path))
    key = (tmp_path / "home" / "secret-key").read_bytes()
    assert key == (instance.home / "secret-key").read_bytes()
    assert stat.S_IMODE((tmp_path / "home" / "secret-key").stat().st_mode) == 0o600
    async with EmbeddedServers(tmp_path / "home") as urls:
        numbers = sequences(urls.database)
        assert {**everything(urls.database), **dict.fromkeys(numbers)} == {**rows, **dict.fromkeys(numbers)}
        assert all(least <= numbers[name] <= most for name, (least, most) in between.items())
    with up(tmp_path) as restored:
        async with httpx.AsyncClient(base_url=restored.url, timeout=20) as client:
            visitor = Visitor(client, visitor.conversation_id, visitor.token)
            assert await visitor.messages() == before
            assert await visitor.ask(QUESTION) == answer
            token = (restored.home / "owner-token").read_text(encoding="utf-8").strip()
            mine = await client.get("/api/v1/workspaces/me", headers={"Authorization": f"Bearer {token}"})
            assert mine.json()["handle"] == "harbour-studio"


def test_a_backup_is_read_without_us_and_by_its_owner_alone(source: str, servers: Urls, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    done_well(run("backup", str(file), env=on(source, servers, tmp_path), cwd=tmp_path))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with tarfile.open(file) as tar:
        tar.extractall(tmp_path, filter="data")
    folder = tmp_path / "flightdeck"
    sums = dict(line.split("  ")[::-1] for line in (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines())
    assert (
        sums.keys() == {"database.dump", "manifest.json"} == {path.name for path in folder.iterdir()} - {"SHA256SUMS"}
    )
    for name, told in sums.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == told
    assert (folder / "database.dump").read_bytes().startswith(b"PGDMP")
    assert KEY.encode() not in file.read_bytes()


def test_a_file_that_exists_is_replaced_only_when_asked(source: str, servers: Urls, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    file.write_text("precious", encoding="utf-8")
    refused = run("backup", str(file), env=on(source, servers, tmp_path), cwd=tmp_path)
    assert refused == Done(1, "", f"flightdeck: {file} exists. Name another file, or replace it with --force.\n")
    assert file.read_text(encoding="utf-8") == "precious"
    done_well(run("backup", str(file), "--force", env=on(source, servers, tmp_path), cwd=tmp_path))
    assert tarfile.is_tarfile(file)
    refused = run("backup", str(tmp_path), "--force", env=on(source, servers, tmp_path), cwd=tmp_path)
    assert (refused.code, refused.err.count("\n")) == (1, 1)


def test_where_nothing_is_there_is_nothing_to_back_up(target: str, servers: Urls, tmp_path: Path) -> None:
    absent = run("backup", "file", env=environment(tmp_path / "home"), cwd=tmp_path)
    assert absent.err.startswith(f"flightdeck: There is nothing to back up in {tmp_path}/home. ")
    empty = run("backup", "file", env=on(target, servers, tmp_path), cwd=tmp_path)
    assert empty.err.startswith("flightdeck: There is nothing to back up: the database has no tables of Flightdeck")
    assert [absent.code, empty.code] == [1, 1]
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_is_not_there_cannot_be_put_in(servers: Urls, tmp_path: Path) -> None:
    env = environment(tmp_path / "home", DATABASE_URL=servers.database, REDIS_URL=servers.redis)
    done = run("backup", "file", "--with-key", env=env, cwd=tmp_path)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("flightdeck: There is no secret key to put into the backup")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_does_not_take_it_is_a_sentence(source: str, servers: Urls, tmp_path: Path) -> None:
    # No file may be longer than that many kilobytes, as on a disk that is full.
    command = ("/bin/sh", "-c", 'ulimit -f 20; exec "$@"', "sh", *FLIGHTDECK, "backup", "file")
    env = on(source, servers, tmp_path)
    done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603 (ours)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "flightdeck: Cannot write file: File too large.\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_server_that_is_away_is_a_sentence_without_the_password(
    source: str, servers: Urls, tmp_path: Path, command: str
) -> None:
    file = tmp_path / "file"
    done_well(run("backup", str(file), env=on(source, servers, tmp_path), cwd=tmp_path))
    away = on(f"postgresql://me:{PASSWORD}@127.0.0.1:1/desk", servers, tmp_path)
    done = run(command, str(file), "--force", env=away, cwd=tmp_path)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("flightdeck: The database does not answer: ")
    assert PASSWORD not in done.err


def test_killed_in_the_middle_it_leaves_no_file_and_tells_no_password(
    ample: str, servers: Urls, tmp_path: Path
) -> None:
    file = tmp_path / "backup"
    file.write_text("the one before", encoding="utf-8")
    env = on(ample, servers, tmp_path)
    process = subprocess.Popen([*FLIGHTDECK, "backup", str(file), "--force"], env=env, cwd=tmp_path)  # noqa: S603 (ours)
    eventually(lambda: sum(draft.stat().st_size for draft in tmp_path.glob(".backup.*.part")) > 500_000)
    family = [child.cmdline() for child in psutil.Process(process.pid).children(recursive=True)]
    process.send_signal(signal.SIGKILL)
    assert process.wait(20) == -signal.SIGKILL
    assert any("pg_dump" in line[0] for line in family)
    assert PASSWORD not in str(family)
    assert file.read_text(encoding="utf-8") == "the one before"
    assert len(list(tmp_path.glob(".backup.*"))) == 1
    done_well(run("backup", str(file), "--force", env=env, cwd=tmp_path))
    assert list(tmp_path.glob(".backup.*")) == []
    assert tarfile.is_tarfile(file)


def test_interrupted_it_leaves_nothing(ample: str, servers: Urls, tmp_path: Path) -> None:
    env = on(ample, servers, tmp_path)
    process = subprocess.Popen([*FLIGHTDECK, "backup", "file"], env=env, cwd=tmp_path, stderr=-1, text=True)  # noqa: S603 (ours)
    eventually(lambda: any(tmp_path.glob(".file.*.part")))
    process.send_signal(signal.SIGINT)
    _, complaint = process.communicate(timeout=20)
    assert (process.returncode, complaint) == (130, "")
    assert list(tmp_path.iterdir()) == []


def program(folder: Path, version: str) -> Path:
    folder.mkdir()
    (folder / "pg_dump").write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {version}'\n", encoding="utf-8")
    (folder / "pg_dump").chmod(0o755)
    return folder


def test_the_first_program_that_is_not_older_than_the_server_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = program(tmp_path / "ours", "18.4"), program(tmp_path / "theirs", "19.1 (Debian 19.1-1)")
    monkeypatch.setenv("PATH", str(theirs), prepend=":")
    assert fitting("pg_dump", [ours], 16) == ours / "pg_dump"
    assert fitting("pg_dump", [ours], 19) == theirs / "pg_dump"
    with pytest.raises(Unavailable, match=r"^pg_dump 20 or newer is needed, and here is 19. .*postgresql-client-20"):
        fitting("pg_dump", [ours], 20)
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(Unavailable, match=r"^There is no pg_dump to use here. Install .* PostgreSQL 18 "):
        fitting("pg_dump", [], 18)


def test_a_program_connects_as_the_address_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSFILE", "/the/file")
    monkeypatch.setenv("SECRET_KEY", KEY)
    url = f"postgresql://me:{PASSWORD}@db.example.com:6432/desk?sslmode=verify-full&target_session_attrs=any"
    told = connecting(url, tls=True)
    assert told["PGSSLMODE"] == "verify-full"
    assert [told[f"PG{name}"] for name in ("USER", "PASSWORD", "HOST", "PORT", "DATABASE", "PASSFILE")] == [
        *("me", PASSWORD, "db.example.com", "6432", "desk", "/the/file")
    ]
    assert KEY not in told.values()
    assert connecting("postgresql://db/desk", tls=True)["PGSSLMODE"] == "require"
    assert "PGSSLMODE" not in connecting("postgresql://db/desk", tls=False)
