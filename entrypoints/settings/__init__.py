"""What the environment says, read once at the start and handed down as one frozen struct."""

from entrypoints.settings.loading import SettingsError, load
from entrypoints.settings.model import AuthMode, Environment, LogFormat, LogLevel, Settings

__all__ = ["AuthMode", "Environment", "LogFormat", "LogLevel", "Settings", "SettingsError", "load"]
