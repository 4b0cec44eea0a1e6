"""The registry of actions: named, typed, documented pieces of work that a drawing may use.

A drawing names an action; the floors above register what the names mean, in their `process_actions.py`.
Parameters are declared, so that lint can say what is wrong and the designer can draw a form for them.
An action gets an idempotency key: a background job may run twice, its effect must happen once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from uuid import UUID

from processes.ports import Subject

MODULE = "process_actions"
"""The module of an app that registers its actions; loaded at start-up, in web, worker and dispatcher alike."""


@dataclass(frozen=True, slots=True)
class Param:
    """One declared input. `type` is a word of the designer: text, number, boolean, user, date, datetime,
    duration, choice, list, context, any."""

    name: str
    type: str = "any"
    label: Any = ""
    help: Any = ""
    required: bool = False
    default: Any = None
    choices: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class ActionCall:
    """What an action is called with. `key` stays the same however often a job is run again; `user` is who
    acted last, None for the machine. `decided` tells, for those who ask, the version of each decision table that has
    answered in the instance so far, by its key."""

    name: str
    inputs: Mapping[str, Any]
    subject: Subject | None
    instance_id: UUID
    task_id: UUID
    key: str
    user: Any = None
    attempt: int = 1
    variables: Mapping[str, Any] = field(default_factory=dict)
    decided: Callable[[], Mapping[str, int]] = dict


@dataclass(frozen=True, slots=True)
class Action:
    """A registered action.

    `background=False`: runs inside the step's transaction, exactly once with it. `background=True`: runs as
    a job outside the instance's lock, at least once, with `call.key` the same at every attempt.
    """

    name: str
    run: Callable[[ActionCall], Any]
    label: Any = ""
    help: Any = ""
    parameters: tuple[Param, ...] = ()
    background: bool = False
    result: str = ""

    def parameter(self, name: str) -> Param | None:
        """The declared parameter of that name."""
        return next((p for p in self.parameters if p.name == name), None)


_actions: dict[str, Action] = {}


def register_action(action: Action) -> Action:
    """Add an action; ValueError when the name is taken."""
    if action.name in _actions:
        raise ValueError(f"The action “{action.name}” is registered already.")
    _actions[action.name] = action
    return action


def action(
    name: str,
    *,
    label: Any = "",
    help: Any = "",
    parameters: list[Param] | tuple[Param, ...] = (),
    background: bool = False,
    result: str = "",
) -> Callable[[Callable[[ActionCall], Any]], Callable[[ActionCall], Any]]:
    """Register the decorated function as an action."""

    def decorate(run: Callable[[ActionCall], Any]) -> Callable[[ActionCall], Any]:
        register_action(Action(name, run, label or name, help, tuple(parameters), background, result))
        return run

    return decorate


def get_action(name: str) -> Action | None:
    """The action of that name, or None."""
    return _actions.get(name)


def all_actions() -> list[Action]:
    """Every registered action, by name."""
    return [_actions[name] for name in sorted(_actions)]


@contextmanager
def temporarily(*actions: Action) -> Iterator[None]:
    """Register actions for the length of a test, in place of those of the same name."""
    before = dict(_actions)
    try:
        for one in actions:
            _actions[one.name] = one
        yield
    finally:
        _actions.clear()
        _actions.update(before)


def load_modules() -> None:
    """Import `process_actions` of every installed app that has one. A worker that had not loaded them would
    turn every job into an error."""
    from django.apps import apps

    for config in apps.get_app_configs():
        if find_spec(f"{config.name}.{MODULE}") is not None:
            import_module(f"{config.name}.{MODULE}")
