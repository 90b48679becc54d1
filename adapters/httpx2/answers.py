"""What answers and failures of others say."""

import re
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx2


def asked_wait(answer: httpx2.Response, now: datetime) -> timedelta | None:
    """The wait of `Retry-After` (RFC 9110, section 10.2.3): seconds or a date; None for anything else."""
    value = answer.headers.get("retry-after", "")
    if re.fullmatch(r"\d{1,9}", value, re.ASCII):
        return timedelta(seconds=int(value))
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return max(timedelta(0), at.replace(tzinfo=at.tzinfo or UTC) - now)


def is_tls(error: BaseException | None) -> bool:
    """Whether it is, or comes from, a failure of TLS."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
