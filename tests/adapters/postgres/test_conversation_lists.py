from tests.contracts.conversation_lists import ConversationListsContract, MessagesOfConversationsContract


class TestConversationLists(ConversationListsContract): ...


class TestMessagesOfConversations(MessagesOfConversationsContract): ...
