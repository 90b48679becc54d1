from tests.contracts.collections import CollectionsContract, CollectionViewsContract


class TestCollections(CollectionsContract): ...


class TestCollectionViews(CollectionViewsContract): ...
