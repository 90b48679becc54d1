from tests.contracts.sign_in import (
    AccountsContract,
    LoginsContract,
    OneTimeTokenLogContract,
    OneTimeTokensContract,
    SessionLogContract,
    SessionViewsContract,
)


class TestLogins(LoginsContract): ...


class TestAccounts(AccountsContract): ...


class TestOneTimeTokens(OneTimeTokensContract): ...


class TestOneTimeTokenLog(OneTimeTokenLogContract): ...


class TestSessionLog(SessionLogContract): ...


class TestSessionViews(SessionViewsContract): ...
