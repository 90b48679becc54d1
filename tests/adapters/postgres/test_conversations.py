from tests.contracts.conversations import (
    ConversationsContract,
    ConversationViewsContract,
    MessagesContract,
    RunsContract,
)


class TestConversations(ConversationsContract): ...


class TestConversationViews(ConversationViewsContract): ...


class TestMessages(MessagesContract): ...


class TestRuns(RunsContract): ...
