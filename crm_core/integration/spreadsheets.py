"""Rows out of XLSX and ODS: measured before they are unpacked, streamed, and never with a value that stands elsewhere.

Formulas are not run: what counts is the result that the spreadsheet program has stored. Where it stored none, the file is
refused, since an empty cell would say something else. Macros are not looked at.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse
from django.utils.translation import gettext as _
from openpyxl.utils.exceptions import InvalidFileException

from processes.errors import Invalid

MOST_UNPACKED, MOST_PARTS, MOST_TEXTS = 300 * 1024 * 1024, 5000, 100 * 1024 * 1024
MOST_REPEATED, MOST_LINES, WIDEST = 300_000, 2**20, 16_384
_BROKEN = (
    zipfile.BadZipFile, ParseError, DefusedXmlException, InvalidFileException, KeyError, ValueError, TypeError, IndexError,
    AttributeError, OSError, EOFError, OverflowError, NotImplementedError, RuntimeError,
)  # fmt: skip
"""What the libraries raise over damaged files."""

_OFFICE, _TABLE, _TEXT = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("office", "table", "text")
)
_FORMULA, _MERGED = re.compile(rb"<(?:\w+:)?f[ >/]"), re.compile(rb"<(?:\w+:)?mergeCell [^>]*ref=\"([A-Z]+)(\d+):([A-Z]+)(\d+)\"")


class Unreadable(Invalid):
    """The file cannot be read as a table; nothing was loaded."""

    code = "import_unreadable"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a spreadsheet's first sheet as texts, each with its number."""

    kind: str
    rows: Iterator[tuple[int, list[str]]]


