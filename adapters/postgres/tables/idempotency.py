from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Table, Text, Uuid

from adapters.postgres.columns import moment, optional, required
from adapters.postgres.tables.schema import metadata

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("scope", LargeBinary(), primary_key=True),
    Column("key", Text(), primary_key=True),
    required("digest", LargeBinary()),
    optional("answer", LargeBinary()),  # NULL only within the unit of work that inserts it
    # The visitor's, whose words are in the answer: it goes with them.
    Column("conversation_id", Uuid(), ForeignKey("conversations.id", ondelete="CASCADE")),
    # The one that the answer tells of: when it is deleted for good, nothing of it is left.
    Column("memory_id", Uuid(), ForeignKey("memories.id", ondelete="CASCADE")),
    moment("created_at"),
    Index(None, "created_at"),
    Index(None, "conversation_id"),
    Index(None, "memory_id"),
)
