"""Content as files."""

from __future__ import annotations

from typing import Any

from processes.api.acting import acting

__all__ = [
    "export_content",
    "import_content",
]


def export_content(key: str, number: int | None = None, *, user: Any) -> tuple[str, bytes]:
    """The folder of a version (the published one, else the newest, unless told) as a ZIP file: its name and its bytes;
    for who answers for the process."""
    from processes.publication import content

    return content.export(key, number, user=user)


def import_content(key: str, data: bytes, *, user: Any) -> Any:
    """Take in such a ZIP file as the next draft of a process; content that is known changes nothing. What cannot be one,
    and what would take the place of somebody's draft, is refused with a sentence."""
    from processes.publication import content

    with acting(user, "process.import"):
        return content.bring_in(key, data, user=user)
