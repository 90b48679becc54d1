from tests.contracts.token_verifier import TokenVerifierContract


class TestTokenVerifier(TokenVerifierContract): ...
