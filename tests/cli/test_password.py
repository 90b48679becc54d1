import re
from pathlib import Path

import httpx

from tests.processes import Instance, run

NEW = "another long password"
LINK = re.compile(r"(http://localhost:\d+)/reset-password#token=([\w-]{43})", re.ASCII)


def reset(instance: Instance, token: str) -> httpx.Response:
    body = {"token": token, "password": NEW}
    return httpx.post(f"{instance.url}/api/v1/auth/password/reset", json=body, timeout=20)


def token_in(text: str, instance: Instance) -> str:
    found = LINK.search(text)
    assert found
    assert found[1] == f"http://localhost:{instance.port}"
    return found[2]


def test_the_console_prints_links_of_which_the_last_sets_the_password(
    instance: Instance, beside: dict[str, str], tmp_path: Path
) -> None:
    first = token_in(instance.said.read_text(encoding="utf-8"), instance)
    done = run("password", "Owner@Example.com", env=beside, cwd=tmp_path)
    assert (done.code, done.err, done.out.count("\n")) == (0, "", 1)
    assert reset(instance, first).status_code == 410
    answer = reset(instance, token_in(done.out, instance))
    assert answer.json()["user"]["email"] == "owner@example.com"
    assert reset(instance, token_in(done.out, instance)).status_code == 410


def test_a_lost_second_factor_is_taken_away_at_the_console(
    instance: Instance, beside: dict[str, str], tmp_path: Path
) -> None:
    done = run("password", "owner@example.com", "--remove-second-factor", env=beside, cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert reset(instance, token_in(done.out, instance)).status_code == 200


def test_an_unknown_address_is_a_sentence(beside: dict[str, str], tmp_path: Path) -> None:
    done = run("password", "nobody@example.com", env=beside, cwd=tmp_path)
    assert (done.code, done.out, done.err) == (1, "", "flightdeck: No user who may sign in has this e-mail.\n")
