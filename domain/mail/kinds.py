from enum import StrEnum


class MailKind(StrEnum):
    """What a letter is about; each has a template of its name."""

    INVITE = "invite"
    VERIFY = "verify"
    RECOVER = "recover"
    ALREADY_REGISTERED = "already_registered"
    VISITOR_WAITS = "visitor_waits"
    JOB_DIED = "job_died"
    TEST = "test"

    @property
    def optional(self) -> bool:
        """Whether its recipient may switch it off, and it waits for their working hours.

        All other letters are awaited by whoever asked for them, and guard their account: they go out at once, always.
        """
        return self in OPTIONAL


OPTIONAL = frozenset({MailKind.VISITOR_WAITS, MailKind.JOB_DIED})
"""The kinds that have a switch in a user's preferences."""
