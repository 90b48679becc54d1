import pytest

from application.ports.health import Probe
from domain.errors import Unavailable


class ProbeContract:
    """Every `Probe`. A test class overrides the two fixtures."""

    @pytest.fixture
    def working(self) -> Probe:
        """Looks at something that works."""
        raise NotImplementedError

    @pytest.fixture
    def broken(self) -> Probe:
        """Looks at something that does not."""
        raise NotImplementedError

    async def test_what_works_is_told_in_a_word_or_none(self, working: Probe) -> None:
        found = await working.check()
        assert found is None or 0 < len(found) < 200

    async def test_what_does_not_work_is_unavailable_with_a_sentence(self, broken: Probe) -> None:
        with pytest.raises(Unavailable) as raised:
            await broken.check()
        assert str(raised.value).endswith(".")
        assert str(raised.value) != Unavailable.detail

    async def test_a_probe_can_be_asked_again(self, working: Probe, broken: Probe) -> None:
        assert await working.check() == await working.check()
        for _ in range(2):
            with pytest.raises(Unavailable):
                await broken.check()
