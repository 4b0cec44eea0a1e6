"""How a built-in function is declared: its signature as the standard writes it, checked before the code runs.

    @builtin("substring(string: string, start position: number, length: number?)")

A type is a kind of values.kind, `list` (a single value counts as a list of one), `any` (null too), `some` (anything
but null), or kinds joined by |. `?` marks what may be left out or null, `*` collects all further arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import DecimalException
from typing import Any

from processes.marked import say

from ..errors import Fault
from ..values import KINDS, Function, admit, called, kind

BUILTINS: dict[str, Builtin] = {}
"""All built-in functions by name."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One formal parameter."""

    name: str
    kinds: frozenset[str]
    optional: bool
    variadic: bool
    ready: frozenset[type]
    """The Python types that are taken as they are."""

    def take(self, value: Any) -> Any:
        """The value in the parameter's domain; raises Fault when it is not."""
        found = kind(value)
        if found == "unknown":
            value = admit(value)
            found = kind(value)
        if found in self.kinds or "any" in self.kinds:
            return admit(value) if found == "list" else value
        if value is None:
            if self.optional:
                return None
            raise Fault(say("The argument “%(name)s” is missing (null); give it a value.", name=self.name), None, "null-operand")
        if "some" in self.kinds:
            return value
        if found == "list" and len(value) == 1 and value[0] is not None:
            single = admit(value[0])
            if kind(single) in self.kinds:
                return single
        if "list" in self.kinds:
            return [value]
        raise Fault(
            say("The argument “%(name)s” must be a %(wanted)s, not a %(found)s.",
                name=self.name, wanted=_one_of(sorted(self.kinds)), found=called(found)),
            value, "type",
        )  # fmt: skip


def _one_of(kinds: list[str]) -> str:
    words = [called(kind) for kind in kinds]
    found = words[0]
    for other in words[1:]:
        found = say("%(one)s or a %(other)s", one=found, other=other)
    return found


@dataclass(frozen=True, slots=True)
class Signature:
    """One way to call a function."""

    parameters: tuple[Parameter, ...]
    code: Callable[..., Any]

    def bind_positions(self, arguments: list[Any]) -> list[Any]:
        """The arguments in order, checked; raises Fault."""
        values: list[Any] = []
        given = len(arguments)
        for index, item in enumerate(self.parameters):
            if item.variadic:
                values.append([item.take(value) for value in arguments[index:]])
            elif index < given:
                value = arguments[index]
                values.append(value if type(value) in item.ready else item.take(value))
            else:
                values.append(None)
        return values

    def fits(self, count: int, names: tuple[str, ...]) -> bool:
        """Whether so many arguments, or arguments of these names, can be bound."""
        if names:
            known = {item.name for item in self.parameters}
            needed = {item.name for item in self.parameters if not item.optional}
            return needed <= set(names) <= known
        if self.parameters and self.parameters[-1].variadic:
            return count >= len(self.parameters)
        return sum(not item.optional for item in self.parameters) <= count <= len(self.parameters)

    def bind(self, arguments: list[Any], names: tuple[str, ...]) -> list[Any]:
        """The arguments in the order of the parameters, checked; raises Fault."""
        if names:
            given = dict(zip(names, arguments, strict=True))
            return [
                item.take([given[item.name]] if item.variadic and type(given[item.name]) is not list else given[item.name])
                if item.name in given and not item.variadic
                else ([item.take(part) for part in _listed(given.get(item.name))] if item.variadic else None)
                for item in self.parameters
            ]
        return self.bind_positions(arguments)


def _listed(value: Any) -> list[Any]:
    return value if type(value) is list else [value]


class Builtin(Function):
    """A function of the language, with one or more signatures."""

    __slots__ = ("signatures",)

    def __init__(self, name: str) -> None:
        super().__init__(name, ())
        self.signatures: list[Signature] = []

    def fitting(self, count: int, names: tuple[str, ...]) -> list[Signature]:
        """The signatures that so many arguments, or arguments of these names, can be bound to."""
        return [signature for signature in self.signatures if signature.fits(count, names)]

    def invoke(self, run: Any, arguments: list[Any], names: tuple[str, ...], site: Any) -> Any:
        return self.apply(self.fitting(len(arguments), names), run, arguments, names)

    def apply(self, fitting: list[Signature], run: Any, arguments: list[Any], names: tuple[str, ...]) -> Any:
        """The result by the first of the fitting signatures whose types fit too; raises Fault."""
        problem: Fault | None = None
        for signature in fitting:
            try:
                values = signature.bind(arguments, names)
            except Fault as fault:
                problem = fault
                continue
            try:
                return signature.code(run, *values)
            except DecimalException:
                raise Fault(say("The result is not a number that FEEL can hold."), code="overflow") from None
        if problem is None:
            problem = Fault(say("“%(name)s” cannot be called with these arguments; write %(usage)s.", name=self.name, usage=self.usage()), None, "arguments")
        raise problem

    def usage(self) -> str:
        """How the function is called."""
        ways = [
            f"{self.name}({', '.join(item.name + ('?' if item.optional else '') for item in signature.parameters)})"
            for signature in self.signatures
        ]
        found = ways[0]
        for other in ways[1:]:
            found = say("%(way)s or %(other)s", way=found, other=other)
        return found


def builtin(*declarations: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function under the declared signatures."""

    def register(code: Callable[..., Any]) -> Callable[..., Any]:
        for declaration in declarations:
            name, _, rest = declaration.partition("(")
            parts = [part for part in rest.rstrip(")").split(",") if part.strip()]
            function = BUILTINS.setdefault(name.strip(), Builtin(name.strip()))
            function.signatures.append(Signature(tuple(_parameter(part) for part in parts), code))
            if len(function.signatures) == 1:
                function.parameters = tuple(item.name for item in function.signatures[0].parameters)
        return code

    return register


def _parameter(text: str) -> Parameter:
    name, _, wanted = text.partition(":")
    name, wanted = name.strip(), wanted.strip()
    kinds = frozenset(item.strip() for item in wanted.rstrip("?").split("|"))
    optional = wanted.endswith("?")
    return Parameter(name.lstrip("*"), kinds, optional, name.startswith("*"), _ready(kinds, optional))


def _ready(kinds: frozenset[str], optional: bool) -> frozenset[type]:
    """The types of these kinds; not that of lists, whose items have to be looked at."""
    return frozenset(
        of for of, kind in KINDS.items()
        if kind != "list" and (kind in kinds or "any" in kinds or ("some" in kinds and kind != "null") or (optional and kind == "null"))
    )  # fmt: skip
