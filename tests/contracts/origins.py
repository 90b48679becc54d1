from uuid import uuid4

import pytest

from application.ports.origins import Origins
from domain.ids import WorkspaceId

HERE, THERE = WorkspaceId(uuid4()), WorkspaceId(uuid4())


class OriginsContract:
    @pytest.fixture
    def origins(self) -> Origins:
        raise NotImplementedError

    @pytest.fixture
    def others(self) -> Origins:
        """As `origins`, with another key."""
        raise NotImplementedError

    def test_an_address_is_known_again(self, origins: Origins) -> None:
        assert origins.of("203.0.113.9", HERE) == origins.of("203.0.113.9", HERE)

    def test_an_origin_has_32_bytes_of_which_none_is_of_the_address(self, origins: Origins) -> None:
        origin = origins.of("203.0.113.9", HERE)
        assert len(origin) == 32
        assert b"203" not in origin

    def test_other_addresses_and_workspaces_have_other_origins(self, origins: Origins) -> None:
        made = {origins.of(address, place) for address in ("203.0.113.9", "203.0.113.8", "") for place in (HERE, THERE)}
        assert len(made) == 6

    def test_another_key_makes_other_origins(self, origins: Origins, others: Origins) -> None:
        assert origins.of("203.0.113.9", HERE) != others.of("203.0.113.9", HERE)
