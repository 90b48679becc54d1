from tests.contracts.exports import ConversationExportsContract


class TestConversationExports(ConversationExportsContract): ...
