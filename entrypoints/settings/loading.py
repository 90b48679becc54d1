"""Reading the settings from the environment and a `.env` file."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import Any

from dotenv.parser import parse_stream

from domain.models import ModelName
from entrypoints.settings.auth_modes import lacks
from entrypoints.settings.choices import BlobStoreKind, Environment, LogFormat
from entrypoints.settings.embedding import embedder_lacks
from entrypoints.settings.model import SETTINGS, Settings
from entrypoints.settings.model_chain import FIELDS, chain

_SHOWN_LENGTH = 80
_TOGETHER = (("SMTP_HOST", "MAIL_FROM"), ("SMTP_USER", "SMTP_PASSWORD"), ("SMTP_PASSWORD", "SMTP_USER"))
"""What the first of them asks for the second one for."""


class SettingsError(Exception):
    """Settings that cannot be used: every fault, a sentence and a line each. None of them holds a secret."""

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def load(environ: Mapping[str, str], dotenv_path: Path | None) -> Settings:
    """The settings that `environ` gives, and for what it leaves unset the file, where there is one.

    An empty value is an unset one. Nothing but the file is read, though a path may be looked for, and nothing is
    changed. Raises `SettingsError` for values that are not taken, names in the file that are no settings, unknown names
    in `environ` that begin with `FLIGHTDECK_`, and what production lacks.
    """
    faults: list[str] = []
    written = _in_file(dotenv_path, faults)
    faults += [_unknown(name, f" in {dotenv_path}") for name in written if name not in SETTINGS]
    faults += [
        _unknown(name, "") for name in sorted(environ) if name.startswith("FLIGHTDECK_") and name not in SETTINGS
    ]
    given = _filled(written) | _filled(environ)
    values = _values(given, faults)
    faults += _missing(given, values)
    faults += _bucket_faults(values)
    faults += _apart(given, values)
    faults += lacks(values)
    faults += embedder_lacks(values)
    values["llm_chain"] = _chain(values, faults)
    if faults:
        raise SettingsError(*faults)
    if "BASE_URL" not in given:
        values["base_url"] = f"http://localhost:{values['port']}"
    return Settings(**values)


def _in_file(path: Path | None, faults: list[str]) -> dict[str, str]:
    if path is None:
        return {}
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        faults.append(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8 text'}.")
        return {}
    # Parsed without dotenv_values, which skips a broken line with a warning and expands ${…}, a password's included.
    lines = [line for line in parse_stream(StringIO(text)) if line.error or line.key is not None]
    written = {line.key: line.value for line in lines if line.key and line.value is not None}
    faults += [f"Line {line.original.line} of {path} is not NAME=value." for line in lines if line.key not in written]
    return written


def _filled(texts: Mapping[str, str]) -> dict[str, str]:
    return {name: text.strip() for name in SETTINGS if (text := texts.get(name, "")).strip()}


def _values(given: Mapping[str, str], faults: list[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    production = given.get("ENVIRONMENT", "").lower() == Environment.PRODUCTION
    for name, setting in SETTINGS.items():
        try:
            text = _printable(given.get(name), lines=setting.lines)
            values[name.lower()] = setting.read(text, production=production)
        except ValueError:
            faults.append(_refused(name, given[name]))
    return values


def _printable(text: str | None, *, lines: bool) -> str | None:
    """No setting needs control characters or bytes that are no text, and some libraries choke on them."""
    if text is not None and not (re.sub(r"[\r\n]", "", text) if lines else text).isprintable():
        raise ValueError
    return text


def _refused(name: str, text: str) -> str:
    setting = SETTINGS[name]
    if setting.secret:
        return f"{name} takes {setting.kind.takes}; what it got is secret and not shown."
    # A password in an address that takes none is a likely mistake, and no reason to show it.
    shown = re.sub(r"//[^/]*@", "//…@", text[:_SHOWN_LENGTH])
    return f"{name} takes {setting.kind.takes}; it got {shown!r}."


def _missing(given: Mapping[str, str], values: Mapping[str, Any]) -> Iterator[str]:
    if values.get("environment") is not Environment.PRODUCTION:
        return
    for name in ("SECRET_KEY", "BASE_URL"):
        if name not in given:
            yield f"{name} is unset; with ENVIRONMENT=production it takes {SETTINGS[name].kind.takes}."
    if values.get("log_format") is LogFormat.CONSOLE:
        yield "LOG_FORMAT takes json with ENVIRONMENT=production; it got 'console'."


def _apart(given: Mapping[str, str], values: Mapping[str, Any]) -> Iterator[str]:
    for name, needed in _TOGETHER:
        if values.get(name.lower()) is not None and needed not in given:
            yield f"{name} is set and {needed} is not; {needed} takes {SETTINGS[needed].kind.takes}."


def _bucket_faults(values: Mapping[str, Any]) -> Iterator[str]:
    if values.get("blob_store") is not BlobStoreKind.S3:
        return
    if "s3_bucket" in values and values["s3_bucket"] is None:
        yield f"S3_BUCKET is unset; with BLOB_STORE=s3 it takes {SETTINGS['S3_BUCKET'].kind.takes}."
    keys = [name for name in ("s3_access_key", "s3_secret_key") if values.get(name) is not None]
    if len(keys) == 1:
        yield "S3_ACCESS_KEY and S3_SECRET_KEY are set together, or neither is."


def _chain(values: Mapping[str, Any], faults: list[str]) -> tuple[ModelName, ...]:
    if not values.keys() >= FIELDS:  # what is wrong with one of them is told already
        return ()
    try:
        return chain(values)
    except ValueError as fault:
        faults.append(str(fault))
        return ()


def _unknown(name: str, where: str) -> str:
    short = name.removeprefix("FLIGHTDECK_")
    near = [short] if short in SETTINGS else get_close_matches(name, SETTINGS, n=1)
    hint = f"did you mean {near[0]}?" if near else "the settings are listed in .env.example."
    return f"{name[:_SHOWN_LENGTH]!r}{where} is no setting of Flightdeck; {hint}"
