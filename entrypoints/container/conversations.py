from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Factory

from application.conversations.announce_visitor import VisitorAnnouncer
from application.conversations.ask_a_person import AskAPerson
from application.conversations.blank_message import BlankMessage
from application.conversations.brief_companion import BriefCompanion
from application.conversations.cancel_run import CancelRun
from application.conversations.cancel_run_as_member import CancelRunAsMember
from application.conversations.conversation_frames import ConversationFrames
from application.conversations.edit_conversation import EditConversation
from application.conversations.end_abandoned_run import EndAbandonedRun
from application.conversations.enforce_retention import RetentionEnforcer
from application.conversations.erase_conversation import EraseConversation
from application.conversations.export_conversation import ExportConversation
from application.conversations.follow_conversation import FollowConversation
from application.conversations.generate_reply import ReplyGenerator
from application.conversations.hand_back import HandBack
from application.conversations.index_conversations import ConversationsIndexer
from application.conversations.list_conversations import ListConversations
from application.conversations.list_messages import ListMessages
from application.conversations.list_runs import ListRuns
from application.conversations.post_as_member import PostAsMember
from application.conversations.post_message import PostMessage
from application.conversations.preview_reply import PreviewReply
from application.conversations.rate_companion import RateCompanion
from application.conversations.rate_message import RateMessage
from application.conversations.read_conversation import ReadConversation
from application.conversations.read_messages import ReadMessages
from application.conversations.read_own_conversation import ReadOwnConversation
from application.conversations.read_run import ReadRun
from application.conversations.read_statistics import ReadStatistics
from application.conversations.recall import Recall
from application.conversations.receive_message import ReceiveMessage
from application.conversations.remove_conversation import RemoveConversation
from application.conversations.retry_run import RetryRun
from application.conversations.start_companion import StartCompanion
from application.conversations.start_conversation import StartConversation
from application.conversations.take_over import TakeOver
from application.conversations.unanswered import AnswerQuestion, DismissQuestion, ListUnanswered
from application.conversations.watch_conversation import WatchConversation
from application.knowledge.retrieve import Retrieve
from entrypoints.container.given import given
from entrypoints.container.ports import Ports


class Conversations(DeclarativeContainer):
    """Conversations, and the replies in them."""

    ports = given(Ports)

    start_conversation = Factory(
        StartConversation, begin=ports.begin, workspaces=ports.workspace_views, clock=ports.clock
    )
    post_message = Factory(PostMessage, begin=ports.begin, origins=ports.origins, clock=ports.clock)
    list_messages = Factory(ListMessages, views=ports.conversation_views)
    frames = Factory(ConversationFrames, views=ports.conversation_views, log=ports.run_log, bell=ports.bell)
    follow_conversation = Factory(FollowConversation, frames=frames)
    watch_conversation = Factory(WatchConversation, frames=frames, views=ports.conversation_views)
    cancel_run = Factory(CancelRun, begin=ports.begin, clock=ports.clock)
    rate_message = Factory(RateMessage, begin=ports.begin, clock=ports.clock)
    erase_conversation = Factory(EraseConversation, begin=ports.begin, log=ports.run_log, clock=ports.clock)
    read_own_conversation = Factory(ReadOwnConversation, lists=ports.conversation_lists)
    ask_a_person = Factory(AskAPerson, begin=ports.begin, clock=ports.clock)
    announce_visitor = Factory(
        VisitorAnnouncer,
        begin=ports.begin,
        workspaces=ports.workspace_views,
        members=ports.member_views,
        secret_box=ports.secret_box,
        clock=ports.clock,
    )

    receive_message = Factory(ReceiveMessage, begin=ports.begin, workspaces=ports.workspace_views, clock=ports.clock)
    list_conversations = Factory(ListConversations, lists=ports.conversation_lists)
    read_conversation = Factory(ReadConversation, lists=ports.conversation_lists)
    edit_conversation = Factory(EditConversation, begin=ports.begin, clock=ports.clock)
    remove_conversation = Factory(RemoveConversation, begin=ports.begin, log=ports.run_log, clock=ports.clock)
    read_messages = Factory(ReadMessages, views=ports.conversation_views)
    rate_companion = Factory(RateCompanion, begin=ports.begin, clock=ports.clock)
    start_companion = Factory(StartCompanion, begin=ports.begin, clock=ports.clock)
    post_as_member = Factory(PostAsMember, begin=ports.begin, clock=ports.clock)
    take_over = Factory(TakeOver, begin=ports.begin, clock=ports.clock)
    hand_back = Factory(HandBack, begin=ports.begin, clock=ports.clock)
    blank_message = Factory(
        BlankMessage, begin=ports.begin, views=ports.conversation_views, log=ports.run_log, clock=ports.clock
    )
    read_statistics = Factory(ReadStatistics, views=ports.statistics_views, usage=ports.usage_views, clock=ports.clock)
    list_unanswered = Factory(ListUnanswered, views=ports.unanswered_views)
    answer_question = Factory(AnswerQuestion, begin=ports.begin, clock=ports.clock)
    dismiss_question = Factory(DismissQuestion, begin=ports.begin, clock=ports.clock)
    list_runs = Factory(ListRuns, views=ports.conversation_views, runs=ports.run_views)
    read_run = Factory(ReadRun, views=ports.conversation_views)
    cancel_run_as_member = Factory(CancelRunAsMember, begin=ports.begin, clock=ports.clock)
    retry_run = Factory(RetryRun, begin=ports.begin, clock=ports.clock)
    export_conversation = Factory(
        ExportConversation, exports=ports.conversation_exports, lists=ports.conversation_lists, clock=ports.clock
    )
    enforce_retention = Factory(
        RetentionEnforcer, begin=ports.begin, views=ports.retention_views, log=ports.run_log, clock=ports.clock
    )
    index_conversations = Factory(
        ConversationsIndexer,
        begin=ports.begin,
        views=ports.conversation_views,
        queue=ports.job_queue,
        clock=ports.clock,
    )
    retrieve = Factory(Retrieve, search=ports.passage_search, embedder=ports.query_embedder)
    recall = Factory(Recall, retrieve=retrieve, profiles=ports.memory_profile_views)
    brief_companion = Factory(BriefCompanion, begin=ports.begin, recall=recall, clock=ports.clock)
    generate_reply = Factory(
        ReplyGenerator,
        begin=ports.begin,
        views=ports.conversation_views,
        retrieve=retrieve,
        companions=brief_companion,
        models=ports.language_models,
        prices=ports.prices,
        log=ports.run_log,
        clock=ports.clock,
    )
    preview_reply = Factory(
        PreviewReply,
        begin=ports.begin,
        retrieve=retrieve,
        drafts=ports.draft_search,
        models=ports.language_models,
        prices=ports.prices,
        clock=ports.clock,
    )
    end_abandoned_run = Factory(EndAbandonedRun, clock=ports.clock)
