from tests.contracts.exports import ConversationExportsContract, MessageExportsContract


class TestConversationExports(ConversationExportsContract): ...


class TestMessageExports(MessageExportsContract): ...
