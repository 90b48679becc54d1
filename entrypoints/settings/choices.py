from enum import StrEnum


class Environment(StrEnum):
    """Who depends on this instance."""

    DEV = "dev"
    TEST = "test"
    PRODUCTION = "production"


class LogLevel(StrEnum):
    """The least severity that is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """For people, or for whatever collects the logs."""

    CONSOLE = "console"
    JSON = "json"


class SmtpSecurity(StrEnum):
    """How the connection to the mail server is kept from being read."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class AuthMode(StrEnum):
    """Who vouches for users."""

    LOCAL = "local"
    CLERK = "clerk"
    OIDC = "oidc"


class BlobStoreKind(StrEnum):
    """Where the bytes of files are kept."""

    POSTGRES = "postgres"
    DIRECTORY = "directory"
    S3 = "s3"


class EmbedderKind(StrEnum):
    """What turns texts into vectors."""

    OFFLINE = "offline"
    OPENAI = "openai"
    LOCAL = "local"
