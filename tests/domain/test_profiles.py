"""What users say of themselves, and want."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.actors import FORMER_MEMBER
from domain.errors import Invalid
from domain.identity import Hours, Preferences, Theme, User, known_name
from domain.identity.preferences import MOST_FLAGS
from domain.identity.profile import MOST_LINKS
from domain.ids import BlobId, new_id
from domain.mail.kinds import MailKind
from domain.pictures import Picture

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
USER = User.new("Ada@Example.com", "Ada", NOW)


def faults(user: User, **changes: Any) -> list[str]:
    with pytest.raises(Invalid) as refused:
        user.edited(changes, NOW)  # type: ignore[arg-type]
    return [fault.pointer for fault in refused.value.faults]


def test_an_email_is_kept_in_lower_case() -> None:
    assert USER.email == "ada@example.com"


def test_none_empties_a_field_and_makes_the_time_zone_utc() -> None:
    full = USER.edited({"bio": "Paints.", "timezone": "Europe/Prague", "social_links": {"a": "https://a.example"}}, NOW)
    assert full.profile != USER.profile
    assert full.edited({"bio": None, "timezone": None, "social_links": None}, NOW).profile == USER.profile


def test_all_that_cannot_be_taken_is_named_at_once() -> None:
    assert faults(USER, name="", bio="x" * 2_001, website="nowhere") == ["/name", "/bio", "/website"]


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//a.example",
        "https://",
        "https://user:secret@a.example",
        "https://a.example/ b",
        "https://[",
        "ftp://a.example",
    ],
)
def test_an_address_is_one_that_a_browser_may_open(address: str) -> None:
    assert faults(USER, website=address) == ["/website"]
    assert faults(USER, social_links={"a": address})


def test_there_are_only_so_many_links() -> None:
    links = {f"n{number}": "https://a.example" for number in range(MOST_LINKS)}
    assert len(USER.edited({"social_links": links}, NOW).profile.social_links) == MOST_LINKS
    assert faults(USER, social_links={**links, "one more": "https://a.example"}) == ["/social_links"]


def test_preferences_change_one_by_one_and_switches_are_merged() -> None:
    once = USER.preferring({"mail": {"job_died": False}, "onboarding": {"tour": True}}, NOW)
    twice = once.preferring({"theme": Theme.DARK, "onboarding": {"invited": True}}, NOW).preferences
    assert twice.mail == {"job_died": False, "visitor_waits": True}
    assert twice.onboarding == {"tour": True, "invited": True}
    assert twice.theme is Theme.DARK


def test_only_optional_mail_has_a_switch() -> None:
    with pytest.raises(Invalid):
        USER.preferring({"mail": {MailKind.VERIFY: False}}, NOW)


def test_flags_are_bounded_together_with_those_there_are() -> None:
    full = USER.preferring({"onboarding": {f"f{number}": True for number in range(MOST_FLAGS)}}, NOW)
    assert full.preferring({"onboarding": {"f0": False}}, NOW).preferences.onboarding["f0"] is False
    with pytest.raises(Invalid):
        full.preferring({"onboarding": {"one_more": True}}, NOW)


@pytest.mark.parametrize(
    ("hours", "at"),
    [
        (Hours(days=(), opens="09:00", closes="17:00"), "/working_hours/days"),
        (Hours(days=(7,), opens="09:00", closes="17:00"), "/working_hours/days"),
        (Hours(days=(0,), opens="9:00", closes="17:00"), "/working_hours/opens"),
        (Hours(days=(0,), opens="09:00", closes="24:00"), "/working_hours/closes"),
        (Hours(days=(0,), opens="09:00", closes="\N{ARABIC-INDIC DIGIT ONE}7:00"), "/working_hours/closes"),
    ],
)
def test_working_hours_that_mean_nothing_are_refused(hours: Hours, at: str) -> None:
    with pytest.raises(Invalid) as refused:
        USER.preferring({"working_hours": hours}, NOW)
    assert [fault.pointer for fault in refused.value.faults] == [at]


def test_working_hours_have_each_day_once_in_order_and_none_is_always() -> None:
    user = USER.preferring({"working_hours": Hours(days=(4, 0, 4), opens="09:00", closes="17:00")}, NOW)
    assert user.preferences.working_hours
    assert user.preferences.working_hours.days == (0, 4)
    assert user.preferring({"working_hours": None}, NOW).preferences.working_hours is None


def test_preferences_of_mail_are_in_the_users_time_zone() -> None:
    wanted = Preferences(mail={"job_died": False}).of_mail("Europe/Prague")
    assert wanted.off == {MailKind.JOB_DIED}
    assert str(wanted.timezone) == "Europe/Prague"


def test_deletion_is_confirmed_with_the_email_or_with_the_name_of_who_has_none() -> None:
    USER.must_be_confirmed(" ADA@example.com")
    nameless = replace(USER, email=None)
    nameless.must_be_confirmed("ada")
    for user, typed in ((USER, "Ada"), (USER, ""), (nameless, "ada@example.com")):
        with pytest.raises(Invalid):
            user.must_be_confirmed(typed)


def test_of_a_deleted_user_only_the_id_is_left() -> None:
    picture = Picture(BlobId(new_id(NOW)), bytes(32))
    known = replace(USER.edited({"bio": "Paints."}, NOW).showing(picture, NOW), administrator=True, version=3)
    gone = known.deleted(NOW)
    assert gone == User(
        id=USER.id, email=None, name=FORMER_MEMBER, created_at=NOW, updated_at=NOW, deleted_at=NOW, version=3
    )
    assert not gone.active


@pytest.mark.parametrize("name", ["", "Tour", "1st", "a b", "x" * 41])
def test_a_flag_has_a_plain_name(name: str) -> None:
    with pytest.raises(Invalid, match="A flag's name"):
        Preferences().edited({"onboarding": {name: True}})


@pytest.mark.parametrize(
    ("told", "known"), [(" Ada ", "Ada"), ("a\nb", ""), (None, ""), (7, ""), ("x" * 9_000, "x" * 200)]
)
def test_of_a_name_that_an_issuer_tells_what_fits_is_known(told: object, known: str) -> None:
    assert known_name(told) == known
