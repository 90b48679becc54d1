import string
import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from application.ports.rate_limiter import Rate
from domain.identity import SignUp
from domain.mail import Mailbox
from domain.models import ModelName, Vendor
from domain.pricing import PriceList
from entrypoints.settings import AuthMode, Environment, LogFormat, LogLevel, Settings, SettingsError, load
from entrypoints.settings.choices import BlobStoreKind, EmbedderKind, SmtpSecurity
from entrypoints.settings.example import example
from entrypoints.settings.model import SETTINGS

ROOT = Path(__file__).parents[2]
PRICES = PriceList.parse('{"a:b": {"input": 1, "output": 2.5}}')
SECRET = "correct-horse-battery-staple-0123456789"
PRODUCTION = {"ENVIRONMENT": "production", "SECRET_KEY": SECRET, "BASE_URL": "https://desk.example.com"}


def faults(environ: Mapping[str, str], dotenv: Path | None = None) -> list[str]:
    with pytest.raises(SettingsError) as refusal:
        load(environ, dotenv)
    assert str(refusal.value).splitlines() == list(refusal.value.faults)
    return list(refusal.value.faults)


def dotenv(folder: Path, text: str) -> Path:
    path = folder / ".env"
    path.write_text(text)
    return path


def test_an_empty_environment_gives_the_defaults() -> None:
    assert vars(load({}, None)) == {
        "environment": Environment.DEV,
        "log_level": LogLevel.INFO,
        "log_format": LogFormat.CONSOLE,
        "host": "127.0.0.1",
        "port": 8000,
        "base_url": "http://localhost:8000",
        "flightdeck_home": Path(".flightdeck"),
        "database_url": None,
        "redis_url": None,
        "database_pool_size": 10,
        "database_pool_wait": timedelta(seconds=2),
        "db_auto_migrate": True,
        "db_prepared_statements": True,
        "cors_origins": (),
        "trusted_proxies": (),
        "secret_key": None,
        "secret_key_previous": (),
        "auth_mode": {AuthMode.LOCAL},
        "owner_email": "owner@example.com",
        "limit_public_writes": Rate(120, 60),
        "limit_conversation": Rate(20, 60),
        "limit_reads": Rate(1200, 60),
        "limit_streams": 200,
        "max_body_bytes": 2 * 1024 * 1024,
        "clerk_issuer": None,
        "clerk_authorized_parties": (),
        "clerk_jwks_url": None,
        "clerk_jwt_key": None,
        "clerk_leeway": timedelta(seconds=10),
        "clerk_verify_iat": True,
        "clerk_secret_key": None,
        "clerk_api_url": "https://api.clerk.com/v1",
        "clerk_webhook_secret": (),
        "oidc_issuer": None,
        "oidc_jwks_url": None,
        "oidc_audience": (),
        "oidc_algorithms": ("RS256", "ES256"),
        "oidc_email_claim": "email",
        "oidc_email_verified_claim": "email_verified",
        "oidc_name_claim": "name",
        "oidc_leeway": timedelta(seconds=10),
        "blob_store": BlobStoreKind.POSTGRES,
        "blob_directory": None,
        "blob_quota": 5 * 1024**3,
        "s3_bucket": None,
        "s3_endpoint": None,
        "s3_region": "us-east-1",
        "s3_access_key": None,
        "s3_secret_key": None,
        "worker_concurrency": 10,
        "job_lease": timedelta(seconds=30),
        "worker_grace": timedelta(seconds=3),
        "outbound_allow_private": False,
        "worker_metrics_port": None,
        "openai_api_key": None,
        "groq_api_key": None,
        "anthropic_api_key": None,
        "groq_base_url": None,
        "anthropic_base_url": None,
        "llm_base_url": None,
        "llm_chain": (ModelName(vendor=Vendor.OFFLINE, model="quote"),),
        "text_model_name": None,
        "model_temperature": 0.7,
        "llm_first_token_timeout": timedelta(seconds=10),
        "llm_silence_timeout": timedelta(seconds=30),
        "llm_max_tokens": 8192,
        "model_prices": PriceList(),
        "embedder": EmbedderKind.OFFLINE,
        "embedding_model": None,
        "embedding_dimensions": None,
        "embedding_base_url": None,
        "embedding_api_key": None,
        "smtp_host": None,
        "smtp_port": None,
        "smtp_security": SmtpSecurity.STARTTLS,
        "smtp_user": None,
        "smtp_password": None,
        "smtp_ca_file": None,
        "smtp_timeout": timedelta(seconds=30),
        "mail_from": None,
        "signup": SignUp.INVITE,
        "session_idle": timedelta(days=14),
        "session_max": timedelta(days=90),
        "limit_sign_in": Rate(10, 60),
        "sentry_dsn": None,
        "otel_exporter_otlp_endpoint": None,
        "otel_service_name": "flightdeck",
    }


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("ENVIRONMENT", "Test", Environment.TEST),
        ("LOG_LEVEL", "DEBUG", LogLevel.DEBUG),
        ("HOST", "::1", "::1"),
        ("HOST", "api.internal", "api.internal"),
        ("PORT", " 65535 ", 65535),
        ("BASE_URL", "https://desk.example.com/api/", "https://desk.example.com/api"),
        ("FLIGHTDECK_HOME", "/var/lib/flightdeck", Path("/var/lib/flightdeck")),
        ("DATABASE_URL", "postgres://u:p@db:5432/desk", "postgresql://u:p@db:5432/desk"),
        ("DATABASE_URL", "postgresql+psycopg://u:p@db/desk", "postgresql://u:p@db/desk"),
        ("DATABASE_URL", "postgresql+asyncpg://u:p@db/desk", "postgresql://u:p@db/desk"),
        ("DATABASE_URL", "postgresql:///desk?host=/run/postgresql", "postgresql:///desk?host=/run/postgresql"),
        ("DATABASE_URL", "postgresql://a:1,b:2/desk", "postgresql://a:1,b:2/desk"),
        ("REDIS_URL", "redis://cache", "redis://cache"),
        ("REDIS_URL", "rediss://:p@cache:6380/2", "rediss://:p@cache:6380/2"),
        ("REDIS_URL", "unix:///run/valkey.sock", "unix:///run/valkey.sock"),
        ("DB_AUTO_MIGRATE", "False", False),
        ("OUTBOUND_ALLOW_PRIVATE", "1", True),
        ("DB_PREPARED_STATEMENTS", "0", False),
        (
            "CORS_ORIGINS",
            "https://App.example.com, http://localhost:5173,",
            ("https://app.example.com", "http://localhost:5173"),
        ),
        ("CORS_ORIGINS", "*", ("*",)),
        ("TRUSTED_PROXIES", "10.0.0.0/8, ::1", (ip_network("10.0.0.0/8"), ip_network("::1"))),
        ("SECRET_KEY", SECRET, SECRET),
        ("SECRET_KEY_PREVIOUS", f"{SECRET}, {SECRET}2", (SECRET, f"{SECRET}2")),
        ("OWNER_EMAIL", "ada@localhost", "ada@localhost"),
        ("LIMIT_READS", "5/second", Rate(5, 1)),
        ("LIMIT_READS", "5/hour", Rate(5, 3600)),
        ("LIMIT_READS", "0", None),
        ("LIMIT_STREAMS", "0", None),
        ("MAX_BODY_BYTES", "1024", 1024),
        ("BLOB_STORE", "Directory", BlobStoreKind.DIRECTORY),
        ("BLOB_DIRECTORY", "/var/lib/blobs", Path("/var/lib/blobs")),
        ("BLOB_QUOTA", "500mb", 500 * 1024**2),
        ("BLOB_QUOTA", "0", None),
        ("S3_BUCKET", "desk.files-2", "desk.files-2"),
        ("S3_ENDPOINT", "http://localhost:9000/", "http://localhost:9000"),
        ("S3_REGION", "eu-central-1", "eu-central-1"),
        ("JOB_LEASE", "4s", timedelta(seconds=4)),
        ("JOB_LEASE", "1h", timedelta(hours=1)),
        ("WORKER_GRACE", "0s", timedelta(0)),
        ("SENTRY_DSN", "https://key@sentry.example.com/42", "https://key@sentry.example.com/42"),
        ("GROQ_API_KEY", "gsk_0123", "gsk_0123"),
        ("GROQ_BASE_URL", "http://localhost:1/groq/v1/", "http://localhost:1/groq/v1"),
        ("ANTHROPIC_BASE_URL", "https://gateway.example.com/a", "https://gateway.example.com/a"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318/", "http://localhost:4318"),
        ("OTEL_SERVICE_NAME", "desk-2.eu", "desk-2.eu"),
        ("TEXT_MODEL_NAME", "library/llama3.2:3b", "library/llama3.2:3b"),
        ("SMTP_PORT", "2525", 2525),
        ("SMTP_SECURITY", "TLS", SmtpSecurity.TLS),
        ("SMTP_CA_FILE", "certs/ca.pem", Path("certs/ca.pem")),
        ("SMTP_TIMEOUT", "1m", timedelta(minutes=1)),
        ("MAIL_FROM", "The Desk <desk@example.com>", Mailbox("desk@example.com", "The Desk")),
        ("MODEL_TEMPERATURE", "0", 0),
        ("MODEL_TEMPERATURE", "1.25", 1.25),
        ("LLM_SILENCE_TIMEOUT", "1m", timedelta(minutes=1)),
        ("MODEL_PRICES", '{"a:b": {"input": 1, "output": "2.5"}}', PRICES),
        ("EMBEDDER", "Offline", EmbedderKind.OFFLINE),
        ("EMBEDDING_MODEL", "/var/lib/my models/minilm", "/var/lib/my models/minilm"),
        ("EMBEDDING_DIMENSIONS", "1536", 1536),
        ("EMBEDDING_BASE_URL", "http://localhost:11434/v1/", "http://localhost:11434/v1"),
        ("EMBEDDING_API_KEY", "sk-0123", "sk-0123"),
    ],
)
def test_a_value_is_read_as_its_kind(name: str, text: str, value: object) -> None:
    assert getattr(load({name: text}, None), name.lower()) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ENVIRONMENT", "staging"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("HOST", "localhost:8000"),
        ("HOST", "http://localhost"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "+80"),
        ("PORT", "8_0"),
        ("PORT", "\uff18\uff10"),
        ("PORT", "9" * 100),
        ("BASE_URL", "desk.example.com"),
        ("BASE_URL", "ftp://desk.example.com"),
        ("BASE_URL", "https://desk.example.com/?a=b"),
        ("BASE_URL", "https://desk.example.com:port"),
        ("BASE_URL", "http://[::1"),
        ("FLIGHTDECK_HOME", "~nobody-of-this-name/desk"),
        ("DB_AUTO_MIGRATE", "maybe"),
        ("OUTBOUND_ALLOW_PRIVATE", "private"),
        ("CORS_ORIGINS", "https://app.example.com/"),
        ("CORS_ORIGINS", "https://app.example.com,*"),
        ("CORS_ORIGINS", "app.example.com"),
        ("CORS_ORIGINS", "null"),
        ("TRUSTED_PROXIES", "*"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("AUTH_MODE", "none"),
        ("OWNER_EMAIL", "owner"),
        ("LIMIT_READS", "5"),
        ("LIMIT_READS", "5/day"),
        ("LIMIT_READS", "0/second"),
        ("LIMIT_READS", "-1/second"),
        ("LIMIT_STREAMS", "-1"),
        ("MAX_BODY_BYTES", "2MiB"),
        ("BLOB_STORE", "azure"),
        ("BLOB_QUOTA", "5"),
        ("BLOB_QUOTA", "0GB"),
        ("BLOB_QUOTA", "5 GB"),
        ("S3_BUCKET", "Files"),
        ("S3_BUCKET", "a/b"),
        ("S3_ENDPOINT", "localhost:9000"),
        ("S3_REGION", "eu central"),
        ("JOB_LEASE", "30"),
        ("JOB_LEASE", "3s"),
        ("JOB_LEASE", "s"),
        ("WORKER_GRACE", "2h"),
        ("LLM_BASE_URL", "localhost:11434/v1"),
        ("GROQ_BASE_URL", "api.groq.com"),
        ("ANTHROPIC_BASE_URL", "https://api.anthropic.com?a=b"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318"),
        ("OTEL_SERVICE_NAME", "the desk"),
        ("LLM_CHAIN", "gpt-5.4-mini"),
        ("LLM_CHAIN", "mistral:large"),
        ("LLM_CHAIN", "openai:gpt-5.4-mini,"),
        ("SMTP_HOST", "smtp.example.com:587"),
        ("SMTP_PORT", "smtp"),
        ("SMTP_SECURITY", "ssl"),
        ("SMTP_USER", "u" * 1001),
        ("SMTP_TIMEOUT", "0s"),
        ("MAIL_FROM", "desk"),
        ("MAIL_FROM", "The Desk <desk@example.com>, eve@example.com"),
        ("TEXT_MODEL_NAME", "two words"),
        ("MODEL_TEMPERATURE", "2.1"),
        ("MODEL_TEMPERATURE", "-0"),
        ("MODEL_TEMPERATURE", "nan"),
        ("MODEL_PRICES", "cheap"),
        ("EMBEDDER", "bert"),
        ("EMBEDDING_MODEL", "m" * 201),
        ("EMBEDDING_DIMENSIONS", "0"),
        ("EMBEDDING_DIMENSIONS", "1537"),
        ("EMBEDDING_BASE_URL", "localhost:11434/v1"),
        ("MODEL_PRICES", '{"a:b": {"input": 1}}'),
        ("MODEL_PRICES", '{"a:b": {"input": 1e99999999999999999999, "output": 1}}'),
        ("LOG_LEVEL", "in\x1b[31mfo"),
        ("HOST", "a\x00b"),
    ],
)
def test_a_wrong_value_is_one_sentence_with_the_name_what_it_got_and_what_it_takes(name: str, text: str) -> None:
    assert faults({name: text}) == [f"{name} takes {SETTINGS[name].kind.takes}; it got {text[:80]!r}."]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("DATABASE_URL", "mysql://u:hunter2@db/desk"),
        ("DATABASE_URL", "postgresql://u:hunter2@db:port/desk"),
        ("DATABASE_URL", "postgresql://u:hunter2@db/desk?ssl=require"),
        ("REDIS_URL", "http://:hunter2@cache"),
        ("REDIS_URL", "redis://:hunter2@cache:port"),
        ("REDIS_URL", "redis://:hunter2@cache/main"),
        ("REDIS_URL", "unix://hunter2"),
        ("SECRET_KEY", "hunter2"),
        ("SECRET_KEY_PREVIOUS", f"{SECRET},hunter2"),
        ("SENTRY_DSN", "https://hunter2@sentry.example.com"),
        ("SENTRY_DSN", "hunter2"),
        ("OPENAI_API_KEY", "hunter 2"),
        ("EMBEDDING_API_KEY", "hunter 2"),
        ("S3_SECRET_KEY", "hunter 2"),
    ],
)
def test_a_wrong_secret_is_not_shown(name: str, text: str) -> None:
    assert faults({name: text}) == [f"{name} takes {SETTINGS[name].kind.takes}; what it got is secret and not shown."]


