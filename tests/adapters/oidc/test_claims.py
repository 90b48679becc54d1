from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.oidc.claims import ClaimNames

END = datetime(2026, 1, 2, tzinfo=UTC)


def read(names: ClaimNames, **claims: Any) -> tuple[str | None, bool, str]:
    identity = names.identity({"iss": "i", "sub": "s"} | claims, END)
    return identity.email, identity.email_verified, identity.name


def test_claims_have_the_names_of_openid_connect() -> None:
    told = read(ClaimNames(), email="Ann@Example.com", email_verified=True, name=" Ann ")

    assert told == ("ann@example.com", True, "Ann")


def test_claims_may_have_names_with_slashes_and_dots() -> None:
    names = ClaimNames(email="https://desk.example.com/email", email_verified="app.verified", name="nickname")

    told = read(names, **{"https://desk.example.com/email": "a@b.c", "app.verified": True, "nickname": "Ann"})

    assert told == ("a@b.c", True, "Ann")


def test_claims_within_claims_are_found_by_a_pointer() -> None:
    names = ClaimNames(email_verified="/st-ev/v", name="/user~1metadata/full~0name")

    told = read(names, **{"email": "a@b.c", "st-ev": {"v": True}, "user/metadata": {"full~name": "Ann"}})

    assert told == ("a@b.c", True, "Ann")


@pytest.mark.parametrize("found", [{}, {"st-ev": True}, {"st-ev": [True]}, {"st-ev": {"v": {"v": True}}}])
def test_a_pointer_to_nothing_finds_nothing(found: dict[str, Any]) -> None:
    assert read(ClaimNames(email_verified="/st-ev/v"), email="a@b.c", **found) == ("a@b.c", False, "")


@pytest.mark.parametrize("verified", ["true", "false", 1, "yes", [True], None])
def test_only_true_is_verified(verified: object) -> None:
    assert read(ClaimNames(), email="a@b.c", email_verified=verified) == ("a@b.c", False, "")


@pytest.mark.parametrize(
    "email", ["", "ann", "a@b@c", "a b@c", "a@b\x00", "a@\ud800", ["a@b.c"], None, "a@" + "b" * 190]
)
def test_what_is_no_email_is_left_out(email: object) -> None:
    assert read(ClaimNames(), email=email, email_verified=True) == (None, False, "")


@pytest.mark.parametrize(("name", "told"), [("a\x00", ""), ("\ud800", ""), (7, ""), (None, ""), ("x" * 300, "x" * 200)])
def test_a_name_is_one_line_that_can_be_stored(name: object, told: str) -> None:
    assert read(ClaimNames(), name=name) == (None, False, told)
