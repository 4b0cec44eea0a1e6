"""Expressions while they are written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

__all__ = [
    "check_expression",
    "names_in_scope",
]


def names_in_scope(version_id: UUID, element: str = "", *, user: Any) -> list[Any]:
    """The names that an expression at an element of a version ("form:<id>" for a form) may use, each with its type, what
    it is called and where it comes from. NotFound for who may not read the version."""
    from processes.publication import scope

    return scope.names_in_scope(version_id, element, user=user)


def check_expression(
    version_id: UUID, element: str, text: str, *, kind: str = "expression", user: Any, also: Iterable[str] = ()
) -> Any:
    """Whether a text that is being written can be read, and whether its names are known: `error` and `unknown` with the
    place in the text. `kind`: expression, unary, duration, value or template."""
    from processes.publication import expressions

    return expressions.check_expression(version_id, element, text, kind=kind, user=user, also=tuple(also))
