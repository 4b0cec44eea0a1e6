"""Files as companies have them: broken ones with what is said of them, and odd ones with what has to come of them."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import tablib

HEAD = ["name", "city", "employees", "account manager"]
ROW = ["华新食品", "昆山", "1200", "李娜"]


@dataclass(frozen=True)
class Broken:
    """A file that is refused, and what its sentence says."""

    name: str
    file: str
    data: Callable[[], bytes]
    says: str


@dataclass(frozen=True)
class Whole:
    """A file that is loaded: how many rows, and what one of its accounts is then."""

    name: str
    file: str
    data: Callable[[], bytes]
    rows: int = 1
    account: str = "华新食品"
    values: dict[str, Any] = field(default_factory=lambda: {"city": "昆山", "employees": 1200})


def csv_text(separator: str = ",", *rows: list[str]) -> str:
    return "\n".join(separator.join(row) for row in (HEAD, *(rows or (ROW,)))) + "\n"


def xlsx(*rows: list[Any], merged: str = "", **more: Any) -> bytes:
    book = openpyxl.Workbook()
    for row in rows or (HEAD, ROW):
        book.active.append(row)
    if merged:
        book.active.merge_cells(merged)
    out = io.BytesIO()
    book.save(out)
    return repacked(out.getvalue(), **more) if more else out.getvalue()


def repacked(data: bytes, *, add: dict[str, bytes] | None = None, replace: dict[bytes, bytes] | None = None) -> bytes:
    """An archive with parts added, and texts replaced in its first sheet."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name in ("xl/worksheets/sheet1.xml", "content.xml"):
                for before, after in (replace or {}).items():
                    assert before in content, before
                    content = content.replace(before, after)
            new.writestr(name, content)
        for name, content in (add or {}).items():
            new.writestr(name, content)
    return out.getvalue()


def ods(*rows: list[Any], **more: Any) -> bytes:
    table = tablib.Dataset(*(rows or (ROW,)), headers=HEAD)
    data = table.export("ods")
    return repacked(data, **more) if more else data


def bomb() -> bytes:
    return xlsx(add={f"xl/media/{n}.bin": b"0" * (90 * 1024 * 1024) for n in range(4)})


def noise(size: int = 6000) -> bytes:
    return random.Random(4).randbytes(size)


BROKEN = [
    Broken("empty file", "x.csv", lambda: b"", "is empty"),
    Broken("nothing but blank lines", "x.csv", lambda: b"\n\n , ,\n", "is empty"),
    Broken("only headers", "x.csv", lambda: b"name,city\n", "no rows"),
    Broken("only headers in XLSX", "x.xlsx", lambda: xlsx(HEAD), "no rows"),
    Broken("duplicate headers", "x.csv", lambda: b"name,city,Name \nA,B,C\n".replace(b"Name ", b"name"), "Two columns are called .name"),
    Broken("huge cell", "x.csv", lambda: b"name,city\n" + b"A" * 210_000 + b",B\n", "longer than 200000 characters"),
    Broken("open quotation mark", "x.csv", lambda: b'name,city\n"A,B\n' + b"C,D\n" * 55_000, "quotation mark is missing"),
    Broken("too many columns", "x.csv", lambda: ",".join(f"c{n}" for n in range(400)).encode() + b"\n1\n", "more than 300 columns"),
    Broken("PDF", "x.csv", lambda: b"%PDF-1.7\n1 0 obj", "This is a PDF file"),
    Broken("old XLS", "x.xls", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + noise(), "XLS"),
    Broken("binary file", "x.csv", noise, "no text and no spreadsheet"),
    Broken("binary file in Latin letters", "x.csv", lambda: bytes(b % 128 for b in noise()).replace(b"\x00", b"\x01"), "no text and no spreadsheet"),
    Broken("NUL bytes", "x.csv", lambda: b"name,city\nA\x00cme,B\n", "no text and no spreadsheet"),
    Broken("wrong encoding", "x.csv", lambda: b"\xef\xbb\xbfname,city\n\xbb\xaa,B\n", "not clean UTF-8"),
    Broken("half a UTF-16", "x.csv", lambda: "name,city\nA,B".encode("utf-16")[:-1], "not clean UTF-16"),
    Broken("zip bomb", "x.xlsx", bomb, "unpacks to far more"),
    Broken("archive of something else", "x.xlsx", lambda: repacked(_zip(a=b"1")), "holds no spreadsheet"),
    Broken("damaged archive", "x.xlsx", lambda: xlsx()[:900], "damaged"),
    Broken("damaged sheet", "x.xlsx", lambda: xlsx(replace={b"</row>": b"</wor>"}), "damaged"),
    Broken("formula without its result", "x.xlsx", lambda: xlsx(HEAD, ["A", "B", "=600*2", ""]), "Cell C2 holds a formula"),
    Broken("merged header", "x.xlsx", lambda: xlsx(["name", "place", None, "who"], ["A", "B", "C", "D"], merged="B1:C1"), "header in row 1 has merged cells"),
    Broken("merged header of two rows", "x.xlsx", lambda: xlsx(["who", None, "where", None], HEAD, ROW, merged="A1:B1"), "merged cells"),
    Broken("ODS row without end", "x.ods", lambda: ods(replace={b"<table:table-row": b'<table:table-row table:number-rows-repeated="900000"'}), "is repeated 900000 times"),
    Broken("damaged ODS", "x.ods", lambda: ods(replace={b"</table:table-row>": b""}), "damaged"),
]  # fmt: skip

