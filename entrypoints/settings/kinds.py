"""How the text of a variable becomes a value, and the words for what it takes."""

import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Generic, TypeVar
from urllib.parse import SplitResult, urlsplit

from application.ports.rate_limiter import Rate
from domain.mail import Mailbox
from domain.models import ModelName, Vendor, model_chain
from domain.pricing import PriceList

T = TypeVar("T")
Amount = TypeVar("Amount", int, float, timedelta)
Choice = TypeVar("Choice", bound=StrEnum)

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_PERIODS = {"second": 1, "minute": 60, "hour": 3600}
_SIZES = {"KB": 1024, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4}
_SIGNATURES = "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA".split()
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """`read` makes the value or raises `ValueError`; `takes` completes the sentence "PORT takes …"."""

    takes: str
    read: Callable[[str], T]


def choice(options: type[Choice]) -> Kind[Choice]:
    """One member of `options`, in any case."""
    *others, last = options
    return Kind(f"{', '.join(others)} or {last}" if others else last, lambda text: options(text.lower()))


def choices(options: type[Choice]) -> Kind[frozenset[Choice]]:
    """At least one member of `options`, in any case."""
    takes = f"{', '.join(options)}, or several of them with commas between"
    return Kind(takes, lambda text: frozenset(options(part.lower()) for part in _some(text)))


def whole(low: int, high: int) -> Kind[int]:
    """A whole number from `low` to `high`, both included."""
    return Kind(f"a whole number from {low} to {high}", lambda text: _between(low, _number(text), high))


def limit(most: int) -> Kind[int | None]:
    """A count up to `most`; 0 is no limit, `None`."""
    return Kind(
        f"a whole number up to {most}, or 0 for no limit", lambda text: _between(0, _number(text), most) or None
    )


def duration(low: str, high: str) -> Kind[timedelta]:
    """From `low` to `high`, both included, written alike."""
    least, most = _length(low), _length(high)
    takes = f"a duration such as 10s, 5m, 2h or 14d, from {low} to {high}"
    return Kind(takes, lambda text: _between(least, _length(text), most))


def decimal(low: float, high: float) -> Kind[float]:
    """A number from `low` to `high`, both included, with up to three places."""
    return Kind(f"a number from {low:g} to {high:g}", lambda text: _between(low, _decimal(text), high))


def _rate(text: str) -> Rate | None:
    if text == "0":
        return None
    amount, _, period = text.partition("/")
    return Rate(_between(1, _number(amount), 1_000_000), _meaning(_PERIODS, period))


def _size(text: str) -> int | None:
    return None if text == "0" else _between(1, _number(text[:-2]), 1_000_000) * _meaning(_SIZES, text[-2:].upper())


