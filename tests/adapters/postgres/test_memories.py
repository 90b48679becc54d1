from tests.contracts.memories import MemoriesContract, MemoryPoliciesContract, MemoryViewsContract


class TestMemories(MemoriesContract): ...


class TestMemoryPolicies(MemoryPoliciesContract): ...


class TestMemoryViews(MemoryViewsContract): ...
