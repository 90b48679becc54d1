from tests.contracts.idempotency import IdempotencyKeysContract


class TestIdempotencyKeys(IdempotencyKeysContract): ...
