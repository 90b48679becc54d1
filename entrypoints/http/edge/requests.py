import asyncio
from typing import Any, ClassVar

import litestar
import msgspec
from litestar.exceptions import InternalServerException
from typing_extensions import override

from domain.errors import Invalid
from entrypoints.http.edge.faults import fault_of
from entrypoints.http.edge.problems import Refused

_JSON = {"application/json", "application/merge-patch+json"}


class Request(litestar.Request[Any, Any, Any]):
    """Reads bodies so that a bad one is never our fault.

    JSON is decoded straight into the type that the handler asks for, strictly (Litestar would take "1" for 1), and
    its first fault is named with the full path. A body has `body_seconds` to arrive.
    """

    body_seconds: ClassVar = 60.0

    @override
    async def body(self) -> bytes:
        """The body.

        Raises:
            Refused: it is too large (413, from Litestar), takes too long, or the client went away.
        """
        try:
            async with asyncio.timeout(self.body_seconds):
                return await super().body()
        except TimeoutError as error:
            raise Refused(408) from error
        except InternalServerException as error:
            if error.detail != "client disconnected prematurely":
                raise
            raise Refused(400, "The connection ended before the body did.") from error

    @override
    async def json(self) -> Any:
        """The body as the type of the handler's `data`.

        Raises:
            Refused: it is not called JSON, or is none.
            Invalid: it is JSON of another shape.
        """
        field = self.route_handler.parsed_data_field
        return await self.json_as(field.annotation if field else Any)

    async def json_as(self, kind: Any) -> Any:
        """The body as this type, for handlers that take other bodies as well; raises what `json` does."""
        if self.content_type[0] not in _JSON:
            raise Refused(415)
        try:
            return msgspec.json.decode(await self.body(), type=kind, dec_hook=self.route_handler.default_deserializer)
        except msgspec.ValidationError as error:
            raise Invalid(fault_of(str(error), of=None if kind is Any else kind)) from error
        except RecursionError as error:
            raise Refused(400, "The body is nested too deeply.") from error
        except UnicodeDecodeError as error:
            raise Refused(400, "The body is not UTF-8.") from error
        except msgspec.DecodeError as error:
            raise Refused(400, f"The body is not JSON: {error}.") from error
