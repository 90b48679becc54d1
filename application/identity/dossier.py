import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from application.blobs.read_blob import ReadBlob
from application.identity.archive import Part
from application.ports.activity import ActivityFilter, ActivityView, ActivityViews
from application.ports.blobs import BlobViews
from application.ports.clock import Clock
from application.ports.collections import CollectionViews
from application.ports.exports import MessageExports
from application.ports.identity import IdentityWork
from application.ports.identity_views import KeyView, KeyViews, PreferencesView, UserView
from application.ports.members import MemberViews
from application.ports.memories import MemoryViews
from application.ports.sign_in import SessionViews
from application.ports.unit_of_work import Begin
from domain.identity import User
from domain.ids import UserId, WorkspaceId
from domain.json import json_of
from domain.pages import Page

Item = TypeVar("Item")
Pages = AsyncGenerator[Sequence[Mapping[str, Any]], None]

PAGE = 100
_OF_PLACE = ("id", "handle", "name", "personal", "role", "joined_at")


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that is known of a user, as the files of an archive.

    `profile.json`, `preferences.json`, `memberships.json`, `sessions.json` and `keys.json` hold one value each,
    `messages.jsonl`, `memories.jsonl`, `collections.jsonl` and `activity.jsonl` one on each line: what they wrote, what
    they remember, also what of it can be restored, what of that belongs together, and what they did in the workspaces
    they belong to. `avatar.webp` is there when they have one. Tokens and passwords are in none of them.
    """

    begin: Begin[IdentityWork]
    members: MemberViews
    sessions: SessionViews
    keys: KeyViews
    messages: MessageExports
    memories: MemoryViews
    collections: CollectionViews
    activity: ActivityViews
    blobs: BlobViews
    read_blob: ReadBlob
    clock: Clock

    async def parts(self, user: User) -> AsyncGenerator[Part, None]:
        """The files, each read when its turn has come."""
        async with self.begin() as work:
            places = [membership.workspace_id for membership in await work.members.of_user(user.id)]
        yield Part("profile.json", _document(asdict(UserView.of(user))))
        yield Part("preferences.json", _document(asdict(PreferencesView.of(user))))
        yield Part("memberships.json", _documents(self._memberships(user.id, places)))
        yield Part("sessions.json", _documents(self._sessions(user.id)))
        yield Part("keys.json", _documents(self._keys(user.id, places)))
        yield Part("messages.jsonl", _lines(self._messages(user.id)))
        yield Part("memories.jsonl", _lines(self._memories(user.id)))
        yield Part("collections.jsonl", _lines(self._collections(user.id)))
        yield Part("activity.jsonl", _lines(self._activity(user.id, places)))
        blob = user.avatar and await self.blobs.blob(user.avatar.blob_id)
        if blob:
            yield Part("avatar.webp", await self.read_blob(blob))

    async def _memberships(self, user_id: UserId, places: Sequence[WorkspaceId]) -> Pages:
        async for page in _paged(lambda cursor: self.members.workspaces(user_id, places, cursor, PAGE)):
            yield [{name: getattr(place, name) for name in _OF_PLACE} for place in page]

    async def _sessions(self, user_id: UserId) -> Pages:
        now = self.clock.now()
        async for page in _paged(lambda cursor: self.sessions.sessions(user_id, now, cursor, PAGE)):
            yield [asdict(session) for session in page]

    async def _keys(self, user_id: UserId, places: Sequence[WorkspaceId]) -> Pages:
        now = self.clock.now()
        for place in places:
            async for page in _paged(partial(self._keys_of, place, now)):
                yield [asdict(key) for key in page if key.user.id == user_id]

    async def _messages(self, user_id: UserId) -> Pages:
        page = await self.messages.written_by(user_id, None, PAGE)
        while page:
            yield [asdict(message) for message in page]
            page = await self.messages.written_by(user_id, page[-1].id, PAGE)

    async def _memories(self, user_id: UserId) -> Pages:
        page = await self.memories.owned(user_id, None, None, PAGE)
        while page:
            yield [asdict(memory) for memory in page]
            page = await self.memories.owned(user_id, None, page[-1].id, PAGE)

    async def _collections(self, user_id: UserId) -> Pages:
        page = await self.collections.owned(user_id, None, PAGE)
        while page:
            yield [asdict(collection) for collection in page]
            page = await self.collections.owned(user_id, page[-1].id, PAGE)

    async def _activity(self, user_id: UserId, places: Sequence[WorkspaceId]) -> Pages:
        theirs = ActivityFilter(actor=user_id)
        for place in places:
            async for page in _paged(partial(self._done_in, place, theirs)):
                yield [{"workspace_id": place, **asdict(event)} for event in page]

    async def _keys_of(self, place: WorkspaceId, at: datetime, cursor: str | None) -> Page[KeyView]:
        return await self.keys.keys(place, at, cursor, PAGE)

    async def _done_in(self, place: WorkspaceId, only: ActivityFilter, cursor: str | None) -> Page[ActivityView]:
        return await self.activity.newest(place, only, cursor, PAGE)


async def _paged(page_at: Callable[[str | None], Awaitable[Page[Item]]]) -> AsyncGenerator[Sequence[Item], None]:
    page = await page_at(None)
    yield page.items
    while page.next_cursor is not None:
        page = await page_at(page.next_cursor)
        yield page.items


async def _document(value: Mapping[str, Any]) -> AsyncGenerator[bytes, None]:
    yield _json(value, indent=2) + b"\n"


async def _documents(pages: Pages) -> AsyncGenerator[bytes, None]:
    """An array of all that is on the pages."""
    separator = b"["
    async with aclosing(pages):
        async for page in pages:
            for value in page:
                yield separator + b"\n" + _json(value)
                separator = b","
    yield b"[]\n" if separator == b"[" else b"\n]\n"


async def _lines(pages: Pages) -> AsyncGenerator[bytes, None]:
    async with aclosing(pages):
        async for page in pages:
            yield b"".join(_json(value) + b"\n" for value in page)


def _json(value: Mapping[str, Any], indent: int | None = None) -> bytes:
    return json.dumps(json_of(value), ensure_ascii=False, indent=indent).encode()
