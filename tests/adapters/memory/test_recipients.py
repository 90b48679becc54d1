import pytest
from typing_extensions import override

from adapters.memory.recipients import MemoryRecipientViews
from application.ports.recipients import Recipient, RecipientViews
from tests.contracts.recipients import Knowing, RecipientViewsContract


async def knowing(recipient: Recipient) -> RecipientViews:
    return MemoryRecipientViews(recipient)


class TestMemoryRecipientViews(RecipientViewsContract):
    @pytest.fixture
    @override
    def knowing(self) -> Knowing:
        return knowing
