import asyncio
import re
import socket
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from entrypoints.cli.doctor import cors_finding, heads_finding, mail_finding, port_finding
from entrypoints.settings import load
from entrypoints.supervisor.embedded import Urls
from tests.migrations.databases import new_database
from tests.processes import environment, free_port, run
from tests.wire.embeddings import EmbeddingServer


def test_what_does_not_answer_is_named_with_what_to_do(tmp_path: Path) -> None:
    absent = {"DATABASE_URL": "postgresql://me:unspeakable@127.0.0.1:1/desk", "REDIS_URL": "redis://127.0.0.1:1/0"}
    done = run("doctor", env=environment(tmp_path / "home", PORT=str(free_port()), **absent), cwd=tmp_path)
    assert (done.code, done.err) == (1, "")
    assert "BAD database    The database does not answer: " in done.out
    assert "Connection refused. See that DATABASE_URL is right and that its server runs.\n" in done.out
    assert "BAD redis       Redis does not answer. See that it runs and that REDIS_URL names it.\n" in done.out
    assert "unspeakable" not in done.out


def test_before_the_first_start_nothing_is_wrong_and_nothing_is_made(tmp_path: Path) -> None:
    done = run("doctor", env=environment(tmp_path / "home", PORT=str(free_port())), cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert "servers     Embedded ones, which do not run now. 'flightdeck up' starts them.\n" in done.out
    assert not (tmp_path / "home").exists()


async def test_the_models_are_named_in_the_order_in_which_they_are_asked_and_the_embedder(
    tmp_path: Path, database_url: str, servers: Urls
) -> None:
    models = {"GROQ_API_KEY": "gsk-unspeakable", "LLM_CHAIN": "groq:llama-3.3-70b-versatile,offline"}
    models |= {"EMBEDDER": "openai", "EMBEDDING_API_KEY": "sk-unspeakable", "EMBEDDING_MODEL": "theirs"}
    async with EmbeddingServer() as embeddings:
        models["EMBEDDING_BASE_URL"] = f"{embeddings.url}/v1"
        given = {"DATABASE_URL": database_url, "REDIS_URL": servers.redis, **models}
        env = environment(tmp_path / "home", PORT=str(free_port()), **given)
        done = await asyncio.to_thread(run, "doctor", env=env, cwd=tmp_path)
    assert "ok  model       groq:llama-3.3-70b-versatile, then offline:quote\n" in done.out
    assert re.search(r"ok  embedder    openai:theirs@[0-9a-f]{8}\n", done.out)
    assert [request.body["input"] for request in embeddings.requests] == [["ready"]]
    assert "unspeakable" not in done.out + done.err


def test_one_address_without_the_other_is_found(tmp_path: Path) -> None:
    env = environment(tmp_path / "home", PORT=str(free_port()), DATABASE_URL="postgresql://h/d")
    done = run("doctor", env=env, cwd=tmp_path)
    assert done.code == 1
    assert "BAD servers     DATABASE_URL is set and REDIS_URL is not. Set both, or neither" in done.out


async def test_an_empty_database_and_an_old_pgvector_are_found(tmp_path: Path, servers: Urls) -> None:
    async with new_database(servers.database) as url:
        env = environment(tmp_path / "home", PORT=str(free_port()), DATABASE_URL=url, REDIS_URL=servers.redis)
        empty = await asyncio.to_thread(run, "doctor", env=env, cwd=tmp_path)
        await asyncio.to_thread(run, "migrate", env=env, cwd=tmp_path)
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            await connection.execute("update pg_extension set extversion = '0.4.4' where extname = 'vector'")
        old = await asyncio.to_thread(run, "doctor", env=env, cwd=tmp_path)
    assert (empty.code, old.code) == (1, 1)
    assert "BAD database    The database has not been migrated. Run 'flightdeck migrate'.\n" in empty.out
    assert "BAD database    pgvector 0.4.4 is too old, 0.8.4 or newer is needed. Install that" in old.out
    assert "BAD worker      No worker is running" in old.out


def test_a_port_that_somebody_else_has_is_wrong() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        finding = port_finding("127.0.0.1", port)
    assert (finding.well, finding.words) == (
        False,
        f"{port} is taken by another program. Stop that one, or set PORT to another.",
    )
    assert port_finding("127.0.0.1", port).well is True


def test_an_address_that_is_not_this_machines_is_wrong() -> None:
    finding = port_finding("192.0.2.1", 8000)
    assert finding.well is False
    assert "Set HOST or PORT." in finding.words


def test_several_newest_migrations_are_wrong() -> None:
    finding = heads_finding(("a1", "b2"))
    assert (finding.well, finding.words) == (
        False,
        "There are several heads: a1, b2. Join them: alembic merge heads.",
    )
    assert heads_finding(("a1",)).well is True


@pytest.mark.parametrize(
    ("origins", "well", "words"),
    [
        ("", None, "Only the public API"),
        ("https://app.example.com", True, "https://app.example.com"),
        ("http://app.example.com", False, "http://app.example.com: pages without TLS"),
    ],
)
def test_pages_that_may_call_the_api_should_have_tls_where_it_has(origins: str, well: bool | None, words: str) -> None:
    finding = cors_finding(load({"BASE_URL": "https://desk.example.com", "CORS_ORIGINS": origins}, None))
    assert finding.well is well
    assert finding.words.startswith(words)


@pytest.mark.parametrize(
    ("given", "well", "words"),
    [
        ({}, None, "Printed on standard error and not sent. Set SMTP_HOST and MAIL_FROM."),
        (
            {"ENVIRONMENT": "production", "SECRET_KEY": "k" * 32, "BASE_URL": "https://desk.example.com"},
            False,
            "Printed on standard error",
        ),
        (
            {"SMTP_HOST": "smtp.example.com", "MAIL_FROM": "desk@example.com"},
            True,
            "smtp.example.com; 'flightdeck mail",
        ),
    ],
)
def test_letters_should_leave_in_production(given: dict[str, str], well: bool | None, words: str) -> None:
    finding = mail_finding(load(given, None))
    assert finding.well is well
    assert finding.words.startswith(words)
