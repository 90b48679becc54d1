"""Mail: what letters say, who gets them, and when."""

from domain.mail.contents import (
    PREFERENCES_PATH,
    AlreadyRegistered,
    Content,
    Invite,
    JobDied,
    Recover,
    Trial,
    Verify,
    VisitorWaits,
)
from domain.mail.kinds import OPTIONAL, MailKind
from domain.mail.letter import Letter, UnfitSubject
from domain.mail.mailbox import Mailbox, NoMailbox
from domain.mail.schedule import (
    STALE_AFTER,
    Decision,
    Drop,
    DropReason,
    MailPreferences,
    SendNow,
    WaitUntil,
    decide,
)
from domain.mail.working_hours import WorkingHours

__all__ = [
    "OPTIONAL",
    "PREFERENCES_PATH",
    "STALE_AFTER",
    "AlreadyRegistered",
    "Content",
    "Decision",
    "Drop",
    "DropReason",
    "Invite",
    "JobDied",
    "Letter",
    "MailKind",
    "MailPreferences",
    "Mailbox",
    "NoMailbox",
    "Recover",
    "SendNow",
    "Trial",
    "UnfitSubject",
    "Verify",
    "VisitorWaits",
    "WaitUntil",
    "WorkingHours",
    "decide",
]
