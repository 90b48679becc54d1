from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from application.ports.rate_limiter import Rate
from domain.identity import SignUp
from entrypoints.settings import kinds
from entrypoints.settings.setting import Setting


@dataclass(frozen=True, kw_only=True, repr=False)
class SignIn:
    """Who may become a user with a password, and how long a session lasts."""

    signup: Annotated[
        SignUp,
        Setting(
            effect="Who may sign up with a password: anybody (open), whoever is invited (invite), or nobody (closed).",
            kind=kinds.choice(SignUp),
            default="invite",
        ),
    ]
    session_idle: Annotated[
        timedelta,
        Setting(
            effect="A session ends when it was not used for so long.", kind=kinds.duration("5m", "365d"), default="14d"
        ),
    ]
    session_max: Annotated[
        timedelta,
        Setting(effect="A session ends after this in any case.", kind=kinds.duration("5m", "365d"), default="90d"),
    ]
    limit_sign_in: Annotated[
        Rate | None,
        Setting(
            effect="Tries to sign in, sign up or recover, for each address and for each e-mail.",
            kind=kinds.RATE,
            default="10/minute",
        ),
    ]
