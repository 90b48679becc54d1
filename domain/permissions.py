"""Who may do what: one table, read when the program starts."""

from collections.abc import Iterator, Mapping
from enum import StrEnum


class Permission(StrEnum):
    """`<noun>:read` or `<noun>:write`."""

    WORKSPACE_READ = "workspace:read"
    WORKSPACE_WRITE = "workspace:write"
    OWNERSHIP_WRITE = "ownership:write"
    MEMBER_READ = "member:read"
    MEMBER_WRITE = "member:write"
    KEY_READ = "key:read"
    KEY_WRITE = "key:write"
    AUDIT_READ = "audit:read"
    SERVICE_READ = "service:read"
    SERVICE_WRITE = "service:write"
    CONNECTOR_READ = "connector:read"
    CONNECTOR_WRITE = "connector:write"
    CONVERSATION_READ = "conversation:read"
    CONVERSATION_WRITE = "conversation:write"
    INBOUND_WRITE = "inbound:write"
    MEMORY_READ = "memory:read"
    MEMORY_WRITE = "memory:write"
    DOCUMENT_READ = "document:read"
    DOCUMENT_WRITE = "document:write"
    JOB_READ = "job:read"
    JOB_WRITE = "job:write"
    ACTIVITY_READ = "activity:read"
    USAGE_READ = "usage:read"
    WEBHOOK_READ = "webhook:read"
    WEBHOOK_WRITE = "webhook:write"
    ACCOUNT_READ = "account:read"
    ACCOUNT_WRITE = "account:write"
    INSTANCE_READ = "instance:read"
    INSTANCE_WRITE = "instance:write"
    VISIT_READ = "visit:read"
    VISIT_WRITE = "visit:write"


class Holder(StrEnum):
    """Who is asked about: a column of the table."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"
    KEY = "key"
    USER = "user"
    ADMINISTRATOR = "administrator"
    VISITOR = "visitor"
    AGENT = "agent"
    DEVICE = "device"


MANUAL = """
                    owner admin member viewer | key | user administrator | visitor agent device
workspace:read        x     x     x      x    |  x  |   .        .       |    .      x     x
workspace:write       x     x     .      .    |  x  |   .        .       |    .      .     .
ownership:write       x     .     .      .    |  x  |   .        .       |    .      .     .
member:read           x     x     x      x    |  x  |   .        .       |    .      .     .
member:write          x     x     .      .    |  x  |   .        .       |    .      .     .
key:read              x     x     .      .    |  x  |   .        .       |    .      .     .
key:write             x     x     .      .    |  x  |   .        .       |    .      .     .
audit:read            x     .     .      .    |  x  |   .        .       |    .      .     .

service:read          x     x     x      x    |  x  |   .        .       |    .      x     .
service:write         x     x     x      .    |  x  |   .        .       |    .      .     .
connector:read        x     x     x      x    |  x  |   .        .       |    .      x     .
connector:write       x     x     .      .    |  x  |   .        .       |    .      .     .

conversation:read     x     x     x      x    |  x  |   .        .       |    .      x     .
conversation:write    x     x     x      .    |  x  |   .        .       |    .      x     .
inbound:write         x     x     .      .    |  x  |   .        .       |    .      .     .

memory:read           x     x     x      x    |  x  |   .        .       |    .      .     .
memory:write          x     x     x      .    |  x  |   .        .       |    .      .     .
document:read         x     x     x      x    |  x  |   .        .       |    .      x     .
document:write        x     x     x      .    |  x  |   .        .       |    .      .     .

job:read              x     x     x      x    |  x  |   .        .       |    .      x     .
job:write             x     x     x      .    |  x  |   .        .       |    .      .     .
activity:read         x     x     x      x    |  x  |   .        .       |    .      x     .
usage:read            x     x     x      x    |  x  |   .        .       |    .      .     .
webhook:read          x     x     .      .    |  x  |   .        .       |    .      .     .
webhook:write         x     x     .      .    |  x  |   .        .       |    .      .     .

account:read          .     .     .      .    |  x  |   x        x       |    .      .     .
account:write         .     .     .      .    |  x  |   x        x       |    .      .     .
instance:read         .     .     .      .    |  x  |   .        x       |    .      .     .
instance:write        .     .     .      .    |  x  |   .        x       |    .      .     .

visit:read            .     .     .      .    |  .  |   .        .       |    x      .     .
visit:write           .     .     .      .    |  .  |   .        .       |    x      .     .
"""
"""A line for each permission, a column for each holder; `x` is yes.

The first four are the roles in a workspace. A user has `account` for themselves alone, and an administrator of the
instance besides `instance`, which shows that there are users, workspaces and jobs, never what is in them. `memory` is
about one's own memories, and those that others share. What stands under `key` is what a key may be given: it never
opens more than its user may do at that moment. A visitor has one conversation, in which alone `visit` counts. An agent
and a device have what stands here in their own workspace. The address of a webhook may hold a secret, so
`webhook:read` is not for those who only read or work.
"""


def _read(manual: str) -> Iterator[tuple[Permission, frozenset[Holder]]]:
    """The lines of the manual.

    Raises:
        ValueError: a column or a line is unknown, or a line has more or fewer marks than there are columns.
    """
    head, *lines = [line.replace("|", " ").split() for line in manual.splitlines() if line.strip()]
    columns = [Holder(name) for name in head]
    for name, *marks in lines:
        yield Permission(name), frozenset(column for column, mark in zip(columns, marks, strict=True) if mark == "x")


HOLDERS: Mapping[Permission, frozenset[Holder]] = dict(_read(MANUAL))


def permissions_of(holder: Holder) -> frozenset[Permission]:
    """What `holder` may do."""
    return frozenset(permission for permission, holders in HOLDERS.items() if holder in holders)


KEY_PERMISSIONS = permissions_of(Holder.KEY)
"""What a key may be given."""