def test_a_password_in_an_address_that_takes_none_is_not_shown() -> None:
    assert "hunter2" not in str(faults({"BASE_URL": "https://me:hunter2@desk.example.com"}))


def test_every_fault_is_listed() -> None:
    assert len(faults({"PORT": "no", "HOST": "no!", "FLIGHTDECK_HOPE": "x"})) == 3


def test_an_unknown_flightdeck_variable_is_a_fault_and_others_are_not_ours() -> None:
    assert faults({"FLIGHTDECK_HOM": "/data", "HOMEBREW_PREFIX": "/opt"}) == [
        "'FLIGHTDECK_HOM' is no setting of Flightdeck; did you mean FLIGHTDECK_HOME?"
    ]
    assert faults({"FLIGHTDECK_PORT": "80"}) == ["'FLIGHTDECK_PORT' is no setting of Flightdeck; did you mean PORT?"]


def test_an_unknown_name_in_the_file_is_a_fault(tmp_path: Path) -> None:
    path = dotenv(tmp_path, "QQQ=1\nREDIS_URI=redis://cache\n")
    assert faults({}, path) == [
        f"'QQQ' in {path} is no setting of Flightdeck; the settings are listed in .env.example.",
        f"'REDIS_URI' in {path} is no setting of Flightdeck; did you mean REDIS_URL?",
    ]


