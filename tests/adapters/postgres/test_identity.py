from tests.contracts.identity import CredentialsContract, UsersContract


class TestCredentials(CredentialsContract): ...


class TestUsers(UsersContract): ...
