"""The one place that knows the SDK: it sends a body, gives chunks as JSON, and turns failures into the port's own."""

from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from typing import cast

import httpx2

try:
    import openai
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "OpenAI and servers like it need an extra: install 'flightdeck[openai]'.", name="openai"
    ) from error

from adapters.openai.requests import Body
from application.ports.language_model import (
    ModelError,
    ModelMisconfigured,
    ModelRefused,
    ModelTimeout,
    ModelUnavailable,
)

_TRANSIENT = {408, 409, 425, 429}
_REQUEST = {400, 422}
_PROMPT = {*_REQUEST, 413}
_STATUSES = {
    "invalid_api_key": 401,
    "insufficient_quota": 402,
    "billing_not_active": 402,
    "model_not_found": 404,
    "model_decommissioned": 404,
    # Groq's word for a call that the model wrote wrongly: another try may write it well.
    "tool_use_failed": 503,
}
"""What a code means, whatever status it comes with."""
_MEND = {
    401: "Its API key is missing or not valid",
    402: "Its account has no credit left",
    403: "Its API key may not use this model, or not from here",
    404: "It knows no model of this name, or its address is wrong",
}
"""What to mend, by the status of a refusal."""
_OTHERWISE = "Its address is wrong"
_MESSAGE = 500


class RequestRefused(ModelRefused):
    """The server did not take the request as it is; `complaint` says what of it."""

    def __init__(self, complaint: str) -> None:
        super().__init__(complaint)
        self.complaint = complaint


class Connection:
    """A server of chat completions and embeddings.

    Args:
        http: carries the requests; who made it closes it.
        base_url: ends with the version, as `https://api.openai.com/v1`.
        api_key: may be absent where the server asks for none.
    """

    def __init__(self, http: httpx2.AsyncClient, base_url: str, api_key: str | None) -> None:
        self._key = api_key
        self._options: openai.RequestOptions = {
            "headers": {} if api_key else {"Authorization": openai.Omit()},
            "security": {"bearer_auth": True},
        }
        self._client = openai.AsyncOpenAI(
            api_key=api_key or "absent", base_url=base_url, http_client=http, max_retries=0, timeout=http.timeout
        )

    async def chunks(self, body: Body) -> AsyncGenerator[object, None]:
        """The chunks of the answer, as JSON. Closing the generator closes the connection.

        Raises:
            ModelUnavailable, ModelTimeout, ModelMisconfigured, ModelRefused: at any point.
            RequestRefused: something in `body` is not to the server's taste.
        """
        async with self._translated(), await self._posted(body) as stream, aclosing(_items(stream)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def answer(self, path: str, body: Body) -> object:
        """The whole answer to what is posted to `path`, as JSON.

        Raises:
            ModelUnavailable, ModelTimeout, ModelMisconfigured, ModelRefused: there is none.
            RequestRefused: something in `body` is not to the server's taste.
        """
        async with self._translated():
            return await self._client.post(path, cast_to=object, body=body, options=self._options)

    async def _posted(self, body: Body) -> openai.AsyncStream[object]:
        return await self._client.post(
            "/chat/completions",
            cast_to=object,
            body=body,
            options=self._options,
            stream=True,
            stream_cls=openai.AsyncStream[object],
        )

    @asynccontextmanager
    async def _translated(self) -> AsyncGenerator[None, None]:
        try:
            yield
        except (openai.APITimeoutError, httpx2.TimeoutException) as error:
            raise ModelTimeout("The server was silent for too long.") from error
        except openai.APIStatusError as error:
            raise self._failure(error.status_code, error, error.response.headers) from error
        except (openai.APIConnectionError, httpx2.HTTPError) as error:
            raise ModelUnavailable(f"The connection failed: {error.__cause__ or error}") from error
        except openai.APIError as error:
            raise self._failure(_status(error), error, httpx2.Headers()) from error
        except (ValueError, RecursionError, OSError) as error:
            raise ModelUnavailable("The server sent nonsense.") from error

    def _failure(self, status: int, error: openai.APIError, headers: httpx2.Headers) -> ModelError:
        message = error.message
        if self._key:
            message = message.replace(self._key, "[key]")
        message, status = message[:_MESSAGE], _STATUSES.get(str(error.code), status)
        if status in _TRANSIENT or status >= 500:  # noqa: PLR2004
            return ModelUnavailable(message, retry_after=_seconds(headers.get("retry-after")))
        if status not in _PROMPT:
            return ModelMisconfigured(f"{_MEND.get(status, _OTHERWISE)}: {message}")
        return RequestRefused(message) if status in _REQUEST else ModelRefused(message)


async def _items(stream: openai.AsyncStream[object]) -> AsyncGenerator[object, None]:
    async for item in stream:
        yield item


def _status(error: openai.APIError) -> int:
    """The status that an error within the answer amounts to."""
    body = cast("dict[str, object]", error.body) if isinstance(error.body, dict) else {}
    code = body.get("status_code") or error.code
    if str(code).isdecimal():
        return int(str(code))
    return 400 if error.type == "invalid_request_error" else 503


def _seconds(text: str | None) -> float | None:
    try:
        seconds = float(text or "")
    except ValueError:
        return None
    return seconds if seconds >= 0 else None
