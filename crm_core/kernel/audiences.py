"""Gatherings of customers that the domains know of, segments of marketing among them.

The kernel lies below the domains, so they register here, and every kind of record that belongs to a customer offers
them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from processes.ports import Audience


@dataclass(frozen=True, slots=True)
class OfCustomers:
    """A way of gathering customers: `options()` lists the gatherings, `accounts(keys)` is a query of the ids of the
    customers in any of them."""

    name: str
    label: Any
    options: Callable[[], Sequence[tuple[str, str]]]
    accounts: Callable[[Iterable[str]], models.QuerySet[Any, Any]]


_registered: dict[str, OfCustomers] = {}


def register(audience: OfCustomers) -> None:
    """Add a way of gathering customers; its name can be registered once."""
    if audience.name in _registered:
        raise ValueError(f"The audience “{audience.name}” is registered already.")
    _registered[audience.name] = audience


def reader(model: type[models.Model], customer: str | None) -> Callable[[], Sequence[Audience]]:
    """A function that gives the audiences of a kind of record; `customer` is the path to its customer, empty for a
    customer itself, None where there is none."""
    if customer is None:
        return tuple
    column = f"{customer}__in" if customer else "pk__in"

    def audience(found: OfCustomers) -> Audience:
        def members(ids: Sequence[int], keys: Iterable[str]) -> frozenset[int]:
            rows = model._default_manager.filter(pk__in=ids).filter(**{column: found.accounts(keys)})
            return frozenset(rows.order_by().values_list("pk", flat=True))

        return Audience(found.name, found.label, found.options, members)

    return lambda: [audience(found) for found in _registered.values()]