def test_a_broken_line_of_the_file_is_a_fault_that_does_not_show_it(tmp_path: Path) -> None:
    path = dotenv(tmp_path, "PORT=9000\nhunter2\nSECRET_KEY='hunter2\n")
    assert faults({}, path) == [f"Line 2 of {path} is not NAME=value.", f"Line 3 of {path} is not NAME=value."]


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    path = dotenv(tmp_path, 'export PORT=9000 # ours\nHOST="0.0.0.0"\n')
    loaded = load({"PORT": "9001"}, path)
    assert (loaded.host, loaded.port) == ("0.0.0.0", 9001)  # noqa: S104 - read, not listened on


def test_an_empty_value_is_an_unset_one(tmp_path: Path) -> None:
    assert load({"PORT": "", "SECRET_KEY": " "}, dotenv(tmp_path, "PORT=9000\nLOG_LEVEL=\n")).port == 9000
    assert load(dict.fromkeys(SETTINGS, ""), None) == load({}, None)


def test_a_value_in_the_file_is_taken_as_it_is_written(tmp_path: Path) -> None:
    key = "${PATH}" + SECRET
    assert load({"PATH": "/bin"}, dotenv(tmp_path, f"SECRET_KEY={key}\n")).secret_key == key


def test_a_missing_file_is_no_fault(tmp_path: Path) -> None:
    assert load({}, tmp_path / ".env") == load({}, None)


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    assert faults({}, tmp_path) == [f"{tmp_path} cannot be read: Is a directory."]
    (tmp_path / ".env").write_bytes(b"PORT=\xff\n")
    assert faults({}, tmp_path / ".env") == [f"{tmp_path / '.env'} cannot be read: it is not UTF-8 text."]


