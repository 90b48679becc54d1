import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from typing_extensions import override

from adapters.oidc.keys import Key
from application.ports.clock import Clock
from domain.errors import Unavailable

_LOG = logging.getLogger(__name__)


class KeysUnavailable(Exception):
    """The issuer's keys could not be fetched; the sentence says why."""


class KeyRing(Protocol):
    """The keys of an issuer."""

    async def find(self, identifier: str | None) -> Key | None:
        """The key of this name; for None, the only one there is. None when there is no such key.

        Raises:
            Unavailable: it is not known, and cannot be fetched at the moment.
        """
        ...

    def holds(self, key: Key) -> bool:
        """Whether the key, found earlier, is still the issuer's."""
        ...


class FixedKey(KeyRing):
    """One key from the settings, whatever it is called."""

    def __init__(self, key: Key) -> None:
        self._key = key

    @override
    async def find(self, identifier: str | None) -> Key | None:
        return self._key

    @override
    def holds(self, key: Key) -> bool:
        return key == self._key


class FetchedKeys(KeyRing):
    """Keys that are fetched when they are first needed, and kept for as long as the issuer does not answer.

    They are fetched anew once they are older than `lifetime`, while the old ones serve on, and for an unknown name, at
    most once in `pause`; all who need them wait for one fetch. What a fetch does not bring any more is forgotten at
    once.

    Args:
        fetch: brings the keys, or raises `KeysUnavailable`.
        retry: how long after a failure they are fetched again when there are none at all.
    """

    def __init__(
        self,
        fetch: Callable[[], Awaitable[Sequence[Key]]],
        clock: Clock,
        *,
        lifetime: timedelta = timedelta(hours=1),
        pause: timedelta = timedelta(minutes=1),
        retry: timedelta = timedelta(seconds=5),
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lifetime, self._pause, self._retry = lifetime, pause, retry
        self._keys: Sequence[Key] = ()
        self._held: frozenset[Key] = frozenset()
        self._fetching: asyncio.Task[None] | None = None
        self._failed = False
        self._next_by_age = self._next_for_unknown = datetime.min.replace(tzinfo=UTC)

    @override
    async def find(self, identifier: str | None) -> Key | None:
        self._refresh()
        # Twice: who joins a fetch that began before their key was published may still ask for one of their own.
        for _ in range(2):
            key = self._among(identifier)
            fetching = None if key else self._fetching or self._ask_anew(identifier)
            if fetching is None:
                break
            await asyncio.shield(fetching)
        key = self._among(identifier)
        if key is None and self._failed and (identifier is not None or not self._keys):
            raise Unavailable
        return key

    @override
    def holds(self, key: Key) -> bool:
        self._refresh()
        return key in self._held

    def _among(self, identifier: str | None) -> Key | None:
        if identifier is None:
            return self._keys[0] if len(self._keys) == 1 else None
        return next((key for key in self._keys if key.id == identifier), None)

    def _ask_anew(self, identifier: str | None) -> asyncio.Task[None] | None:
        now = self._clock.now()
        if now < self._next_for_unknown or (self._keys and identifier is None):
            return None
        # The first fetch is for everyone: a name that it does not bring may be asked for right after.
        if self._keys:
            self._next_for_unknown = now + self._pause
        return self._begin()

    def _refresh(self) -> None:
        if self._keys and not self._fetching and self._clock.now() >= self._next_by_age:
            self._begin()

    def _begin(self) -> asyncio.Task[None]:
        self._fetching = asyncio.create_task(self._run())
        return self._fetching

    async def _run(self) -> None:
        try:
            self._keys = await self._fetch()
            self._held = frozenset(self._keys)
            self._failed = False
            self._next_by_age = self._clock.now() + self._lifetime
        except KeysUnavailable as error:
            self._failed = True
            self._next_by_age = self._clock.now() + self._pause
            if not self._keys:
                self._next_for_unknown = self._clock.now() + self._retry
            _LOG.warning("the keys of an issuer of tokens cannot be fetched: %s", error)
        finally:
            self._fetching = None
