import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from redis.exceptions import ResponseError
from typing_extensions import override

from adapters.redis.connection import OUTAGES, RedisConnection
from adapters.redis.frames import decoded, decoded_all, encoded
from adapters.redis.run_reader import PAGE, RedisRunReader
from application.ports.run_log import LogLost, RunLog, RunReader, StaleAttempt
from domain.conversations import Frame
from domain.ids import RunId

_LOG = logging.getLogger(__name__)
_KEPT = 3600  # seconds
_LENGTH = 50_000  # frames, about: more than the longest reply has characters

# A script, not a pipeline: what the stream refuses must not be published, and what it takes must be. Redis itself
# refuses an id that is not above all others, which is how it fences off an older attempt.
# ARGV: "1" when the log need not exist, seconds to keep, length, then an id and a record for each frame.
_APPEND = """
local records = {}
for i = 4, #ARGV, 2 do
  local added
  if ARGV[1] == '1' then
    added = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[3], ARGV[i], 'f', ARGV[i + 1])
  else
    added = redis.call('XADD', KEYS[1], 'NOMKSTREAM', 'MAXLEN', '~', ARGV[3], ARGV[i], 'f', ARGV[i + 1])
  end
  if not added then return 0 end
  records[#records + 1] = ARGV[i + 1]
end
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('PUBLISH', KEYS[1], '[' .. table.concat(records, ',') .. ']')
return 1
"""


class RedisRunLog(RunLog):
    """A stream per run remembers (stream id `<attempt>-<sequence>`), PUBLISH on a channel of the same name carries.

    Redis has `patience` seconds for each command.
    """

    def __init__(self, connection: RedisConnection, *, patience: float = 1.0) -> None:
        self._connection = connection
        self._patience = patience
        self._append = connection.commands.register_script(_APPEND)
        self._last_message: tuple[bytes, Sequence[Frame]] = (b"", ())

    @override
    async def append(self, run_id: RunId, frames: Sequence[Frame], *, anew: bool = False) -> None:
        arguments: list[bytes | str | int] = ["1" if anew else "0", _KEPT, _LENGTH]
        for frame in frames:
            arguments += [f"{frame.id.attempt}-{frame.id.sequence}", encoded(frame)]
        try:
            async with asyncio.timeout(self._patience):
                added = await self._append(keys=[self._key(run_id)], args=arguments)
        except ResponseError as error:
            if "equal or smaller" in str(error):
                raise StaleAttempt from error
            raise LogLost from error
        except OUTAGES as error:
            raise LogLost from error
        if not added:
            raise LogLost

    @override
    @asynccontextmanager
    async def follow(self, run_id: RunId) -> AsyncGenerator[RunReader, None]:
        subscriptions = self._connection.subscriptions
        reader = RedisRunReader(self._messages, lambda last: self._page(run_id, last), lambda: subscriptions.connected)
        async with subscriptions.subscribed(self._key(run_id), reader):
            yield reader

    @override
    async def drop(self, run_ids: Sequence[RunId]) -> None:
        if not run_ids:
            return
        try:
            async with asyncio.timeout(self._patience):
                await self._connection.commands.unlink(*(self._key(run_id) for run_id in run_ids))
        except OUTAGES as error:
            _LOG.warning("Logs of %d runs are left to expire: %s", len(run_ids), type(error).__name__)

    def _key(self, run_id: RunId) -> str:
        return self._connection.key("run", run_id)

    def _messages(self, message: bytes) -> Sequence[Frame]:
        # All followers of a run get the same message one after the other: it is decoded once.
        if self._last_message[0] is not message:
            self._last_message = (message, decoded_all(message))
        return self._last_message[1]

    async def _page(self, run_id: RunId, last: Frame | None) -> Sequence[Frame] | None:
        """Up to a page of frames after `last`; None while Redis is not reachable."""
        start = f"({last.id.attempt}-{last.id.sequence}" if last else "-"
        try:
            async with asyncio.timeout(self._patience):
                entries = await self._connection.commands.xrange(self._key(run_id), start, "+", PAGE)
        except OUTAGES:
            return None
        return [decoded(fields[b"f"]) for _, fields in entries]
