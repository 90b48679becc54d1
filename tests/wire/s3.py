"""A server on loopback that speaks as S3 does, as far as blobs need it, and believes no unsigned request."""

import asyncio
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, quote, unquote
from uuid import uuid4

ACCESS_KEY = "AKIDEXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
REGION = "eu-central-1"
BUCKET = "flightdeck-files"


@dataclass(frozen=True)
class S3Request:
    """What a client sent; the names of headers are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class S3Answer:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


class S3Server:
    """One bucket.

    Attributes:
        objects: the contents, by key. uploads: parts of those begun and neither completed nor aborted.
        requests: all that came. failing: answers that are given first, instead of what was asked for.
    """

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.uploads: dict[str, dict[int, bytes]] = {}
        self.requests: list[S3Request] = []
        self.failing: list[S3Answer] = []
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._connections.add(task)
        try:
            while True:
                await self._answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self._connections.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await _received(reader)
        self.requests.append(request)
        answer = self._answer_to(request)
        headers = {"content-length": str(len(answer.body)), "content-type": "application/xml", **answer.headers}
        lines = [f"HTTP/1.1 {answer.status} Whatever", *(f"{name}: {value}" for name, value in headers.items())]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + answer.body)
        await writer.drain()

    def _answer_to(self, request: S3Request) -> S3Answer:
        if self.failing:
            return self.failing.pop(0)
        if not signed(request):
            return refusal(403, "SignatureDoesNotMatch")
        bucket, _, key = unquote(request.path).removeprefix("/").partition("/")
        if bucket != BUCKET:
            return refusal(404, "NoSuchBucket")
        answers: dict[tuple[str, ...], Callable[[], S3Answer]] = {
            ("PUT",): lambda: self._put(key, request),
            ("GET",): lambda: self._found(key),
            ("POST", "delete"): lambda: self._deleted(request),
            ("POST", "uploads"): self._begun,
            ("PUT", "partNumber", "uploadId"): lambda: self._part(request),
            ("POST", "uploadId"): lambda: self._completed(key, request),
            ("DELETE", "uploadId"): lambda: self._aborted(request),
        }
        return answers[request.method, *sorted(request.query)]()

    def _put(self, key: str, request: S3Request) -> S3Answer:
        self.objects[key] = request.body
        return S3Answer(headers={"etag": '"whole"'})

    def _part(self, request: S3Request) -> S3Answer:
        number = int(request.query["partNumber"])
        self.uploads[request.query["uploadId"]][number] = request.body
        return S3Answer(headers={"etag": f'"part-{number}"'})

    def _aborted(self, request: S3Request) -> S3Answer:
        self.uploads.pop(request.query["uploadId"], None)
        return S3Answer(204)

    def _begun(self) -> S3Answer:
        upload = uuid4().hex
        self.uploads[upload] = {}
        xml = f"<InitiateMultipartUploadResult><UploadId>{upload}</UploadId></InitiateMultipartUploadResult>"
        return S3Answer(body=xml.encode())

    def _completed(self, key: str, request: S3Request) -> S3Answer:
        parts = self.uploads.pop(request.query["uploadId"])
        named = [int(number) for number in re.findall(rb"<PartNumber>(\d+)</PartNumber>", request.body)]
        assert named == sorted(parts)
        self.objects[key] = b"".join(parts[number] for number in named)
        xml = "<CompleteMultipartUploadResult><ETag>parts</ETag></CompleteMultipartUploadResult>"
        return S3Answer(body=xml.encode())

    def _deleted(self, request: S3Request) -> S3Answer:
        keys = [unquote(key.decode()) for key in re.findall(rb"<Key>([^<]*)</Key>", request.body)]
        for key in keys:
            self.objects.pop(key, None)
        deleted = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
        return S3Answer(body=f"<DeleteResult>{deleted}</DeleteResult>".encode())

    def _found(self, key: str) -> S3Answer:
        if key not in self.objects:
            return refusal(404, "NoSuchKey")
        headers = {"etag": '"found"', "last-modified": "Wed, 21 Oct 2026 07:28:00 GMT"}
        return S3Answer(body=self.objects[key], headers=headers)


def refusal(status: int, code: str) -> S3Answer:
    """As S3 refuses."""
    return S3Answer(status, f"<Error><Code>{code}</Code><Message>It is so.</Message></Error>".encode())


def signed(request: S3Request) -> bool:
    """Whether the request is signed with our key, its headers and its body included.

    As in "Signature Version 4 signing process", Amazon S3's API reference.
    """
    given = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=([^/]+)/((\d{8})/([^/]+)/s3/aws4_request), ?"
        r"SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})",
        request.headers.get("authorization", ""),
    )
    if given is None or given[1] != ACCESS_KEY or given[4] != REGION:
        return False
    content = request.headers["x-amz-content-sha256"]
    if content != sha256(request.body).hexdigest():
        return False
    query = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in _sorted(request))
    names = given[5].split(";")
    assert {"host", "x-amz-date", "x-amz-content-sha256"} <= set(names)
    headers = "".join(f"{name}:{request.headers[name]}\n" for name in names)
    canonical = "\n".join([request.method, request.path, query, headers, given[5], content])
    digest = sha256(canonical.encode()).hexdigest()
    to_sign = "\n".join(["AWS4-HMAC-SHA256", request.headers["x-amz-date"], given[2], digest])
    key = f"AWS4{SECRET_KEY}".encode()
    for part in given[2].split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.compare_digest(hmac.digest(key, to_sign.encode(), "sha256").hex(), given[6])


def _sorted(request: S3Request) -> list[tuple[str, str]]:
    return sorted(request.query.items())


async def _received(reader: asyncio.StreamReader) -> S3Request:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    path, _, query = target.partition("?")
    return S3Request(method, path, dict(parse_qsl(query, keep_blank_values=True)), headers, body)
