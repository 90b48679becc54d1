"""What a workspace knows: sent as text, as a file or as a page, processed by a job, found by what it says."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from application.ports.page_fetcher import PageRefused
from domain.access import Role
from domain.knowledge import FILE_BYTES
from entrypoints.supervisor.embedded import Urls
from tests.files import DOCX_TYPE, PDF_TYPE, a_docx, a_pdf
from tests.http.system import Member, System, pointers, problem, settings_for, started
from tests.wire.server import Server, Then, plain

KUN = "Příliš žluťoučký kůň úpěl ďábelské ódy."
PAGE = "<title>Prices of the studio</title><nav>Menu</nav><h1>Prices</h1><p>A portrait costs 90 euros.</p>"


@pytest.fixture
async def site() -> AsyncIterator[Server]:
    async with Server(plain(200, PAGE, kind="text/html")) as server:
        yield server


async def test_a_text_is_found_once_it_was_processed(system: System, member: Member) -> None:
    added = await _add(member, {"title": "Prices", "text": "# Prices\n\nA portrait costs 90 euros.", "kind": "article"})
    assert added.status_code == 202, added.text
    document, job = added.json()["document"], added.json()["job"]
    assert (document["title"], document["kind"], added.json()["replaced"]) == ("Prices", "article", False)
    assert document["source_uri"] == f"text:sha256:{document['digest']}"
    assert (job["type"], job["subject"]) == ("index_document", {"type": "document", "id": document["id"]})
    ready = await _processed(member, document["id"])
    assert (ready["status"], ready["reason"], ready["size"]) == ("ready", None, 36)
    assert await _passages(system, member) == ["A portrait costs 90 euros."]
    assert (await member.api.get(f"/api/v1/jobs/{job['id']}")).json()["result"] == {"passages": 1}
    activity = (await member.api.get(f"{member.path}/activity")).json()["items"]
    happened = [(event["type"], event["actor"]["type"]) for event in activity if event["type"].startswith("document.")]
    assert happened == [("document.indexed", "system"), ("document.added", "user")]
    assert "portrait" not in str(activity)


async def test_what_is_the_same_changes_nothing_and_what_is_not_is_processed_again(
    system: System, member: Member
) -> None:
    named = {"title": "Prices", "source_uri": "crm:prices"}
    text = "# Prices\n\nA portrait costs 90 euros.\n\n# Hours\n\nNine."
    first = await _ready(member, {**named, "text": text})
    assert first["source_uri"] == "text:crm:prices"
    kept = await _ids(system, member)
    again = await _add(member, {**named, "text": text})
    assert (again.status_code, again.json()) == (200, {"document": first, "job": None, "replaced": False})
    changed = await _add(member, {**named, "text": text.replace("A portrait costs 90", "It costs 95")})
    assert (changed.status_code, changed.json()["replaced"]) == (202, True)
    assert (await _processed(member, changed.json()["document"]["id"]))["id"] == first["id"]
    after = await _ids(system, member)
    assert (after["Nine."], set(after)) == (kept["Nine."], {"It costs 95 euros.", "Nine."})


@pytest.mark.parametrize(
    ("data", "name", "media_type", "text"),
    [
        (a_pdf(["A portrait costs 90 euros."]), "prices.pdf", PDF_TYPE, "A portrait costs 90 euros."),
        (a_docx("# Prices", "A portrait."), "prices.docx", DOCX_TYPE, "# Prices\n\nA portrait."),
        (PAGE.encode(), "prices.html", "text/html", "# Prices\n\nA portrait costs 90 euros."),
        (b"# Prices\r\n\r\nA portrait.", "prices.md", "text/markdown", "# Prices\n\nA portrait."),
        (KUN.encode("cp1250"), "kun.txt", "text/plain", KUN),
    ],
    ids=["pdf", "docx", "html", "markdown", "another encoding"],
)  # fmt: skip
async def test_a_file_is_read_and_given_back(
    member: Member, data: bytes, name: str, media_type: str, text: str
) -> None:
    sent = await _send(member, data, name, media_type)
    assert sent.status_code == 202, sent.text
    document = await _processed(member, sent.json()["document"]["id"])
    assert (document["status"], document["title"], document["kind"]) == ("ready", name, "file"), document["reason"]
    original, shown = await _content(member, document["id"]), await _content(member, document["id"], "text")
    assert (original.content, original.headers["content-type"]) == (data, media_type)
    assert original.headers["content-disposition"] == f"attachment; filename*=UTF-8''{name}"
    assert original.headers["x-content-type-options"] == "nosniff"
    assert original.headers["content-length"] == str(len(data))
    assert (shown.text, shown.headers["content-type"]) == (text, "text/markdown; charset=utf-8")


async def test_the_same_file_under_another_name_is_one_document(system: System, member: Member) -> None:
    sent = await _send(member, b"A portrait costs 90 euros.", "a.txt", "text/plain")
    first = await _processed(member, sent.json()["document"]["id"])
    for again in (
        await _send(member, b"A portrait costs 90 euros.", "b.txt", "text/plain"),
        await _add(member, {"title": "Prices", "text": "A portrait costs 90 euros."}),
    ):
        assert (again.status_code, again.json()) == (200, {"document": first, "job": None, "replaced": False})
    replaced = await _send(member, b"A portrait costs 95 euros.", "a.txt", "text/plain")
    assert (replaced.json()["document"]["id"], replaced.json()["replaced"]) == (first["id"], True)
    await _processed(member, first["id"])
    assert await _passages(system, member) == ["A portrait costs 95 euros."]


async def test_of_two_texts_with_one_title_neither_is_lost(system: System, member: Member) -> None:
    texts = ["Closed on Mondays.", "Open on Sundays."]
    ids = {(await _ready(member, {"title": "Hours", "text": text}))["id"] for text in texts}
    assert len(ids) == 2
    assert await _passages(system, member) == texts


async def test_a_document_is_found_by_its_title(member: Member) -> None:
    await _ready(member, {"title": "Refund policy", "text": "You have fourteen days to change your mind."})
    await _ready(member, {"title": "Hours", "text": "# Hours\n\nFrom nine to five."})
    (found,) = [item for item in await _search(member, "refund policy") if item["parts"]["lexical"]]
    assert (found["title"], found["source"]["heading"]) == ("Refund policy", "Refund policy")
    assert found["text"] == "You have fourteen days to change your mind."
    (hours,) = [item for item in await _search(member, "five") if item["parts"]["lexical"]]
    assert hours["source"]["heading"] == "Hours"


async def test_a_question_in_other_words_finds_a_document_by_its_meaning(member: Member) -> None:
    said = {
        "One": "A portrait costs ninety euros.",
        "Two": "The darkroom is closed on Sundays.",
        "Three": "Parking is behind the mill.",
        "Four": "Our dog is called Bosun.",
    }
    for title, text in said.items():
        await _ready(member, {"title": title, "text": text})
    best = (await _search(member, "portraiture"))[0]
    assert (best["text"], best["parts"]["lexical"]) == ("A portrait costs ninety euros.", 0)
    assert best["parts"]["semantic"] > 0


async def test_visitors_are_answered_from_a_file(system: System, member: Member) -> None:
    visitor = await system.visitor(member.handle)
    assert "don't know" in await visitor.ask("How much is a surfing lesson?")
    sent = await _send(member, a_pdf(["A surfing lesson costs 25 euros per person."]), "surfing.pdf", PDF_TYPE)
    assert (await _processed(member, sent.json()["document"]["id"]))["status"] == "ready"
    assert "25 euros" in await visitor.ask("How much is a surfing lesson?")
    assert "25 euros" in await (await system.visitor(member.handle)).ask("How much is a surfing lesson?")


async def test_a_form_may_describe_its_file(member: Member) -> None:
    form = {"title": "Naše ceny", "kind": "transcript", "language": "cs"}
    sent = await _send(member, b"90 Kc", "../../prices.txt", "text/plain", **form)
    document = sent.json()["document"]
    assert {name: document[name] for name in form} == form
    assert document["source_uri"] == "file:prices.txt"
    shown = await _content(member, document["id"], "original")
    assert shown.headers["content-disposition"] == "attachment; filename*=UTF-8''prices.txt"


async def test_a_page_is_fetched_by_a_job_and_fetched_again_on_demand(
    system: System, member: Member, site: Server
) -> None:
    url = f"{site.url}/prices"
    document = await _ready(member, {"url": f"{url}#top"})
    assert (document["title"], document["source_uri"], document["kind"]) == ("Prices of the studio", url, "web_page")
    assert await _passages(system, member) == ["A portrait costs 90 euros."]
    assert (await _add(member, {"url": url})).status_code == 202
    assert (await _processed(member, document["id"]))["digest"] == document["digest"]
    site.replies[:] = [plain(200, PAGE.replace("90", "95"), kind="text/html")]
    again = await member.api.post(f"/api/v1/documents/{document['id']}/reindex")
    assert (again.status_code, again.json()["document"]["status"]) == (202, "queued")
    assert (await _processed(member, document["id"]))["status"] == "ready"
    assert await _passages(system, member) == ["A portrait costs 95 euros."]
    assert (await _content(member, document["id"])).text == PAGE.replace("90", "95")


async def test_what_cannot_be_read_fails_with_a_sentence_and_harms_nothing(
    system: System, member: Member, site: Server
) -> None:
    site.replies[:] = [plain(404, "")]
    hostile = {
        "broken.pdf": b"%PDF-1.7 nonsense",
        "secret.pdf": a_pdf(["text"], password="secret"),
        "broken.docx": b"PK\x03\x04 nonsense",
        "bytes.txt": bytes(range(256)),
        "picture.png": b"\x89PNG",
    }
    failed = [(await _send(member, data, name)).json()["document"]["id"] for name, data in hostile.items()]
    failed.append((await _add(member, {"url": f"{site.url}/gone"})).json()["document"]["id"])
    for document_id in failed:
        document = await _processed(member, document_id)
        assert document["status"] == "failed"
        assert document["reason"].endswith(".")
        problem(await _content(member, document_id, "text"), 409, "document_not_ready")
    assert await _passages(system, member) == []
    listed = (await member.api.get(f"{member.path}/documents", params={"status": "failed"})).json()["items"]
    assert [document["id"] for document in listed] == failed[::-1]


async def test_an_older_version_is_found_until_the_new_one_can_be_read(system: System, member: Member) -> None:
    await _processed(member, (await _send(member, b"A portrait costs 90 euros.", "a.txt")).json()["document"]["id"])
    broken = (await _send(member, b"\x00", "a.txt")).json()["document"]["id"]
    assert (await _processed(member, broken))["status"] == "failed"
    assert await _passages(system, member) == ["A portrait costs 90 euros."]
    assert (await _content(member, broken, "text")).text == "A portrait costs 90 euros."


async def test_a_removed_document_leaves_nothing_behind(system: System, member: Member) -> None:
    sent = await _send(member, b"A portrait costs 90 euros.\r\n", "prices.txt")
    path = f"/api/v1/documents/{sent.json()['document']['id']}"
    await _processed(member, sent.json()["document"]["id"])
    read = await member.api.get(path)
    assert (await member.api.get(path, headers={"If-None-Match": read.headers["etag"]})).status_code == 304
    problem(await member.api.delete(path, headers={"If-Match": '"1"'}), 412, "stale")
    assert (await member.api.delete(path, headers={"If-Match": read.headers["etag"]})).status_code == 204
    for answer in (await member.api.get(path), await member.api.delete(path), await member.api.get(f"{path}/content")):
        problem(answer, 404, "not_found")
    assert await _passages(system, member) == []
    assert await _kept(system, member) == 0


async def test_a_document_is_described_otherwise(member: Member) -> None:
    document = await _ready(member, {"title": "Old", "text": "You have fourteen days.", "language": "de"})
    path = f"/api/v1/documents/{document['id']}"
    patched = await member.api.patch(path, json={"title": "Refund policy", "kind": "article", "language": None})
    assert (patched.status_code, patched.json()["status"]) == (200, "queued")
    ready = await _processed(member, document["id"])
    assert (ready["title"], ready["kind"], ready["language"]) == ("Refund policy", "article", None)
    (found,) = [item for item in await _search(member, "refund policy") if item["parts"]["lexical"]]
    assert (found["id"], found["source"]["heading"]) == (document["id"], "Refund policy")
    problem(await member.api.patch(path, json={"title": "A"}, headers={"If-Match": '"1"'}), 412, "stale")
    for field, value in (("title", None), ("title", ""), ("kind", None), ("language", "english!"), ("text", "A")):
        assert pointers(await member.api.patch(path, json={field: value})) == [f"/{field}"]


async def test_documents_are_listed_newest_first_and_narrowed(member: Member) -> None:
    added = [await _ready(member, {"title": title, "text": title}) for title in ("Old prices", "Hours", "Prices 100%")]
    path = f"{member.path}/documents"
    page = (await member.api.get(path, params={"limit": 2})).json()
    rest = (await member.api.get(path, params={"limit": 2, "cursor": page["next_cursor"]})).json()
    assert [*page["items"], *rest["items"]] == added[::-1]

    async def titles(**query: str) -> list[str]:
        return [document["title"] for document in (await member.api.get(path, params=query)).json()["items"]]

    assert await titles(q="PRICES") == ["Prices 100%", "Old prices"]
    assert await titles(q="0%", kind="note", status="ready") == ["Prices 100%"]
    assert await titles(kind="file") == []
    problem(await member.api.get(path, params={"status": "lost"}), 422, "invalid")
    problem(await member.api.get(path, params={"cursor": "lost"}), 422, "invalid_cursor")


async def test_the_knowledge_base_is_one_of_the_documents(system: System, member: Member) -> None:
    text = "# Hours\n\nFrom nine to five."
    (await member.api.patch(member.path, json={"knowledge_base": text})).raise_for_status()
    (document,) = (await member.api.get(f"{member.path}/documents")).json()["items"]
    assert (document["id"], document["title"], document["status"]) == (member.workspace_id, "Knowledge base", "ready")
    path = f"/api/v1/documents/{document['id']}"
    assert (await _content(member, document["id"])).text == text
    problem(await member.api.delete(path), 409, "knowledge_base_document")
    problem(await member.api.post(f"{path}/reindex"), 409, "knowledge_base_document")
    assert await _passages(system, member) == ["From nine to five."]
    (await member.api.patch(member.path, json={"knowledge_base": None})).raise_for_status()
    problem(await member.api.get(path), 404, "not_found")
    assert await _passages(system, member) == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"title": "A", "text": "B", "url": "https://a.example/"}, ""),
        ({"text": "B"}, "/title"),
        ({"title": "A", "text": " "}, "/text"),
        ({"title": "A", "text": "a\u0000b"}, "/text"),
        ({"title": "A", "text": 5}, "/text"),
        ({"title": "A", "text": "B", "source_uri": " "}, "/source_uri"),
        ({"title": "A", "text": "B", "source_uri": "x" * 256}, "/source_uri"),
        ({"url": "https://a.example/", "source_uri": "a"}, "/source_uri"),
        ({"title": "x" * 301, "text": "B"}, "/title"),
        ({"title": "A", "text": "B", "kind": "poem"}, "/kind"),
        ({"title": "A", "text": "B", "language": "english!"}, "/language"),
        ({"title": "A", "text": "B", "status": "ready"}, "/status"),
        ({"url": "ftp://a.example/"}, "/url"),
        ({"url": "https://ada:secret@a.example/"}, "/url"),
    ],
    ids=lambda value: str(value)[:60],
)
async def test_a_document_that_cannot_be_taken_is_refused(member: Member, body: Any, pointer: str) -> None:
    assert pointers(await _add(member, body)) == [pointer]


async def test_a_form_that_cannot_be_taken_is_refused(member: Member) -> None:
    path, text = f"{member.path}/documents", ("a.txt", b"text", "text/plain")
    assert pointers(await member.api.post(path, files={"file": ("a.txt", b"", "text/plain")})) == ["/file"]
    assert pointers(await member.api.post(path, files={"attachment": text})) == ["/attachment"]
    assert pointers(await member.api.post(path, files=[("file", text), ("file", text)])) == ["/file"]
    assert pointers(await member.api.post(path, files={"file": text, "title": text})) == ["/file"]
    assert pointers(await member.api.post(path, files={"title": (None, b"A")})) == ["/file"]
    for field, value in (("status", "ready"), ("kind", "poem"), ("language", "english!"), ("title", "x" * 20_000)):
        assert pointers(await member.api.post(path, files={"file": text}, data={field: value})) == [f"/{field}"]
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x"):
        answer = await member.api.post(path, content=b"no form", headers={"Content-Type": kind})
        problem(answer, 400, "bad_request")
    torn = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\ntext'
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    problem(await member.api.post(path, content=torn, headers=headers), 400, "bad_request")
    bytes_for_text = b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\n\xff\r\n--x--\r\n'
    problem(await member.api.post(path, content=bytes_for_text, headers=headers), 400, "bad_request")
    nameless = b"--x\r\nContent-Disposition: form-data\r\n\r\ntext\r\n--x--\r\n"
    assert (await member.api.post(path, content=nameless, headers=headers)).status_code in {400, 422}
    other = await member.api.post(path, content=b"text", headers={"Content-Type": "text/plain"})
    problem(other, 415, "unsupported_media_type")
    assert (await member.api.get(path)).json()["items"] == []


async def test_a_file_may_be_large_and_not_larger(system: System, member: Member) -> None:
    whole = await _send(member, b"a b c d\n" * (FILE_BYTES // 8), "large.txt")
    assert whole.status_code == 202, whole.text
    document = await _processed(member, whole.json()["document"]["id"])
    assert (document["status"], document["size"]) == ("failed", FILE_BYTES)
    assert "2,000,000 characters" in document["reason"]
    larger = await _send(member, bytes(FILE_BYTES + 1), "larger.txt")
    assert [fault["code"] for fault in problem(larger, 422, "invalid")["errors"]] == ["too_large"]
    problem(await _send(member, bytes(FILE_BYTES + 2**20), "larger.txt"), 413, "too_large")
    text = "š" * 2_000_001
    assert pointers(await _add(member, {"title": "Long", "text": text})) == ["/text"]
    most = await _add(member, {"title": "Long", "text": text[1:]})
    assert most.status_code == 202
    assert await system.sql("select count(*) from documents where workspace_id = %s", member.workspace_id) == [(2,)]
    # Else the instance that all tests share would be embedding for half a minute.
    (await member.api.delete(f"/api/v1/documents/{most.json()['document']['id']}")).raise_for_status()


async def test_a_repeat_with_the_same_key_gets_the_first_answer(member: Member) -> None:
    keyed = {"Idempotency-Key": "one"}
    answers = [
        await member.api.post(f"{member.path}/documents", json={"title": "Prices", "text": "90"}, headers=keyed)
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["idempotent-replayed"] == "true"
    form = httpx.Request("POST", f"{member.path}/documents", files={"file": ("a.txt", b"text", "text/plain")})
    body, kind = form.read(), form.headers["content-type"]
    sent = [
        await member.api.post(
            f"{member.path}/documents", content=body, headers={"Content-Type": kind, "Idempotency-Key": "two"}
        )
        for _ in range(2)
    ]
    assert sent[0].json() == sent[1].json()


async def test_many_who_add_one_source_at_once_make_one_document(member: Member) -> None:
    named = {"title": "Prices", "source_uri": "prices"}
    adding = (_add(member, {**named, "text": f"{number} euros"}) for number in range(5))
    answers = await asyncio.gather(*adding)
    taken = [answer.json()["document"]["id"] for answer in answers if answer.status_code == 202]
    assert len(set(taken)) == 1
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert (await _processed(member, taken[0]))["status"] == "ready"


async def test_the_files_of_a_workspace_take_no_more_room_than_they_may(
    database_url: str, servers: Urls, tmp_path: Path
) -> None:
    settings = settings_for(database_url, servers.redis, tmp_path, BLOB_QUOTA="1KB")
    async with started(settings, worker=False) as small:
        member = await small.member()
        assert (await _send(member, b"x" * 800, "a.txt")).status_code == 202
        problem(await _send(member, b"x" * 300, "b.txt"), 409, "quota_exceeded")
        problem(await _add(member, {"title": "b", "text": "x" * 300}), 409, "quota_exceeded")


async def test_unless_it_is_allowed_no_page_of_ours_can_be_named(
    database_url: str, servers: Urls, tmp_path: Path, site: Server
) -> None:
    settings = settings_for(database_url, servers.redis, tmp_path, OUTBOUND_ALLOW_PRIVATE="false")
    async with started(settings, worker=False) as strict:
        member = await strict.member()
        for url in (
            site.url,
            "http://169.254.169.254/latest/meta-data/",
            "http://168.63.129.16/machine?comp=goalstate",
            "http://[::1]/",
            "http://localhost/",
            "http://studio.example:22/",
        ):
            assert pointers(await _add(member, {"url": url})) == ["/url"]
        with pytest.raises(PageRefused):
            await strict.container.documents().fetcher().fetch(site.url)
        assert site.requests == []


async def test_a_job_can_be_cancelled_and_replayed(member: Member) -> None:
    async with Server((Then.HANG,)) as site:
        added = (await _add(member, {"url": f"{site.url}/slow"})).json()
        await asyncio.wait_for(site.arrivals.get(), 20)
        (await member.api.post(f"/api/v1/jobs/{added['job']['id']}/cancel")).raise_for_status()
        document = await _processed(member, added["document"]["id"])
        assert (document["status"], document["reason"]) == ("failed", "Its processing was cancelled.")
        site.replies[:] = [plain(200, PAGE, kind="text/html")]
        (await member.api.post(f"/api/v1/jobs/{added['job']['id']}/replay")).raise_for_status()
        assert (await _processed(member, added["document"]["id"]))["status"] == "ready"


async def test_members_of_another_workspace_know_nothing_of_a_document(
    system: System, member: Member, site: Server
) -> None:
    document = await _ready(member, {"title": "Secret", "text": "The code is 4711."})
    other, viewer = await system.member(), await system.joined(member.workspace_id, Role.VIEWER)
    path = f"/api/v1/documents/{document['id']}"
    for answer in (
        await other.api.get(path),
        await other.api.get(f"{path}/content"),
        await other.api.delete(path),
        await other.api.post(f"{path}/reindex"),
        await other.api.get(f"{member.path}/documents"),
        await other.api.post(f"{member.path}/documents", json={"url": site.url}),
        await other.api.post(f"{member.path}/documents", files={"file": ("a.txt", b"text", "text/plain")}),
    ):
        problem(answer, 404, "not_found")
    assert (await viewer.api.get(f"{path}/content")).text == "The code is 4711."
    problem(await viewer.api.delete(path), 403, "forbidden")
    problem(await viewer.api.post(f"{member.path}/documents", json={"url": site.url}), 403, "forbidden")
    same = await _ready(other, {"title": "Secret", "text": "The code is 4711."})
    assert same["id"] != document["id"]


async def test_with_its_workspace_a_document_is_gone(system: System, member: Member) -> None:
    made = (await member.api.post("/api/v1/workspaces", json={"name": "Studio"})).json()
    path = f"/api/v1/workspaces/{made['id']}"
    added = await member.api.post(f"{path}/documents", json={"title": "Prices", "text": "90 euros"})
    await _processed(member, added.json()["document"]["id"])
    for number in range(8):  # of these some are just being processed
        await member.api.post(f"{path}/documents", json={"title": "Prices", "text": f"{number} euros"})
    (await member.api.delete(path, params={"confirm": made["handle"]})).raise_for_status()
    for table in ("documents", "passages"):
        assert await system.sql(f"select count(*) from {table} where workspace_id = %s", made["id"]) == [(0,)]  # noqa: S608 (a table of ours)
    kept = await system.sql("select count(*) from blobs where workspace_id = %s and status = 'kept'", made["id"])
    assert kept == [(0,)]


async def _add(member: Member, body: Any) -> httpx.Response:
    return await member.api.post(f"{member.path}/documents", json=body)


async def _ready(member: Member, body: Any) -> dict[str, Any]:
    """What was added, once it is ready."""
    added = await _add(member, body)
    assert added.status_code == 202, added.text
    document = await _processed(member, added.json()["document"]["id"])
    assert document["status"] == "ready", document
    return document


async def _send(
    member: Member, data: bytes, name: str, media_type: str = "application/octet-stream", **fields: str
) -> httpx.Response:
    return await member.api.post(
        f"{member.path}/documents", files={"file": (name, data, media_type)}, data=fields, timeout=60
    )


async def _search(member: Member, query: str) -> list[dict[str, Any]]:
    """What a search finds once everything has its vector: what came as a job ended has it with the next minute."""
    async with asyncio.timeout(90):
        while True:
            answer = await member.api.post(f"{member.path}/search", json={"query": query})
            if answer.json()["semantic"] == "full":
                items: list[dict[str, Any]] = answer.json()["items"]
                return items
            await asyncio.sleep(0.05)


async def _content(member: Member, document_id: str, form: str = "original") -> httpx.Response:
    return await member.api.get(f"/api/v1/documents/{document_id}/content", params={"as": form})


async def _processed(member: Member, document_id: str) -> dict[str, Any]:
    """The document, once no job has to do with it any more."""
    async with asyncio.timeout(60):
        while True:
            document: dict[str, Any] = (await member.api.get(f"/api/v1/documents/{document_id}")).json()
            jobs = await member.api.get(f"{member.path}/jobs", params={"type": "index_document", "limit": 100})
            waiting = [
                job for job in jobs.json()["items"] if job["subject"]["id"] == document_id and not job["ended_at"]
            ]
            if document["status"] in {"ready", "failed"} and not waiting:
                return document
            await asyncio.sleep(0.05)


async def _passages(system: System, member: Member) -> list[str]:
    return sorted(await _ids(system, member))


async def _ids(system: System, member: Member) -> dict[str, str]:
    """The ids of the workspace's passages, by what they say."""
    rows = await system.sql("select text, id from passages where workspace_id = %s", member.workspace_id)
    return {text: str(id_) for text, id_ in rows}


async def _kept(system: System, member: Member) -> int:
    """How many files of the workspace are kept."""
    ((kept,),) = await system.sql(
        "select count(*) from blobs where workspace_id = %s and status = 'kept'", member.workspace_id
    )
    return int(kept)
