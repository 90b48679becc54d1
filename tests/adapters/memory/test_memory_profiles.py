from tests.contracts.memory_profiles import MemoryProfilesContract, MemoryProfileViewsContract


class TestMemoryProfiles(MemoryProfilesContract): ...


class TestMemoryProfileViews(MemoryProfileViewsContract): ...
