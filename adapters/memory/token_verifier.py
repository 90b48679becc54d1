from typing_extensions import override

from adapters.memory.store import MemoryStore
from application.ports.clock import Clock
from application.ports.token_verifier import TokenVerifier
from domain.access import Caller
from domain.errors import Unauthenticated
from domain.identity import Credential, Token


class MemoryTokenVerifier(TokenVerifier):
    """Knows the committed credentials."""

    def __init__(self, store: MemoryStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    @override
    async def verify(self, token: str) -> Caller:
        parsed = Token.parse(token)
        credential = self._store.credentials.rows.get(parsed.id) if parsed else None
        if parsed is None or credential is None or not credential.opens_with(parsed, self._clock.now()):
            raise Unauthenticated
        return self._visitor(credential) or self._user(credential)

    def _visitor(self, credential: Credential) -> Caller | None:
        conversation = self._store.conversations.rows.get(credential.conversation_id)
        if conversation is None:
            return None
        active = self._store.workspaces.rows[conversation.workspace_id].active
        return Caller(actor=conversation.visitor_actor, conversation_id=conversation.id, may_speak=active)

    def _user(self, credential: Credential) -> Caller:
        user = self._store.users.rows.get(credential.user_id)
        if user is None:
            raise Unauthenticated
        memberships = self._store.memberships.rows.values()
        roles = {found.workspace_id: found.role for found in memberships if found.user_id == user.id}
        return Caller(actor=user.actor, roles=roles)
