"""The one place that knows the SDK: it sends a body, gives events as JSON, and turns failures into the port's own."""

from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager

import httpx2

try:
    import anthropic
except ModuleNotFoundError as error:
    raise ModuleNotFoundError("Anthropic needs an extra: install 'flightdeck[anthropic]'.", name="anthropic") from error

from adapters.anthropic.requests import Body
from application.ports.language_model import ModelError, ModelRefused, ModelTimeout, ModelUnavailable

_TRANSIENT = {408, 409, 425, 429}
_REFUSALS = {
    "invalid_request_error",
    "authentication_error",
    "billing_error",
    "permission_error",
    "not_found_error",
}
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
            ModelUnavailable, ModelTimeout, ModelRefused: at any point.
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
        # An error within the answer has a kind, but the status 200 with which the answer began.
        status = error.status_code
        message = f"{status}: {error.message}"[:_MESSAGE].replace(self._key, "[key]")
        refused = error.type in _REFUSALS if status < 300 else status < 500 and status not in _TRANSIENT  # noqa: PLR2004
        if not refused:
            return ModelUnavailable(message, retry_after=_seconds(error.response.headers.get("retry-after")))
        return RequestRefused(message) if status == 400 else ModelRefused(message)  # noqa: PLR2004


async def _items(stream: anthropic.AsyncStream[object]) -> AsyncGenerator[object, None]:
    async for item in stream:
        yield item


def _seconds(text: str | None) -> float | None:
    try:
        seconds = float(text or "")
    except ValueError:
        return None
    return seconds if seconds >= 0 else None