WHOLE = [
    Whole("UTF-8", "x.csv", lambda: csv_text().encode()),
    Whole("UTF-8 with BOM", "x.csv", lambda: csv_text().encode("utf-8-sig")),
    Whole("GB18030", "x.csv", lambda: csv_text().encode("gb18030")),
    Whole("UTF-16", "x.csv", lambda: csv_text().encode("utf-16")),
    Whole("UTF-16 big-endian with tabs, as spreadsheets write “Unicode text”", "x.txt", lambda: b"\xfe\xff" + csv_text("\t").encode("utf-16-be")),
    Whole("semicolons", "x.csv", lambda: csv_text(";").encode()),
    Whole("tabs", "x.tsv", lambda: csv_text("\t").encode()),
    Whole("separator said in the first line", "x.csv", lambda: ("sep=;\r\n" + csv_text(";")).encode()),
    Whole("accents in Windows Latin", "x.csv", lambda: csv_text(";", ["Müller & Söhne", "Köln", "12", "li.na"], ["Ärzte", "Zürich", "3", "li.na"]).encode("cp1252"),
          rows=2, account="Müller & Söhne", values={"city": "Köln"}),
    Whole("comma decimals and points for thousands", "x.csv", lambda: b"name;yearly revenue;account manager\nOne;1.234;li.na\nTwo;1.234,56;li.na\nThree;12,5;li.na\n",
          rows=3, account="One", values={"revenue": Decimal(1234)}),
    Whole("amounts in units of ten thousand", "x.csv", lambda: "客户名称,年营业额,客户经理\n华新食品,１２０.5万,李娜\n".encode(), values={"revenue": Decimal(1205000)}),
    Whole("XLSX", "x.xlsx", xlsx),
    Whole("XLSX renamed .csv", "x.csv", xlsx),
    Whole("CSV renamed .xlsx", "x.xlsx", lambda: csv_text().encode()),
    Whole("XLSX with formulas and their results", "x.xlsx", lambda: xlsx(HEAD, ["华新食品", "昆山", "1200", "李娜"], replace={
        b'<c r="C2" t="inlineStr"><is><t>1200</t></is></c>': b'<c r="C2"><f>600*2</f><v>1200</v></c>'})),
    Whole("XLSX with macros", "x.xlsm", lambda: xlsx(add={"xl/vbaProject.bin": noise()})),
    Whole("XLSX with a merged title above the header", "x.xlsx", lambda: xlsx(["Customers 2026", None, None, None], HEAD, ROW, merged="A1:D1")),
    Whole("XLSX with numbers and dates", "x.xlsx", lambda: xlsx(HEAD, ["华新食品", "昆山", 1200.0, "李娜"])),
    Whole("ODS", "x.ods", ods),
    Whole("ODS with empty cells written once", "x.ods", lambda: ods(["华新食品", "EMPTY", "1200", "李娜"], replace={
        b'<table:table-cell office:value-type="string"><text:p text:style-name="None">EMPTY</text:p></table:table-cell>': b"<table:table-cell/>"}),
        values={"city": "", "employees": 1200}),
    Whole("an old title line and blank lines", "x.csv", lambda: ("Export of 24 November\n\n" + csv_text() + "\n\n").encode()),
    Whole("odd control characters", "x.csv", lambda: ("\n".join([",".join(HEAD), "华新\x0b食品,昆\x02山,1200,李娜", *(f"Firm {n},Wuxi,{n},li.na" for n in range(40))])).encode(),
          rows=41, account="华新 食品"),
    Whole("markup and formulas as names", "x.csv", lambda: csv_text(",", ["=1+1", "<b>Kunshan</b>", "5", "li.na"]).encode(), account="=1+1", values={"city": "<b>Kunshan</b>"}),
]  # fmt: skip

DATES = {
    "month first": (["3/14/2026", "3/4/2026"], [date(2026, 3, 14), date(2026, 3, 4)]),
    "day first": (["14/3/2026", "3/4/2026"], [date(2026, 3, 14), date(2026, 4, 3)]),
    "Chinese": (["2026年3月14日", "二〇二六年四月三日"], [date(2026, 3, 14), date(2026, 4, 3)]),
    "German": (["14.03.2026", "3.4.2026"], [date(2026, 3, 14), date(2026, 4, 3)]),
}


def _zip(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()
