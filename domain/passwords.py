"""Which passwords are taken, and what of them counts."""

import unicodedata

from domain.errors import Fault, Invalid

PASSWORD_LENGTHS = (10, 200)
"""Characters (Unicode code points, as `normal_password` leaves them), both included."""

_COMMON = frozenset(
    """
    0000000000 0123456789 0987654321 1029384756 1111111111 1111111111111 11111111111111 1122334455 11223344556677
    1231231231 123123123123 1234512345 1234554321 123456123456 1234567890 12345678900 12345678901 123456789012
    1234567890123 123456789123 123456789a 123456789q 123456789qwe 1234567891 12345678910 123456789101112 1234567899
    12345qwert 123654789 123qweasdzxc 1357924680 147258369 1472583690 159753456852 1q2w3e4r5t 1q2w3e4r5t6y
    1q2w3e4r5t6y7u 1qaz2wsx3edc 1qazxsw23edc 2222222222 3333333333 5555555555 6666666666 7777777777 8888888888
    9876543210 987654321a 9999999999 a123456789 aa123456789 aaaaaaaaaa abc123456789 abcd123456 abcdefghij abcdefghijk
    administrator adminadmin adminpassword alexander1 baseball123 basketball blink182blink bonjour123 butterfly1
    changeme123 chocolate1 christopher computer123 correcthorse correcthorsebatterystaple department1 elizabeth1
    flightdeck flightdeck1 football123 helloworld hello12345 iloveyou123 iloveyou12 iloveyou1234 iloveyousomuch
    jordan2323 letmein123 letmein1234 liverpool1 liverpoolfc london2012 manchester manchester1 manunited1 master1234
    michelle123 minecraft1 minecraft123 monkey1234 motdepasse mypassword mypassword1 nevergiveup passw0rd123
    passw0rd1234 password00 password01 password10 password11 password12 password123 password1234 password12345
    password123456 password1! password21 password22 password69 password99 password! password!! password@123
    passwordpassword pa55word123 p@ssw0rd12 p@ssw0rd123 p@ssw0rd1234 p@ssword123 p@55w0rd123 princess123 princess12
    q1w2e3r4t5 q1w2e3r4t5y6 qazwsxedc1 qazwsxedcrfv qwer123456 qwerty1234 qwerty12345 qwerty123456 qwerty1234567
    qwerty123456789 qwertyqwerty qwertyuiop qwertyuiop1 qwertyuiop12 qwertyuiop123 qwertyuiop123456789 qwertyuiop[]
    qwertyuiopasdf qwertyuiopasdfghjkl qwertzuiop secret1234 skateboard snowboarding spongebob1 starwars123 sunshine12
    sunshine123 superman123 supersecret temp123456 test123456 test1234567 testpassword thisisapassword trustno1trustno1
    volleyball welcome123 welcome1234 welcome12345 welcome2024 welcome2025 welcome2026 whatever123 zaq12wsxcde3
    zaq1zaq1zaq1 zxcvbnm123 zxcvbnm1234 zxcvbnmasdfghjkl
    """.split()
)


def normal_password(text: str) -> str:
    """The password as it is hashed, whichever keyboard wrote it: its spaces plain ones, composed (NFC).

    The OpaqueString profile of RFC 8265, section 4.2, for enforcement and comparison alike.
    """
    spaced = "".join(" " if unicodedata.category(character) == "Zs" else character for character in text)
    return unicodedata.normalize("NFC", spaced)


def check_password(text: str, *, email: str | None = None, at: str = "/password") -> str:
    """The `normal_password` of a new one.

    Raises:
        Invalid: at the JSON pointer `at`: too short or too long, with control characters or half of a surrogate pair,
            one of those that everybody tries first, one character all along, or the e-mail.
    """
    password = normal_password(text[: PASSWORD_LENGTHS[1] * 4 + 1])
    least, most = PASSWORD_LENGTHS
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in password):
        raise Invalid(Fault(at, "bad_text", "A password may hold no control characters."))
    if len(password) < least:
        raise Invalid(Fault(at, "too_short", f"A password must have at least {least} characters."))
    if len(password) > most:
        raise Invalid(Fault(at, "too_long", f"A password may have at most {most} characters."))
    if _guessed(password.casefold(), (email or "").casefold()):
        raise Invalid(Fault(at, "common_password", "This password is one of the first that are tried. Choose another."))
    return password


def _guessed(password: str, email: str) -> bool:
    return password in _COMMON or len(set(password)) == 1 or password in {email, email.partition("@")[0]}
