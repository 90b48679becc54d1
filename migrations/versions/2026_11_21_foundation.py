"""The foundation: users, workspaces, services, conversations, knowledge, jobs, activity."""

import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy.dialects import postgresql

revision = "e136d3e7b3a7"
down_revision = None
branch_labels = None
depends_on = None

_RESERVED_HANDLES = (
    "about account accounts admin administrator admins api app apps assets auth billing blog chat console contact "
    "dashboard desk docs embed flightdeck health healthz help home inbound invite invites login logout mail me "
    "metrics new none null oauth openapi owner privacy public readyz root security settings signin signup static "
    "status support system terms undefined user users webhook webhooks workspace workspaces www"
)

# Evidence is never changed and never removed: not by us, and not by whoever finds a hole in us.
_APPEND_ONLY = """
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end
$$;
create trigger append_only before update or delete on activity for each row execute function refuse_change();
create trigger append_only_truncate before truncate on activity for each statement execute function refuse_change();
create trigger append_only before update or delete on activity_seals for each row execute function refuse_change();
create trigger append_only_truncate before truncate on activity_seals
  for each statement execute function refuse_change();
"""

# What a search reads of a row lies in the row, which is short enough for that; what it shows may lie apart. No plan is
# to be parallel: to start the workers would take longer than a search.
_SEARCHED_IN_PLACE = (
    "alter table passages alter keys set storage main, alter counts set storage main, alter sequence set storage main",
    "alter table passages set (parallel_workers = 0, toast_tuple_target = 4080)",
    "alter table embeddings alter vector set storage plain, set (parallel_workers = 0)",
)