def read(data: bytes) -> Sheet:
    """The first sheet of a spreadsheet. Raises Unreadable with a sentence that says what to do, also while its rows are
    drawn."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    except _BROKEN as error:
        raise _damaged() from error
    texts = sizes.get("xl/sharedStrings.xml", 0)
    if sum(sizes.values()) > MOST_UNPACKED or texts > MOST_TEXTS or len(sizes) > MOST_PARTS:
        raise Unreadable(_("This spreadsheet unpacks to far more than a table needs; it was not opened. Save the table as CSV and load that."))
    if any(entry.flag_bits & 1 for entry in archive.infolist()):
        raise Unreadable(_("This spreadsheet is locked with a password. Save it without one and load that."))
    if "xl/workbook.xml" in sizes:
        return Sheet("xlsx", _whole(_xlsx(data, archive)))
    if "content.xml" in sizes:
        return Sheet("ods", _whole(_ods(archive)))
    raise Unreadable(_("This archive holds no spreadsheet. Save the table as CSV, XLSX or ODS and load that."))


def _damaged() -> Unreadable:
    return Unreadable(_("This spreadsheet is damaged. Open it, save it anew and load that."))


def _whole(rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    try:
        yield from rows
    except _BROKEN as error:
        raise _damaged() from error


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if not (cell.hour or cell.minute or cell.second) else cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


# --- XLSX --------------------------------------------------------------------------------------------------
def _xlsx(data: bytes, archive: zipfile.ZipFile) -> Iterator[tuple[int, list[str]]]:
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    sheet = next((each for each in book.worksheets if each.sheet_state == "visible"), None)
    if sheet is None:
        raise Unreadable(_("This spreadsheet has no visible sheet. Show the sheet that holds the table, save it and load that."))
    formulas, merged = _looked_over(archive, sheet._worksheet_path)
    written = None
    if formulas:
        other = openpyxl.load_workbook(io.BytesIO(data), read_only=True)[sheet.title]
        other.reset_dimensions()
        written = other.iter_rows()
    sheet.reset_dimensions()
    header = 0
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        if number > MOST_LINES:
            raise _damaged()
        if written is not None:
            _must_have_results(row, next(written, ()))
        cells = [_text(cell) for cell in row]
        if not header and sum(1 for cell in cells if cell.strip()) > 1:
            header = number
            _must_stand_alone(number, merged)
        yield number, cells


def _looked_over(archive: zipfile.ZipFile, path: str) -> tuple[bool, list[tuple[int, int]]]:
    """Whether a sheet has formulas, and the first and last rows of what is merged sideways in it."""
    formulas, merged, rest = False, [], b""
    with archive.open(path) as part:
        while block := part.read(1 << 20):
            seen = rest + block
            formulas = formulas or _FORMULA.search(seen) is not None
            for found in _MERGED.finditer(seen):
                if found[1] != found[3]:
                    merged.append((int(found[2]), int(found[4])))
            rest = seen[-200:]
    return formulas, merged


def _must_stand_alone(number: int, merged: list[tuple[int, int]]) -> None:
    if any(first <= number <= last for first, last in merged):
        raise Unreadable(
            _("The header in row %(row)d has merged cells. Undo the merging, so that every column has a name of its own in one row, and load the file again.")
            % {"row": number}
        )


def _must_have_results(results: tuple[Any, ...], written: tuple[Any, ...]) -> None:
    for result, cell in zip(results, written, strict=False):
        if result is None and cell.data_type == "f":
            raise Unreadable(
                _("Cell %(cell)s holds a formula without its result. Open the file in a spreadsheet program, save it there and load that.")
                % {"cell": cell.coordinate}
            )


# --- ODS ---------------------------------------------------------------------------------------------------
def _ods(archive: zipfile.ZipFile) -> Iterator[tuple[int, list[str]]]:
    """The rows of the first table, with cells and rows that are written once and repeated in their places."""
    number, cells = 0, list[str]()
    with archive.open("content.xml") as part:
        for event, element in iterparse(part, events=("start", "end"), forbid_dtd=True):
            if event == "start":
                if element.tag == f"{_TABLE}table-row":
                    cells = []
                continue
            if element.tag in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
                text = _ods_text(element)
                times = _times(element, "number-columns-repeated", WIDEST)
                # A long row of empty cells to the sheet's edge says nothing; a value stands there once for each.
                cells.extend([text] * (times if text or times < 1000 else 0))
                if len(cells) > WIDEST:
                    raise _damaged()
            elif element.tag == f"{_TABLE}table-row":
                times = _times(element, "number-rows-repeated", 2**21)
                if any(cells):
                    if times > MOST_REPEATED:
                        raise Unreadable(_("Row %(row)d of this spreadsheet is repeated %(times)d times. Delete what is too much and load it again.") % {"row": number + 1, "times": times})
                    for repeated in range(times):
                        yield number + 1 + repeated, list(cells)
                number += times
                element.clear()
            elif element.tag == f"{_TABLE}table":
                return


def _times(element: Any, name: str, most: int) -> int:
    return max(1, min(int(element.get(f"{_TABLE}{name}", "1")), most))


def _ods_text(cell: Any) -> str:
    kind = cell.get(f"{_OFFICE}value-type", "")
    if kind in ("float", "currency", "percentage"):
        return _text(float(cell.get(f"{_OFFICE}value")))
    if kind == "date":
        return str(cell.get(f"{_OFFICE}date-value", "")).replace("T", " ").removesuffix(" 00:00:00")
    if kind == "boolean":
        return str(cell.get(f"{_OFFICE}boolean-value", ""))
    return "\n".join("".join(_pieces(line)) for line in cell.iter(f"{_TEXT}p"))


def _pieces(line: Any) -> Iterator[str]:
    if line.text:
        yield line.text
    for piece in line:
        if piece.tag == f"{_TEXT}s":
            yield " " * min(int(piece.get(f"{_TEXT}c", "1")), 1000)
        elif piece.tag in (f"{_TEXT}tab", f"{_TEXT}line-break"):
            yield " "
        elif not piece.tag.startswith(_OFFICE):
            yield from _pieces(piece)
        if piece.tail:
            yield piece.tail
