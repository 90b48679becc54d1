from tests.contracts.passage_sources import PassageSourcesContract
from tests.contracts.passages import PassagesContract


class TestPassages(PassagesContract): ...


class TestPassageSources(PassageSourcesContract): ...
