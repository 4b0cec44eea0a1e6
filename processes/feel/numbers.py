"""FEEL's numbers: IEEE 754 decimal128, 34 digits, half even (DMN 1.5, 10.3.2.3.1)."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow

CONTEXT = Context(
    prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, traps=[InvalidOperation, DivisionByZero, Overflow]
)
"""Every FEEL calculation goes through this context's methods, so the caller's thread context never matters."""

ZERO = Decimal(0)
ONE = Decimal(1)


def plain(number: Decimal) -> str:
    """A number as FEEL writes it: no exponent, no negative zero."""
    if not number:
        number = abs(number)
    return format(number, "f")


def whole(number: Decimal) -> int | None:
    """The number as an int when it is integral and not absurdly large, else None."""
    if not number.is_finite() or number.adjusted() > 18 or number != number.to_integral_value():
        return None
    return int(number)
