from dataclasses import replace

from typing_extensions import override

from adapters.memory.conversations import MemoryConversations
from adapters.memory.store import MemoryStore
from adapters.memory.table import Transaction
from application.ports.former_members import FormerMembers
from domain.actors import FORMER_MEMBER, Actor
from domain.ids import UserId


class MemoryFormerMembers(FormerMembers):
    """Users who go, within a transaction."""

    def __init__(self, store: MemoryStore, transaction: Transaction) -> None:
        self._store = store
        self._transaction = transaction

    @override
    async def forget(self, user_id: UserId) -> None:
        self._transaction.explain(None)
        await self._erase_companions(user_id)
        await self._rename(user_id)
        await self._drop_collections(user_id)
        for credential in self._transaction.all(self._store.credentials):
            if credential.user_id == user_id:
                await self._transaction.remove(self._store.credentials, credential.id)
        for token in self._transaction.all(self._store.one_time_tokens):
            if token.user_id == user_id:
                await self._transaction.remove(self._store.one_time_tokens, token.id)

    async def _drop_collections(self, user_id: UserId) -> None:
        for collection in self._transaction.all(self._store.collections):
            if collection.owner_id == user_id:
                for held in self._transaction.all(self._store.collection_memories):
                    if held.collection_id == collection.id:
                        key = self._store.collection_memories.key(held)
                        await self._transaction.remove(self._store.collection_memories, key)
                await self._transaction.remove(self._store.collections, collection.id)
        for profile in self._transaction.all(self._store.memory_profiles):
            if profile.owner_id == user_id:
                key = self._store.memory_profiles.key(profile)
                await self._transaction.remove(self._store.memory_profiles, key)

    async def _erase_companions(self, user_id: UserId) -> None:
        for conversation in self._transaction.all(self._store.conversations):
            if conversation.user_id == user_id:
                await MemoryConversations(self._store, self._transaction).remove(conversation.id)

    async def _rename(self, user_id: UserId) -> None:
        for conversation in self._transaction.all(self._store.conversations):
            if conversation.handler and conversation.handler.id == user_id:
                handler = _former(conversation.handler)
                await self._transaction.replace(self._store.conversations, replace(conversation, handler=handler))
        for message in self._transaction.all(self._store.messages):
            if message.author.id == user_id:
                await self._transaction.update(self._store.messages, replace(message, author=_former(message.author)))


def _former(actor: Actor) -> Actor:
    return replace(actor, name=FORMER_MEMBER)
