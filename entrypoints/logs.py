"""One way out for every log line, ours and the libraries'."""

import json
import logging
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor
from typing_extensions import override

from entrypoints.error_reports import reporting
from entrypoints.masking import masked
from entrypoints.settings import LogFormat, Settings

_NAME = "flightdeck"
_JSON = json.JSONEncoder()
# They log addresses, headers or bodies below this level.
_TALKATIVE = (
    "alembic",
    "anthropic",
    "httpcore",
    "httpcore2",
    "httpx",
    "httpx2",
    "multipart",
    "openai",
    "psycopg",
    "saq",
    "sentry_sdk",
    "urllib3",
    "uvicorn",
)


def configure(settings: Settings) -> None:
    """Log to standard error in the format and from the level that `settings` name; again replaces the former.

    Lines carry what `structlog.contextvars` has bound (`request_id`, `job_id`); secrets are masked in all of them,
    exceptions included. Where `SENTRY_DSN` is set a line with an exception, of level error, is reported as well;
    raises `SettingsError` where that cannot be.
    """
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    common: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        _timestamper(settings.log_format),
        structlog.processors.StackInfoRenderer(),
    ]
    ending = _Ending(_ending(settings))
    # Not by way of `logging`, whose records and formatter take longer than all the rest: each request writes a line.
    structlog.configure(
        processors=[*common, ending],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_Logger,
    )
    handler = _StandardError()
    handler.set_name(_NAME)
    meta = ProcessorFormatter.remove_processors_meta
    handler.setFormatter(ProcessorFormatter(foreign_pre_chain=common, processors=[meta, ending]))
    _route(handler, level)


def _ending(settings: Settings) -> list[Processor]:
    reports = [reporting(settings.sentry_dsn, settings.environment)] if settings.sentry_dsn else []
    return [
        *reports,
        structlog.processors.format_exc_info,
        _mask,
        structlog.processors.JSONRenderer(_json) if settings.log_format is LogFormat.JSON else _console(),
    ]


def _timestamper(form: LogFormat) -> Processor:
    if form is LogFormat.JSON:
        return structlog.processors.TimeStamper(fmt="iso", utc=True)
    return structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False)  # for who watches, by their own clock


def _console() -> Processor:
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), pad_event_to=0, exception_formatter=structlog.dev.plain_traceback
    )


def _json(event: EventDict, **_options: Any) -> str:
    return _JSON.encode(event)  # the renderer would have an encoder made for each line


def _mask(_logger: Any, _method: str, event: EventDict) -> EventDict:
    clean: EventDict = masked(event)
    return clean


def _route(handler: logging.Handler, level: int) -> None:
    root = logging.getLogger()
    for former in [former for former in root.handlers if former.get_name() == _NAME]:
        root.removeHandler(former)
    root.addHandler(handler)
    root.setLevel(level)
    logging.captureWarnings(capture=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    logging.getLogger("saq").addFilter(_without_payload)
    logging.getLogger("psycopg.pool").addFilter(_not_each_connection)
    logging.getLogger("uvicorn.access").disabled = True  # the HTTP edge logs requests, with their ids


def _without_payload(record: logging.LogRecord) -> bool:
    """SAQ logs failed jobs with their arguments; the job's key says which it was."""
    if isinstance(record.args, tuple):
        record.args = tuple(getattr(argument, "key", argument) for argument in record.args)
    return True


def _not_each_connection(record: logging.LogRecord) -> bool:
    """When the database goes, its pool says so of each connection that it had; that none can be made says it all."""
    return not str(record.msg).startswith("discarding closed connection")


class _Ending:
    """Makes the line of an event; a line that cannot be made must not break what it speaks of."""

    def __init__(self, processors: Sequence[Processor]) -> None:
        self._processors = processors

    def __call__(self, logger: Any, method: str, event: EventDict) -> str:
        made: Any = event
        try:
            for process in self._processors:
                made = process(logger, method, made)
        except Exception as error:  # noqa: BLE001 - whatever it was, its text may hold what is not masked
            return _lost(error)
        return str(made)


class _Logger:
    """Writes lines of ours; its methods are those that structlog calls."""

    def __init__(self, name: str = "") -> None:
        self.name = name

    def info(self, line: str) -> None:
        _write(line)

    debug = warning = error = critical = info


class _StandardError(logging.Handler):
    """Writes lines of libraries."""

    @override
    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record)
        except Exception as error:  # noqa: BLE001 - as above; not handleError, which prints the arguments unmasked
            line = _lost(error)
        _write(line)


def _write(line: str) -> None:
    """Writes to what `sys.stderr` is at the time, as it is replaced in tests and closed after them."""
    try:
        sys.stderr.write(f"{line}\n")
    except Exception as error:  # noqa: BLE001 - as above
        with suppress(OSError, ValueError):
            sys.stderr.write(f"{_lost(error)}\n")


def _lost(error: Exception) -> str:
    return f'{{"event": "a log line was lost", "error": "{type(error).__name__}"}}'
