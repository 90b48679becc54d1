"""The picture of a user, which lies in their personal workspace."""

from dataclasses import dataclass
from datetime import datetime

from application.blobs.write_picture import WritePicture
from application.identity.home import home_of
from application.ports.clock import Clock
from application.ports.members import MembersWork
from application.ports.unit_of_work import Begin
from application.workspaces.open_personal_workspace import OpenPersonalWorkspace
from domain.access import Caller
from domain.blobs import Quota
from domain.identity import User, UserEdited
from domain.permissions import Permission
from domain.pictures import Picture
from domain.versions import check_version


@dataclass(frozen=True, slots=True)
class PutAvatar:
    """Gives a user a picture; the one they had is gone."""

    begin: Begin[MembersWork]
    open_personal_workspace: OpenPersonalWorkspace
    write_picture: WritePicture
    quota: Quota
    clock: Clock

    async def __call__(self, caller: Caller, data: bytes, expected: int | None = None) -> User:
        """The user as they are now.

        Raises:
            NotFound, Forbidden: the caller may not. Stale: they are not in the version expected.
            Invalid, QuotaExceeded, Unavailable: as of `WritePicture`. EditConflict: they were changed meanwhile.
        """
        user_id = caller.must_themselves(Permission.ACCOUNT_WRITE)
        home = await self.open_personal_workspace(caller)
        blob = await self.write_picture(home.id, data)
        now = self.clock.now()
        async with self.begin() as work:
            user = await work.users.get(user_id)
            check_version(user.version, expected)
            shown = await _show(work, caller, user, Picture.of(blob), now)
            await work.blobs.add(blob, self.quota)
            return await work.commit(shown)


@dataclass(frozen=True, slots=True)
class RemoveAvatar:
    """Takes a user's picture away."""

    begin: Begin[MembersWork]
    clock: Clock

    async def __call__(self, caller: Caller, expected: int | None = None) -> None:
        """Nothing, also when they had none.

        Raises:
            NotFound, Forbidden: the caller may not. Stale: they are not in the version expected.
            EditConflict: they were changed meanwhile.
        """
        user_id = caller.must_themselves(Permission.ACCOUNT_WRITE)
        async with self.begin() as work:
            user = await work.users.get(user_id)
            check_version(user.version, expected)
            if user.avatar is not None:
                await _show(work, caller, user, None, self.clock.now())
            await work.commit(None)


async def _show(work: MembersWork, caller: Caller, user: User, picture: Picture | None, at: datetime) -> User:
    home = await home_of(work, user.id)
    because = UserEdited(workspace_id=home, actor=caller.actor, at=at, user_id=user.id, fields=("avatar",))
    if user.avatar is not None:
        await work.blobs.remove(user.avatar.blob_id)
    return await work.users.save(user.showing(picture, at), because=because)
