"""An instance for each file, to be sent nonsense: what is in it may be changed and deleted."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import httpx
import pytest
from hypothesis import reject

from tests.http.operations import API, EXAMPLES
from tests.png import PNG
from tests.processes import Instance, eventually, up

SETTINGS = {
    "ENVIRONMENT": "dev",
    "LIMIT_PUBLIC_WRITES": "0",
    "LIMIT_CONVERSATION": "0",
    "LIMIT_READS": "0",
    "LIMIT_STREAMS": "0",
    "LIMIT_SIGN_IN": "0",
    "DATABASE_POOL_WAIT": "20s",
    "SIGNUP": "open",
    "LOG_LEVEL": "error",
    "OUTBOUND_ALLOW_PRIVATE": "true",
    "CLERK_WEBHOOK_SECRET": f"whsec_{'A' * 32}",  # so that its webhook refuses, rather than be unavailable
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A running instance and what is in it: `ids` by the names of the paths' parameters; tokens as headers."""

    instance: Instance
    client: httpx.Client
    owner: Mapping[str, str]
    visitor: Mapping[str, str]
    ids: Mapping[str, str]

    def headers(self, permission: str | None) -> Mapping[str, str]:
        """The token of one who has the permission."""
        return self.visitor if permission == "visitor" else self.owner

    def ask(self, case: Any, permission: str | None) -> httpx.Response:
        """The answer to a case of schemathesis from one who has the permission; None is nobody."""
        token: Mapping[str, str] = {} if permission is None else self.headers(permission)
        sent = case.as_transport_kwargs(base_url=self.instance.url)
        headers = {**sent["headers"], **token}
        sent["headers"] = [(name.encode(), value.strip().encode("latin-1")) for name, value in headers.items()]
        sent["content"] = sent.pop("data", None)
        sent.pop("cookies", None)
        if "files" in sent:
            sent["files"] = _parts(sent["files"])
        try:
            request = self.client.build_request(**sent)
            request.read()  # of a form, too, the checks want to see the bytes
            return self.client.send(request)
        except httpx.LocalProtocolError:  # a header that this client does not send
            reject()


def _parts(files: Any) -> Any:
    """The parts of a form as this client sends them."""
    return [(name, _sendable(part)) for name, part in cast("list[tuple[str, Any]]", files or [])]


def _sendable(part: Any) -> Any:
    """What is neither text nor bytes, as it is written."""
    if isinstance(part, tuple):
        named, *rest = map(_sendable, cast("Sequence[Any]", part))
        return (named, *rest)
    return part if part is None or isinstance(part, str | bytes) else str(part)


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with up(tmp_path_factory.mktemp("fuzz"), SETTINGS) as instance:
        token = (instance.home / "owner-token").read_text(encoding="utf-8").strip()
        owner = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=instance.url, timeout=20) as client:
            ids, visitor = _filled(client, owner)
            yield Target(instance=instance, client=client, owner=owner, visitor=visitor, ids=ids)


def _picture(client: httpx.Client, owner: Mapping[str, str]) -> str:
    headers = {**owner, "Content-Type": "image/png"}
    shown = client.put(f"{API}/users/me/avatar", content=PNG, headers=headers)
    return str(shown.raise_for_status().json()["avatar_url"]).rpartition("/")[2]


def _filled(client: httpx.Client, owner: Mapping[str, str]) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """An object of every kind."""

    def made(path: str, body: Any = None, headers: Mapping[str, str] = owner, method: str = "POST") -> Any:
        answer = client.request(method, f"{API}{path}", json=body, headers=dict(headers))
        answer.raise_for_status()
        return answer.json()

    home = made("/workspaces/me", method="GET")
    workspace = f"/workspaces/{home['id']}"
    service = made(f"{workspace}/services", EXAMPLES["POST /workspaces/{workspace_id}/services"].body)
    connector = made(f"{workspace}/connectors", EXAMPLES["POST /workspaces/{workspace_id}/connectors"].body)
    made(f"{workspace}/webhook", EXAMPLES["PUT /workspaces/{workspace_id}/webhook"].body, method="PUT")
    delivery = made(f"{workspace}/webhook/test")
    started = made("/public/conversations", {"workspace_handle": home["handle"]}, {})
    visitor = {"Authorization": f"Bearer {started['visitor_token']}"}
    conversation = f"/public/conversations/{started['conversation_id']}"
    posted = made(f"{conversation}/messages", {"content": "Hello"}, visitor)

    owned = {"email": "owner@example.com", "password": "a rather long password"}
    changed = client.post(
        f"{API}/auth/password/change", json={"current": None, "new": owned["password"]}, headers=dict(owner)
    )
    changed.raise_for_status()
    made("/auth/login", owned, {})

    def messages() -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = made(f"{conversation}/messages", None, visitor, "GET")["items"]
        return items

    eventually(lambda: len(messages()) == 2)
    return {
        "workspace_id": home["id"],
        "handle": home["handle"],
        "service_id": service["id"],
        "connector_id": connector["id"],
        "delivery_id": delivery["id"],
        "memory_id": made(f"{workspace}/memories", {"content": "Is fond of the sea."})["id"],
        "collection_id": made(f"{workspace}/collections", {"name": "Likes"})["id"],
        "document_id": made(f"{workspace}/documents", {"title": "Hours", "text": "From nine."})["document"]["id"],
        "conversation_id": started["conversation_id"],
        "message_id": messages()[1]["id"],
        "run_id": posted["run"]["id"],
        "job_id": made(f"{workspace}/jobs", method="GET")["items"][0]["id"],
        "channel": "sms",
        "picture": _picture(client, owner),
        "user_id": made("/users/me", method="GET")["id"],
        "invite_id": made(f"{workspace}/invites", EXAMPLES["POST /workspaces/{workspace_id}/invites"].body)["id"],
        "key_id": made(f"{workspace}/api-keys", EXAMPLES["POST /workspaces/{workspace_id}/api-keys"].body)["key"]["id"],
        "tenant_id": made("/workspaces", {"name": "Another"})["id"],  # to be suspended without hindering the rest
        "session_id": made("/auth/sessions", method="GET")["items"][0]["id"],
    }, visitor