def test_the_base_url_follows_the_port() -> None:
    assert load({"PORT": "9000"}, None).base_url == "http://localhost:9000"
    assert load({"PORT": "9000", "BASE_URL": "http://desk"}, None).base_url == "http://desk"


def test_a_bucket_needs_its_name_and_both_halves_of_a_key_or_none() -> None:
    bucket = {"BLOB_STORE": "s3", "S3_BUCKET": "files"}
    assert load(bucket, None).s3_bucket == "files"
    assert load(bucket | {"S3_ACCESS_KEY": "a", "S3_SECRET_KEY": "b"}, None).s3_access_key == "a"
    unset = f"S3_BUCKET is unset; with BLOB_STORE=s3 it takes {SETTINGS['S3_BUCKET'].kind.takes}."
    half = "S3_ACCESS_KEY and S3_SECRET_KEY are set together, or neither is."
    assert faults({"BLOB_STORE": "s3"}) == [unset]
    assert faults(bucket | {"S3_SECRET_KEY": "b"}) == faults(bucket | {"S3_ACCESS_KEY": "a"}) == [half]


KEYS = {"OPENAI_API_KEY": "sk-1", "GROQ_API_KEY": "gsk_1", "ANTHROPIC_API_KEY": "sk-ant-1"}
OLLAMA = {"LLM_BASE_URL": "http://localhost:11434/v1"}
LLAMA = {"TEXT_MODEL_NAME": "llama3.2:3b"}


