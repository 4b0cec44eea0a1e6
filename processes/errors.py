"""Errors that leave the engine's door: whole sentences with a stable code, fit to be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


class ProcessError(Exception):
    """Something that was asked of a process cannot be done; nothing was changed.

    `code` is stable and meant for programs, `sentence` says in words what is wrong and what
    to do.
    """

    code = "process_error"

    def __init__(self, sentence: str, *, code: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        if code:
            self.code = code


class NotFound(ProcessError):
    """The instance, task, definition or version does not exist, or may not be known of."""

    code = "not_found"


class NotAllowed(ProcessError):
    """The person may not do this; the sentence gives the reason."""

    code = "not_allowed"


class AlreadyTaken(ProcessError):
    """Somebody else took the task first."""

    code = "already_taken"


class AlreadyDone(ProcessError):
    """The task or instance was finished or cancelled meanwhile."""

    code = "already_done"


class StaleForm(ProcessError):
    """The form was opened on a state that has changed; what was typed is kept as a draft."""

    code = "stale_form"


class Invalid(ProcessError):
    """Values are missing or wrong. `errors` maps a field's key to a sentence."""

    code = "invalid"

    def __init__(self, sentence: str, *, errors: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.errors = dict(errors or {})


@dataclass(frozen=True, slots=True)
class Clash:
    """A value that somebody else has changed meanwhile: what stands now, what was to be saved, who wrote it and when."""

    theirs: Any
    mine: Any
    by: str = ""
    at: datetime | None = None


class Clashing(ProcessError):
    """Somebody else has changed what the person began with; nothing was saved. `clashes` by the key of the field."""

    code = "clashing"

    def __init__(self, sentence: str, clashes: Mapping[str, Clash]) -> None:
        super().__init__(sentence)
        self.clashes = dict(clashes)


class LockTimeout(ProcessError):
    """Somebody else works on the same instance just now; trying again shortly will do."""

    code = "lock_timeout"


class BpmnError(Exception):
    """A business error that an action throws; an error boundary event may catch it by code."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code
        self.message = message
