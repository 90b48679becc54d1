import os
import shutil
import signal
import stat
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.supervisor.conftest import Eventually, StartOwner, gone, words


def stops(database: str) -> int:
    with psycopg.connect(database) as connection:
        row = connection.execute("select count(*) from stops").fetchone()
    assert row
    return int(row[0])


def test_a_killed_owner_leaves_no_process_and_the_next_start_is_clean(
    tmp_path: Path, start_owner: StartOwner, eventually: Eventually
) -> None:
    owner = start_owner(tmp_path / "home", "stubborn", 1.0)
    database = owner.ready()["database"]
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("create table kept (word text not null)")
        connection.execute("insert into kept values ('safe')")
    descendants = psutil.Process(owner.process.pid).children(recursive=True)
    names = {process.name() for process in descendants}

    owner.signal(signal.SIGKILL)

    assert {"postgres", "valkey-server"} < names
    eventually(lambda: all(map(gone, descendants)) and not owner.processes())
    again = start_owner(tmp_path / "home")
    with psycopg.connect(again.ready()["database"]) as connection:
        assert connection.execute("select word from kept").fetchone() == ("safe",)
    assert "not properly shut down" not in (tmp_path / "home/logs/postgres.log").read_text()


def test_ctrl_c_stops_the_children_before_the_servers_and_leaves_no_process(
    tmp_path: Path, start_owner: StartOwner
) -> None:
    owner = start_owner(tmp_path / "home")
    owner.ready()
    descendants = psutil.Process(owner.process.pid).children(recursive=True)

    owner.interrupt()

    assert owner.ended() == (0, "")
    assert all(map(gone, descendants))
    assert owner.processes() == []
    assert stops(start_owner(tmp_path / "home").ready()["database"]) == 1


def test_sigterm_ends_it_as_ctrl_c_does(tmp_path: Path, start_owner: StartOwner) -> None:
    owner = start_owner(tmp_path / "home")
    owner.ready()

    owner.signal(signal.SIGTERM)

    assert owner.ended() == (0, "")
    assert owner.processes() == []


def test_ctrl_c_during_the_first_start_leaves_no_process(
    tmp_path: Path, start_owner: StartOwner, eventually: Eventually
) -> None:
    owner = start_owner(tmp_path / "home")
    eventually((tmp_path / "home/postgres.new").exists)

    owner.interrupt()

    assert owner.ended() == (0, "")
    assert owner.processes() == []


def test_a_second_ctrl_c_kills_a_child_that_does_not_listen_and_stops_the_servers_cleanly(
    tmp_path: Path, start_owner: StartOwner, eventually: Eventually
) -> None:
    owner = start_owner(tmp_path / "home", "stubborn", 600.0)
    owner.ready()
    owner.interrupt()
    eventually(lambda: not any("insert into stops" in " ".join(words(process)) for process in owner.processes()))
    assert owner.process.poll() is None

    owner.interrupt()

    assert owner.ended() == (0, "")
    assert owner.processes() == []
    assert "database system is shut down" in (tmp_path / "home/logs/postgres.log").read_text()


def test_a_second_start_on_the_same_home_refuses_with_a_sentence(tmp_path: Path, start_owner: StartOwner) -> None:
    owner = start_owner(tmp_path / "home")
    owner.ready()

    code, complaint = start_owner(tmp_path / "home", patience=0.1).ended()

    assert code == 1
    assert complaint == (
        f"{tmp_path}/home is in use by another Flightdeck (process {owner.process.pid}). "
        "Stop that one, or set FLIGHTDECK_HOME to another directory.\n"
    )
    assert owner.process.poll() is None


def test_a_first_start_killed_while_it_makes_the_data_directory_is_begun_again(
    tmp_path: Path, start_owner: StartOwner, eventually: Eventually
) -> None:
    owner = start_owner(tmp_path / "home")
    eventually((tmp_path / "home/postgres.new/PG_VERSION").exists)

    owner.signal(signal.SIGKILL)

    assert not (tmp_path / "home/postgres").exists()
    assert stops(start_owner(tmp_path / "home").ready()["database"]) == 0
    assert not (tmp_path / "home/postgres.new").exists()


def test_only_the_owner_may_enter_the_home_and_no_other_mode_changes(tmp_path: Path, start_owner: StartOwner) -> None:
    tmp_path.chmod(0o710)

    start_owner(tmp_path / "home").ready()

    def mode(name: str) -> int:
        return stat.S_IMODE((tmp_path / name).stat().st_mode)

    assert mode("") == 0o710
    assert {mode(f"home/{name}") for name in ("", "run", "logs", "postgres", "valkey")} == {0o700}
    assert mode("home/run/valkey.sock") == 0o600


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root can give up capabilities")
def test_root_that_may_not_become_another_user_is_told_what_to_do(tmp_path: Path, start_owner: StartOwner) -> None:
    owner = start_owner(tmp_path / "home", before=("setpriv", "--bounding-set=-setuid"))

    code, complaint = owner.ended()

    assert code == 1
    assert complaint.startswith("PostgreSQL does not run as root, and giving it to an unprivileged user failed: ")
    assert "set DATABASE_URL and REDIS_URL" in complaint
