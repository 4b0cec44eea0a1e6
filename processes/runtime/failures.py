"""What goes wrong inside a step, as values: the reason why a token cannot go on, fit to be shown.

An error row carries a kind, a sentence (as it was said, and how to say it again in the language of whoever
reads it) and a place: never a traceback with local variables, never what a
person typed. Tracebacks go to the log.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from processes.spoken import gettext as _
from processes.spoken import kept


class Failure(Exception):
    """Why a node cannot do its work now; makes an incident of its row.

    `kind` is stable: expression, no_path, action, decision, variable, assignment, call, loop, deadlock, timer.
    """

    def __init__(self, kind: str, sentence: str, *, place: str = "") -> None:
        super().__init__(sentence)
        self.kind = kind
        self.sentence = sentence
        self.place = place

    def as_json(self, at: datetime) -> dict[str, Any]:
        """What is stored on the row."""
        return {"type": self.kind, **kept(self.sentence), "place": self.place, "at": at.isoformat()}


def technical(error: BaseException, *, place: str = "") -> Failure:
    """A failure for an exception that nobody foresaw: its class is told, its message is not, since messages
    of libraries quote values."""
    return Failure(
        "action",
        _("The step failed with a technical error (%(kind)s). The log of the program tells more.")
        % {"kind": type(error).__name__},
        place=place,
    )
