"""Problem details for HTTP APIs (RFC 9457) for every error, from one table of kinds.

`type` is always `about:blank`: the status says the kind, and `code` is the stable name of the fact.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.params import ParameterKwarg
from litestar.types import Scope

from application.ports.idempotency import KeyUsed
from domain.errors import (
    Conflict,
    DomainError,
    Fault,
    Forbidden,
    Gone,
    Invalid,
    Limited,
    NotFound,
    Stale,
    Unauthenticated,
    Unavailable,
)
from domain.identity import BadSignature
from entrypoints.http.edge.exchange import exchange_of
from entrypoints.http.edge.faults import fault_of, pointer

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5

STATUSES: Mapping[type[DomainError], int] = {
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Gone: 410,
    Stale: 412,
    BadSignature: 400,
    Invalid: 422,
    Limited: 429,
    Unavailable: 503,
}

_REFUSALS: Mapping[int, tuple[str, str]] = {
    400: ("bad_request", "The request cannot be read."),
    401: (Unauthenticated.code, Unauthenticated.detail),
    403: (Forbidden.code, Forbidden.detail),
    404: (NotFound.code, "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take this method; the header Allow names those it takes."),
    408: ("timeout", "The body did not arrive in time."),
    413: ("too_large", "The body is larger than this server takes."),
    415: ("unsupported_media_type", "Send the body as application/json."),
}
_INTERNAL = ("internal", "Something went wrong on our side. The request id names it in our logs.")

_log = structlog.stdlib.get_logger(__name__)


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What an error is answered; `errors` names each fault with its place, as a JSON pointer into the body.

    A pointer into something else begins with its name: `/query/limit`, `/header/Idempotency-Key`.
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: Sequence[Fault] = ()


class Refused(HTTPException):
    """A request that HTTP itself lets us refuse: `status_code` is one of 400, 408, 413, 415."""

    def __init__(self, status_code: int, detail: str | None = None) -> None:
        super().__init__(detail=detail or _REFUSALS[status_code][1], status_code=status_code)


Handler = Callable[[Request[Any, Any, Any], Exception], Response[bytes]]


def handlers() -> dict[int | type[Exception], Handler]:
    """Litestar's exception handlers: everything becomes a problem."""
    return {Exception: answer}


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The problem that `error` is told as; what nobody foresaw is logged, and says nothing of itself."""
    error = _innermost(error)
    if isinstance(error, KeyUsed):
        # Raised on, it reaches the middleware that gave the unit of work its key.
        raise error
    problem = problem_of(error, request.scope)
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(error, Unavailable):
        _log.error("request failed", exc_info=error)
    return Response(
        content=msgspec.json.encode(problem),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=headers_of(error, problem.status),
    )


def problem_of(error: Exception, scope: Scope) -> Problem:
    """The problem alone."""
    status, code, detail, faults = _facts(error, scope)
    return Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        request_id=exchange_of(scope).request_id,
        errors=faults,
    )


def headers_of(error: Exception, status: int) -> dict[str, str]:
    """What HTTP wants said beside the problem."""
    match error, status:
        case Limited(), _:
            return {"Retry-After": str(max(1, error.retry_after))}
        case _, 503:
            return {"Retry-After": str(RETRY_SECONDS)}
        case _, 401:
            return {"WWW-Authenticate": "Bearer"}
        case HTTPException(), 405:
            return {"Allow": _allow(error.headers or {})}
        case _:
            return {}


_Facts = tuple[int, str, str, Sequence[Fault]]


def _facts(error: Exception, scope: Scope) -> _Facts:
    if isinstance(error, ValidationException):
        return _validation(error, scope)
    if isinstance(error, HTTPException) and error.status_code in _REFUSALS:
        code, sentence = _REFUSALS[error.status_code]
        return error.status_code, code, error.detail if isinstance(error, Refused) else sentence, ()
    if isinstance(error, DomainError):
        kind = next((kind for kind in type(error).__mro__ if kind in STATUSES), None)
        if kind is not None:
            faults = error.faults if isinstance(error, Invalid) else ()
            return STATUSES[kind], error.code, str(error), faults
    return HTTPStatus.INTERNAL_SERVER_ERROR, *_INTERNAL, ()


def _validation(error: ValidationException, scope: Scope) -> _Facts:
    faults = _faults(error, scope)
    if any(fault.pointer.startswith("/path/") for fault in faults):
        return _facts(NotFound(), scope)
    return _facts(Invalid(*faults), scope)


def _faults(error: ValidationException, scope: Scope) -> Sequence[Fault]:
    missing = re.match(r"Missing required (\w+) parameter '([^']+)'", error.detail)
    if missing:
        place, name = missing.groups()
        return [Fault(pointer(place, name), "missing", f"'{name}' is missing.")]
    found: list[Any] = error.extra if isinstance(error.extra, list) else []
    return [_parameter_fault(entry, scope) for entry in found]


def _parameter_fault(entry: Mapping[str, Any], scope: Scope) -> Fault:
    """Litestar names parameters as Python does; clients know them by their names on the wire."""
    name, place = str(entry.get("key", "")), str(getattr(entry.get("source"), "value", "body"))
    if place == "body":
        return Fault("", "missing", "A JSON body is missing.")
    field = scope["route_handler"].parsed_fn_signature.parameters.get(name)
    named = field.kwarg_definition if field else None
    shown = named.name or name if isinstance(named, ParameterKwarg) else name
    return fault_of(str(entry.get("message", "")), place, shown, of=field.annotation if field else None)


def _allow(headers: Mapping[str, str]) -> str:
    methods = {"OPTIONS", *(method.strip() for method in headers.get("allow", "OPTIONS").split(","))}
    return ", ".join(sorted({*methods, "HEAD"} if "GET" in methods else methods))


def _innermost(error: Exception) -> Exception:
    """A task group wraps even a single error."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        error = error.exceptions[0]  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return error  # pyright: ignore[reportUnknownVariableType]