def only(vendor: str) -> dict[str, str]:
    return {f"{vendor}_API_KEY": KEYS[f"{vendor}_API_KEY"]}


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({}, "offline:quote"),
        (LLAMA, "offline:quote"),
        (KEYS, "anthropic:claude-sonnet-5 openai:gpt-5.4-mini groq:llama-3.3-70b-versatile"),
        (only("GROQ"), "groq:llama-3.3-70b-versatile"),
        (only("GROQ") | {"TEXT_MODEL_NAME": "openai/gpt-oss-120b"}, "groq:openai/gpt-oss-120b"),
        (only("ANTHROPIC") | {"TEXT_MODEL_NAME": "claude-haiku-5-5"}, "anthropic:claude-haiku-5-5"),
        (OLLAMA | LLAMA, "openai:llama3.2:3b"),
        (OLLAMA | LLAMA | only("OPENAI"), "openai:llama3.2:3b"),
        (OLLAMA | LLAMA | only("ANTHROPIC"), "anthropic:claude-sonnet-5 openai:llama3.2:3b"),
        (KEYS | {"LLM_CHAIN": "groq:a, openai:b,offline"}, "groq:a openai:b offline:quote"),
        (OLLAMA | {"LLM_CHAIN": "openai:a:b,openai:c"}, "openai:a:b openai:c"),
        (KEYS | {"LLM_CHAIN": "offline"}, "offline:quote"),
    ],
)
def test_the_chain_is_what_is_named_or_what_there_are_keys_for(given: dict[str, str], names: str) -> None:
    assert [str(name) for name in load(given, None).llm_chain] == names.split()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"LLM_CHAIN": "anthropic:a"}, "LLM_CHAIN names anthropic:a: set ANTHROPIC_API_KEY."),
        (OLLAMA | {"LLM_CHAIN": "openai:a,groq:b"}, "LLM_CHAIN names groq:b: set GROQ_API_KEY."),
        (
            {"LLM_CHAIN": "offline,openai:a"},
            "LLM_CHAIN names openai:a: set OPENAI_API_KEY, or LLM_BASE_URL for a server that needs no key.",
        ),
        (OLLAMA, "TEXT_MODEL_NAME is unset; with LLM_BASE_URL it takes the name of a model of that server."),
        (
            KEYS | LLAMA,
            "TEXT_MODEL_NAME is one model, and there are keys of several vendors: name theirs in LLM_CHAIN.",
        ),
    ],
)
def test_a_chain_that_cannot_be_asked_is_a_sentence_that_says_what_to_set(given: dict[str, str], sentence: str) -> None:
    assert faults(given) == [sentence]


