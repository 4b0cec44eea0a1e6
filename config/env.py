"""The only reader of the process environment.

Settings differ between development, tests and production by these variables alone, so
that one image or one clone can play every part.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent


class ConfigurationError(Exception):
    """A variable has a value that cannot be used; the sentence says what to set."""


def text(name: str, default: str = "") -> str:
    """The variable's text, or the default when it is unset or empty."""
    return os.environ.get(name) or default


def flag(name: str, default: bool = False) -> bool:
    """A yes/no variable: 1, true, yes, on are yes; 0, false, no, off are no."""
    value = os.environ.get(name, "").strip().lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    if value:
        raise ConfigurationError(f"{name} must be yes or no, not “{value}”.")
    return default


def number(name: str, default: int) -> int:
    """A whole-number variable."""
    value = os.environ.get(name, "").strip()
    if not value:
        return default
    try:
        return int(value)
    except ValueError as error:
        raise ConfigurationError(f"{name} must be a whole number, not “{value}”.") from error


def words(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """A comma-separated variable as a list without blanks."""
    value = os.environ.get(name, "")
    return [word.strip() for word in value.split(",") if word.strip()] or list(default)


def path(name: str, default: Path) -> Path:
    """A path variable, relative paths counted from the project's folder."""
    value = os.environ.get(name, "")
    return (BASE_DIR / value) if value else default


def database(url: str) -> dict[str, Any]:
    """Django's settings of the database that a URL names.

    `sqlite:///relative/path`, `sqlite:////absolute/path` or
    `postgresql://user:password@host:port/name`, with `?pooler=transaction` where a pooler gives every
    transaction another connection, so that nothing can be kept on one. SQLite runs with a write-ahead log and
    IMMEDIATE transactions, so that two writers queue instead of failing half-way.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        name = unquote(parts.path)[1:]
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(BASE_DIR / name) if not name.startswith("/") else name,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;"
                "PRAGMA cache_size=-32768;",  # 32 MB: the tops of the indexes of a long history stay at hand
            },
        }
    if parts.scheme in {"postgresql", "postgres"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path).lstrip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "DISABLE_SERVER_SIDE_CURSORS": parse_qs(parts.query).get("pooler") == ["transaction"],
        }
    raise ConfigurationError(
        f"DATABASE_URL must begin with sqlite:// or postgresql://, not “{parts.scheme}://”."
    )
