import asyncio
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest
from typing_extensions import override

from tests.http.system import events_of
from tests.processes import FLIGHTDECK, Instance, environment, eventually, free_port, gone, run, up

CURL = shutil.which("curl") or ""


def said(instance: Instance) -> str:
    return instance.said.read_text(encoding="utf-8")


def servers_of(env: dict[str, str]) -> dict[str, str]:
    return {name: env[name] for name in ("DATABASE_URL", "REDIS_URL")}


def answered(url: str) -> int:
    return httpx.get(f"{url}/api/v1/public/workspaces/harbour-studio", timeout=20).status_code


async def ask(url: str) -> str:
    """The whole reply of the demo business to a question."""
    async with httpx.AsyncClient(base_url=url, timeout=20) as client:
        begun = await client.post("/api/v1/public/conversations", json={"workspace_handle": "harbour-studio"})
        path = f"/api/v1/public/conversations/{begun.json()['conversation_id']}"
        headers = {"Authorization": f"Bearer {begun.json()['visitor_token']}"}
        await client.post(f"{path}/messages", json={"content": "What does a consultation cost?"}, headers=headers)
        async with asyncio.timeout(20), client.stream("GET", f"{path}/stream", headers=headers) as answer:
            text: str = [event async for event in events_of(answer)][-1].data["full_text"]
            return text


def test_the_first_start_says_in_a_few_lines_how_to_go_on(instance: Instance) -> None:
    text = said(instance)
    assert f"\ndocs http://localhost:{instance.port}/api/v1/docs · owner's token {instance.home}/owner-token · " in text
    assert f" · data {instance.home}\nready in " in text
    assert text.count("ready in") == 1
    assert "/readyz" not in text
    assert not [line for line in text.splitlines() if "[warning" in line or "[error" in line or "Traceback" in line]
    assert len(text[: text.index("ready in")].splitlines()) < 15


@pytest.mark.skipif(not CURL, reason="needs curl")
def test_the_curl_it_prints_is_answered_by_the_demo_business(instance: Instance) -> None:
    text = said(instance)
    commands = text[text.index("  CHAT=") : text.index("\ndocs ")]
    done = subprocess.run(["/bin/sh", "-c", commands], capture_output=True, text=True, timeout=30, check=True)  # noqa: S603 (what we print)
    assert "event: message_end" in done.stdout
    assert "60" in done.stdout


def test_the_token_it_names_opens_the_owners_workspace(instance: Instance) -> None:
    token = (instance.home / "owner-token").read_text(encoding="utf-8").strip()
    answer = httpx.get(f"{instance.url}/api/v1/workspaces/me", headers={"Authorization": f"Bearer {token}"}, timeout=20)
    assert (answer.status_code, answer.json()["handle"]) == (200, "harbour-studio")


def test_secrets_are_for_their_owner_alone_and_never_told(instance: Instance) -> None:
    for name in ("owner-token", "secret-key"):
        assert stat.S_IMODE((instance.home / name).stat().st_mode) == 0o600
        assert (instance.home / name).read_text(encoding="utf-8").strip() not in said(instance)


def test_a_second_instance_with_another_home_and_port_runs_beside_it(instance: Instance, tmp_path: Path) -> None:
    with up(tmp_path) as second:
        family = second.family()
        assert [answered(instance.url), answered(second.url)] == [200, 200]
        assert second.interrupt() == 0
        assert all(map(gone, family))
        assert "Traceback" not in said(second)
    assert answered(instance.url) == 200


def test_the_same_home_twice_is_refused_with_a_sentence(instance: Instance, tmp_path: Path) -> None:
    env = environment(instance.home, PORT=str(free_port()))
    done = run("up", env=env, cwd=tmp_path)
    assert done.code == 1
    assert done.err.splitlines()[-1] == (
        f"flightdeck: {instance.home} is in use by another Flightdeck (process {instance.process.pid}). "
        "Stop that one, or set FLIGHTDECK_HOME to another directory."
    )


class Stranger(BaseHTTPRequestHandler):
    """Says 200 to everything, as a server that is not ours may."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    @override
    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def stranger() -> Generator[int]:
    with HTTPServer(("127.0.0.1", 0), Stranger) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_a_taken_port_is_told_at_once_and_nothing_is_started(tmp_path: Path) -> None:
    with stranger() as port:
        done = run("up", env=environment(tmp_path / "home", PORT=str(port)), cwd=tmp_path)
    assert (done.code, done.out) == (78, "")
    assert done.err.startswith(
        f"Port {port} is taken: stop what listens there, or choose another with PORT={port + 1}. "
    )
    assert "FLIGHTDECK_HOME" in done.err
    assert done.err.count("\n") == 1
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["secret-key"]


def test_a_host_that_is_not_this_machines_is_told(tmp_path: Path) -> None:
    done = run("up", env=environment(tmp_path / "home", HOST="192.0.2.1"), cwd=tmp_path)
    assert (done.code, done.err) == (78, "HOST=192.0.2.1 is no address of this machine: use 127.0.0.1 or 0.0.0.0.\n")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")
async def test_host_is_honoured(tmp_path: Path, external: dict[str, str]) -> None:
    with up(tmp_path, {"HOST": "127.0.0.2", **servers_of(external)}) as running:
        assert answered(f"http://127.0.0.2:{running.port}") == 200
        with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", running.port)):
            pass


async def test_with_addresses_of_servers_it_runs_none_of_its_own(tmp_path: Path, external: dict[str, str]) -> None:
    with up(tmp_path, servers_of(external)) as running:
        assert "60" in await ask(running.url)
        assert sorted(path.name for path in running.home.iterdir()) == ["owner-token", "secret-key"]
        assert running.interrupt() == 0


def test_a_start_that_is_interrupted_leaves_nothing(tmp_path: Path) -> None:
    with up(tmp_path, wait=False) as starting:
        eventually((starting.home / "postgres").exists)
        family = starting.family()
        assert starting.interrupt() == 0
        eventually(lambda: all(map(gone, family)))
        assert "Traceback" not in said(starting)


def test_a_directory_with_a_long_and_strange_name_will_do(tmp_path: Path) -> None:
    folder = tmp_path / ("a rather long 'name' % " * 6).strip() / "žluťoučký kůň"
    folder.mkdir(parents=True)
    with up(folder) as running:
        assert answered(running.url) == 200


async def test_two_workers_are_run_when_asked_for(tmp_path: Path, external: dict[str, str]) -> None:
    command = (*FLIGHTDECK, "up", "--workers", "2")
    with up(tmp_path, servers_of(external), command=command) as running:
        assert sum("worker" in child.cmdline() for child in running.family()) == 2
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(20) == 0
