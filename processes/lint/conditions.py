"""When can a set of conditions all be false? Exact for comparisons of variables with constants.

Each variable (a name or a path such as `lead.score`) that is compared with constants splits its values into
finitely many classes between which no condition can tell apart: the constants themselves, the gaps between
them, "something else". Trying one value of each class, and all combinations of them, decides the question.
A condition that does more (arithmetic on variables, functions, two variables compared) is not analysable.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from processes.feel import nodes as f

MAX_COMBINATIONS = 5000
_OPERATORS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_MIRROR = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "!=": "!="}


class NotAnalysable(Exception):
    """The conditions do more than compare variables with constants."""


@dataclass(frozen=True, slots=True)
class Atom:
    """`path operator value`; operator "=" with True also stands for the bare boolean variable."""

    path: str
    operator: str
    value: Any


Formula = Atom | tuple[str, tuple[Any, ...]] | bool


def all_false_example(
    conditions: Sequence[f.Node], domains: Mapping[str, Sequence[Any]] | None = None
) -> dict[str, Any] | None:
    """Values under which every condition is false; None when there are none. `domains` are the only values a
    variable may have, by path. Raises `NotAnalysable`."""
    formulas = [_formula(condition) for condition in conditions]
    atoms = [atom for formula in formulas for atom in _atoms(formula)]
    samples: dict[str, list[Any]] = {}
    for path in dict.fromkeys(atom.path for atom in atoms):
        constants = [atom.value for atom in atoms if atom.path == path]
        given = (domains or {}).get(path)
        samples[path] = list(given) if given else _samples(constants)
    count = 1
    for values in samples.values():
        count *= len(values)
    if count > MAX_COMBINATIONS:
        raise NotAnalysable
    for chosen in itertools.product(*samples.values()):
        example: dict[str, Any] = dict(zip(samples, chosen, strict=True))
        if not any(_holds(formula, example) for formula in formulas):
            return example
    return None


def path_of(node: f.Node) -> str | None:
    """A name or a path of names as text, None for anything else."""
    if isinstance(node, f.Name):
        return node.name
    if isinstance(node, f.Path):
        before = path_of(node.source)
        return f"{before}.{node.name}" if before is not None else None
    return None


def constant_of(node: f.Node) -> Any:
    """The number, text or truth value of a literal; raises `NotAnalysable`."""
    if isinstance(node, f.Literal) and isinstance(node.value, bool | str | int | Decimal):
        return node.value if isinstance(node.value, bool | str) else Decimal(node.value)
    if isinstance(node, f.Negation):
        value = constant_of(node.operand)
        if isinstance(value, Decimal):
            return -value
    raise NotAnalysable


def _formula(node: f.Node) -> Formula:
    if isinstance(node, f.Literal) and isinstance(node.value, bool):
        return node.value
    if isinstance(node, f.Logic):
        return (node.operator, tuple(_formula(part) for part in node.operands))
    if isinstance(node, f.Binary) and node.operator in _OPERATORS:
        return _comparison(node)
    if isinstance(node, f.Between):
        low = _atom(node.value, ">=", node.low)
        return ("and", (low, _atom(node.value, "<=", node.high)))
    if isinstance(node, f.In):
        return ("or", tuple(_test(node.value, test) for test in node.tests))
    if isinstance(node, f.Call) and path_of(node.function) == "not" and len(node.arguments) == 1:
        return ("not", (_formula(node.arguments[0]),))
    path = path_of(node)
    if path is not None:
        return Atom(path, "=", True)
    raise NotAnalysable


def _comparison(node: f.Binary) -> Formula:
    if path_of(node.left) is not None:
        return _atom(node.left, node.operator, node.right)
    return _atom(node.right, _MIRROR[node.operator], node.left)


def _atom(variable: f.Node, operator: str, constant: f.Node) -> Atom:
    path = path_of(variable)
    if path is None:
        raise NotAnalysable
    return Atom(path, operator, constant_of(constant))


def _test(variable: f.Node, test: f.Node) -> Formula:
    if isinstance(test, f.Tests):
        inner: Formula = ("or", tuple(_test(variable, part) for part in test.tests))
        return ("not", (inner,)) if test.negated else inner
    if isinstance(test, f.ListNode):
        return ("or", tuple(_test(variable, item) for item in test.items))
    if isinstance(test, f.Comparison):
        return _atom(variable, test.operator, test.operand)
    if isinstance(test, f.RangeNode):
        parts: list[Formula] = []
        if test.start is not None:
            parts.append(_atom(variable, ">=" if test.start_included else ">", test.start))
        if test.end is not None:
            parts.append(_atom(variable, "<=" if test.end_included else "<", test.end))
        return ("and", tuple(parts))
    return _atom(variable, "=", test)


def _atoms(formula: Formula) -> Iterable[Atom]:
    if isinstance(formula, Atom):
        yield formula
    elif isinstance(formula, tuple):
        for part in formula[1]:
            yield from _atoms(part)


def _samples(constants: list[Any]) -> list[Any]:
    """One value of each class that comparisons with these constants can tell apart."""
    if all(isinstance(value, bool) for value in constants):
        return [True, False]
    if all(isinstance(value, str) for value in constants):
        return [*sorted(set(constants)), "something else"]
    if all(isinstance(value, Decimal) for value in constants):
        numbers = sorted(set(constants))
        between = [(a + b) / 2 for a, b in itertools.pairwise(numbers)]
        return sorted([numbers[0] - 1, *numbers, *between, numbers[-1] + 1])
    raise NotAnalysable


def _holds(formula: Formula, values: Mapping[str, Any]) -> bool:
    if isinstance(formula, bool):
        return formula
    if isinstance(formula, Atom):
        return _compare(values[formula.path], formula.operator, formula.value)
    operator, parts = formula
    if operator == "not":
        return not _holds(parts[0], values)
    results = (_holds(part, values) for part in parts)
    return all(results) if operator == "and" else any(results)


def _compare(value: Any, operator: str, constant: Any) -> bool:
    if type(value) is not type(constant):
        return operator == "!="
    if operator == "=":
        return bool(value == constant)
    if operator == "!=":
        return bool(value != constant)
    if isinstance(value, bool):
        return False
    return bool(
        {"<": value < constant, "<=": value <= constant, ">": value > constant, ">=": value >= constant}[
            operator
        ]
    )
