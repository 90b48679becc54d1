import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text

from adapters.postgres.migrate import configuration, migrate
from adapters.postgres.tables import metadata
from adapters.postgres.versions import current, heads, pending, vector_fault
from domain.errors import Unavailable
from tests.migrations.catalog import schema

_ROOT = Path(__file__).parents[2]
_REVISIONS = [script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions()][::-1]


def test_there_is_one_newest_version_and_alembic_sees_the_same() -> None:
    assert len(heads()) == 1
    assert list(heads()) == ScriptDirectory.from_config(configuration()).get_heads()


@pytest.mark.parametrize(
    ("version", "well"), [("0.4.4", False), ("0.8.3", False), ("0.8.4", True), ("0.10", True), ("1.0", True)]
)
def test_a_pgvector_without_its_newer_index_is_too_old(version: str, well: bool) -> None:
    assert (vector_fault(version) is None) == well


def test_migrating_where_pgvector_is_too_old_says_what_to_do(empty_database_url: str, connection: Connection) -> None:
    connection.execute(text("create extension vector"))
    connection.execute(text("update pg_extension set extversion = '0.4.4' where extname = 'vector'"))
    connection.commit()
    with pytest.raises(
        Unavailable, match=r"pgvector 0\.4\.4 is too old, 0\.8\.4 or newer .* alter extension vector update"
    ):
        migrate(empty_database_url)
    assert current(empty_database_url) == ()


@pytest.mark.parametrize("revision", _REVISIONS)
def test_each_step_can_be_taken_up_down_and_up_again(connection: Connection, revision: str) -> None:
    config = configuration(connection)
    script = ScriptDirectory.from_config(config).get_revision(revision)
    assert script is not None
    command.upgrade(config, str(script.down_revision or "base"))
    before = schema(connection)
    connection.rollback()

    command.upgrade(config, revision)
    after = schema(connection)
    connection.rollback()
    command.downgrade(config, str(script.down_revision or "base"))
    assert schema(connection) == before
    connection.rollback()
    command.upgrade(config, revision)
    assert schema(connection) == after


def test_alembic_finds_nothing_to_migrate(migrated: Connection) -> None:
    assert compare_metadata(MigrationContext.configure(migrated), metadata) == []


def test_migrations_make_exactly_the_tables_of_the_code(connection: Connection, migrated: Connection) -> None:
    connection.execute(text("create extension vector"))
    metadata.create_all(connection)
    made, expected = schema(migrated), schema(connection)
    for kind in ("columns", "constraints", "indexes"):
        assert made[kind] == expected[kind]


def test_migrating_again_changes_nothing(empty_database_url: str, connection: Connection) -> None:
    migrate(empty_database_url)
    once = schema(connection)
    connection.rollback()
    migrate(empty_database_url)
    assert schema(connection) == once


def test_those_that_migrate_at_once_wait_for_each_other(empty_database_url: str) -> None:
    program = f"from adapters.postgres.migrate import migrate; migrate({empty_database_url!r})"
    command_line = [sys.executable, "-W", "error", "-c", program]
    together = [subprocess.Popen(command_line, cwd=_ROOT) for _ in range(3)]  # noqa: S603 (a program of ours)
    assert [process.wait() for process in together] == [0, 0, 0]
    assert current(empty_database_url) == heads()


def test_an_empty_database_is_pending_until_it_is_migrated(empty_database_url: str) -> None:
    assert (current(empty_database_url), pending(empty_database_url)) == ((), True)
    migrate(empty_database_url)
    assert (current(empty_database_url), pending(empty_database_url)) == (heads(), False)


def test_a_database_migrated_by_a_newer_program_is_not_pending(empty_database_url: str, connection: Connection) -> None:
    migrate(empty_database_url)
    connection.execute(text("update alembic_version set version_num = 'of the future'"))
    connection.commit()
    assert not pending(empty_database_url)


def test_a_migration_that_fails_leaves_nothing(empty_database_url: str, connection: Connection) -> None:
    connection.execute(text("create table runs ()"))
    connection.commit()
    before = schema(connection)
    connection.rollback()
    with pytest.raises(Exception, match="runs"):
        migrate(empty_database_url)
    assert schema(connection) == before
    assert current(empty_database_url) == ()


@pytest.mark.parametrize("wait_seconds", [0, 0.3])
def test_a_server_that_does_not_answer_is_unavailable(tmp_path: Path, wait_seconds: float) -> None:
    with pytest.raises(Unavailable, match="No such file or directory"):
        migrate(f"postgresql://nobody@/nothing?host={tmp_path}", wait_seconds)


def test_why_a_server_does_not_answer_is_told_without_the_password() -> None:
    with pytest.raises(Unavailable) as raised:
        current("postgresql://somebody:unspeakable@127.0.0.1:1/nothing")
    assert "Connection refused" in str(raised.value)
    assert "unspeakable" not in str(raised.value)


class TestAlembicsOwnCommands:
    """They read the folder of migrations from pyproject.toml, and the address from the environment."""

    @pytest.fixture
    def config(self) -> Config:
        return Config(toml_file=str(_ROOT / "pyproject.toml"))

    def test_they_work_on_the_database_of_the_environment(
        self, config: Config, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", empty_database_url)
        command.upgrade(config, "head")
        command.check(config)
        assert current(empty_database_url) == heads()

    def test_without_an_address_they_say_what_to_set(self, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("DATABASE_URL", raising=False)
        with pytest.raises(CommandError, match="DATABASE_URL"):
            command.upgrade(config, "head")
