"""The lookup `literally`: a comparison with words of our own that stand in the SQL as they are.

A partial index serves a query only where the query says the index's condition in literal values. Django makes a bound
parameter of every value, and then SQLite reads the whole history for the few rows that are open; PostgreSQL does so once it
keeps a plan for the statement.
"""

from __future__ import annotations

import re
from typing import Any

from django.db.models import Lookup

_WORD = re.compile(r"[A-Za-z]*")


class Literally(Lookup):
    """`status__literally="NEW"` or `status__literally=("NEW", "DONE")`; letters alone, ValueError for anything else."""

    lookup_name = "literally"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        single = isinstance(self.rhs, str)
        words = [str(word) for word in ([self.rhs] if single else self.rhs)]
        if not words or not all(_WORD.fullmatch(word) for word in words):
            raise ValueError(f"Not words of our own: {words!r}")
        quoted = ", ".join(f"'{word}'" for word in words)
        return (f"{column} = {quoted}" if single else f"{column} IN ({quoted})"), tuple(params)
