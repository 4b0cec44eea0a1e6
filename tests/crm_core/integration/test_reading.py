"""Tables out of files: encodings, separators, spreadsheets, and what is refused with which sentence."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from crm_core.integration.definitions import Column
from crm_core.integration.reading import Unreadable, read_table
from crm_core.integration.values import Refused, Style, read, style_of, tidy

TEXT = "客户名称,城市\n华新食品,昆山\n美林贸易,苏州\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "utf-8"), (b"\xef\xbb\xbf" + TEXT.encode(), "utf-8-sig"), (TEXT.encode("gb18030"), "gb18030"),
        (TEXT.encode("utf-16"), "utf-16"), ("name,city\nAcme,Lille\n".encode("utf-16-le"), "utf-16-le"),
        ("name,city\nAcme,Lille\n".encode("utf-16-be"), "utf-16-be"),
    ],
)  # fmt: skip
def test_usual_encodings_are_told_apart(data, encoding):
    table = read_table(data)
    assert (table.encoding, len(table.rows), len(table.headers)) == (encoding, len(table.rows), 2)
    assert table.rows[0][1] in ("昆山", "Lille")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_usual_separators_and_quoted_newlines_are_read(separator):
    table = read_table(separator.join(["a", "b"]).encode() + b"\n" + separator.join(['"x\ny"', '"1""2"']).encode() + b"\n")
    assert (table.separator, table.rows, table.lines) == (separator, [["x\ny", '1"2']], [3])


def test_a_spreadsheet_is_read_with_its_dates_and_whole_numbers():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["name", "since", "people"])
    sheet.append(["Acme", date(2026, 3, 4), 12.0])
    out = io.BytesIO()
    book.save(out)
    table = read_table(out.getvalue())
    assert (table.kind, table.rows) == ("xlsx", [["Acme", "2026-03-04", "12"]])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"), (b"a,b\n", "no rows"), (b"%PDF-1.7 ...", "not a table"), (b"\x89PNG\r\n", "not a table"),
        (b"a,a\n1,2\n", "Two columns are called"), (b"PK\x03\x04broken", "damaged"), (b"a,b\n" + b"\x00\x01" * 3 + b",x\n", "no text"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_with_a_sentence(data, said):
    with pytest.raises(Unreadable) as refused:
        read_table(data)
    assert said in refused.value.sentence


def test_an_archive_that_unpacks_to_far_too_much_is_not_opened():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(4):
            archive.writestr(f"xl/part{number}.xml", b"0" * (90 * 1024 * 1024))
        archive.writestr("xl/workbook.xml", b"<x/>")
    with pytest.raises(Unreadable, match="unpacks to far more"):
        read_table(out.getvalue())


@pytest.mark.parametrize(
    ("text", "value", "repair"),
    [
        ("105.5万", Decimal("1055000.0"), "unit"), ("¥3349,594.79", Decimal("3349594.79"), ""), ("1.234,56", Decimal("1234.56"), ""),
        ("1,234.56", Decimal("1234.56"), ""), ("12,5", Decimal("12.5"), ""), ("1,234", Decimal(1234), ""), ("1.234.567", Decimal(1234567), ""), ("1 234,5", Decimal("1234.5"), ""), ("-7", Decimal(-7), ""),
    ],
)  # fmt: skip
def test_amounts_are_read_as_people_write_them(text, value, repair):
    assert read(Column("x", "x", "number"), text) == (value, repair)


@pytest.mark.parametrize(
    "text",
    ["2023-01-05", "2023/1/5", "2023.01.05", "2023年1月5日", "2023年01月05号", "二〇二三年一月五日", "20230105", "5.1.2023", "1/5/2023",
     "2023-01-05 13:45:10", "2023-01-05T13:45:10.123Z", "1/5/2023 0:00", "1/5/2023 1:05:00 PM"],
)  # fmt: skip
def test_dates_are_read_in_the_usual_styles(text):
    assert read(Column("x", "x", "date"), text) == (date(2023, 1, 5), "")


def test_the_order_of_day_and_month_is_told_from_the_whole_column():
    assert style_of(["1/5/2017", "25/5/2017"]).dates == "dmy"
    assert style_of(["1/5/2017", "3/14/2017 0:00"]).dates == "mdy"
    assert style_of(["1/5/2017", "3/4/2017"]).dates == "?"
    assert read(Column("x", "x", "date"), "3/4/2017", style=Style("dmy"))[0] == date(2017, 4, 3)
    assert read(Column("x", "x", "date"), "3/4/2017", style=Style("?"))[0] == date(2017, 3, 4)


def test_the_decimals_of_a_column_are_told_from_the_whole_column():
    assert style_of(["1.234", "12,5"]).decimals == ","
    assert style_of(["1,234", "12.5"]).decimals == "."
    assert style_of(["1.234"]).decimals == "?"
    comma = Style(decimals=",")
    assert [read(Column("x", "x", "number"), text, style=comma)[0] for text in ("1.234", "12,5", "1,234", "12.5")] == [
        Decimal(1234), Decimal("12.5"), Decimal("1.234"), Decimal("12.5"),
    ]  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), [("number", "many"), ("number", "NaN1"), ("number", "sNaN"), ("number", "1e999999999"), ("number", "0x10"), ("date", "二〇二三年十三月五日"), ("integer", "1.5"), ("date", "31/31/2020"), ("flag", "maybe")])
def test_what_cannot_be_read_is_refused(kind, text):
    with pytest.raises(Refused):
        read(Column("x", "x", kind), text)


@pytest.mark.parametrize("text", ["China", "中国", "cn", "P.R. China"])
def test_a_country_is_kept_as_its_two_letters(text):
    assert read(Column("x", "x", "country"), text) == ("CN", "")
    with pytest.raises(Refused, match="no country"):
        read(Column("x", "x", "country"), "Atlantis")


def test_odd_characters_are_repaired_and_said():
    assert tidy("ＡＢＣ　１２") == ("ABC 12", "width")
    assert tidy("a  b") == ("a b", "blanks")
    assert tidy("NULL") == ("", "empty")
    assert tidy(" plain ") == ("plain", "")
