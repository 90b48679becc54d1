from tests.contracts.pictures import PictureViewsContract


class TestPictureViews(PictureViewsContract): ...
