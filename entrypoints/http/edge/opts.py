"""What a route says of itself in its `opt`: the edge treats it so."""

PUBLIC = "/api/v1/public/"
"""Where visitors' routes live: open to all origins, and silent about what a token may not see."""

ANONYMOUS = "anonymous"
"""`True`: no token is asked for, and none is looked at."""

UNLIMITED = "unlimited"
"""`True`: no limit counts its requests."""

READS = "reads"
"""`True`: it changes nothing whatever its method is, and is counted as a read."""

NOT_IDEMPOTENT = "not_idempotent"
"""`True`: idempotency keys mean nothing to it."""

PUBLIC_WRITE = "public_write"
"""`True`: whoever likes may write here, and is counted as by visitors' routes."""

CONVERSATION = "conversation"
"""The name of the path parameter with the conversation that this route posts a message to."""

PREVIEW = "preview"
"""`True`: the model answers members of the workspace `workspace_id`, as often as messages go to one conversation."""

THREAD = "thread"
"""`True`: it posts a message to the conversation that the body's `thread_id` names, in the workspace `workspace_id`."""
