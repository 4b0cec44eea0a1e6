"""Whether a text that somebody is writing can be read as what it is meant to be, and whether it uses names that are there.

The browser asks this while one types. It is the parser that will run the text, so what is fine here runs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any
from uuid import UUID

from processes.errors import Invalid
from processes.feel import FeelSyntaxError, free_paths
from processes.feel import nodes as f
from processes.feel.parser import children, parse_tests, parse_tree
from processes.inbox.form_text import places
from processes.lint.durations import is_duration
from processes.publication.scope import known_names, readable
from processes.spoken import gettext as _
from processes.spoken import spoken

LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Mark:
    """A sentence about a part of a text, from one character to another (from 0)."""

    sentence: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in a text: why it cannot be read, and which names in it nobody sets."""

    error: Mark | None = None
    unknown: tuple[Mark, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether it can be read and every name is known."""
        return self.error is None and not self.unknown


def check_expression(
    version_id: UUID, element: str, text: str, *, kind: str = "expression", user: Any, also: Collection[str] = ()
) -> Checked:
    """Read a text as an expression, unary tests, a duration, a value or a template, at an element of a version.

    An expression may begin with "="; a duration, and a value, is an expression only if it does, else it is meant as it
    stands; a template has its expressions in {{ }}. `also` are names that are not stored yet. NotFound for who may not
    read the version, Invalid for a kind there is not.
    """
    version = readable(version_id, user)
    if kind not in KINDS:
        raise Invalid(_("“%(kind)s” is no kind of expression.") % {"kind": kind})
    if len(text) > LONGEST:
        return Checked(Mark(_("The text is too long: at most %(longest)d characters.") % {"longest": LONGEST}, 0, len(text)))
    known = {*known_names(version, element), *also}
    error, unknown, used = None, [], []
    for piece, at, unary in KINDS[kind](text):
        if not piece.strip():
            error = error or Mark(_("Here an expression is missing."), at, max(at + len(piece), at + 1))
            continue
        try:
            tree = (parse_tests if unary else parse_tree)(piece, known)
        except FeelSyntaxError as problem:
            error = error or _mark(spoken(problem.message), piece, at, problem.position)
            continue
        for path, place in _unknown(tree, known):
            unknown.append(Mark(_sentence(path, known), at + place, at + place + len(path)))
        used += sorted(".".join(path) for path in free_paths(tree))
    if kind == "duration" and not text.strip().startswith("=") and text.strip() and not is_duration(text):
        error = Mark(_("“%(text)s” is no duration. Write it like PT4H or P2D, or begin with “=”.") % {"text": text.strip()[:40]},
                     0, len(text))  # fmt: skip
    return Checked(error, tuple(unknown), tuple(dict.fromkeys(used)))


Pieces = Iterator[tuple[str, int, bool]]


def _expression(text: str) -> Pieces:
    yield (*_inside(text), False)


def _tests(text: str) -> Pieces:
    if text.strip() not in ("", "-"):
        yield (text, 0, True)


def _perhaps(text: str) -> Pieces:
    if text.lstrip().startswith("="):
        yield (*_inside(text), False)


def _template(text: str) -> Pieces:
    yield from ((piece, at, False) for piece, at in places(text))


KINDS: Mapping[str, Callable[[str], Pieces]] = {
    "expression": _expression, "unary": _tests, "duration": _perhaps, "value": _perhaps, "template": _template,
}  # fmt: skip


def _inside(text: str) -> tuple[str, int]:
    """An expression without its leading "=", and where it begins."""
    at = len(text) - len(text.lstrip())
    return (text[at + 1 :], at + 1) if text[at : at + 1] == "=" else (text, 0)


def _mark(sentence: str, piece: str, at: int, position: int) -> Mark:
    """The place of a syntax error: from where the parser stopped to the end of that word."""
    start = min(position, max(len(piece.rstrip()) - 1, 0))
    end = start + 1
    while end < len(piece) and piece[end].isalnum() and piece[start].isalnum():
        end += 1
    return Mark(sentence, at + start, at + end)


def _unknown(tree: f.Node, known: Collection[str]) -> Iterator[tuple[str, int]]:
    """The paths an expression reads that begin with a name nobody sets, or go to a field that a record has not."""
    heads = {name.split(".")[0] for name in known}
    told = {name.split(".")[0] for name in known if "." in name}  # those whose entries are known
    for path in sorted(free_paths(tree)):
        head = path[0]
        if head not in heads and "." not in head:
            yield head, _place(tree, head)
        elif head in told and len(path) > 1 and ".".join(path[:2]) not in known:
            yield ".".join(path[:2]), _place(tree, head, path[1])


def _place(tree: f.Node, name: str, entry: str = "") -> int:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if entry and isinstance(node, f.Path) and node.name == entry and isinstance(node.source, f.Name) and node.source.name == name:
            return node.source.position
        if not entry and isinstance(node, f.Name) and node.name == name:
            return node.position
        waiting += reversed(children(node))
    return 0


def _sentence(path: str, known: Collection[str]) -> str:
    head, _dot, entry = path.partition(".")
    near = nearest(path, known)
    if entry:
        said = _("“%(record)s” has no field “%(field)s”.") % {"record": head, "field": entry}
    else:
        said = _("Nothing sets “%(name)s” here.") % {"name": path}
    return said + (" " + _("Is “%(near)s” meant?") % {"near": near} if near else "")


def nearest(name: str, known: Collection[str]) -> str:
    """The known name that is written most alike, empty without one."""
    return next(iter(get_close_matches(name, sorted(known), n=1, cutoff=0.75)), "")
