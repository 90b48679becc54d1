from tests.contracts.identity import CredentialsContract, IdentitiesContract, UsersContract


class TestCredentials(CredentialsContract): ...


class TestIdentities(IdentitiesContract): ...


class TestUsers(UsersContract): ...
