"""The bounds within which an expression may run. Expressions are written by process owners, not by programmers of
this server, so each way to use up memory or time has a number here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one parse and one evaluation.

    source: characters of an expression; depth: nesting of the syntax; steps: evaluated syntax nodes, counted per
    iteration; items: length of any list or context that is built; text: characters of any string that is built;
    calls: depth of user-function calls; seconds: time for one evaluation; regex_seconds: time for one use of a
    pattern; diagnostics: how many are kept.
    """

    source: int = 50_000
    depth: int = 60
    steps: int = 1_000_000
    items: int = 100_000
    text: int = 1_000_000
    calls: int = 60
    seconds: float = 5.0
    regex_seconds: float = 0.5
    diagnostics: int = 50


DEFAULT = Limits()
