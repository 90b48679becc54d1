"""What the application can be asked: its routes as it has them, each with an example of a good request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from entrypoints.container import unconnected
from entrypoints.http.app import build
from tests.http.system import settings_for
from tests.png import PNG

API = "/api/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A request that whoever may make it is answered with `status`, save those named in `but`.

    `image` is a body that is a PNG, `lines` one that is JSON Lines.
    """

    status: int = 200
    but: Mapping[str, int] = field(default_factory=dict[str, int])
    body: Any = None
    image: bytes | None = None
    lines: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A method of a path; `permission` is None when the route declares none, `names` are those of its parameters."""

    method: str
    path: str
    permission: str | None
    names: Sequence[str] = field(default=())

    def __str__(self) -> str:
        return f"{self.method} {self.path.removeprefix(API)}"

    @property
    def example(self) -> Example:
        return EXAMPLES[str(self)]


def _operations() -> Sequence[Operation]:
    """All of them, in an order that is the same in every process."""
    app = build(unconnected(), settings_for("postgresql://nowhere/x", "unix:///nowhere", Path("nowhere")))
    found = (
        Operation(
            method=method,
            path=route.path_format,
            permission=handler.opt.get("permission"),
            names=tuple(route.path_parameters),
        )
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in cast("Sequence[HTTPRouteHandler]", route.route_handlers)
        for method in handler.http_methods - {"OPTIONS", "HEAD"}
    )
    return sorted(found, key=str)


_SERVICE = {"name": "Portrait"}
_CONNECTOR = {"type": "link", "config": {"url": "https://book.example/"}}
_COLLECTION = {"name": "Tea", "kind": "preferences"}
_WEBHOOK = {"url": "http://127.0.0.1:9/hook"}
_INBOUND = {"thread_id": "t", "message_id": "m", "text": "Hello"}
EXAMPLES: Mapping[str, Example] = {
    "POST /workspaces/{workspace_id}/search": Example(body={"query": "When are you open?"}),
    "GET /instance/users": Example(),
    "GET /instance/workspaces": Example(),
    "GET /instance/dead-jobs": Example(),
    "GET /instance/activity": Example(),
    "POST /instance/users/{user_id}/deactivate": Example(),
    "POST /instance/users/{user_id}/activate": Example(),
    "POST /instance/workspaces/{tenant_id}/suspend": Example(),
    "POST /instance/workspaces/{tenant_id}/restore": Example(),
    "GET /workspaces/me": Example(),
    "GET /users/me": Example(),
    "DELETE /users/me": Example(status=422),  # nobody confirms it
    # Asked before there is one: nobody can have one by chance.
    "GET /users/me/export/content": Example(status=404),
    "POST /users/me/export": Example(status=202),
    "GET /users/me/export": Example(),
    "PUT /users/me/avatar": Example(image=PNG),
    "DELETE /users/me/avatar": Example(status=204),
    "PUT /workspaces/{workspace_id}/image": Example(image=PNG),
    "DELETE /workspaces/{workspace_id}/image": Example(status=204),
    "GET /pictures/{picture}": Example(),
    "PATCH /users/me": Example(body={"bio": "Paints."}),
    "GET /users/me/preferences": Example(),
    "PATCH /users/me/preferences": Example(body={"theme": "dark"}),
    "GET /workspaces/{workspace_id}/api-keys": Example(),
    "POST /workspaces/{workspace_id}/api-keys": Example(
        status=201, body={"name": "robot", "permissions": ["service:read"]}
    ),
    "DELETE /api-keys/{key_id}": Example(status=204),
    "POST /auth/signup": Example(
        status=201, body={"email": "new@example.com", "password": "long enough for now", "name": "Nina"}
    ),
    # Nobody holds a link, or the password of nobody: whoever asks is told the same.
    "POST /auth/email/verify": Example(status=410, body={"token": "none"}),
    "POST /auth/login": Example(status=401, body={"email": "nobody@example.com", "password": "no password"}),
    "POST /auth/password/forgot": Example(status=202, body={"email": "nobody@example.com"}),
    "POST /auth/password/reset": Example(status=410, body={"token": "none", "password": "long enough for now"}),
    "POST /auth/logout": Example(status=204),
    "POST /auth/logout-all": Example(status=204),
    "GET /auth/sessions": Example(),
    "DELETE /auth/sessions/{session_id}": Example(status=204),
    "POST /auth/password/change": Example(
        status=422, body={"current": "not the password", "new": "long enough for now"}
    ),
    "POST /auth/totp": Example(),
    "POST /auth/totp/confirm": Example(status=422, body={"code": "no code"}),
    "DELETE /auth/totp": Example(status=409, body={"code": "000000"}),
    "POST /auth/totp/recovery-codes": Example(status=409, body={"code": "000000"}),
    "GET /workspaces": Example(),
    "POST /workspaces": Example(status=201, body={"name": "Studio"}),
    # A personal one, which cannot be deleted.
    "DELETE /workspaces/{workspace_id}": Example(status=409),
    "GET /workspaces/{workspace_id}/members": Example(),
    "PATCH /workspaces/{workspace_id}/members/{user_id}": Example(body={"role": "viewer"}),
    "DELETE /workspaces/{workspace_id}/members/{user_id}": Example(status=204),
    # Nobody leaves their personal one.
    "POST /workspaces/{workspace_id}/leave": Example(status=204, but={"owner": 409, "stranger": 409}),
    "POST /workspaces/{workspace_id}/transfer": Example(status=409, body={"user_id": str(UUID(int=1))}),
    "GET /workspaces/{workspace_id}/invites": Example(),
    "POST /workspaces/{workspace_id}/invites": Example(
        status=201, body={"email": "guest@example.com", "role": "member"}
    ),
    "DELETE /invites/{invite_id}": Example(status=204),
    "POST /invites/{invite_id}/resend": Example(),
    "POST /invites/accept": Example(status=410, body={"token": "fd_invite_nonsense"}),
    "POST /invites/look": Example(status=410, body={"token": "fd_invite_nonsense"}),
    "GET /workspaces/{workspace_id}": Example(),
    "PATCH /workspaces/{workspace_id}": Example(body={"name": "Atelier"}),
    "POST /workspaces/{workspace_id}/assistant/preview": Example(body={"question": "When are you open?"}),
    "GET /public/workspaces/{handle}": Example(),
    "GET /workspaces/{workspace_id}/services": Example(),
    "POST /workspaces/{workspace_id}/services": Example(status=201, body=_SERVICE),
    # Whoever may order them is told that these are not all.
    "PUT /workspaces/{workspace_id}/services/order": Example(status=422, body={"ids": []}),
    "GET /services/{service_id}": Example(),
    "PATCH /services/{service_id}": Example(body=_SERVICE),
    "DELETE /services/{service_id}": Example(status=204),
    "GET /workspaces/{workspace_id}/connectors": Example(),
    "POST /workspaces/{workspace_id}/connectors": Example(status=201, body=_CONNECTOR),
    "GET /connectors/{connector_id}": Example(),
    "PATCH /connectors/{connector_id}": Example(body={"config": {}}),
    "DELETE /connectors/{connector_id}": Example(status=204),
    "POST /connectors/{connector_id}/activate": Example(),
    "POST /connectors/{connector_id}/deactivate": Example(),
    "POST /public/conversations": Example(status=201, body={"workspace_handle": "harbour-studio"}),
    "GET /public/conversations/{conversation_id}/messages": Example(),
    "POST /public/conversations/{conversation_id}/messages": Example(status=201, body={"content": "Hello"}),
    "GET /public/conversations/{conversation_id}/stream": Example(),
    "POST /public/conversations/{conversation_id}/runs/{run_id}/cancel": Example(),
    "POST /public/conversations/{conversation_id}/messages/{message_id}/feedback": Example(body={"value": "up"}),
    "DELETE /public/conversations/{conversation_id}": Example(status=204),
    "GET /public/conversations/{conversation_id}": Example(),
    "POST /public/conversations/{conversation_id}/ask-a-person": Example(),
    "GET /workspaces/{workspace_id}/conversations": Example(),
    "POST /workspaces/{workspace_id}/conversations": Example(status=201, body={}),
    "GET /conversations/{conversation_id}": Example(),
    "PATCH /conversations/{conversation_id}": Example(body={"tags": ["vip"]}),
    "DELETE /conversations/{conversation_id}": Example(status=204),
    "GET /conversations/{conversation_id}/messages": Example(),
    "POST /conversations/{conversation_id}/messages": Example(status=201, body={"content": "Hello"}),
    # The conversations of the matrix are visitors', who rate the replies in them themselves.
    "POST /conversations/{conversation_id}/messages/{message_id}/feedback": Example(
        body={"value": "up"}, but=dict.fromkeys(("owner", "admin", "member", "stranger"), 404)
    ),
    "POST /conversations/{conversation_id}/takeover": Example(),
    "POST /conversations/{conversation_id}/handback": Example(),
    "DELETE /messages/{message_id}": Example(status=204),
    "GET /conversations/{conversation_id}/runs": Example(),
    "GET /conversations/{conversation_id}/stream": Example(),
    "GET /conversations/{conversation_id}/export": Example(),
    "GET /runs/{run_id}": Example(),
    "POST /runs/{run_id}/cancel": Example(),
    "POST /runs/{run_id}/retry": Example(status=409),
    "GET /workspaces/{workspace_id}/webhook": Example(),
    "PUT /workspaces/{workspace_id}/webhook": Example(body=_WEBHOOK),
    "DELETE /workspaces/{workspace_id}/webhook": Example(status=204),
    "POST /workspaces/{workspace_id}/webhook/rotate": Example(),
    "POST /workspaces/{workspace_id}/webhook/test": Example(status=202),
    "GET /workspaces/{workspace_id}/webhook/deliveries": Example(),
    "GET /webhook-deliveries/{delivery_id}": Example(),
    "POST /webhook-deliveries/{delivery_id}/resend": Example(status=202),
    "GET /workspaces/{workspace_id}/conversations/stats": Example(),
    "GET /workspaces/{workspace_id}/unanswered": Example(),
    "POST /workspaces/{workspace_id}/unanswered/{run_id}/knowledge": Example(body={"answer": "Behind the house."}),
    "POST /workspaces/{workspace_id}/unanswered/{run_id}/dismiss": Example(status=204),
    "POST /workspaces/{workspace_id}/inbound/{channel}": Example(status=201, body=_INBOUND),
    # Of a page, which nobody has fetched before.
    "POST /workspaces/{workspace_id}/documents": Example(status=202, body={"url": "http://127.0.0.1:9/page"}),
    "GET /workspaces/{workspace_id}/documents": Example(),
    "GET /documents/{document_id}": Example(),
    "PATCH /documents/{document_id}": Example(body={"title": "Opening hours"}),
    "GET /documents/{document_id}/content": Example(),
    "POST /documents/{document_id}/reindex": Example(status=202),
    "DELETE /documents/{document_id}": Example(status=204),
    "GET /workspaces/{workspace_id}/memories": Example(),
    "POST /workspaces/{workspace_id}/memories": Example(status=201, body={"content": "Likes tea."}),
    "GET /workspaces/{workspace_id}/memories/export": Example(),
    "GET /workspaces/{workspace_id}/memories/audit": Example(),
    "GET /workspaces/{workspace_id}/memories/profile": Example(),
    "POST /workspaces/{workspace_id}/memories/import": Example(lines=b'{"content": "Likes tea."}'),
    "GET /memories/{memory_id}": Example(),
    "PATCH /memories/{memory_id}": Example(body={"pinned": True}),
    "DELETE /memories/{memory_id}": Example(status=204),
    "GET /memories/{memory_id}/history": Example(),
    # It has only ever been what it is.
    "POST /memories/{memory_id}/undo": Example(status=409),
    "GET /workspaces/{workspace_id}/collections": Example(),
    "POST /workspaces/{workspace_id}/collections": Example(status=201, body=_COLLECTION),
    "GET /collections/{collection_id}": Example(),
    "PATCH /collections/{collection_id}": Example(body={"description": "What to drink."}),
    "DELETE /collections/{collection_id}": Example(status=204),
    "PUT /collections/{collection_id}/memories/{memory_id}": Example(),
    "DELETE /collections/{collection_id}/memories/{memory_id}": Example(status=204),
    # It holds none.
    "PUT /collections/{collection_id}/order": Example(body={"ids": []}),
    "GET /workspaces/{workspace_id}/retention": Example(),
    "PUT /workspaces/{workspace_id}/retention": Example(body={"project_days": None, "task_days": 30}),
    "GET /workspaces/{workspace_id}/jobs": Example(),
    "GET /jobs/{job_id}": Example(),
    "POST /jobs/{job_id}/cancel": Example(status=409),
    "POST /jobs/{job_id}/replay": Example(),
    "GET /jobs/{job_id}/stream": Example(),
    "GET /workspaces/{workspace_id}/usage": Example(),
    "GET /workspaces/{workspace_id}/activity": Example(),
    "GET /workspaces/{workspace_id}/activity/export": Example(),
    "GET /workspaces/{workspace_id}/activity/stream": Example(),
    "GET /health": Example(),
    "GET /readyz": Example(),
    "POST /webhooks/clerk": Example(status=503),  # the instance has no secret of Clerk
    "GET /healthz": Example(),
    "GET /": Example(),
    "GET /assets/{release}/{asset}": Example(),
    "GET /desk": Example(),
    "GET /profile": Example(),
    "GET /sign-in": Example(),
    "GET /sign-up": Example(),
    "GET /forgot-password": Example(),
    "GET /reset-password": Example(),
    "GET /verify-email": Example(),
    "GET /accept-invite": Example(),
    "GET /chat/{handle}": Example(),
    "GET /chat/{handle}/embed.js": Example(),
    "GET /metrics": Example(),
    "GET /openapi.json": Example(),
    "GET /docs": Example(),
    "GET /docs/start.js": Example(),
    "GET /docs/assets/{file_path}": Example(),
}
OPERATIONS = _operations()
