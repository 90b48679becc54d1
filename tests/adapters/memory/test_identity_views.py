from tests.contracts.identity_views import KeyViewsContract, UserViewsContract


class TestKeyViews(KeyViewsContract): ...


class TestUserViews(UserViewsContract): ...
