from datetime import timedelta

from typing_extensions import override

from adapters.memory.store import MemoryStore
from application.ports.callers import Callers
from application.ports.clock import Clock
from domain.access import ACCOUNT, ADMINISTRATION, Caller, Grant
from domain.errors import Unauthenticated
from domain.identity import Credential, CredentialKind, SessionLife, Token, User, VerifiedIdentity
from domain.ids import WorkspaceId
from domain.permissions import Permission

_NOTED_EACH = timedelta(minutes=1)


class MemoryCallers(Callers):
    """Knows the committed credentials."""

    def __init__(self, store: MemoryStore, clock: Clock, life: SessionLife) -> None:
        self._store = store
        self._clock = clock
        self._life = life

    @override
    async def of_token(self, token: str) -> Caller:
        now, parsed = self._clock.now(), Token.parse(token)
        credential = self._store.credentials.rows.get(parsed.id) if parsed else None
        if parsed is None or credential is None or not credential.opens_with(parsed, now):
            raise Unauthenticated
        caller = self._visitor(credential)
        if caller is not None:
            return caller
        if credential.last_used_at is None or now - credential.last_used_at >= _NOTED_EACH:
            self._store.credentials.rows[credential.id] = credential.used(now, self._life.idle)
        return self._user(self._store.users.rows.get(credential.user_id), credential)

    @override
    async def of_identity(self, identity: VerifiedIdentity) -> Caller | None:
        link = self._store.identities.rows.get((identity.issuer, identity.subject))
        return None if link is None else self._user(self._store.users.rows.get(link.user_id), None)

    def _visitor(self, credential: Credential) -> Caller | None:
        conversation = self._store.conversations.rows.get(credential.conversation_id)
        if conversation is None:
            return None
        workspace = self._store.workspaces.rows[conversation.workspace_id]
        active = workspace.active and workspace.suspended_at is None
        return Caller(actor=conversation.visitor_actor, conversation_id=conversation.id, may_speak=active)

    def _user(self, user: User | None, credential: Credential | None) -> Caller:
        if user is None or not user.active:
            raise Unauthenticated
        own, key, place = ADMINISTRATION if user.administrator else ACCOUNT, None, None
        if credential is not None and credential.kind is CredentialKind.KEY:
            key, place = frozenset(credential.permissions), credential.workspace_id
            own = own & key if place is None else frozenset[Permission]()
        return Caller(
            actor=user.actor,
            grants=self._grants(user, key, place),
            own=own,
            credential_id=credential.id if credential else None,
            by_key=key is not None,
        )

    def _grants(
        self, user: User, key: frozenset[Permission] | None, place: WorkspaceId | None
    ) -> dict[WorkspaceId, Grant]:
        workspaces = self._store.workspaces.rows
        return {
            found.workspace_id: Grant.of(
                found.role, key, suspended=workspaces[found.workspace_id].suspended_at is not None
            )
            for found in self._store.memberships.rows.values()
            if found.user_id == user.id and place in {None, found.workspace_id}
        }
