"""Tables out of files as companies have them: any usual encoding, separator and spreadsheet, within limits.

Nothing is trusted: what the file is, is read from its bytes; archives are measured before they are unpacked; a
file that is no table, or too large, is refused with a sentence.
"""

from __future__ import annotations

import csv
import io
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import openpyxl
from charset_normalizer import from_bytes
from django.utils.translation import gettext as _
from import_export.formats.base_formats import ODS

from processes.errors import Invalid

MOST_BYTES, MOST_UNPACKED = 60 * 1024 * 1024, 300 * 1024 * 1024
MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 300_000, 300, 200_000
SEPARATORS = (",", ";", "\t", "|")
_NO_TABLE = {b"%PDF": "PDF", b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"GIF8": "GIF", b"\xd0\xcf\x11\xe0": "XLS (1997)"}


class Unreadable(Invalid):
    """The file cannot be read as a table; nothing was loaded."""

    code = "import_unreadable"


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


def read_table(data: bytes) -> Table:
    """The table in a file. Raises Unreadable with a sentence that says what to do."""
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
        return _spreadsheet(data)
    text, encoding = _decoded(data)
    return _separated(text, encoding)


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
    for encoding in ("utf-8", "gb18030"):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    best = from_bytes(data[:200_000]).best()
    encoding = best.encoding if best is not None else "cp1252"
    return _decode(data, encoding), encoding


def _decode(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(
            _("The text in this file cannot be read: it is not clean %(encoding)s. Save it as CSV in UTF-8.")
            % {"encoding": encoding.upper()}
        ) from error


def _no_text() -> str:
    return _("This file is no text and no spreadsheet. Save the table as CSV or XLSX and load that.")


def _separator(text: str) -> str:
    """The separator that most evenly divides the first lines."""
    sample = "\n".join(text.splitlines()[:40])
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
    if "\x00" in text:
        raise Unreadable(_no_text())
    separator = _separator(text)
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)

    def numbered() -> Iterator[tuple[int, list[str]]]:
        for row in reader:
            yield reader.line_num, row

    try:
        return _table(numbered(), encoding=encoding, separator=separator, kind="csv")
    except csv.Error as error:
        raise Unreadable(
            _("Line %(line)d cannot be read: a cell is longer than %(most)d characters, or a quotation mark is missing.")
            % {"line": reader.line_num, "most": LONGEST_CELL}
        ) from error


# --- spreadsheets ------------------------------------------------------------------------------------------
def _spreadsheet(data: bytes) -> Table:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        sizes = [entry.file_size for entry in archive.infolist()]
        names = set(archive.namelist())
    except zipfile.BadZipFile as error:
        raise Unreadable(_("This spreadsheet is damaged. Open it, save it anew and load that.")) from error
    if sum(sizes) > MOST_UNPACKED or len(sizes) > 5000:
        raise Unreadable(_("This spreadsheet unpacks to far more than a table needs; it was not opened."))
    try:
        if "xl/workbook.xml" in names:
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            rows = ([_text(cell) for cell in row] for row in book.worksheets[0].iter_rows(values_only=True))
            return _table(enumerate(rows, start=1), kind="xlsx")
        if "content.xml" in names:
            dataset = ODS().create_dataset(data)
            rows = ([_text(cell) for cell in row] for row in [dataset.headers or [], *dataset])
            return _table(enumerate(rows, start=1), kind="ods")
    except Unreadable:
        raise
    except Exception as error:  # the libraries raise whatever a broken part makes them stumble over
        raise Unreadable(_("This spreadsheet is damaged. Open it, save it anew and load that.")) from error
    raise Unreadable(_("This archive holds no spreadsheet. Save the table as CSV, XLSX or ODS and load that."))


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if not (cell.hour or cell.minute or cell.second) else cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


# --- both --------------------------------------------------------------------------------------------------
def _table(numbered: Iterator[tuple[int, list[str]]], *, encoding: str = "", separator: str = "", kind: str) -> Table:
    headers: list[str] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    uneven: list[int] = []
    for line, row in numbered:
        if not any(cell.strip() for cell in row):
            continue
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
