from datetime import datetime

from pyotp import random_base32
from pyotp.totp import TOTP
from pyotp.utils import strings_equal
from typing_extensions import override

from application.ports.one_time_passwords import ISSUER, OneTimePasswords

_WINDOW = (-1, 0, 1)


class PyotpOneTimePasswords(OneTimePasswords):
    """One-time passwords by pyotp."""

    @override
    def new_secret(self) -> str:
        return random_base32()

    @override
    def uri(self, secret: str, account: str) -> str:
        return TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)

    @override
    def verify(self, code: str, secret: str, at: datetime, last_step: int | None) -> int | None:
        totp, given = TOTP(secret), "".join(code.split())
        if not given.isascii():  # the comparison would take other scripts' digits for ours
            return None
        now = totp.timecode(at)
        matching = [step for step in (now + near for near in _WINDOW) if strings_equal(given, totp.generate_otp(step))]
        return next((step for step in matching if last_step is None or step > last_step), None)
