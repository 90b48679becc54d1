"""What the environment says, read once at the start and handed down as one frozen value."""

from entrypoints.settings.choices import AuthMode, Environment, LogFormat, LogLevel
from entrypoints.settings.loading import SettingsError, load
from entrypoints.settings.model import Settings

__all__ = ["AuthMode", "Environment", "LogFormat", "LogLevel", "Settings", "SettingsError", "load"]
