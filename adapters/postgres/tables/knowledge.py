from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from adapters.postgres.columns import identifier, moment, number, one_of, optional, optional_moment, required, workspace
from adapters.postgres.tables.schema import metadata
from adapters.postgres.types import half_vector
from application.ports.embeddings import DIMENSIONS
from domain.knowledge import SourceKind
from domain.memories import Tier

# A passage is found by `keys`, so that a word which is common among other tenants costs nothing: a key is a hash of a
# form of a word and of the workspace. They are sorted; `counts` says how often the passage holds each, and `sequence`
# in which order (see adapters/postgres/words.py). A tsvector would hold as much, and take ten times as long to ask.
passages = Table(
    "passages",
    metadata,
    identifier(),
    workspace(),
    *one_of("kind", SourceKind),
    required("source_id", Uuid()),
    *number("position"),
    required("heading", Text()),
    required("text", Text()),
    *number("start"),
    *number("end"),
    optional("owner_id", Uuid()),
    optional("reader_id", Uuid()),
    *one_of("tier", Tier, nullable=True),
    moment("at"),
    optional_moment("expires_at"),
    required("language", Text()),
    *number("length"),
    required("keys", ARRAY(BigInteger())),
    required("counts", ARRAY(SmallInteger())),
    required("sequence", LargeBinary()),
    UniqueConstraint("source_id", "kind", "position", deferrable=True, initially="DEFERRED"),
    Index(None, "keys", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
    # With all that filters ask for, so that counting what passes them reads no rows.
    Index(
        None,
        "workspace_id",
        "kind",
        postgresql_include=["id", "length", "source_id", "owner_id", "reader_id", "tier", "at", "expires_at"],
    ),
)

# Each passage has a row, without a vector at first.
embeddings = Table(
    "embeddings",
    metadata,
    Column("passage_id", Uuid(), ForeignKey("passages.id", ondelete="CASCADE"), primary_key=True),
    workspace(),
    optional("embedder", Text()),
    optional("vector", half_vector(DIMENSIONS)),
    Index(None, "workspace_id", "embedder"),
    Index(None, "embedder", "workspace_id"),
)