def test_production_demands_a_key_an_address_and_json_logs() -> None:
    assert [fault.split()[0] for fault in faults({"ENVIRONMENT": "production", "LOG_FORMAT": "console"})] == [
        "SECRET_KEY",
        "BASE_URL",
        "LOG_FORMAT",
    ]


def test_production_logs_json_and_leaves_the_schema_alone() -> None:
    loaded = load(PRODUCTION, None)
    assert (loaded.log_format, loaded.db_auto_migrate) == (LogFormat.JSON, False)
    assert load(PRODUCTION | {"DB_AUTO_MIGRATE": "true"}, None).db_auto_migrate


def test_no_secret_is_in_the_repr() -> None:
    secrets = {
        "SECRET_KEY": SECRET,
        "SECRET_KEY_PREVIOUS": SECRET,
        "DATABASE_URL": f"postgresql://u:{SECRET}@db/desk",
        "REDIS_URL": f"redis://:{SECRET}@cache",
        "SENTRY_DSN": f"https://{SECRET}@sentry.example.com/1",
        "CLERK_SECRET_KEY": SECRET,
        "CLERK_WEBHOOK_SECRET": f"whsec_{SECRET.replace('-', '')}=",
        "OPENAI_API_KEY": SECRET,
        "EMBEDDING_API_KEY": SECRET,
        "GROQ_API_KEY": SECRET,
        "ANTHROPIC_API_KEY": SECRET,
        "S3_ACCESS_KEY": SECRET,
        "S3_SECRET_KEY": SECRET,
        "SMTP_PASSWORD": SECRET,
    }
    assert secrets.keys() == {name for name, setting in SETTINGS.items() if setting.secret}
    shown = repr(load(secrets | {"SMTP_USER": "desk"}, None))
    assert SECRET not in shown
    assert "whsec_" not in shown
    assert "secret_key=…" in shown
    assert "port=8000" in shown


ODD = "\x00\x1b\n\u00a0\u200b\uff18\udc80é"
TEXTS = st.one_of(
    st.text(st.sampled_from(string.printable + ODD), max_size=60),
    st.builds("{}://{}".format, st.sampled_from(["postgres", "redis", "unix", "https"]), st.text(max_size=20)),
    st.sampled_from(["0", "1/minute", "10s", "true", "production", "console", "*", "x@y", SECRET]),
)


def outcome(environ: Mapping[str, str], path: Path | None) -> Settings | SettingsError:
    try:
        return load(environ, path)
    except SettingsError as refusal:
        return refusal


@given(st.dictionaries(st.sampled_from([*SETTINGS, "FLIGHTDECK_X", "PATH"]), TEXTS))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_environment_loads_or_is_refused_in_sentences(environ: dict[str, str]) -> None:
    result = outcome(environ, None)
    if isinstance(result, SettingsError):
        assert result.faults
        assert all(fault.isprintable() for fault in result.faults)


@given(text=st.binary())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_file_loads_or_is_refused_in_sentences(tmp_path_factory: pytest.TempPathFactory, text: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.env"
    path.write_bytes(text)
    result = outcome({}, path)
    assert isinstance(result, Settings) or result.faults


def test_the_committed_example_is_the_generated_one() -> None:
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == example()


def test_the_example_changes_nothing_as_it_is_and_states_the_defaults(tmp_path: Path) -> None:
    assert load({}, dotenv(tmp_path, example())) == load({}, None)
    uncommented = "\n".join(line.removeprefix("#") for line in example().splitlines() if not line.startswith("# "))
    assert load({}, dotenv(tmp_path, uncommented)) == load({}, None)


def test_the_check_of_the_example_passes_on_the_committed_one() -> None:
    command = [sys.executable, "-m", "entrypoints.settings", "--check"]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0  # noqa: S603 - our own module
