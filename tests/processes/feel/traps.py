"""What the fuzzing evaluates against: records and objects that tell when they are touched as FEEL must not touch them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from processes.feel import Range, YearsMonths


class Touched(BaseException):
    """FEEL asked for what it may not ask for. No part of the product catches a BaseException."""


class Record(Mapping[str, Any]):
    """A record with declared fields, as a process hands its subject over. It may be listed, and asked whether it has
    a text as a field; reading a field that it has not, or any attribute outside the protocol, is a Touched."""

    ALLOWED = frozenset({"__class__", "keys", "items", "values", "get"})

    def __init__(self, **fields: Any) -> None:
        object.__setattr__(self, "_fields", fields)

    def __getattribute__(self, name: str) -> Any:
        if name in Record.ALLOWED:
            return object.__getattribute__(self, name)
        raise Touched(f"the attribute {name} of a record")

    def __setattr__(self, name: str, value: Any) -> None:
        raise Touched(f"setting {name} on a record")

    def __getitem__(self, key: str) -> Any:
        fields = object.__getattribute__(self, "_fields")
        if type(key) is not str or key not in fields:
            raise Touched(f"the undeclared field {key!r}, read without asking whether there is one")
        return fields[key]

    def get(self, key: str, default: Any = None) -> Any:
        fields = object.__getattribute__(self, "_fields")
        return fields[key] if key in self else default

    def __contains__(self, key: object) -> bool:
        if type(key) is not str:
            raise Touched(f"a field by something that is no text: {key!r}")
        return key in object.__getattribute__(self, "_fields")

    def __iter__(self) -> Iterator[str]:
        return iter(object.__getattribute__(self, "_fields"))

    def __len__(self) -> int:
        return len(object.__getattribute__(self, "_fields"))

    def __eq__(self, other: object) -> bool:
        raise Touched("a comparison by Python of a record")

    def __hash__(self) -> int:
        raise Touched("the hash of a record")

    def __repr__(self) -> str:
        return "<record>"


def _trap(name: str) -> Any:
    def touched(self: object, *args: object, **named: object) -> Any:
        raise Touched(f"{name} of a foreign object")

    return touched


_DUNDER = (
    "__getattribute__", "__call__", "__str__", "__repr__", "__format__", "__bytes__", "__eq__", "__ne__", "__lt__", "__le__", "__gt__",
    "__ge__", "__hash__", "__bool__", "__len__", "__iter__", "__next__", "__getitem__", "__contains__", "__int__", "__float__", "__index__",
    "__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__", "__truediv__", "__rtruediv__", "__pow__", "__rpow__", "__neg__",
    "__abs__", "__round__", "__reversed__", "__enter__", "__reduce__", "__reduce_ex__", "__copy__", "__deepcopy__", "__await__", "__dir__",
    "__setattr__", "__delattr__", "__setitem__", "__delitem__",
)  # fmt: skip


class _Untouchable:
    """An object of the program's own: all of it is a trap, but the type that Python itself asks for in isinstance."""

    password = property(_trap("the property password"))
    amount = property(_trap("the property amount"))


def _only_class(self: object, name: str) -> Any:
    if name == "__class__":
        return type(self)
    raise Touched(f"the attribute {name} of a foreign object")


Untouchable = type("Untouchable", (_Untouchable,), {**{name: _trap(name) for name in _DUNDER}, "__getattribute__": _only_class})

MOMENT = dt.datetime(2026, 11, 24, 10, 34, tzinfo=ZoneInfo("Asia/Shanghai"))
FIELDS: dict[str, tuple[str, ...]] = {
    "deal": ("amount", "stage", "owner", "items", "closes", "odd one"), "Customer Info": ("name", "tier", "Pre-bureau risk", "boss"),
    "客户": ("姓名", "金额"), "plain": ("a", "b", "and so"),
}
"""The fields of the records, by the name under which an expression finds the record."""

NAMES = (
    *FIELDS, "n", "s", "yes", "nothing", "items", "nested", "days", "Pre-bureau risk", "date and time of call", "thing", "things", "mixed",
    "not a number", "endless", "vast", "float", "whole", "moment", "day", "clock", "span", "months", "range", "class", "__class__", "e\u0301t\u00e9",
    "same", "bag",
)  # fmt: skip
"""All names of `context()`; there is a value under each."""


def context() -> dict[str, Any]:
    """A fresh context of traps."""
    thing = Untouchable()
    deal = Record(
        amount=Decimal("1200.50"), stage="open", owner=Record(name="Li", team="north", spouse=thing), closes=dt.date(2026, 12, 1),
        items=[Record(price=Decimal(3), name="a"), Record(price=Decimal(5), name="b")], **{"odd one": thing},
    )  # fmt: skip
    shared = [[Decimal(1), Decimal(2)], [Decimal(1), Decimal(2)]]
    return {
        "deal": deal, "Customer Info": Record(name="Wang", tier="gold", boss=None, **{"Pre-bureau risk": "LOW"}),
        "客户": Record(姓名="王", 金额=10**30), "plain": {"a": 1, "b": [1, {"a": 2}], "and so": "x", "__class__": thing, 5: 6},
        "n": Decimal(7), "s": "text with spaces, 中文 and \U0001f600", "yes": True, "nothing": None, "items": [1, 2, 3, 2],
        "nested": [[1, [2, [3]]], []], "days": [dt.date(2026, 1, 1), dt.date(2024, 2, 29)], "Pre-bureau risk": "HIGH",
        "date and time of call": MOMENT, "thing": thing, "things": [1, thing], "mixed": [1, "a", None, True, dt.date(2026, 1, 1), deal],
        "not a number": Decimal("NaN"), "endless": Decimal("-Infinity"), "vast": Decimal("1E+999999"), "float": 0.1, "whole": 10**7000,
        "moment": dt.datetime(2026, 3, 29, 2, 30, 0, 1), "day": dt.date.max, "clock": dt.time(23, 59, 59, tzinfo=dt.UTC),
        "span": dt.timedelta.max, "months": YearsMonths(14), "range": Range(Decimal(1), Decimal(5), True, False), "class": "c",
        "__class__": "d", "e\u0301t\u00e9": {"ünï": 1}, "same": [shared, shared], "bag": (1, {"k": (2, 3)}, frozenset({4})),
    }  # fmt: skip
