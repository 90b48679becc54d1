"""What `flightdeck doctor` finds out about signing in."""

from collections.abc import AsyncGenerator

from application.ports.sign_in import Accounts
from domain.errors import Unavailable
from entrypoints.cli.findings import Finding
from entrypoints.container import published_keys
from entrypoints.settings import AuthMode, Environment, Settings


def modes_finding(settings: Settings) -> Finding:
    """Who vouches for users."""
    modes = [mode.value for mode in AuthMode if mode in settings.auth_mode]
    local = f"; with a password SIGNUP={settings.signup}" if AuthMode.LOCAL in settings.auth_mode else ""
    return Finding("sign-in", True, f"AUTH_MODE={','.join(modes)}{local}")


async def issuer_findings(settings: Settings) -> AsyncGenerator[Finding]:
    """Whether the keys of each issuer outside can be had, now."""
    for mode in AuthMode:
        if mode in settings.auth_mode and mode is not AuthMode.LOCAL:
            yield await _issuer_finding(settings, mode)


async def _issuer_finding(settings: Settings, mode: AuthMode) -> Finding:
    if mode is AuthMode.CLERK and settings.clerk_jwt_key is not None:
        return Finding(mode, True, "CLERK_JWT_KEY; nothing is fetched")
    try:
        count = await published_keys(settings, mode)
    except Unavailable as error:
        name = mode.upper()
        return Finding(
            mode, False, f"The issuer's keys cannot be fetched: {error} See {name}_ISSUER and {name}_JWKS_URL."
        )
    return Finding(mode, True, f"the issuer has {'1 key' if count == 1 else f'{count} keys'}")


async def owner_finding(accounts: Accounts, settings: Settings) -> Finding:
    """Whether the owner can sign in with a password."""
    email = settings.owner_email
    account = await accounts.by_email(email)
    if account is None:
        return Finding("owner", None, f"Nobody has the e-mail {email}. The start of the API makes the owner.")
    if not account.user.active:
        return Finding("owner", False, f"{email} is deactivated. Another administrator can activate them.")
    if account.password_hash is None:
        # Outside production the start prints the link.
        well = False if settings.environment is Environment.PRODUCTION else None
        return Finding(
            "owner", well, f"{email} has no password. 'flightdeck password {email}' prints a link to set it."
        )
    second = " and a second factor" if account.login and account.login.has_second_factor else ""
    return Finding("owner", True, f"{email} has a password{second}")
