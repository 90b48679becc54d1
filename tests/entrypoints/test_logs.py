import gzip
import json
import logging
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

import pytest
import sentry_sdk
import structlog
from hypothesis import given
from hypothesis import strategies as st
from saq import Job
from structlog.contextvars import bound_contextvars
from typing_extensions import override

from entrypoints.logs import configure
from entrypoints.masking import masked
from entrypoints.settings import load

SECRET = "kU8vN2pQ7rXw3zA6"
TOKEN = f"fd_visitor_0198c0de_{SECRET}"
DIARY = "today I was sad"
JSON = {"LOG_FORMAT": "json"}

Lines = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Logging is one for the process: what a test configures ends with it."""
    root = logging.getLogger()
    level, talkative = root.level, {name: logging.getLogger(name).filters[:] for name in ("saq", "psycopg.pool")}
    yield
    root.setLevel(level)
    root.handlers = [handler for handler in root.handlers if handler.get_name() != "flightdeck"]
    for name, filters in talkative.items():
        logging.getLogger(name).filters = filters
    logging.getLogger("uvicorn.access").disabled = False
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> Lines:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def log_json(environ: Mapping[str, str] = JSON) -> Any:
    configure(load(environ, None))
    return structlog.get_logger("tests")


def fail(text: str) -> None:
    raise ValueError(text)


def test_a_line_of_ours_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    log_json().info("message_posted", position=3)
    (line,) = lines(capsys)
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "message_posted", "position": 3, "level": "info", "logger": "tests"}


@pytest.mark.parametrize("name", ["uvicorn.error", "saq", "litestar", "alembic.runtime.migration", "py.warnings"])
def test_a_line_of_a_library_is_one_json_object(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    log_json()
    logging.getLogger(name).warning("tried %d times", 3)
    (line,) = lines(capsys)
    assert (line["event"], line["level"], line["logger"]) == ("tried 3 times", "warning", name)


def test_lines_carry_the_ids_that_are_bound(capsys: pytest.CaptureFixture[str]) -> None:
    log = log_json()
    with bound_contextvars(request_id="r1"):
        log.info("ours")
        logging.getLogger("library").info("theirs")
    log.info("after")
    assert [line.get("request_id") for line in lines(capsys)] == ["r1", "r1", None]


def test_lines_below_the_level_are_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    log = log_json({"LOG_LEVEL": "warning", **JSON})
    log.info("ours")
    logging.getLogger("library").info("theirs")
    log.warning("kept")
    assert [line["event"] for line in lines(capsys)] == ["kept"]


def test_a_database_that_goes_is_not_told_of_each_connection(capsys: pytest.CaptureFixture[str]) -> None:
    log_json()
    logging.getLogger("psycopg.pool").warning("discarding closed connection: %s", "one")
    logging.getLogger("psycopg.pool").warning("error connecting in %r", "pool-1")
    assert [line["event"] for line in lines(capsys)] == ["error connecting in 'pool-1'"]


def test_people_read_the_time_of_day_and_no_padding(capsys: pytest.CaptureFixture[str]) -> None:
    log_json({}).info("request", status=200)
    assert re.fullmatch(r"\d\d:\d\d:\d\d \[info     \] request +\[tests\] status=200\n", capsys.readouterr().err)


def test_libraries_that_log_bodies_do_not_at_any_level(capsys: pytest.CaptureFixture[str]) -> None:
    log_json({"LOG_LEVEL": "debug", **JSON})
    for name in ("httpx", "httpx2", "httpcore2.http11", "openai._base_client", "anthropic._base_client", "saq"):
        logging.getLogger(name).info("body: hello")
    assert lines(capsys) == []


def test_uvicorn_does_not_log_requests(capsys: pytest.CaptureFixture[str]) -> None:
    log_json()
    logging.getLogger("uvicorn.access").error("GET / 200")
    assert lines(capsys) == []


def test_a_failed_job_is_logged_by_its_key_without_its_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    log_json()
    logging.getLogger("saq").error("Error processing job %s", Job("reply", {"content": DIARY}, key="job-1"))
    (line,) = lines(capsys)
    assert line["event"] == "Error processing job job-1"


def test_configuring_again_does_not_write_lines_twice(capsys: pytest.CaptureFixture[str]) -> None:
    log_json()
    log_json().info("once")
    assert len(lines(capsys)) == 1


def test_for_people_a_line_is_plain_text(capsys: pytest.CaptureFixture[str]) -> None:
    log_json({}).error("it_broke", attempt=2, visitor_token=SECRET)
    text = capsys.readouterr().err
    assert "it_broke" in text
    assert "attempt=2" in text
    assert "\x1b" not in text
    assert SECRET not in text


@pytest.mark.parametrize("environ", [JSON, {}], ids=["json", "console"])
def test_an_exception_is_written_with_its_stack_and_without_its_secrets(
    environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    log = log_json(environ)
    try:
        fail(f"no such token: {TOKEN}")
    except ValueError:
        log.exception("ours")
        logging.getLogger("litestar").exception("theirs %s", TOKEN)
    text = capsys.readouterr().err
    shown = text.replace("\\u2026", "…")
    assert shown.count("ValueError: no such token: fd_visitor_…") == shown.count("Traceback") == 2
    assert SECRET not in text


@pytest.mark.parametrize(
    "name",
    [
        *("authorization", "Authorization", "visitor_token", "client_secret", "password", "api_key", "X-Api-Key"),
        *("apikey", "cookie", "Set-Cookie", "sentry_dsn", "DATABASE_URL", "redis_url", "private_key", "credentials"),
    ],
)
def test_what_stands_under_a_secret_name_is_masked(name: str) -> None:
    assert masked({"headers": [{name: SECRET}]}) == {"headers": [{name: "…"}]}
    assert masked({name: {"nested": SECRET}}) == {name: "…"}


@pytest.mark.parametrize("kind", ["key", "visitor", "session", "agent", "device"])
def test_our_tokens_are_masked_anywhere(kind: str) -> None:
    token = f"fd_{kind}_0198-c0de_{SECRET}"
    assert masked({"path": f"/a?b={token}&c", token: [f"<{token}>"]}) == {
        "path": f"/a?b=fd_{kind}_…&c",
        f"fd_{kind}_…": [f"<fd_{kind}_…>"],
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"Authorization: Bearer {SECRET}", "Authorization: Bearer …"),
        (f"postgresql://u:{SECRET}@db/desk", "postgresql://…@db/desk"),
        (f"host=db password={SECRET} user=u", "host=db password=… user=u"),
        (f"Account(api_key='{SECRET}', id=1)", "Account(api_key=…', id=1)"),
        (f'{{"client_secret": "{SECRET}"}}', '{"client_secret": …"}'),
        ("the bearer of news writes to ada@example.com", "the bearer of news writes to ada@example.com"),
    ],
)
def test_other_secrets_are_known_by_their_shape(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_counts_of_tokens_are_no_secret() -> None:
    usage = {"input_tokens": 12, "output_tokens": 0, "tokens_per_second": 1.5, "token": None, "has_secret": True}
    assert masked(usage) == usage


def test_a_masked_value_is_bounded() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert len(masked("a" * 1_000_000)) < 25_000
    assert json.dumps(masked(endless)).count("[") < 20


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.uuids() | st.datetimes(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner) | st.tuples(inner),
    max_leaves=20,
)


@given(VALUES)
def test_whatever_is_logged_becomes_strict_json_and_masking_it_again_changes_nothing(value: object) -> None:
    once = masked(value)
    json.dumps(once, allow_nan=False)
    assert masked(once, depth=20) == once


class Sentry:
    """Sentry's ingestion on loopback: what it is sent, as the parts of its envelopes."""

    def __init__(self) -> None:
        self.sent: SimpleQueue[Lines] = SimpleQueue()
        sent = self.sent

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                sent.put([json.loads(part) for part in gzip.decompress(body).splitlines()])
                self.send_response(200)
                self.end_headers()

            @override
            def log_message(self, format: str, *args: object) -> None:
                """Nothing: standard error is what these tests read."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.dsn = f"http://{SECRET}@127.0.0.1:{self.server.server_port}/1"

    def event(self) -> dict[str, Any]:
        sentry_sdk.flush(10)
        _, _, event = self.sent.get(timeout=10)
        return event


@pytest.fixture
def sentry() -> Iterator[Sentry]:
    sentry = Sentry()
    sentry.thread.start()
    yield sentry
    sentry_sdk.get_client().close(timeout=2)
    sentry_sdk.init(default_integrations=False, auto_enabling_integrations=False)
    sentry.server.shutdown()
    sentry.thread.join()
    sentry.server.server_close()


def test_an_error_with_an_exception_is_reported_with_its_release_and_id_and_nothing_else(sentry: Sentry) -> None:
    log = log_json({"SENTRY_DSN": sentry.dsn, **JSON})
    log.error("no exception, no report")
    with bound_contextvars(request_id="r1"):
        try:
            fail(f"no such token: {TOKEN}")
        except ValueError:
            log.warning("expected", exc_info=True)
            log.exception("unhandled", body=DIARY)
    event = sentry.event()
    assert event["exception"]["values"][0]["value"] == "no such token: fd_visitor_…"
    assert event["tags"] == {"request_id": "r1"}
    assert event["release"].startswith("flightdeck@")
    assert event["environment"] == "dev"
    assert not {"request", "user", "extra", "modules"} & event.keys()
    assert not event["breadcrumbs"]["values"]
    text = json.dumps(event)
    assert DIARY not in text
    assert SECRET not in text
    assert '"vars"' not in text
    assert sentry.sent.empty()


def test_a_librarys_unhandled_error_is_reported_too(sentry: Sentry) -> None:
    log_json({"SENTRY_DSN": sentry.dsn, **JSON})
    try:
        fail("broken")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    assert sentry.event()["exception"]["values"][0]["type"] == "ValueError"


WITHOUT_SDK = """
import sys
sys.modules["sentry_sdk"] = None
from entrypoints.logs import configure
from entrypoints.settings import SettingsError, load
configure(load({}, None))
try:
    configure(load({"SENTRY_DSN": "https://key@sentry.example.com/1"}, None))
except SettingsError as error:
    print(error)
"""


def test_without_a_dsn_the_sdk_is_not_needed_and_with_one_its_absence_is_a_sentence() -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", WITHOUT_SDK]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)  # noqa: S603 - our own text
    assert result.stdout == "SENTRY_DSN needs the Sentry SDK: install flightdeck[sentry], or unset it.\n"
