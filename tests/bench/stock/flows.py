"""The same shapes as in `tests.bench.drawings`, written by hand on stock Viewflow with its own models and nodes.

On PostgreSQL it takes Viewflow's row lock, waiting rather than failing at once; on SQLite the transaction is
the lock. Without one it would be no fair comparison: two people could finish one task.
"""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.views.generic import View
from viewflow import this
from viewflow.workflow import flow
from viewflow.workflow.lock import NoLock, SelectForUpdateLock


class RowLock:
    """Viewflow's lock for the database in use."""

    def __call__(self, flow_class: Any, process_pk: Any) -> Any:
        kind = SelectForUpdateLock(nowait=False, attempts=1) if connection.vendor == "postgresql" else NoLock()
        return kind(flow_class, process_pk)


class Line(flow.Flow):
    """Three pieces of work in a row."""

    lock_impl = RowLock()
    start = flow.StartHandle().Next(this.one)
    one = flow.View(View.as_view()).Next(this.two)
    two = flow.View(View.as_view()).Next(this.three)
    three = flow.View(View.as_view()).Next(this.end)
    end = flow.End()


def nothing(_activation: Any) -> None:
    """The work of an automated node."""


def goes_on(activation: Any) -> bool:
    """The condition of every switch."""
    return activation.process.data["n"] > 0


class Chain(flow.Flow):
    """Ten automated nodes: five choices, five functions."""

    lock_impl = RowLock()
    start = flow.StartHandle().Next(this.choice1)
    choice1 = flow.Switch().Case(this.work1, cond=goes_on).Default(this.end)
    work1 = flow.Function(nothing).Next(this.choice2)
    choice2 = flow.Switch().Case(this.work2, cond=goes_on).Default(this.end)
    work2 = flow.Function(nothing).Next(this.choice3)
    choice3 = flow.Switch().Case(this.work3, cond=goes_on).Default(this.end)
    work3 = flow.Function(nothing).Next(this.choice4)
    choice4 = flow.Switch().Case(this.work4, cond=goes_on).Default(this.end)
    work4 = flow.Function(nothing).Next(this.choice5)
    choice5 = flow.Switch().Case(this.work5, cond=goes_on).Default(this.end)
    work5 = flow.Function(nothing).Next(this.end)
    end = flow.End()
