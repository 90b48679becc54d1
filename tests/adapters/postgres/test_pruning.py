from tests.contracts.pruning import DeletedMemoriesContract, PruningViewsContract


class TestDeletedMemories(DeletedMemoriesContract): ...


class TestPruningViews(PruningViewsContract): ...
