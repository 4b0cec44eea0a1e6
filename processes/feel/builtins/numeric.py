"""Numeric functions (Table 76)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)
from typing import Any

from processes.marked import say

from .. import temporal as t
from ..errors import Fault
from ..numbers import CONTEXT, ZERO, whole
from ..values import kind
from .registry import builtin


def _rounded(value: Decimal, scale: Decimal, mode: str) -> Decimal:
    digits = whole(CONTEXT.create_decimal(scale).to_integral_value(rounding=ROUND_DOWN))
    if digits is None or not -6111 <= digits <= 6176:
        raise Fault(say("The scale must lie between -6111 and 6176."), scale)
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= digits:
        wide = len(value.as_tuple().digits) + digits + exponent
        if wide > 34:
            return value  # nothing to round, and 34 digits cannot show the further zeros
    unit = Decimal((0, (1,), -digits))
    if value and value.adjusted() + digits < -1:  # far below the unit: quantize needs no digits of it
        value = Decimal((value.as_tuple().sign, (1,), -digits - 2))
    return CONTEXT.create_decimal(value.quantize(unit, rounding=mode, context=_WIDE))


_WIDE = CONTEXT.copy()
_WIDE.prec = 80
_WIDE.Emin = -999_999
_WIDE.Emax = 999_999


def _rounding(mode: str) -> Callable[[Any, Decimal, Decimal], Decimal]:
    def code(run: Any, value: Decimal, scale: Decimal = ZERO) -> Decimal:
        return _rounded(value, scale, mode)

    return code


for _name, _mode in (
    ("decimal", ROUND_HALF_EVEN), ("floor", ROUND_FLOOR), ("ceiling", ROUND_CEILING), ("round up", ROUND_UP),
    ("round down", ROUND_DOWN), ("round half up", ROUND_HALF_UP), ("round half down", ROUND_HALF_DOWN),
):
    builtin(f"{_name}(n: number, scale: number)")(_rounding(_mode))
for _name, _mode in (("floor", ROUND_FLOOR), ("ceiling", ROUND_CEILING)):
    builtin(f"{_name}(n: number)")(_rounding(_mode))


@builtin("abs(n: number|days and time duration|years and months duration)")
def absolute(run: Any, value: Any) -> Any:
    of = kind(value)
    if of == "number":
        return CONTEXT.abs(value)
    if of == "years and months duration":
        return t.make_months(abs(value.months))
    return t.make_duration(abs(t.length(value)))


@builtin("modulo(dividend: number, divisor: number)")
def modulo(run: Any, dividend: Decimal, divisor: Decimal) -> Decimal:
    if not divisor:
        raise Fault(say("A division by zero has no result; ask first whether the divisor is 0."), divisor, "division-by-zero")
    if dividend.adjusted() - divisor.adjusted() > 33:
        quotient = CONTEXT.divide(dividend, divisor).to_integral_value(rounding=ROUND_FLOOR)
        return CONTEXT.subtract(dividend, CONTEXT.multiply(divisor, quotient))
    rest = CONTEXT.remainder(dividend, divisor)
    return CONTEXT.add(rest, divisor) if rest and (rest < 0) != (divisor < 0) else rest


@builtin("sqrt(number: number)")
def square_root(run: Any, value: Decimal) -> Decimal:
    if value < 0:
        raise Fault(say("A negative number has no square root."), value)
    return CONTEXT.sqrt(value)


@builtin("log(number: number)")
def logarithm(run: Any, value: Decimal) -> Decimal:
    if value <= 0:
        raise Fault(say("Only a positive number has a logarithm."), value)
    return CONTEXT.ln(value)


@builtin("exp(number: number)")
def exponential(run: Any, value: Decimal) -> Decimal:
    return CONTEXT.exp(value)


def _parity(value: Decimal) -> int:
    if value != value.to_integral_value():
        raise Fault(say("Only whole numbers are odd or even."), value)
    return int(CONTEXT.remainder(value, Decimal(2))) if value.adjusted() < 33 else 0


@builtin("odd(number: number)")
def odd(run: Any, value: Decimal) -> bool:
    return _parity(value) != 0


@builtin("even(number: number)")
def even(run: Any, value: Decimal) -> bool:
    return _parity(value) == 0
