from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, LargeBinary, Table, Text, Uuid

from adapters.postgres.columns import identifier, moment, one_of, optional, optional_moment, required
from adapters.postgres.tables.schema import metadata
from adapters.postgres.types import byte_strings
from domain.identity import TokenPurpose

logins = Table(
    "logins",
    metadata,
    Column("user_id", Uuid(), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    optional("password_hash", Text()),
    optional("totp_secret", LargeBinary()),
    optional_moment("totp_confirmed_at"),
    optional("totp_last_step", BigInteger()),
    required("recovery_codes", byte_strings()),
    moment("changed_at"),
    CheckConstraint("totp_confirmed_at IS NULL OR totp_secret IS NOT NULL", name="totp_secret"),
    CheckConstraint("totp_confirmed_at IS NOT NULL OR recovery_codes = '{}'", name="recovery_codes"),
)

one_time_tokens = Table(
    "one_time_tokens",
    metadata,
    identifier(),
    *one_of("purpose", TokenPurpose),
    required("digest", LargeBinary()),
    required("email", Text()),
    Column("user_id", Uuid(), ForeignKey("users.id", ondelete="CASCADE"), nullable=True),
    optional("sealed", LargeBinary()),
    moment("created_at"),
    moment("expires_at"),
    CheckConstraint("octet_length(digest) = 32", name="digest"),
    CheckConstraint("(purpose = 'verify') = (sealed IS NOT NULL)", name="sealed"),
    CheckConstraint("(purpose = 'recover') = (user_id IS NOT NULL)", name="user_id"),
    Index(None, "digest"),
    Index(None, "email"),
    Index(None, "user_id"),
    Index(None, "expires_at"),
)
