from tests.contracts.knowledge import PassagesContract


class TestPassages(PassagesContract): ...
