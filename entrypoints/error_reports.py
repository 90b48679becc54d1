"""Unhandled errors, told to Sentry when it is configured."""

import sys
from collections.abc import Callable
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, cast

from structlog.typing import EventDict, Processor

from entrypoints.masking import masked
from entrypoints.settings import Environment, SettingsError

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

_TAGS = ("request_id", "job_id")


def reporting(dsn: str, environment: Environment) -> Processor:
    """A log processor that reports the exception of every line of level error, tagged with its request or job id.

    What is sent is the release, the masked stack without local variables, and the tags: no request, body, user or
    other log line. Raises `SettingsError` where the SDK is not installed.
    """
    try:
        import sentry_sdk  # noqa: PLC0415 - an extra, imported only when it is configured
        from sentry_sdk.integrations.atexit import AtexitIntegration  # noqa: PLC0415 - the same
        from sentry_sdk.integrations.dedupe import DedupeIntegration  # noqa: PLC0415 - the same
        from sentry_sdk.integrations.excepthook import ExcepthookIntegration  # noqa: PLC0415 - the same
    except ImportError as error:
        raise SettingsError("SENTRY_DSN needs the Sentry SDK: install flightdeck[sentry], or unset it.") from error
    sentry_sdk.init(
        dsn,
        release=f"flightdeck@{version('flightdeck')}",
        environment=environment,
        # The integrations that Sentry adds by itself read requests, log lines and command lines.
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[AtexitIntegration(_silently), DedupeIntegration(), ExcepthookIntegration()],
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        before_send=_masked,
    )
    return _processor(sentry_sdk.capture_exception)


def _processor(capture: Callable[..., object]) -> Processor:
    def report(_logger: Any, _method: str, event: EventDict) -> EventDict:
        error = _exception(event.get("exc_info"))
        if error is not None and event.get("level") in {"error", "critical"}:
            capture(error, tags={name: event[name] for name in _TAGS if name in event})
        return event

    return report


def _exception(exc_info: object) -> BaseException | None:
    """Of the forms that logging knows: the exception, its triple, or `True` for the one being handled."""
    if isinstance(exc_info, tuple):
        exc_info = cast("tuple[object, ...]", exc_info)[1]
    elif exc_info is True:
        exc_info = sys.exc_info()[1]
    return exc_info if isinstance(exc_info, BaseException) else None


def _silently(_pending: int, _timeout: float) -> None:
    """Sentry's own says on standard error that it is sending, at each exit."""


def _masked(event: "Event", _hint: "Hint") -> "Event":
    return cast("Event", masked(event, depth=16))
