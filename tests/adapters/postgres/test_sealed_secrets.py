from tests.contracts.sealed_secrets import SealedSecretsContract


class TestSealedSecrets(SealedSecretsContract): ...
