"""Which names the parser can put together from several tokens (DMN 1.5, 10.3.1.4 and 10.3.1.5: the longest match).

Most names need no help: two names beside each other are never an expression, so they are one name. Only names
with operators, keywords or punctuation in them ("Pre-bureau risk", "date and time") must be known beforehand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from .errors import FeelSyntaxError
from .lexer import Token, normal_name, tokenize

STOPPERS = frozenset({"and", "or", "in", "between", "instance", "then", "else", "return", "satisfies"})
"""Keywords that can follow an operand, and therefore end a name."""

KEYWORDS = STOPPERS | {"if", "for", "some", "every", "function", "true", "false", "null"}

BUILTIN_PHRASES = (
    "date and time", "years and months duration", "days and time duration", "day and time duration",
    "year and month duration",
)
"""Names of the language itself that contain a stopper."""


_SHORT = 200
"""Longest name, in characters, whose tokens are remembered."""


def _entry(name: str) -> tuple[tuple[str, ...], str] | None:
    """The tokens of a name and its normal form; None when it is one token and so needs no entry."""
    try:
        tokens = tokenize(name)[:-1]
    except FeelSyntaxError:
        return None
    if len(tokens) < 2 or tokens[0].kind != "name" or tokens[0].text in KEYWORDS:
        return None
    return tuple(token.text for token in tokens), normal_name(name)


_remembered = lru_cache(maxsize=2048)(_entry)
"""The same for short names: every cell of a table is read with the same ones."""


class Phrases:
    """The names of more than one token that are in scope, findable by their first token."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for name in BUILTIN_PHRASES:
            self.add(name)
        for name in names:
            self.add(name)

    def add(self, name: str) -> bool:
        """Take a name in; false when it is one token and so needs no entry."""
        entry = _remembered(name) if len(name) <= _SHORT else _entry(name)
        if entry is None:
            return False
        row = self._by_first.setdefault(entry[0][0], [])
        if entry not in row:
            row.append(entry)
            row.sort(key=lambda item: -len(item[0]))
        return True

    def copy(self) -> Phrases:
        """A set of its own with the same names."""
        other = Phrases.__new__(Phrases)
        other._by_first = {first: list(row) for first, row in self._by_first.items()}
        return other

    def match(self, tokens: list[Token], index: int) -> tuple[str, int] | None:
        """The longest known name that starts at tokens[index], and the index after it."""
        for texts, name in self._by_first.get(tokens[index].text, ()):
            end = index + len(texts)
            if end < len(tokens) and all(
                token.text == text for token, text in zip(tokens[index:end], texts, strict=False)
            ):
                return name, end
        return None


def needs_phrase(name: str) -> bool:
    """Whether the parser cannot find this name by itself: it has a token in it that is no name or number,
    or a keyword that ends names."""
    if name.isidentifier():
        return name in STOPPERS
    try:
        tokens = tokenize(name)[:-1]
    except FeelSyntaxError:
        return False
    return len(tokens) > 1 and any(
        token.kind not in ("name", "number") or token.text in STOPPERS for token in tokens
    )


_NESTED = (dict, list)
_needs = lru_cache(maxsize=2048)(needs_phrase)
"""The same for short names, which come with every evaluation."""


def special_names(context: Mapping[str, Any], depth: int = 3, budget: int = 2000) -> tuple[str, ...]:
    """The names in a context, nested ones included, that the parser has to be told of; sorted, without repeats."""
    found: set[str] = set()
    queue: list[tuple[Any, int]] = [(context, depth)]
    while queue and budget > 0:
        value, left = queue.pop()
        if isinstance(value, list):
            if value and left and isinstance(value[0], (dict, list)):
                queue.append((value[0], left - 1))
            continue
        for key in value:
            budget -= 1
            if isinstance(key, str) and not key.isidentifier() and (_needs(key) if len(key) <= _SHORT else needs_phrase(key)):
                found.add(key)
        if left and type(value) is dict:
            for entry in value.values():
                if isinstance(entry, _NESTED):
                    queue.append((entry, left - 1))
    return tuple(sorted(found)) if found else ()
