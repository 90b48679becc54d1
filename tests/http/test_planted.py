"""That a secret in an answer or in a log is found: the whole folder relies on it."""

import json
from typing import Any

import pytest

from tests.planted import Asgi, Message, Planted, Receive, Send

pytest_plugins = ("pytester",)

KEY = "fd_key_018f_abcdefghijklmnop"
ISSUING = "POST /login"


def answering(body: str, header: str = "") -> Asgi:
    async def app(_scope: Any, receive: Receive, send: Send) -> None:
        await receive()
        head = [(b"location", header.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        for at in range(0, len(body), 7):  # as a stream comes
            await send({"type": "http.response.body", "body": body[at : at + 7].encode(), "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return app


async def exchange(
    planted: Planted, place: str, answer: str, *, sent: str = "", header: str = "", bearer: str = ""
) -> list[str]:
    """The leaks found in what the application answers."""

    async def receive() -> Message:
        return {"type": "http.request", "body": sent.encode(), "more_body": False}

    async def send(_message: Message) -> None:
        return

    method, path = place.split()
    headers = [(b"authorization", f"Bearer {bearer}".encode())] if bearer else []
    scope = {"type": "http", "method": method, "path": path, "headers": headers}
    await planted.around(answering(answer, header))(scope, receive, send)
    return planted.take()


@pytest.mark.parametrize("text", ["{0}", "at {0}.", '{{"detail": "{0}"}}', "Bearer={0}&x=1", "(https://x/?t={0})"])
async def test_a_planted_secret_is_found_in_an_answer_and_in_a_log(text: str) -> None:
    planted = Planted(KEY)
    assert await exchange(planted, "GET /x", text.format(KEY)) == ["A secret of nowhere is in GET /x."]
    planted.look_at_logs(text.format(KEY), "stderr")
    assert planted.take() == ["A secret of nowhere is in stderr."]


@pytest.mark.parametrize(
    "secret", ["p4ss word with spaces", "ünïcode-pässwörd", "tab\tand\nnewline", "a/b+c=/0123456789"]
)
async def test_a_secret_that_is_no_word_is_found_as_well(secret: str) -> None:
    assert await exchange(Planted(secret), "GET /x", f"<{secret}>") == ["A secret of nowhere is in GET /x."]


async def test_a_header_is_looked_at() -> None:
    assert await exchange(Planted(KEY), "GET /x", "", header=f"/y?token={KEY}") != []


async def test_what_a_request_carries_is_secret_at_once_and_from_then_on() -> None:
    planted, sent = Planted(), json.dumps({"email": "a@b.example", "password": "correct horse battery"})
    assert await exchange(planted, ISSUING, "no: correct horse battery", sent=sent) != []
    assert await exchange(planted, "GET /me", "correct horse battery") != []
    assert await exchange(planted, "GET /me", f"you are {KEY}", bearer=KEY) != []


async def test_what_an_answer_issues_may_be_in_no_other() -> None:
    planted, issued = Planted(), json.dumps({"user": {"name": "Ada"}, "token": KEY})
    assert await exchange(planted, ISSUING, issued) == []
    assert await exchange(planted, ISSUING, issued) == []
    assert await exchange(planted, "GET /sessions", issued) == [f"A secret of {ISSUING} is in GET /sessions."]


async def test_each_of_a_list_that_is_issued_is_secret() -> None:
    planted = Planted()
    assert await exchange(planted, ISSUING, json.dumps({"recovery_codes": ["aaaa-bbbb-cccc", "dddd-eeee-ffff"]})) == []
    assert await exchange(planted, "GET /x", "dddd-eeee-ffff") != []


def test_a_letter_on_the_console_may_show_its_link_and_no_other_log_may() -> None:
    planted = Planted(KEY)
    planted.look_at_logs(f"Open https://desk.example/verify#token={KEY}\n", "stderr")
    assert planted.take() == []
    planted.look_at_logs(f"GET /verify?token={KEY}\n", "stderr")
    assert planted.take() != []


async def test_what_is_too_short_to_be_told_from_chance_is_not_looked_for() -> None:
    assert await exchange(Planted("short"), "GET /x", "short") == []


def test_a_test_that_leaks_fails(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pytest
        from tests.planted import Planted

        planted = Planted("unspeakable-0123456789")

        @pytest.hookimpl(wrapper=True)
        def pytest_runtest_makereport():
            return planted.judged((yield))
        """
    )
    pytester.makepyfile(
        """
        from conftest import planted

        def test_prints():
            print("the key is unspeakable-0123456789")

        def test_answers():
            planted.look("unspeakable-0123456789", "GET /x")

        def test_is_quiet():
            print("all is well")
        """
    )
    done = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:asyncio")
    done.assert_outcomes(passed=2, failed=1, errors=1)
    done.stdout.fnmatch_lines(["*A secret of nowhere is in Captured stdout call.*"])
