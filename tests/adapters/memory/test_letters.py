import pytest
from typing_extensions import override

from adapters.memory.letters import MemoryLetters
from application.ports.letters import Letters
from tests.contracts.letters import LettersContract


class TestMemoryLetters(LettersContract):
    @pytest.fixture
    @override
    def letters(self) -> Letters:
        return MemoryLetters()
