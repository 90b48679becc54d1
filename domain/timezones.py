from functools import cache
from zoneinfo import available_timezones

from domain.errors import Fault, Invalid


def check_timezone(value: str) -> str:
    """`value` when it is an IANA time zone.

    Raises:
        Invalid: it is not.
    """
    if value not in _known():
        raise Invalid(Fault("/timezone", "bad_timezone", "A time zone is an IANA name such as 'Europe/Prague'."))
    return value


@cache
def _known() -> frozenset[str]:
    return frozenset(available_timezones())  # read from some hundred files: not before it is asked for
