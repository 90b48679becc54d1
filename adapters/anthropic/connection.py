"""The one place that knows the SDK: it sends a body, gives events as JSON, and turns failures into the port's own."""

from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager

import httpx2

try:
    import anthropic
except ModuleNotFoundError as error:
    raise ModuleNotFoundError("Anthropic needs an extra: install 'flightdeck[anthropic]'.", name="anthropic") from error

from adapters.anthropic.requests import Body
from application.ports.language_model import (
    ModelError,
    ModelMisconfigured,
    ModelRefused,
    ModelTimeout,
    ModelUnavailable,
)

_TRANSIENT = {408, 409, 425, 429}
_REQUEST = 400
_PROMPT = {_REQUEST, 413, 422}
_STATUSES = {
    "invalid_request_error": _REQUEST,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
}
_MEND = {
    401: "Its API key is not valid",
    402: "Its account has no credit left",
    403: "Its API key may not use this model",
    404: "It knows no model of this name, or its address is wrong",
}
"""What to mend, by the status of a refusal."""
_OTHERWISE = "Its address is wrong"
_NO_CREDIT = "credit balance is too low"
_MESSAGE = 500


class RequestRefused(ModelRefused):
    """The server did not take the request as it is; `complaint` says what of it."""

    def __init__(self, complaint: str) -> None:
        super().__init__(complaint)
        self.complaint = complaint


class Connection:
    """A server of messages.

    Args:
        http: carries the requests; who made it closes it.
        base_url: without the version, as `https://api.anthropic.com`.
        api_key: of an account.
    """

    def __init__(self, http: httpx2.AsyncClient, base_url: str, api_key: str) -> None:
        self._key = api_key
        self._client = anthropic.AsyncAnthropic(
            api_key=api_key, base_url=base_url, http_client=http, max_retries=0, timeout=http.timeout
        )

    async def events(self, body: Body) -> AsyncGenerator[object, None]:
        """The events of the answer, as JSON. Closing the generator closes the connection.

        Raises:
            ModelUnavailable, ModelTimeout, ModelMisconfigured, ModelRefused: at any point.
            RequestRefused: something in `body` is not to the server's taste.
        """
        async with self._translated(), await self._posted(body) as stream, aclosing(_items(stream)) as events:
            async for event in events:
                yield event

    async def _posted(self, body: Body) -> anthropic.AsyncStream[object]:
        return await self._client.post(
            "/v1/messages", cast_to=object, body=body, stream=True, stream_cls=anthropic.AsyncStream[object]
        )

    @asynccontextmanager
    async def _translated(self) -> AsyncGenerator[None, None]:
        try:
            yield
        except (anthropic.APITimeoutError, httpx2.TimeoutException) as error:
            raise ModelTimeout("The server was silent for too long.") from error
        except anthropic.APIStatusError as error:
            raise self._failure(error) from error
        except (anthropic.APIError, httpx2.HTTPError) as error:
            raise ModelUnavailable(f"The connection failed: {error.__cause__ or error}") from error
        except (ValueError, RecursionError, OSError) as error:
            raise ModelUnavailable("The server sent nonsense.") from error

    def _failure(self, error: anthropic.APIStatusError) -> ModelError:
        status = _status(error)
        message = error.message.replace(self._key, "[key]")[:_MESSAGE]
        if status in _TRANSIENT or status >= 500:  # noqa: PLR2004
            return ModelUnavailable(message, retry_after=_seconds(error.response.headers.get("retry-after")))
        if status not in _PROMPT:
            return ModelMisconfigured(f"{_MEND.get(status, _OTHERWISE)}: {message}")
        return RequestRefused(message) if status == _REQUEST else ModelRefused(message)


async def _items(stream: anthropic.AsyncStream[object]) -> AsyncGenerator[object, None]:
    async for item in stream:
        yield item


def _status(error: anthropic.APIStatusError) -> int:
    """The status that an error means: one within the answer has a kind alone, and lacking credit is told as a 400."""
    if _NO_CREDIT in error.message:
        return 402
    return error.status_code if error.status_code >= 300 else _STATUSES.get(str(error.type), 529)  # noqa: PLR2004


def _seconds(text: str | None) -> float | None:
    try:
        seconds = float(text or "")
    except ValueError:
        return None
    return seconds if seconds >= 0 else None
