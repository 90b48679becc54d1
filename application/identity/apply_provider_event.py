from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from application.identity.end_user import end_user
from application.ports.clock import Clock
from application.ports.provider_deliveries import ProviderEventsWork
from application.ports.provider_events import ProviderEvents
from application.ports.unit_of_work import Begin
from application.workspaces.open_personal_workspace import OpenPersonalWorkspace
from domain.access import Caller
from domain.actors import SYSTEM
from domain.identity import (
    EmailTaken,
    IdentityChanged,
    ProviderOutcome,
    User,
    UserEdited,
)
from domain.ids import WorkspaceId


@dataclass(frozen=True, slots=True)
class ApplyProviderEvent:
    """Does to our users what their issuer tells of them, each message once, and none over a newer one.

    An identity that is new becomes a user with a personal workspace, or the one who has its verified e-mail. One that
    is known gives its user the name and the verified e-mail that it has now: none, when another user has it. With the
    last identity of a user goes the user, as `end_user` says. Who also has a password says by themselves who they are,
    and stays.
    """

    events: ProviderEvents
    begin: Begin[ProviderEventsWork]
    open_personal_workspace: OpenPersonalWorkspace
    clock: Clock

    async def __call__(self, headers: Mapping[str, str], body: bytes) -> ProviderOutcome:
        """What became of the message that came so.

        Raises:
            BadSignature: it is not of the issuer. NotConfigured: there is no issuer to know it by.
        """
        delivery = self.events.read(headers, body)
        if delivery.change is None:
            return ProviderOutcome.IGNORED
        try:
            outcome, user = await self._applied(delivery.id, delivery.change)
        except EmailTaken:  # at the same time, by whoever has this e-mail, too
            outcome, user = await self._applied(delivery.id, delivery.change)
        except _NoWorkspace as fact:  # whoever made the user ended before, and nobody could be told of a change
            await self.open_personal_workspace(Caller(actor=fact.user.actor))
            outcome, user = await self._applied(delivery.id, delivery.change)
        if user is not None and user.deleted_at is None:
            await self.open_personal_workspace(Caller(actor=user.actor))
        return outcome

    async def _applied(self, delivery_id: str, change: IdentityChanged) -> tuple[ProviderOutcome, User | None]:
        now = self.clock.now()
        async with self.begin() as work:
            link = await work.identities.lock(change.issuer, change.subject)
            login = await work.logins.lock(link.user_id) if link and link.user_id else None
            known = await work.users.get(link.user_id) if link and link.user_id else None
            has_password = login is not None and login.password_hash is not None
            if not await work.provider_deliveries.add(delivery_id, now):
                return ProviderOutcome.REPEATED, known
            if not change.is_news_to(link):
                return await work.commit((ProviderOutcome.STALE, known))
            if change.deleted:
                if known is not None and not has_password:
                    await self._end(work, known, now)
                user = None
            else:
                user = known if has_password else await self._changed(work, change, known, now)
            await work.identities.put(change.told_of(link, user.id if user else None, now))
            return await work.commit((ProviderOutcome.APPLIED, user))

    async def _changed(
        self, work: ProviderEventsWork, change: IdentityChanged, known: User | None, now: datetime
    ) -> User:
        email = change.own_email
        holder = await work.users.by_email(email) if email else None
        if known is None and holder is not None:
            return holder
        if known is None:
            user = User.new(email, change.name, now)
            await work.users.add(user)
            return user
        if known.deleted_at is not None:
            return known
        if holder is not None and holder.id != known.id:
            email = None
        # Also to nothing: what is kept from before would depend on the order in which messages come.
        changed = replace(known, email=email, name=change.name)
        fields = tuple(name for name in ("email", "name") if getattr(changed, name) != getattr(known, name))
        if not fields:
            return known
        events = [
            UserEdited(workspace_id=each, actor=SYSTEM, at=now, user_id=known.id, fields=fields)
            for each in await _workspaces(work, known)
        ]
        work.record(*events)
        return await work.users.save(replace(changed, updated_at=now))

    async def _end(self, work: ProviderEventsWork, user: User, now: datetime) -> None:
        if user.deleted_at is not None or len(await work.identities.of_user(user.id)) > 1:
            return
        await end_user(work, user, by=SYSTEM, at=now)


class _NoWorkspace(Exception):
    def __init__(self, user: User) -> None:
        super().__init__()
        self.user = user


async def _workspaces(work: ProviderEventsWork, user: User) -> Sequence[WorkspaceId]:
    workspaces = [membership.workspace_id for membership in await work.members.of_user(user.id)]
    if not workspaces:
        raise _NoWorkspace(user)
    return workspaces
