from typing import Any

import msgspec
from msgspec import UNSET


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request body: an unknown field is an error."""


def given(body: msgspec.Struct) -> Any:
    """The fields that a merge patch sent (RFC 7396), nested ones too: absent is unchanged, null clears."""
    sent = ((name, getattr(body, name)) for name in body.__struct_fields__)
    return {
        name: given(value) if isinstance(value, msgspec.Struct) else value for name, value in sent if value is not UNSET
    }
