"""The registry of choice sources: where a field of a form gets its options from when its form names none.

A field says `"choices": "people:sales_representative"`: the part before the colon names the source, the rest
is its argument. The floors above register sources by name. A source is called with those of `user`, `context`
and `argument` that it has parameters for, and gives (value, label) pairs; labels are texts, or texts by
language.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from processes import ports
from processes.errors import ProcessError

Pairs = list[tuple[Any, Any]]
Source = Callable[..., Iterable[tuple[Any, Any]]]

_OFFERED = ("user", "context", "argument")
_sources: dict[str, tuple[Source, tuple[str, ...]]] = {}


class UnknownChoices(ProcessError):
    """A form names a source of choices that nobody registered."""

    code = "unknown_choices"


def register(name: str, source: Source) -> Source:
    """Add a source; ValueError when the name is taken or the function wants what no form can give."""
    if name in _sources:
        raise ValueError(f"The choices “{name}” are registered already.")
    wanted = tuple(inspect.signature(source).parameters)
    strange = [p for p in wanted if p not in _OFFERED]
    if strange:
        raise ValueError(
            f"The choices “{name}” ask for “{strange[0]}”; a source may take user, context and argument only."
        )
    _sources[name] = (source, wanted)
    return source


def is_known(reference: str) -> bool:
    """Whether the source that a reference like "people:legal" names is registered."""
    return reference.partition(":")[0] in _sources


def known() -> list[str]:
    """The names of the sources."""
    return sorted(_sources)


def choices(reference: str, *, user: Any, context: Mapping[str, Any]) -> Pairs:
    """The (value, label) pairs of a reference; UnknownChoices when nobody registered its source."""
    name, _, argument = reference.partition(":")
    if name not in _sources:
        raise UnknownChoices(f"Nothing is registered for the choices “{name}”. Register them or name others.")
    source, wanted = _sources[name]
    given = {"user": user, "context": context, "argument": argument}
    return list(source(**{p: given[p] for p in wanted}))


@contextmanager
def temporarily(name: str, source: Source) -> Iterator[None]:
    """Register a source for the length of a test."""
    register(name, source)
    try:
        yield
    finally:
        del _sources[name]


def _people(argument: str) -> Pairs:
    """Everybody with a role, by name; a place may follow: "people:legal@branch:3"."""
    role, _, scope = argument.partition("@")
    people = ports.people()
    return [(person.pk, people.display(person)) for person in people.members(role, scope)]


register("people", _people)