def _bucket(text: str) -> str:
    _require(re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", text))
    return text


def _region(text: str) -> str:
    _require(re.fullmatch(r"[a-z0-9-]{1,50}", text))
    return text


def _host(text: str) -> str:
    if not re.fullmatch(r"[\w.-]{1,253}", text, re.ASCII):
        ip_address(text)
    return text


def _home(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise ValueError from error


def _database_url(text: str) -> str:
    url = re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", text)
    _require(url.startswith("postgresql://"))
    from psycopg import Error  # noqa: PLC0415 (a third of what `flightdeck --help` would import)
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415 (the same)

    try:
        ports = conninfo_to_dict(url).get("port")
    except Error:
        raise ValueError from None  # libpq's message quotes parts of the address, its password among them
    for port in filter(None, str(ports or "").split(",")):
        _between(1, _number(port), 65_535)
    return url


def _redis_url(text: str) -> str:
    url = _parts(text)
    if url.scheme == "unix":
        _require(url.path)
    else:
        _require(url.scheme in {"redis", "rediss"} and url.hostname)
        _require(re.fullmatch(r"(/\d{0,3})?", url.path, re.ASCII))
    return text


def _base_url(text: str) -> str:
    url = _place(text)
    _require(url.scheme in {"http", "https"})
    return text.rstrip("/")


def _origins(text: str) -> tuple[str, ...]:
    return ("*",) if text == "*" else tuple(_origin(part) for part in _listed(text))


def _origin(text: str) -> str:
    _require(_place(text).path == "")
    return text.lower()


def _issuer(text: str) -> str:
    """Kept to the letter: with a slash at its end it is another issuer."""
    _require(_place(text).scheme in {"http", "https"})
    return text


def _public_key(text: str) -> str:
    """A PEM, which may have lost its lines, or also its first and last one, on the way here."""
    body = re.sub(r"-----(BEGIN|END) PUBLIC KEY-----|\\[rn]|\s", "", text)
    _require(re.fullmatch(r"[A-Za-z0-9+/]{80,4000}={0,2}", body))
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 (as psycopg above)
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # noqa: PLC0415 (the same)
    from cryptography.hazmat.primitives.serialization import load_der_public_key  # noqa: PLC0415 (the same)

    try:
        key = load_der_public_key(b64decode(body, validate=True))
    except UnsupportedAlgorithm as error:
        raise ValueError from error
    _require(isinstance(key, RSAPublicKey) and 2048 <= key.key_size <= 8192)  # noqa: PLR2004 - the bits of RS256
    lines = [body[start : start + 64] for start in range(0, len(body), 64)]
    return "\n".join(["-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""])


def _webhook_secrets(text: str) -> tuple[str, ...]:
    secrets = tuple(_some(text)) if text else ()
    for secret in secrets:
        _require(re.fullmatch(r"whsec_[A-Za-z0-9+/]{20,200}={0,2}", secret))
        b64decode(secret.removeprefix("whsec_"), validate=True)
    return secrets


def _audiences(text: str) -> tuple[str, ...]:
    return tuple(_some(text)) if text else ()


def _algorithms(text: str) -> tuple[str, ...]:
    names = tuple(_some(text))
    _require(set(names) <= set(_SIGNATURES))
    return names


def _claim(text: str) -> str:
    _require(len(text) <= 200)  # noqa: PLR2004 - no claim has a longer name
    return text


def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(part) for part in _listed(text))


def _secret_key(text: str) -> str:
    _require(len(text) >= 32)  # noqa: PLR2004 - the kind below says it in words
    return text


def _secret_keys(text: str) -> tuple[str, ...]:
    return tuple(_secret_key(part) for part in _some(text)) if text else ()


def _api_key(text: str) -> str:
    _require(re.fullmatch(r"[!-~]{1,1000}", text))  # it goes into a header
    return text


def _model(text: str) -> str:
    return ModelName.parse(f"{Vendor.OPENAI}:{text}").model


def _embedding_model(text: str) -> str:
    _require(len(text) <= 200)  # noqa: PLR2004 - longer than the paths and names that are meant
    return text


def _decimal(text: str) -> float:
    _require(re.fullmatch(r"\d{1,3}(\.\d{1,3})?", text, re.ASCII))
    return float(text)


def _email(text: str) -> str:
    _require(re.fullmatch(r"[^@\s]{1,64}@[^@\s]{1,189}", text))
    return text


def _bounded(text: str) -> str:
    _require(len(text) <= 1000)  # noqa: PLR2004 - nothing that is meant is longer
    return text


def _service_name(text: str) -> str:
    _require(re.fullmatch(r"[\w.-]{1,100}", text, re.ASCII))
    return text


def _sentry_dsn(text: str) -> str:
    url = _parts(text)
    _require(url.scheme in {"http", "https"} and url.username and url.hostname)
    _require(re.search(r"/\d+$", url.path, re.ASCII))
    return text


def _parts(text: str) -> SplitResult:
    url = urlsplit(text)
    _ = url.port  # reading it raises where it is no port
    return url


def _place(text: str) -> SplitResult:
    """The address of a place on the web: a scheme and a host; no user, password, query or fragment."""
    url = _parts(text)
    _require(url.scheme and url.hostname and not re.search(r"[@?#\s\\]", text))
    return url


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _some(text: str) -> list[str]:
    parts = _listed(text)
    _require(parts)
    return parts


def _length(text: str) -> timedelta:
    return timedelta(seconds=_number(text[:-1]) * _meaning(_UNITS, text[-1:]))


def _number(text: str) -> int:
    _require(re.fullmatch(r"\d{1,9}", text, re.ASCII))  # int() also takes signs, underscores and other scripts' digits
    return int(text)


def _between(low: Amount, value: Amount, high: Amount) -> Amount:
    _require(low <= value <= high)
    return value


def _meaning(words: Mapping[str, T], word: str) -> T:
    _require(word in words)
    return words[word]


def _require(condition: object) -> None:
    if not condition:
        raise ValueError


FLAG = Kind("true or false", lambda text: _meaning(_FLAGS, text.lower()))
RATE = Kind("a rate as N/second, N/minute or N/hour, or 0 for no limit", _rate)
SIZE = Kind("a size such as 500MB or 5GB, in powers of 1024, or 0 for no limit", _size)
BUCKET = Kind("a bucket's name: 3 to 63 lower case letters, digits, hyphens and dots", _bucket)
REGION = Kind("a region such as eu-central-1", _region)
S3_SERVER = Kind("an address such as https://s3.example.com, without the bucket", _base_url)
HOST = Kind("an IP address or a host name, without a port", _host)
HOME = Kind("the path of a directory", _home)
DATABASE_URL = Kind("postgresql://user:password@host:port/name", _database_url)
REDIS_URL = Kind("redis://host:port/0, rediss://host:port/0 or unix:///path/to/socket", _redis_url)
BASE_URL = Kind("an address such as https://desk.example.com, without a query", _base_url)
ORIGINS = Kind("origins such as https://app.example.com with commas between, without paths, or * alone", _origins)
NETWORKS = Kind("IP addresses or networks such as 10.0.0.0/8 with commas between", _networks)
SECRET_KEY = Kind("at least 32 characters, as `openssl rand -hex 32` prints them", _secret_key)
SECRET_KEYS = Kind("keys of at least 32 characters, with commas between", _secret_keys)
EMAIL = Kind("an e-mail address", _email)
MAILBOX = Kind("an e-mail address, alone or as Name <address>", Mailbox.parse)
USER_NAME = Kind("a user name as the server knows it", _bounded)
PASSWORD = Kind("a password of up to 1000 characters", _bounded)
FILE = Kind("the path of a file", _home)
ISSUER = Kind("the address that the issuer calls itself, exactly, such as https://issuer.example.com/", _issuer)
PUBLIC_KEY = Kind("an RSA public key in PEM, of 2048 bits or more; its lines may be written as \\n", _public_key)
PARTIES = Kind(
    "origins such as https://app.example.com with commas between, without paths",
    lambda text: tuple(_origin(part) for part in _listed(text)),
)
AUDIENCES = Kind("names of audiences with commas between", _audiences)
ALGORITHMS = Kind(f"some of {', '.join(_SIGNATURES)} with commas between", _algorithms)
CLAIM = Kind("the name of a claim, or a JSON pointer to it such as /user_metadata/full_name", _claim)
WEBHOOK_SECRETS = Kind("secrets that begin with whsec_, with commas between", _webhook_secrets)
API_KEY = Kind("a key as its vendor shows it, without spaces", _api_key)
MODEL_SERVER = Kind("an address with its version, such as http://localhost:11434/v1", _base_url)
VENDOR = Kind("an address without its version, such as https://api.anthropic.com", _base_url)
MODEL = Kind("a model's name as its server knows it, without spaces", _model)
EMBEDDING_MODEL = Kind("a model's name as its server knows it, or a path, of up to 200 characters", _embedding_model)
MODELS = Kind("vendor:model with commas between, of anthropic, openai and groq; or offline, which quotes", model_chain)
PRICES = Kind(
    'JSON with decimals as text or numbers, such as {"currency": "EUR", "openai:gpt-4.1": {"input": "2.00", '
    '"output": "8.00"}}',
    PriceList.parse,
)
COLLECTOR = Kind("an address without the path of a signal, such as http://localhost:4318", _base_url)
SERVICE_NAME = Kind("a name of up to 100 letters, digits, dots, hyphens and underscores", _service_name)
SENTRY_DSN = Kind("the DSN of a Sentry project, https://key@host/number", _sentry_dsn)
