"""The keys by which what happens finds who waits for it: one indexed text for kind, name and value."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from processes import feel

_LONGEST = 250


def correlation_text(value: Any) -> str:
    """A correlation value as text: the same for 7, 7.0 and "7"."""
    return "" if value is None else value if isinstance(value, str) else feel.to_text(value)


def message_key(name: str, correlation: Any) -> str:
    """The key of a message with a name and a correlation value."""
    return _short(f"message:{name}:{correlation_text(correlation)}")


def signal_key(name: str) -> str:
    """The key of a signal."""
    return _short(f"signal:{name}")


def subject_key(subject_type: str, subject_id: int) -> str:
    """The key of a change to a record that processes are about."""
    return _short(f"subject:{subject_type}:{subject_id}")


def _short(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    return f"{text[:200]}:{blake2b(text.encode(), digest_size=16).hexdigest()}"
