"""The rows of a file that is on its way, kept so that a part can be read from its place without the rest.

Each row is one line of JSON: its line in the file, its cells, and 1 where it has more cells than the header.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import IO

from crm_core.integration.reading import Table
from crm_core.integration.values import Style, style_of


def written(table: Table) -> bytes:
    """The rows of a table as they are kept."""
    return b"".join(_lines(table))


def _lines(table: Table) -> Iterator[bytes]:
    uneven = set(table.uneven)
    for line, cells in zip(table.lines, table.rows, strict=True):
        yield json.dumps([line, cells, int(line in uneven)], ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def part(file: IO[bytes], headers: list[str], position: int, most: int) -> tuple[Table, int]:
    """Up to `most` rows from a position (in bytes) on, and the position behind them."""
    file.seek(position)
    table = Table(headers, [], [], kind="part")
    for text in islice(iter(file.readline, b""), most):
        line, cells, uneven = json.loads(text)
        table.rows.append(cells)
        table.lines.append(line)
        if uneven:
            table.uneven.append(line)
        position += len(text)
    return table, position


def styles(table: Table) -> dict[str, Style]:
    """How each column of a table writes dates and numbers."""
    return {header: style_of(row[place] for row in table.rows) for place, header in enumerate(table.headers)}
