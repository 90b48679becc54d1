"""What each table is for, in a sentence: `flightdeck schema` prints them."""

from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    "activity": "What happened, numbered in each workspace without gaps in the order of commits. Append-only: a "
    "trigger refuses every change, also by us.",
    "activity_heads": "The number of the newest event of each workspace, locked until the commit that raises it.",
    "activity_seals": "Hashes over the activity, each over the one before it, so that a change of either is found. "
    "Append-only.",
    "blob_chunks": "The bytes of blobs, in pieces, where the database is where they are kept.",
    "blobs": "Which bytes are kept, for which workspace, and which are to be deleted.",
    "collection_memories": "Which memories a collection holds, in which order.",
    "collections": "Memories of a user that belong together.",
    "connectors": "Links to where visitors book; of each workspace one is active. Their secrets are sealed.",
    "conversations": "Threads of visitors with a workspace, and of users with their companions, known to these alone.",
    "credentials": "Keys, sessions and visitors' tokens: only the SHA-256 of a secret is here, found by id.",
    "documents": "Texts that a workspace knows: where each is from, what became of it, and which blobs hold it.",
    "embeddings": "The vectors of passages, as far as there are any yet, each with the name of the embedder it is of.",
    "idempotency_keys": "What a request with a key was answered, sealed, for a day.",
    "identities": "Which identity of which issuer is which user.",
    "invites": "Who was asked to join a workspace, as what, and until when.",
    "jobs": "Work that waits, runs or has ended. It exists exactly when what caused it does.",
    "logins": "How local users sign in: a password's hash, a second factor's sealed secret, digests of recovery codes.",
    "members": "Who belongs to which workspace, and as what.",
    "memories": "What is remembered of people and their work; a user's own unless shared. A deleted one comes back "
    "on demand for 30 days.",
    "memory_policies": "For how long a workspace keeps memories, where somebody has chosen.",
    "memory_profiles": "Which memories make up the standing profile of a user in a workspace.",
    "memory_versions": "What each memory is and was, for history and undo.",
    "messages": "What was said in conversations.",
    "noticed_limits": "Limits that were reached on a day, so that each is told once.",
    "one_time_tokens": "Mailed links that work once: only the SHA-256 of a secret is here.",
    "passages": "What a workspace and its people know, in pieces that are searched.",
    "provider_deliveries": "Which messages of issuers came, so that none counts twice.",
    "runs": "Replies being made, or made; one runs in a conversation at a time.",
    "services": "What a workspace offers.",
    "usage_entries": "What each reply used, for limits and reports.",
    "users": "People. Who is deleted stays as a row without anything personal, since evidence refers to it.",
    "webhook_deliveries": "What was sent to webhooks and how it went, without the contents.",
    "webhooks": "Where a workspace's messages are sent. The signing secret is sealed.",
    "workers": "Which processes do jobs, and when they were last present.",
    "workspaces": "The tenants, with what their assistant is told.",
}
