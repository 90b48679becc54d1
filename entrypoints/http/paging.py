from typing import Annotated

from litestar.params import QueryParameter

Limit = Annotated[int, QueryParameter(ge=1, le=100, description="How many items at most.")]
Cursor = Annotated[
    str | None,
    QueryParameter(max_length=500, description="The `next_cursor` of the page before; absent for the first."),
]
Since = Annotated[str | None, QueryParameter(max_length=500, description="A `next_cursor`, or a message id.")]
DEFAULT_LIMIT = 25
