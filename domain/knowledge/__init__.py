"""What a workspace knows: texts split into passages that can be found, quoted and linked to their source."""

from domain.knowledge.answers import heading_of, with_answer
from domain.knowledge.passages import Passage, passages_of
from domain.knowledge.pieces import Piece, split
from domain.knowledge.sentences import sentences

__all__ = ["Passage", "Piece", "heading_of", "passages_of", "sentences", "split", "with_answer"]
