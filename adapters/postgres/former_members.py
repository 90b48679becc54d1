from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, or_, select, update
from typing_extensions import override

from adapters.postgres.changes import Changes
from adapters.postgres.statements import Command, Queries, Statement, constant, only
from adapters.postgres.tables import (
    collections,
    conversations,
    credentials,
    memory_profiles,
    messages,
    one_time_tokens,
    passages,
)
from application.ports.former_members import FormerMembers
from domain.actors import FORMER_MEMBER, ActorType
from domain.ids import UserId
from domain.knowledge import SourceKind

_user: BindParameter[Any] = bindparam("of_user")
_handled = conversations.c.handler_id == _user
_companions = conversations.c.user_id == _user
# In one order, so that it waits for others who work there, and never they for it in a circle.
_LOCK = Statement(
    select(conversations.c.id)
    .where(or_(_handled, _companions))
    .order_by(conversations.c.id)
    .with_for_update(key_share=True),
    only,
)
# By their messages, since passages have no index of whose they are: also where the user belongs no more.
_FORGET = Command(
    delete(passages).where(
        passages.c.kind == constant(SourceKind.MESSAGE),
        passages.c.source_id.in_(
            select(messages.c.id)
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .where(_companions)
        ),
    )
)
_ERASE = Command(delete(conversations).where(_companions))
_HANDLED = Command(
    update(conversations).where(_handled).values(handler_name=FORMER_MEMBER, version=conversations.c.version + 1)
)
_SAID = Command(
    update(messages)
    .where(messages.c.author_id == _user, messages.c.author_type == constant(ActorType.USER))
    .values(author_name=FORMER_MEMBER)
)
_CREDENTIALS = Command(delete(credentials).where(credentials.c.user_id == _user))
_TOKENS = Command(delete(one_time_tokens).where(one_time_tokens.c.user_id == _user))
_COLLECTIONS = Command(delete(collections).where(collections.c.owner_id == _user))
_PROFILES = Command(delete(memory_profiles).where(memory_profiles.c.owner_id == _user))


class PostgresFormerMembers(FormerMembers):
    """Users who go, in the rows of what they did."""

    def __init__(self, queries: Queries, changes: Changes) -> None:
        self._queries = queries
        self._changes = changes

    @override
    async def forget(self, user_id: UserId) -> None:
        await self._queries.all(_LOCK, of_user=user_id)
        for command in (_FORGET, _ERASE, _HANDLED, _SAID, _CREDENTIALS, _TOKENS, _COLLECTIONS, _PROFILES):
            await self._queries.run(command, of_user=user_id)
        self._changes.explain(None)
