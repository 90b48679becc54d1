"""Who vouches for users, as the settings say it."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from adapters.clerk.token_verifier import ClerkTokenVerifier
from adapters.combined.token_verifier import CombinedTokenVerifier
from adapters.oidc.token_verifier import OidcTokenVerifier
from domain.errors import Unauthenticated
from domain.identity import BadSignature, NotConfigured
from entrypoints.container.token_verifiers import provider_events, token_verifier
from entrypoints.settings import AuthMode, SettingsError, load
from entrypoints.settings.model import SETTINGS
from tests.adapters.clerk.sending import SECRET
from tests.adapters.oidc.signing import AUDIENCE, CLERK, ISSUER, PARTY, pem

CLERK_ALONE = {
    "AUTH_MODE": "clerk",
    "CLERK_ISSUER": CLERK,
    "CLERK_AUTHORIZED_PARTIES": PARTY,
    "CLERK_JWKS_URL": f"{CLERK}/.well-known/jwks.json",
}
OIDC_ALONE = {"AUTH_MODE": "oidc", "OIDC_ISSUER": ISSUER, "OIDC_AUDIENCE": AUDIENCE}


def faults(environ: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(environ, None)
    return list(caught.value.faults)


@pytest.mark.parametrize(
    ("text", "modes"),
    [
        ("local", {AuthMode.LOCAL}),
        ("Clerk", {AuthMode.CLERK}),
        ("clerk, local", {AuthMode.CLERK, AuthMode.LOCAL}),
        ("local,oidc,clerk,", {AuthMode.LOCAL, AuthMode.OIDC, AuthMode.CLERK}),
    ],
)
def test_modes_combine(text: str, modes: set[AuthMode]) -> None:
    assert load(CLERK_ALONE | OIDC_ALONE | {"AUTH_MODE": text}, None).auth_mode == modes


@pytest.mark.parametrize("text", [",", "clerk;local", "none", "supabase"])
def test_what_is_no_mode_is_a_fault(text: str) -> None:
    assert faults({"AUTH_MODE": text}) == [
        f"AUTH_MODE takes local, clerk, oidc, or several of them with commas between; it got {text!r}."
    ]


@pytest.mark.parametrize("name", ["CLERK_ISSUER", "CLERK_AUTHORIZED_PARTIES"])
def test_clerk_demands_its_issuer_and_parties(name: str) -> None:
    assert faults(CLERK_ALONE | {name: ""}) == [f"{name} is unset; AUTH_MODE=clerk demands it."]


def test_clerk_demands_a_key_or_where_it_is() -> None:
    assert faults(CLERK_ALONE | {"CLERK_JWKS_URL": ""}) == [
        "CLERK_JWKS_URL and CLERK_JWT_KEY are unset; AUTH_MODE=clerk demands one of them."
    ]


@pytest.mark.parametrize("name", ["OIDC_ISSUER", "OIDC_AUDIENCE"])
def test_oidc_demands_its_issuer_and_audience(name: str) -> None:
    assert faults(OIDC_ALONE | {name: ""}) == [f"{name} is unset; AUTH_MODE=oidc demands it."]


def test_a_mode_that_is_off_demands_nothing() -> None:
    assert load({"CLERK_ISSUER": CLERK}, None).auth_mode == {AuthMode.LOCAL}


def test_two_modes_are_two_issuers() -> None:
    both = CLERK_ALONE | OIDC_ALONE | {"AUTH_MODE": "clerk,oidc", "OIDC_ISSUER": CLERK}

    assert faults(both) == ["CLERK_ISSUER and OIDC_ISSUER are the same; AUTH_MODE=clerk,oidc takes two issuers."]


def test_a_wrong_value_is_one_fault_and_not_also_missing() -> None:
    assert len(faults(CLERK_ALONE | {"CLERK_ISSUER": "clerk", "CLERK_JWKS_URL": "x"})) == 2


def test_no_setting_turns_off_signature_expiry_issuer_or_party() -> None:
    ours = {name for name in SETTINGS if name.startswith(("CLERK_", "OIDC_"))}

    assert {name for name in ours if "VERIFY" in name or "INSECURE" in name or "SKIP" in name} == {"CLERK_VERIFY_IAT"}


def test_an_issuer_is_kept_to_the_letter() -> None:
    assert load({"OIDC_ISSUER": "https://Desk.eu.auth0.com/"}, None).oidc_issuer == "https://Desk.eu.auth0.com/"


@pytest.mark.parametrize(
    "text",
    [
        pem("rsa"),
        pem("rsa").replace("\n", "\\n"),
        pem("rsa").replace("\n", " "),
        pem("rsa").replace("\n", "\r\n"),
        "".join(pem("rsa").splitlines()[1:-1]),
    ],
    ids=["lines", "escaped", "spaces", "windows", "body alone"],
)
def test_a_key_is_known_however_its_lines_came(text: str) -> None:
    assert load({"CLERK_JWT_KEY": text}, None).clerk_jwt_key == pem("rsa")


def test_a_key_may_stand_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text(f'CLERK_JWT_KEY="{pem("rsa")}"\n')

    assert load({}, path).clerk_jwt_key == pem("rsa")


def _curve() -> str:
    public = generate_private_key(SECP256R1()).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.mark.parametrize("text", ["x", "A" * 400, "-----BEGIN PUBLIC KEY-----", _curve(), f"{pem('rsa')}\x1b"])
def test_what_is_no_rsa_key_is_a_fault(text: str) -> None:
    assert len(faults({"CLERK_JWT_KEY": text})) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CLERK_ISSUER", "clerk.example.com"),
        ("CLERK_AUTHORIZED_PARTIES", "https://desk.example.com/"),
        ("CLERK_AUTHORIZED_PARTIES", "*"),
        ("CLERK_LEEWAY", "2m"),
        ("CLERK_VERIFY_IAT", "no"),
        ("CLERK_API_URL", "api.clerk.com"),
        ("OIDC_ISSUER", "https://issuer.example.com/?tenant=1"),
        ("OIDC_JWKS_URL", "file:///etc/keys"),
        ("OIDC_ALGORITHMS", "HS256"),
        ("OIDC_ALGORITHMS", "RS256,none"),
        ("OIDC_ALGORITHMS", ","),
        ("OIDC_AUDIENCE", ","),
        ("OIDC_NAME_CLAIM", "n" * 201),
    ],
)
def test_a_wrong_value_is_one_sentence(name: str, text: str) -> None:
    assert faults({name: text}) == [f"{name} takes {SETTINGS[name].kind.takes}; it got {text[:80]!r}."]


@pytest.mark.parametrize("text", ["hunter2", "whsec_!", f"{SECRET},hunter2", ",", "whsec_AAAAAAAAAAAAAAAAAAAAA"])
def test_a_wrong_secret_of_webhooks_is_not_shown(text: str) -> None:
    (fault,) = faults({"CLERK_WEBHOOK_SECRET": text})

    assert fault.endswith("what it got is secret and not shown.")


def test_while_a_secret_is_rotated_there_are_two() -> None:
    assert load({"CLERK_WEBHOOK_SECRET": f"{SECRET}, {SECRET}"}, None).clerk_webhook_secret == (SECRET, SECRET)


def test_each_mode_has_its_verifier() -> None:
    assert isinstance(token_verifier(load(CLERK_ALONE, None)), OidcTokenVerifier)
    assert isinstance(token_verifier(load(CLERK_ALONE | {"CLERK_SECRET_KEY": "sk_test"}, None)), ClerkTokenVerifier)
    assert isinstance(token_verifier(load(CLERK_ALONE | {"CLERK_JWT_KEY": pem("rsa")}, None)), OidcTokenVerifier)
    assert isinstance(token_verifier(load(OIDC_ALONE, None)), OidcTokenVerifier)
    both = load(CLERK_ALONE | OIDC_ALONE | {"AUTH_MODE": "clerk,oidc"}, None)
    assert isinstance(token_verifier(both), CombinedTokenVerifier)


async def test_without_an_issuer_no_token_is_taken() -> None:
    with pytest.raises(Unauthenticated):
        await token_verifier(load({}, None)).verify("a.b.c")


@pytest.mark.parametrize("mode", [CLERK_ALONE, {}], ids=["clerk", "local"])
def test_webhooks_are_taken_with_a_secret(mode: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        provider_events(load(mode | {"CLERK_WEBHOOK_SECRET": SECRET}, None)).read({}, b"")
    with pytest.raises(NotConfigured):
        provider_events(load(mode, None)).read({}, b"")