def upgrade() -> None:
    op.execute("create extension if not exists vector")
    op.create_table(
        "activity",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("actor_type", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("causation_id", sa.Text(), nullable=True),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint(
            "actor_type IN ('user', 'agent', 'visitor', 'device', 'system')", name=op.f("ck_activity_actor_type")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "number", name=op.f("pk_activity")),
    )
    op.create_index(
        op.f("ix_activity_workspace_id_actor_id_number"),
        "activity",
        ["workspace_id", "actor_id", "number"],
        unique=False,
    )
    op.create_index(
        op.f("ix_activity_workspace_id_subject_id_number"),
        "activity",
        ["workspace_id", "subject_id", "number"],
        unique=False,
    )
    op.create_index(op.f("ix_activity_workspace_id_at"), "activity", ["workspace_id", "at"], unique=False)
    op.create_table(
        "activity_heads",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_activity_heads")),
    )
    op.create_table(
        "activity_seals",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("marks", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number >= 1 AND first >= 1 AND last >= first", name=op.f("ck_activity_seals_range")),
        sa.CheckConstraint(
            "octet_length(previous) = 32 AND octet_length(digest) = 32", name=op.f("ck_activity_seals_digests")
        ),
        sa.CheckConstraint("octet_length(marks) = 8 * (last - first + 1)", name=op.f("ck_activity_seals_marks")),
        sa.PrimaryKeyConstraint("workspace_id", "number", name=op.f("pk_activity_seals")),
        sa.UniqueConstraint("workspace_id", "last", name=op.f("uq_activity_seals_workspace_id_last")),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=True),
        sa.Column("subject_type", sa.Text(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("unique_key", sa.Text(), nullable=True),
        sa.Column("lane", sa.Text(), nullable=True),
        sa.Column("schedule", sa.Text(), nullable=True),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_asked", sa.Boolean(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("result", postgresql.JSONB(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'running') = (lease_until IS NOT NULL)", name=op.f("ck_jobs_lease")),
        sa.CheckConstraint("(status IN ('queued', 'running')) = (ended_at IS NULL)", name=op.f("ck_jobs_ended")),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'succeeded', 'dead', 'cancelled')", name=op.f("ck_jobs_status")
        ),
        sa.CheckConstraint('"attempt" >= 0', name=op.f("ck_jobs_attempt")),
        sa.CheckConstraint('"failures" >= 0', name=op.f("ck_jobs_failures")),
        sa.CheckConstraint('"max_attempts" >= 0', name=op.f("ck_jobs_max_attempts")),
        sa.CheckConstraint("progress BETWEEN 0 AND 100", name=op.f("ck_jobs_progress")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("number", name=op.f("uq_jobs_number")),
    )
    op.create_index(
        "ix_jobs_due", "jobs", ["run_at", "number"], unique=False, postgresql_where=sa.text("status = 'queued'")
    )
    op.create_index(
        "ix_jobs_lanes",
        "jobs",
        ["lane", "number"],
        unique=False,
        postgresql_where=sa.text("status IN ('queued', 'running') AND lane IS NOT NULL"),
    )
    op.create_index(
        "ix_jobs_leased", "jobs", ["lease_until"], unique=False, postgresql_where=sa.text("status = 'running'")
    )
    op.create_index(
        op.f("ix_jobs_workspace_id_created_at_id"), "jobs", ["workspace_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "uq_jobs_unended",
        "jobs",
        ["type", "unique_key"],
        unique=True,
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("profile", postgresql.JSONB(), nullable=False),
        sa.Column("preferences", postgresql.JSONB(), nullable=False),
        sa.Column("avatar_blob_id", sa.Uuid(), nullable=True),
        sa.Column("avatar_digest", sa.LargeBinary(), nullable=True),
        sa.Column("administrator", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deactivated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_users_email")),
        sa.CheckConstraint('"version" >= 1', name=op.f("ck_users_version")),
        sa.CheckConstraint(
            "deleted_at IS NULL OR (email IS NULL AND avatar_blob_id IS NULL AND NOT administrator)",
            name=op.f("ck_users_deleted"),
        ),
        sa.CheckConstraint("(avatar_blob_id IS NULL) = (avatar_digest IS NULL)", name=op.f("ck_users_avatar")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
    )
    op.create_index(
        op.f("ix_users_avatar_digest"),
        "users",
        ["avatar_digest"],
        unique=False,
        postgresql_where=sa.text("avatar_digest IS NOT NULL"),
    )
    op.create_table(
        "identities",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_identities_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_identities")),
    )
    op.create_index(op.f("ix_identities_user_id"), "identities", ["user_id"], unique=False)
    op.create_table(
        "provider_deliveries",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_deliveries")),
    )
    op.create_index(op.f("ix_provider_deliveries_received_at"), "provider_deliveries", ["received_at"], unique=False)
    op.create_table(
        "logins",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=True),
        sa.Column("totp_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totp_last_step", sa.BigInteger(), nullable=True),
        sa.Column("recovery_codes", sa.ARRAY(sa.LargeBinary()), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("totp_confirmed_at IS NULL OR totp_secret IS NOT NULL", name=op.f("ck_logins_totp_secret")),
        sa.CheckConstraint(
            "totp_confirmed_at IS NOT NULL OR recovery_codes = '{}'", name=op.f("ck_logins_recovery_codes")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_logins_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_logins")),
    )
    op.create_table(
        "one_time_tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("purpose IN ('verify', 'recover')", name=op.f("ck_one_time_tokens_purpose")),
        sa.CheckConstraint("octet_length(digest) = 32", name=op.f("ck_one_time_tokens_digest")),
        sa.CheckConstraint("(purpose = 'verify') = (sealed IS NOT NULL)", name=op.f("ck_one_time_tokens_sealed")),
        sa.CheckConstraint("(purpose = 'recover') = (user_id IS NOT NULL)", name=op.f("ck_one_time_tokens_user_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_one_time_tokens_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_tokens")),
    )
    op.create_index(op.f("ix_one_time_tokens_digest"), "one_time_tokens", ["digest"], unique=False)
    op.create_index(op.f("ix_one_time_tokens_email"), "one_time_tokens", ["email"], unique=False)
    op.create_index(op.f("ix_one_time_tokens_user_id"), "one_time_tokens", ["user_id"], unique=False)
    op.create_index(op.f("ix_one_time_tokens_expires_at"), "one_time_tokens", ["expires_at"], unique=False)
    op.create_table(
        "workers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_workers")),
    )
    op.create_table(
        "workspaces",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("personal", sa.Boolean(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("business_type", sa.Text(), nullable=False),
        sa.Column("tone", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("public_name", sa.Text(), nullable=False),
        sa.Column("subtitle", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("embed_origins", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("assistant", postgresql.JSONB(), nullable=False),
        sa.Column("limits", postgresql.JSONB(), nullable=False),
        sa.Column("retention", postgresql.JSONB(), nullable=False),
        sa.Column("savings", postgresql.JSONB(), nullable=False),
        sa.Column("knowledge_base", sa.Text(), nullable=False),
        sa.Column("image_blob_id", sa.Uuid(), nullable=True),
        sa.Column("image_digest", sa.LargeBinary(), nullable=True),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("business_type IN ('individual', 'business')", name=op.f("ck_workspaces_business_type")),
        sa.CheckConstraint(
            "handle NOT IN ({})".format(", ".join(f"'{word}'" for word in _RESERVED_HANDLES.split())),
            name=op.f("ck_workspaces_handle_reserved"),
        ),
        sa.CheckConstraint("handle ~ '^[a-z0-9]+(?:-[a-z0-9]+)*$'", name=op.f("ck_workspaces_handle_pattern")),
        sa.CheckConstraint("tone IN ('professional', 'friendly', 'casual', 'formal')", name=op.f("ck_workspaces_tone")),
        sa.CheckConstraint('"version" >= 1', name=op.f("ck_workspaces_version")),
        sa.CheckConstraint("(image_blob_id IS NULL) = (image_digest IS NULL)", name=op.f("ck_workspaces_image")),
        sa.CheckConstraint("personal = (owner_id IS NOT NULL)", name=op.f("ck_workspaces_owner_id")),
        sa.CheckConstraint("length(handle) BETWEEN 3 AND 63", name=op.f("ck_workspaces_handle_length")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_workspaces_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspaces")),
        sa.UniqueConstraint("handle", name=op.f("uq_workspaces_handle")),
    )
    op.create_index(
        op.f("ix_workspaces_image_digest"),
        "workspaces",
        ["image_digest"],
        unique=False,
        postgresql_where=sa.text("image_digest IS NOT NULL"),
    )
    op.create_index(
        "uq_workspaces_personal", "workspaces", ["owner_id"], unique=True, postgresql_where=sa.text("personal")
    )
    op.create_table(
        "connectors",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("sealed", postgresql.JSONB(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("type IN ('calendly', 'square', 'agendapro', 'link')", name=op.f("ck_connectors_type")),
        sa.CheckConstraint('"version" >= 1', name=op.f("ck_connectors_version")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_connectors_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connectors")),
    )
    op.create_index(
        op.f("ix_connectors_workspace_id_created_at_id"),
        "connectors",
        ["workspace_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_connectors_active", "connectors", ["workspace_id"], unique=True, postgresql_where=sa.text("active")
    )
    op.create_table(
        "conversations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("handled_by", sa.Text(), nullable=False),
        sa.Column("handler_type", sa.Text(), nullable=True),
        sa.Column("handler_id", sa.Uuid(), nullable=True),
        sa.Column("handler_name", sa.Text(), nullable=True),
        sa.Column("visitor_name", sa.Text(), nullable=True),
        sa.Column("visitor_email", sa.Text(), nullable=True),
        sa.Column("tags", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("minutes_saved", sa.Integer(), nullable=False),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unanswered_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_count", sa.Integer(), nullable=False),
        sa.Column("indexed_messages", sa.Integer(), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(kind = 'companion') = (user_id IS NOT NULL)", name=op.f("ck_conversations_user_id")),
        sa.CheckConstraint("(handled_by = 'human') = (handler_id IS NOT NULL)", name=op.f("ck_conversations_handler")),
        sa.CheckConstraint("(status = 'open') = (closed_at IS NULL)", name=op.f("ck_conversations_closed")),
        sa.CheckConstraint(
            "handler_type IN ('user', 'agent', 'visitor', 'device', 'system')",
            name=op.f("ck_conversations_handler_type"),
        ),
        sa.CheckConstraint(
            "channel IN ('web', 'instagram', 'whatsapp', 'sms', 'messenger', 'chatgpt', 'phone')",
            name=op.f("ck_conversations_channel"),
        ),
        sa.CheckConstraint("handled_by IN ('assistant', 'human')", name=op.f("ck_conversations_handled_by")),
        sa.CheckConstraint("kind IN ('visitor', 'companion')", name=op.f("ck_conversations_kind")),
        sa.CheckConstraint("status IN ('open', 'closed', 'archived')", name=op.f("ck_conversations_status")),
        sa.CheckConstraint('"message_count" >= 0', name=op.f("ck_conversations_message_count")),
        sa.CheckConstraint('"indexed_messages" >= 0', name=op.f("ck_conversations_indexed_messages")),
        sa.CheckConstraint('"minutes_saved" >= 0', name=op.f("ck_conversations_minutes_saved")),
        sa.CheckConstraint('"turns" >= 0', name=op.f("ck_conversations_turns")),
        sa.CheckConstraint('"version" >= 1', name=op.f("ck_conversations_version")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_conversations_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
        sa.UniqueConstraint("id", "workspace_id", name=op.f("uq_conversations_id_workspace_id")),
    )
    op.create_index(
        op.f("ix_conversations_workspace_id_updated_at_id"),
        "conversations",
        ["workspace_id", "updated_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_conversations_unindexed",
        "conversations",
        ["id"],
        unique=False,
        postgresql_where=sa.text("kind = 'visitor' AND indexed_messages < message_count"),
    )
    op.create_index(
        "ix_conversations_idle",
        "conversations",
        ["workspace_id", "updated_at"],
        unique=False,
        postgresql_where=sa.text("status = 'open' AND handled_by = 'assistant' AND waiting_since IS NULL"),
    )
    op.create_index(
        op.f("ix_conversations_workspace_id_closed_at"),
        "conversations",
        ["workspace_id", "closed_at"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_conversations_user_id_workspace_id_updated_at_id"),
        "conversations",
        ["user_id", "workspace_id", "updated_at", "id"],
        unique=False,
        postgresql_where=sa.text("user_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_conversations_handler_id"),
        "conversations",
        ["handler_id"],
        unique=False,
        postgresql_where=sa.text("handler_id IS NOT NULL"),
    )
    op.create_index(
        "uq_conversations_thread",
        "conversations",
        ["workspace_id", "channel", "external_id"],
        unique=True,
        postgresql_where=sa.text("external_id IS NOT NULL"),
    )
    op.create_table(
        "members",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('owner', 'admin', 'member', 'viewer')", name=op.f("ck_members_role")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_members_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_members_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "user_id", name=op.f("pk_members")),
    )
    op.create_index(op.f("ix_members_user_id"), "members", ["user_id"], unique=False)
    op.create_table(
        "invites",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_invites_email")),
        sa.CheckConstraint("role IN ('owner', 'admin', 'member', 'viewer')", name=op.f("ck_invites_role")),
        sa.CheckConstraint(
            "(accepted_at IS NULL AND revoked_at IS NULL) = (email IS NOT NULL)", name=op.f("ck_invites_pending")
        ),
        sa.CheckConstraint("octet_length(digest) = 32", name=op.f("ck_invites_digest")),
        sa.ForeignKeyConstraint(["invited_by"], ["users.id"], name=op.f("fk_invites_invited_by")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_invites_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invites")),
    )
    op.create_index(
        op.f("ix_invites_workspace_id_created_at_id"), "invites", ["workspace_id", "created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_invites_invited_by"), "invites", ["invited_by"], unique=False)
    op.create_index(
        "ix_invites_email",
        "invites",
        ["email"],
        unique=False,
        postgresql_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL"),
    )
    op.create_index(
        "uq_invites_pending",
        "invites",
        ["workspace_id", "email"],
        unique=True,
        postgresql_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL"),
    )
    op.create_table(
        "memories",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("metadata", postgresql.JSONB(), nullable=False),
        sa.Column("source_type", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("superseded_by", sa.Uuid(), nullable=True),
        sa.Column("similar_to", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.Column("access_count", sa.Integer(), nullable=False),
        sa.Column("last_accessed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("tier IN ('personal', 'project', 'task')", name=op.f("ck_memories_tier")),
        sa.CheckConstraint("source_type IN ('message', 'run', 'user', 'import')", name=op.f("ck_memories_source_type")),
        sa.CheckConstraint(
            "change IN ('added', 'edited', 'superseded', 'deleted', 'pruned', 'undone')",
            name=op.f("ck_memories_change"),
        ),
        sa.CheckConstraint('"access_count" >= 0', name=op.f("ck_memories_access_count")),
        sa.CheckConstraint('"version" >= 1', name=op.f("ck_memories_version")),
        sa.CheckConstraint("octet_length(digest) = 32", name=op.f("ck_memories_digest")),
        sa.CheckConstraint("tier <> 'personal' OR expires_at IS NULL", name=op.f("ck_memories_personal")),
        sa.CheckConstraint("tier <> 'personal' OR change <> 'pruned'", name=op.f("ck_memories_pruned")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_memories_workspace_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_memories_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memories")),
    )
    op.create_index(
        "uq_memories_live",
        "memories",
        ["workspace_id", "owner_id", "digest"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL AND superseded_by IS NULL"),
    )
    op.create_index(
        op.f("ix_memories_owner_id_workspace_id_created_at_id"),
        "memories",
        ["owner_id", "workspace_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_memories_shared",
        "memories",
        ["workspace_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("shared"),
    )
    op.create_index(
        "ix_memories_expires_at",
        "memories",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("expires_at IS NOT NULL AND deleted_at IS NULL"),
    )
    op.create_index(
        "ix_memories_superseded",
        "memories",
        ["updated_at"],
        unique=False,
        postgresql_where=sa.text("superseded_by IS NOT NULL AND deleted_at IS NULL"),
    )
    op.create_index(
        "ix_memories_deleted_at",
        "memories",
        ["deleted_at"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
    )
    op.create_table(
        "memory_versions",
        sa.Column("memory_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("memory", postgresql.JSONB(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint('"version" >= 1', name=op.f("ck_memory_versions_version")),
        sa.ForeignKeyConstraint(
            ["memory_id"], ["memories.id"], name=op.f("fk_memory_versions_memory_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_memory_versions_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("memory_id", "version", name=op.f("pk_memory_versions")),
    )
    op.create_index(op.f("ix_memory_versions_workspace_id"), "memory_versions", ["workspace_id"], unique=False)
    op.create_index(op.f("ix_memory_versions_at"), "memory_versions", ["at"], unique=False)
    op.create_table(
        "collections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('goal', 'preferences', 'stressor_log', 'free')", name=op.f("ck_collections_kind")),
        sa.CheckConstraint('"version" >= 1', name=op.f("ck_collections_version")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_collections_workspace_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_collections_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collections")),
        sa.UniqueConstraint("workspace_id", "owner_id", "name", name=op.f("uq_collections_workspace_id_owner_id_name")),
    )
    op.create_index(op.f("ix_collections_owner_id"), "collections", ["owner_id"], unique=False)
    op.create_table(
        "collection_memories",
        sa.Column("collection_id", sa.Uuid(), nullable=False),
        sa.Column("memory_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint('"position" >= 0', name=op.f("ck_collection_memories_position")),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["collections.id"],
            name=op.f("fk_collection_memories_collection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["memory_id"], ["memories.id"], name=op.f("fk_collection_memories_memory_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_collection_memories_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("collection_id", "memory_id", name=op.f("pk_collection_memories")),
    )
    op.create_index(op.f("ix_collection_memories_memory_id"), "collection_memories", ["memory_id"], unique=False)
    op.create_index(op.f("ix_collection_memories_workspace_id"), "collection_memories", ["workspace_id"], unique=False)
    op.create_table(
        "memory_profiles",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("stable", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("recent", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("stale_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_memory_profiles_workspace_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_memory_profiles_owner_id")),
        sa.PrimaryKeyConstraint("workspace_id", "owner_id", name=op.f("pk_memory_profiles")),
    )
    op.create_index(op.f("ix_memory_profiles_owner_id"), "memory_profiles", ["owner_id"], unique=False)
    op.create_table(
        "memory_policies",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("project_days", sa.Integer(), nullable=True),
        sa.Column("task_days", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint('"version" >= 1', name=op.f("ck_memory_policies_version")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_memory_policies_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_memory_policies")),
    )
    op.create_table(
        "documents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("source_uri", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("content_id", sa.Uuid(), nullable=True),
        sa.Column("text_id", sa.Uuid(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint('"version" >= 1', name=op.f("ck_documents_version")),
        sa.CheckConstraint("(status = 'failed') = (reason IS NOT NULL)", name=op.f("ck_documents_reason")),
        sa.CheckConstraint(
            "kind IN ('article', 'note', 'transcript', 'web_page', 'file')", name=op.f("ck_documents_kind")
        ),
        sa.CheckConstraint("octet_length(digest) IN (0, 32)", name=op.f("ck_documents_digest")),
        sa.CheckConstraint("size >= 0", name=op.f("ck_documents_size")),
        sa.CheckConstraint("status IN ('queued', 'processing', 'ready', 'failed')", name=op.f("ck_documents_status")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_documents_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.UniqueConstraint("workspace_id", "source_uri", name=op.f("uq_documents_workspace_id_source_uri")),
    )
    op.create_index(
        op.f("ix_documents_workspace_id_created_at_id"), "documents", ["workspace_id", "created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_documents_workspace_id_digest"), "documents", ["workspace_id", "digest"], unique=False)
    op.create_table(
        "passages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("heading", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("reader_id", sa.Uuid(), nullable=True),
        sa.Column("tier", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("keys", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("counts", sa.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("sequence", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('document', 'memory', 'message', 'visitor_message')", name=op.f("ck_passages_kind")
        ),
        sa.CheckConstraint("tier IN ('personal', 'project', 'task')", name=op.f("ck_passages_tier")),
        sa.CheckConstraint('"end" >= 0', name=op.f("ck_passages_end")),
        sa.CheckConstraint('"position" >= 0', name=op.f("ck_passages_position")),
        sa.CheckConstraint('"length" >= 0', name=op.f("ck_passages_length")),
        sa.CheckConstraint('"start" >= 0', name=op.f("ck_passages_start")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_passages_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passages")),
        sa.UniqueConstraint(
            "source_id",
            "kind",
            "position",
            name=op.f("uq_passages_source_id_kind_position"),
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_index(
        op.f("ix_passages_keys"),
        "passages",
        ["keys"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.create_index(
        op.f("ix_passages_workspace_id_kind"),
        "passages",
        ["workspace_id", "kind"],
        unique=False,
        postgresql_include=[
            "id",
            "length",
            "source_id",
            "owner_id",
            "reader_id",
            "tier",
            "at",
            "expires_at",
        ],
    )
    op.create_table(
        "embeddings",
        sa.Column("passage_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("embedder", sa.Text(), nullable=True),
        sa.Column("vector", HALFVEC(1536), nullable=True),
        sa.ForeignKeyConstraint(
            ["passage_id"], ["passages.id"], name=op.f("fk_embeddings_passage_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_embeddings_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("passage_id", name=op.f("pk_embeddings")),
    )
    op.create_index(
        op.f("ix_embeddings_workspace_id_embedder"), "embeddings", ["workspace_id", "embedder"], unique=False
    )
    op.create_index(
        op.f("ix_embeddings_embedder_workspace_id"), "embeddings", ["embedder", "workspace_id"], unique=False
    )
    for statement in _SEARCHED_IN_PLACE:
        op.execute(statement)
    op.create_table(
        "services",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=True),
        sa.Column("price_from_amount", sa.Numeric(), nullable=True),
        sa.Column("price_from_currency", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("format IN ('in_person', 'online', 'phone')", name=op.f("ck_services_format")),
        sa.CheckConstraint('"position" >= 0', name=op.f("ck_services_position")),
        sa.CheckConstraint('"version" >= 1', name=op.f("ck_services_version")),
        sa.CheckConstraint("price_from_currency ~ '^[A-Z]{3}$'", name=op.f("ck_services_price_from_currency")),
        sa.CheckConstraint(
            "(price_from_amount IS NULL) = (price_from_currency IS NULL)", name=op.f("ck_services_price_from")
        ),
        sa.CheckConstraint("duration_minutes BETWEEN 1 AND 10080", name=op.f("ck_services_duration_minutes")),
        sa.CheckConstraint("price_from_amount >= 0", name=op.f("ck_services_price_from_amount")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_services_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_services")),
    )
    op.create_index(
        op.f("ix_services_workspace_id_position_id"), "services", ["workspace_id", "position", "id"], unique=False
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", postgresql.JSONB(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'pending') = (ended_at IS NULL)", name=op.f("ck_webhook_deliveries_ended")),
        sa.CheckConstraint(
            "status IN ('pending', 'delivered', 'failed', 'cancelled')", name=op.f("ck_webhook_deliveries_status")
        ),
        sa.CheckConstraint("type IN ('message.sent', 'webhook.test')", name=op.f("ck_webhook_deliveries_type")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_webhook_deliveries_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
    )
    op.create_index(
        op.f("ix_webhook_deliveries_workspace_id_created_at_id"),
        "webhook_deliveries",
        ["workspace_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "webhooks",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("retired", sa.LargeBinary(), nullable=True),
        sa.Column("retired_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("disabled_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(retired IS NULL) = (retired_until IS NULL)", name=op.f("ck_webhooks_retired")),
        sa.CheckConstraint("disabled_reason IN ('gone')", name=op.f("ck_webhooks_disabled_reason")),
        sa.CheckConstraint("disabled_reason IS NULL OR NOT active", name=op.f("ck_webhooks_disabled")),
        sa.CheckConstraint('"version" >= 1', name=op.f("ck_webhooks_version")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_webhooks_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_webhooks")),
    )
    op.create_table(
        "credentials",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("permissions", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind = 'visitor') = (conversation_id IS NOT NULL)", name=op.f("ck_credentials_conversation_id")
        ),
        sa.CheckConstraint(
            "kind IN ('key', 'visitor', 'session', 'agent', 'device')", name=op.f("ck_credentials_kind")
        ),
        sa.CheckConstraint("octet_length(digest) = 32", name=op.f("ck_credentials_digest")),
        sa.CheckConstraint("workspace_id IS NOT NULL OR user_id IS NOT NULL", name=op.f("ck_credentials_holder")),
        sa.CheckConstraint(
            "kind <> 'session' OR (user_id IS NOT NULL AND ends_at IS NOT NULL)", name=op.f("ck_credentials_session")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id", "workspace_id"],
            ["conversations.id", "conversations.workspace_id"],
            name=op.f("fk_credentials_conversation_id_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_credentials_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_credentials_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credentials")),
    )
    op.create_index(op.f("ix_credentials_conversation_id"), "credentials", ["conversation_id"], unique=False)
    op.create_index(op.f("ix_credentials_user_id"), "credentials", ["user_id"], unique=False)
    op.create_index(op.f("ix_credentials_workspace_id"), "credentials", ["workspace_id"], unique=False)
    op.create_table(
        "idempotency_keys",
        sa.Column("scope", sa.LargeBinary(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("memory_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_idempotency_keys_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["memory_id"], ["memories.id"], name=op.f("fk_idempotency_keys_memory_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"], unique=False)
    op.create_index(op.f("ix_idempotency_keys_conversation_id"), "idempotency_keys", ["conversation_id"], unique=False)
    op.create_index(op.f("ix_idempotency_keys_memory_id"), "idempotency_keys", ["memory_id"], unique=False)
    op.create_table(
        "messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("author_type", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("metadata", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blanked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "author_type IN ('user', 'agent', 'visitor', 'device', 'system')", name=op.f("ck_messages_author_type")
        ),
        sa.CheckConstraint("role IN ('visitor', 'assistant', 'member', 'system')", name=op.f("ck_messages_role")),
        sa.CheckConstraint("status IN ('complete', 'partial')", name=op.f("ck_messages_status")),
        sa.CheckConstraint('"position" >= 1', name=op.f("ck_messages_position")),
        sa.CheckConstraint('"turn" >= 1', name=op.f("ck_messages_turn")),
        sa.ForeignKeyConstraint(
            ["conversation_id", "workspace_id"],
            ["conversations.id", "conversations.workspace_id"],
            name=op.f("fk_messages_conversation_id_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("conversation_id", "position", name=op.f("uq_messages_conversation_id_position")),
    )
    op.create_index(
        op.f("ix_messages_conversation_id_turn_position"),
        "messages",
        ["conversation_id", "turn", "position"],
        unique=False,
    )
    op.create_index(
        op.f("ix_messages_conversation_id_blanked_at"),
        "messages",
        ["conversation_id", "blanked_at"],
        unique=False,
        postgresql_where=sa.text("blanked_at IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_messages_author_id_id"),
        "messages",
        ["author_id", "id"],
        unique=False,
        postgresql_where=sa.text("author_type = 'user'"),
    )
    op.create_index(
        "uq_messages_turn",
        "messages",
        ["conversation_id", "turn"],
        unique=True,
        postgresql_where=sa.text("role <> 'assistant'"),
    )
    op.create_index(
        "uq_messages_external",
        "messages",
        ["conversation_id", "external_id"],
        unique=True,
        postgresql_where=sa.text("external_id IS NOT NULL"),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("reply_message_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("prompt_version", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("last_sequence", sa.Integer(), nullable=False),
        sa.Column("steps", postgresql.JSONB(), nullable=False),
        sa.Column("usage", postgresql.JSONB(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("answered", sa.Boolean(), nullable=True),
        sa.Column("cut", sa.Boolean(), nullable=False),
        sa.Column("origin", sa.LargeBinary(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "error IN ('model_unavailable', 'model_refused', 'timeout', 'limit_reached', 'internal')",
            name=op.f("ck_runs_error"),
        ),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'completed', 'failed', 'cancelled')", name=op.f("ck_runs_status")
        ),
        sa.CheckConstraint('"attempt" >= 0', name=op.f("ck_runs_attempt")),
        sa.CheckConstraint('"last_sequence" >= 0', name=op.f("ck_runs_last_sequence")),
        sa.CheckConstraint("(status IN ('queued', 'running')) = (ended_at IS NULL)", name=op.f("ck_runs_ended")),
        sa.CheckConstraint('"turn" >= 1', name=op.f("ck_runs_turn")),
        sa.CheckConstraint(
            "origin IS NULL OR (octet_length(origin) = 32 AND ended_at IS NULL)", name=op.f("ck_runs_origin")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id", "workspace_id"],
            ["conversations.id", "conversations.workspace_id"],
            name=op.f("fk_runs_conversation_id_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        sa.UniqueConstraint("conversation_id", "turn", name=op.f("uq_runs_conversation_id_turn")),
    )
    op.create_index(
        "ix_runs_unanswered",
        "runs",
        ["workspace_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("answered = false AND resolved_at IS NULL"),
    )
    op.create_index(
        "uq_runs_running", "runs", ["conversation_id"], unique=True, postgresql_where=sa.text("status = 'running'")
    )
    op.create_table(
        "usage_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("input_tokens", sa.Integer(), nullable=False),
        sa.Column("output_tokens", sa.Integer(), nullable=False),
        sa.Column("cost_amount", sa.Numeric(), nullable=True),
        sa.Column("cost_currency", sa.Text(), nullable=True),
        sa.Column("estimated", sa.Boolean(), nullable=False),
        sa.Column("origin", sa.LargeBinary(), nullable=True),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(cost_amount IS NULL) = (cost_currency IS NULL)", name=op.f("ck_usage_entries_cost")),
        sa.CheckConstraint("octet_length(origin) = 32", name=op.f("ck_usage_entries_origin")),
        sa.CheckConstraint('"input_tokens" >= 0', name=op.f("ck_usage_entries_input_tokens")),
        sa.CheckConstraint('"output_tokens" >= 0', name=op.f("ck_usage_entries_output_tokens")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_usage_entries_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_entries")),
    )
    op.create_index(op.f("ix_usage_entries_conversation_id"), "usage_entries", ["conversation_id"], unique=False)
    op.create_index(op.f("ix_usage_entries_workspace_id_day"), "usage_entries", ["workspace_id", "day"], unique=False)
    op.create_index(
        op.f("ix_usage_entries_workspace_id_origin_day"),
        "usage_entries",
        ["workspace_id", "origin", "day"],
        unique=False,
        postgresql_where=sa.text("origin IS NOT NULL"),
    )
    op.create_table(
        "noticed_limits",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("scope", sa.LargeBinary(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('day', 'conversation', 'visitor')", name=op.f("ck_noticed_limits_kind")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_noticed_limits_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "day", "kind", "scope", "tokens", name=op.f("pk_noticed_limits")),
    )
    op.create_table(
        "blobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("media_type", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(digest) = 32", name=op.f("ck_blobs_digest")),
        sa.CheckConstraint("size >= 0", name=op.f("ck_blobs_size")),
        sa.CheckConstraint("status IN ('writing', 'kept', 'removed')", name=op.f("ck_blobs_status")),
        sa.CheckConstraint(
            "status <> 'kept' OR digest IS NOT NULL AND size IS NOT NULL AND media_type IS NOT NULL",
            name=op.f("ck_blobs_kept"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blobs")),
    )
    op.create_index(
        "ix_blobs_kept",
        "blobs",
        ["workspace_id"],
        unique=False,
        postgresql_include=["size"],
        postgresql_where=sa.text("status = 'kept'"),
    )
    op.create_index(
        "ix_blobs_not_kept",
        "blobs",
        ["status", "created_at"],
        unique=False,
        postgresql_where=sa.text("status <> 'kept'"),
    )
    op.create_table(
        "blob_chunks",
        sa.Column("blob_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("blob_id", "position", name=op.f("pk_blob_chunks")),
    )
    op.execute(_APPEND_ONLY)


def downgrade() -> None:
    op.drop_table("blob_chunks")
    op.drop_table("blobs")
    op.drop_table("noticed_limits")
    op.drop_table("usage_entries")
    op.drop_table("runs")
    op.drop_table("messages")
    op.drop_table("idempotency_keys")
    op.drop_table("credentials")
    op.drop_table("webhooks")
    op.drop_table("webhook_deliveries")
    op.drop_table("services")
    op.drop_table("embeddings")
    op.drop_table("passages")
    op.drop_table("documents")
    op.drop_table("memory_policies")
    op.drop_table("memory_profiles")
    op.drop_table("collection_memories")
    op.drop_table("collections")
    op.drop_table("memory_versions")
    op.drop_table("memories")
    op.drop_table("invites")
    op.drop_table("members")
    op.drop_table("conversations")
    op.drop_table("connectors")
    op.drop_table("workspaces")
    op.drop_table("workers")
    op.drop_table("provider_deliveries")
    op.drop_table("identities")
    op.drop_table("one_time_tokens")
    op.drop_table("logins")
    op.drop_table("users")
    op.drop_table("jobs")
    op.drop_table("activity_seals")
    op.drop_table("activity_heads")
    op.drop_table("activity")
    op.execute("drop function refuse_change")
