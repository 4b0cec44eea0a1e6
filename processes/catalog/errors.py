"""What can go wrong with versions, in whole sentences."""

from __future__ import annotations

from typing import Any

from processes.errors import ProcessError
from processes.spoken import gettext as _


class ImmutableVersion(ProcessError):
    """A published version was to be changed or deleted."""

    code = "immutable_version"

    def __init__(self, version: Any) -> None:
        super().__init__(
            _(
                "Version %(number)s of “%(key)s” was published and can no longer be changed. "
                "Save your change as a new version and publish that."
            )
            % {"number": version.number, "key": version.definition.key}
        )


class UnreadableFolder(ProcessError):
    """A folder of definitions cannot be loaded; nothing was stored."""

    code = "unreadable_folder"


class Unmergeable(ProcessError):
    """Two texts cannot be brought together, since one of them cannot be read."""

    code = "unmergeable"


class WouldOverwrite(ProcessError):
    """Something is there already and says something else; it stays as it is."""

    code = "would_overwrite"


class UnreadableArchive(ProcessError):
    """A ZIP file cannot be taken in; nothing was stored."""

    code = "unreadable_archive"
