import re
from typing import Annotated

from litestar.params import HeaderParameter

from domain.errors import Fault, Invalid, Stale

_STRONG = re.compile(r'"(\d{1,18})"', re.ASCII)


def expected_version(
    if_match: Annotated[
        str | None,
        HeaderParameter(name="If-Match", description='The ETag of what was read, such as `"3"`; `*` takes any.'),
    ] = None,
) -> int | None:
    """The version that `If-Match` expects the object to have; None without it and for `*`.

    Raises:
        Invalid: it is no entity tag, as it lacks the quotes.
        Stale: it is no strong ETag of ours, and so can match nothing; of a list of several none is picked.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    if '"' not in if_match:
        sentence = "Send the ETag as it was given, with its quotes, such as '\"3\"'."
        raise Invalid(Fault("/header/If-Match", "invalid", sentence))
    tag = _STRONG.fullmatch(if_match.strip())
    if tag is None:
        raise Stale
    return int(tag[1])
