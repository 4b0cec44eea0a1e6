"""Tables out of files as companies have them: any usual encoding, separator and spreadsheet, within limits.

Nothing is trusted: what the file is, is read from its bytes; archives are measured before they are unpacked; a
file that is no table, or too large, is refused with a sentence.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from charset_normalizer import from_bytes
from django.utils.translation import gettext as _

from crm_core.integration import spreadsheets
from crm_core.integration.spreadsheets import Unreadable

MOST_BYTES = 60 * 1024 * 1024
MOST_ROWS, MOST_COLUMNS, LONGEST_CELL, MOST_TITLE = 300_000, 300, 200_000, 3
SEPARATORS = (",", ";", "\t", "|")
ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16", "cp1252", "cp1250", "cp1251", "shift_jis")
"""What a text can be read as where it was guessed wrongly."""
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1f\x7f]")
_SAID_SEPARATOR = re.compile(r"\ufeff?sep=([,;\t|])\r?\n", re.IGNORECASE)
_NO_TABLE = {b"%PDF": "PDF", b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"GIF8": "GIF", b"\xd0\xcf\x11\xe0": "XLS (1997)"}


@dataclass(frozen=True, slots=True)
class Table:
    """A header and rows of texts, each with its line in the file; `encoding` and `separator` as they were found."""

    headers: list[str]
    rows: list[list[str]]
    lines: list[int]
    encoding: str = ""
    separator: str = ""
    kind: str = "csv"
    uneven: list[int] = field(default_factory=list)


def refuse_at_sight(data: bytes) -> None:
    """Raise Unreadable for what is no table or too large, without reading it."""
    if len(data) > MOST_BYTES:
        raise Unreadable(
            _("The file has %(size)d MB; up to %(most)d MB are taken at once. Split it and load the parts.")
            % {"size": len(data) // 2**20, "most": MOST_BYTES // 2**20}
        )
    for start, kind in _NO_TABLE.items():
        if data.startswith(start):
            raise Unreadable(
                _("This is a %(kind)s file, not a table. Save it as CSV, XLSX or ODS and load that.") % {"kind": kind}
            )
    if data.startswith(b"PK"):
        spreadsheets.read(data)


def read_table(data: bytes, encoding: str = "") -> Table:
    """The table in a file; `encoding` is what its text is read as (default: as its bytes tell). Raises Unreadable with
    a sentence that says what to do."""
    refuse_at_sight(data)
    if data.startswith(b"PK"):
        found = spreadsheets.read(data)
        return _table(found.rows, kind=found.kind)
    text, encoding = (_decode(data, encoding), encoding) if encoding else _decoded(data)
    return _separated(text.removeprefix("\ufeff"), encoding)


# --- texts -------------------------------------------------------------------------------------------------
def _decoded(data: bytes) -> tuple[str, str]:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _decode(data, encoding), encoding
    head = data[:4000]
    if head.count(b"\x00") > len(head) // 6:
        encoding = "utf-16-le" if head[1::2].count(0) >= head[0::2].count(0) else "utf-16-be"
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError as error:
            raise Unreadable(_no_text()) from error
    if b"\x00" in data:
        raise Unreadable(_no_text())
    for encoding in ("utf-8", *(("gb18030",) if _in_pairs(data) else ("cp1252",))):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    best = from_bytes(data[:200_000]).best()
    encoding = best.encoding if best is not None else "cp1252"
    return _decode(data, encoding), encoding


def _in_pairs(data: bytes) -> bool:
    """Whether bytes beyond ASCII come in pairs, as Chinese writes them, and not alone, as an accent within a word."""
    runs = re.findall(rb"[\x80-\xff]+", data[:400_000])
    return sum(1 for run in runs if len(run) == 1) * 2 <= len(runs)


def _decode(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(
            _("The text in this file cannot be read: it is not clean %(encoding)s. Save it as CSV in UTF-8.")
            % {"encoding": encoding.removesuffix("-sig").upper()}
        ) from error


def _no_text() -> str:
    return _("This file is no text and no spreadsheet. Save the table as CSV or XLSX and load that.")


def _separator(text: str) -> str:
    """The separator that most evenly divides the first lines."""
    sample = "\n".join(text[:400_000].splitlines()[:40])
    best, found = 0, ","
    for candidate in SEPARATORS:
        try:
            widths = [len(row) for row in csv.reader(io.StringIO(sample), delimiter=candidate) if row]
        except csv.Error:
            continue
        if widths and widths[0] > 1:
            even = sum(1 for width in widths if width == widths[0])
            if even * widths[0] > best:
                best, found = even * widths[0], candidate
    return found


def _separated(text: str, encoding: str) -> Table:
    odd = len(_CONTROL.findall(text))
    if "\x00" in text or odd * 500 > len(text):
        raise Unreadable(_no_text())
    if odd:
        text = _CONTROL.sub("", text)
    said = _SAID_SEPARATOR.match(text)
    separator = said[1] if said else _separator(text)
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)

    def numbered() -> Iterator[tuple[int, list[str]]]:
        if said:
            next(reader)
        for row in reader:
            yield reader.line_num, row

    try:
        return _table(numbered(), encoding=encoding, separator=separator, kind="csv")
    except csv.Error as error:
        raise Unreadable(
            _("Line %(line)d cannot be read: a cell is longer than %(most)d characters, or a quotation mark is missing.")
            % {"line": reader.line_num, "most": LONGEST_CELL}
        ) from error


# --- both --------------------------------------------------------------------------------------------------
def _table(numbered: Iterator[tuple[int, list[str]]], *, encoding: str = "", separator: str = "", kind: str) -> Table:
    headers: list[str] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    uneven: list[int] = []
    for line, row in _below_title(numbered):
        if not headers:
            headers = _headers(row)
            continue
        if len(rows) >= MOST_ROWS:
            raise Unreadable(_("The file has more than %(most)d rows. Split it and load the parts.") % {"most": MOST_ROWS})
        if any(cell.strip() for cell in row[len(headers) :]):
            uneven.append(line)
        rows.append((row + [""] * len(headers))[: len(headers)])
        lines.append(line)
    if not headers:
        raise Unreadable(_("The file is empty. Choose the file that holds the table."))
    if not rows:
        raise Unreadable(_("The file has a header and no rows. There is nothing to load."))
    return Table(headers, rows, lines, encoding, separator, kind, uneven)


def _below_title(numbered: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold something, from the header on: lines of one cell above a wider one are a title."""
    above: list[tuple[int, list[str]]] = []
    wide = False
    for line, row in numbered:
        filled = sum(1 for cell in row if cell.strip())
        if not filled:
            continue
        if wide:
            yield line, row
        elif filled > 1 or len(above) >= MOST_TITLE:
            wide = True
            if filled == 1 or len(above) >= MOST_TITLE:
                yield from above
            yield line, row
        else:
            above.append((line, row))
    if not wide:
        yield from above


def _headers(row: list[str]) -> list[str]:
    found = [unicodedata.normalize("NFKC", cell).strip() for cell in row]
    while found and not found[-1]:
        found.pop()
    if len(found) > MOST_COLUMNS:
        raise Unreadable(_("The table has more than %(most)d columns.") % {"most": MOST_COLUMNS})
    named = [name or f"#{number}" for number, name in enumerate(found, start=1)]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise Unreadable(_("Two columns are called “%(name)s”. Rename one of them and load the file again.") % {"name": twice[0]})
    return named
