from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.actors import Actor, ActorType, Subject
from domain.identity import CredentialKind, KeyIssued, Token, User, issue_key, issue_visitor_token
from domain.ids import ConversationId, CredentialId, UserId, WorkspaceId

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
USER = User(id=UserId(uuid4()), email="ada@example.com", name="Ada", created_at=AT)
WORKSPACE = WorkspaceId(uuid4())


@pytest.mark.parametrize("kind", CredentialKind)
def test_a_token_is_read_back_from_what_its_holder_sends(kind: CredentialKind) -> None:
    token = Token(kind, CredentialId(uuid4()), "s_e-cret_")
    assert token.reveal() == f"fd_{kind}_{token.id.hex}_s_e-cret_"
    assert Token.parse(token.reveal()) == token


@given(st.text() | st.from_regex(r"fd_[a-z]*_[0-9a-f]{30,34}_.*", fullmatch=True))
def test_any_text_is_a_token_or_none(text: str) -> None:
    token = Token.parse(text)
    assert token is None or token.reveal() == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "fd_key",
        f"fd_key_{'0' * 31}_s",
        f"fd_other_{'0' * 32}_s",
        f"xx_key_{'0' * 32}_s",
        f"fd_key_{'z' * 32}_s",
        f"fd_key_{'A' * 32}_s",
        f"fd_key_+{'0' * 31}_s",
        f"fd_key_{'0' * 32}_é",
    ],
)
def test_other_text_is_no_token(text: str) -> None:
    assert Token.parse(text) is None


def test_a_token_is_never_printed() -> None:
    credential, token = issue_key(USER, WORKSPACE, "laptop", AT)
    assert token.secret not in repr(token)
    assert repr(token.digest) not in repr(credential)


def test_tokens_differ_and_hold_256_bits() -> None:
    secrets = {issue_key(USER, WORKSPACE, "laptop", AT)[1].secret for _ in range(20)}
    assert len(secrets) == 20
    assert {len(secret) for secret in secrets} == {43}


def test_a_key_is_its_users_and_opens_with_its_token() -> None:
    credential, token = issue_key(USER, WORKSPACE, "laptop", AT)
    assert (credential.id, credential.kind, credential.name) == (token.id, CredentialKind.KEY, "laptop")
    assert (credential.user_id, credential.workspace_id, credential.conversation_id) == (USER.id, WORKSPACE, None)
    assert credential.opens_with(token, AT)


def test_a_visitors_credential_is_their_conversations() -> None:
    conversation = ConversationId(uuid4())
    credential, token = issue_visitor_token(conversation, WORKSPACE, AT)
    assert (credential.kind, credential.user_id) == (CredentialKind.VISITOR, None)
    assert (credential.conversation_id, credential.workspace_id) == (conversation, WORKSPACE)
    assert credential.opens_with(token, AT + 1000 * DAY)


def test_a_credential_does_not_open_with_another_secret_or_kind() -> None:
    credential, token = issue_key(USER, WORKSPACE, "laptop", AT)
    assert not credential.opens_with(replace(token, secret=token.secret + "x"), AT)
    assert not credential.opens_with(replace(token, kind=CredentialKind.AGENT), AT)


def test_a_credential_opens_until_it_expires_or_is_revoked() -> None:
    credential, token = issue_key(USER, WORKSPACE, "laptop", AT)
    expiring = replace(credential, expires_at=AT + DAY)
    assert expiring.opens_with(token, AT + DAY - timedelta(microseconds=1))
    assert not expiring.opens_with(token, AT + DAY)
    assert not replace(credential, revoked_at=AT).opens_with(token, AT)


def test_a_user_acts_under_their_name() -> None:
    assert USER.actor == Actor(ActorType.USER, USER.id, "Ada")


def test_an_issued_key_is_the_subject_of_its_event() -> None:
    key_id = CredentialId(uuid4())
    event = KeyIssued(workspace_id=WORKSPACE, actor=USER.actor, at=AT, key_id=key_id)
    assert (event.type, event.subject) == ("key.issued", Subject("key", key_id))
