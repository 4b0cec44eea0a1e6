"""One cell at a time: from the text of a file to a value, with every repair named and counted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from babel import Locale
from django.utils.translation import gettext as _

from crm_core.integration.definitions import Column

EMPTY = frozenset({"null", "none", "n/a", "#n/a", "na", "-", "--", "—", "无", "暂无", "nan"})
YES, NO = frozenset({"1", "true", "yes", "y", "是", "有", "x"}), frozenset({"0", "false", "no", "n", "否", "没有"})
_UNITS = {"万": Decimal(10_000), "萬": Decimal(10_000), "亿": Decimal(100_000_000), "k": Decimal(1000), "K": Decimal(1000)}
_MONEY = re.compile(r"[¥￥$€£]|CNY|RMB|USD|EUR|元|人民币", re.IGNORECASE)
_DATES = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y年%m月%d号", "%Y%m%d", "%d.%m.%Y", "%d %b %Y", "%b %d, %Y")
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})\Z")
_TIME = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?( ?[AaPp]\.?[Mm]\.?)?(Z|[+-]\d{2}:?\d{2})?\Z")
_HAN_DATE = re.compile(r"([〇零○一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})[日号]\Z")
_HAN = {"〇": 0, "零": 0, "○": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_COMMA = re.compile(r"-?\d+,(\d{1,2}|\d{4,})|-?\d{1,3}(\.\d{3})+,\d+|-?\d{1,3}(\.\d{3}){2,}")
_POINT = re.compile(r"-?\d+\.(\d{1,2}|\d{4,})|-?\d{1,3}(,\d{3})+\.\d+|-?\d{1,3}(,\d{3}){2,}")


class Refused(Exception):
    """A cell that cannot be loaded; the sentence says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a column writes its dates ("mdy", "dmy") and the decimals of its numbers ("." or ","); "?" where it has
    such values and none of them tells, "" where it has none."""

    dates: str = ""
    decimals: str = ""


UNTOLD = Style()


def style_of(texts: Iterable[str]) -> Style:
    """How a column writes dates and numbers, told by those of its values that can be read in one way alone."""
    dates = decimals = ""
    for text in texts:
        plain = text.strip()
        if not any(mark in plain for mark in "/-.,"):
            continue
        if dates in ("", "?"):
            dates = _date_style(plain) or dates
        if decimals in ("", "?"):
            decimals = _decimal_style(plain) or decimals
        if dates in ("mdy", "dmy") or decimals in (".", ","):
            break
    return Style(dates, decimals)


def _date_style(text: str) -> str:
    found = _SLASHED.match(_TIME.sub("", text))
    if found is None:
        return ""
    first, second = int(found[1]), int(found[2])
    return "dmy" if first > 12 else "mdy" if second > 12 else "?" if first != second else ""


def _decimal_style(text: str) -> str:
    plain = _plain_number(text)
    if _COMMA.fullmatch(plain):
        return ","
    if _POINT.fullmatch(plain):
        return "."
    return "?" if re.fullmatch(r"-?\d{1,3}[.,]\d{3}", plain) else ""


def tidy(text: str) -> tuple[str, str]:
    """The text without full-width forms, odd blanks and words for nothing; and the kind of repair, if there was one."""
    normal = " ".join(unicodedata.normalize("NFKC", text).split())
    if normal.casefold() in EMPTY:
        return "", "empty"
    if normal != text.strip():
        narrow = unicodedata.normalize("NFKC", text) != text
        return normal, "width" if narrow else "blanks"
    return normal, ""


def read(column: Column, text: str, *, style: Style = UNTOLD) -> tuple[Any, str]:
    """The value of a tidy text and the kind of repair it took ("" for none), in a column that writes dates and numbers
    in `style`; where that tells nothing, the month and the decimal point are taken for granted. Raises Refused."""
    if text == "":
        return ("" if column.kind in ("text", "choice") else None), ""
    if column.kind in ("number", "integer"):
        return _number(column, text, style.decimals)
    if column.kind == "date":
        return _date(text, style.dates), ""
    if column.kind == "flag":
        return _flag(text), ""
    if column.kind == "choice":
        return _choice(column, text)
    if column.kind == "country":
        return _country(text), ""
    if column.longest and len(text) > column.longest:
        raise Refused(_("“%(start)s…” is longer than %(most)d characters.") % {"start": text[:40], "most": column.longest})
    return text, ""


def _plain_number(text: str) -> str:
    return _MONEY.sub("", text).strip().replace(" ", "").replace("'", "")


def _number(column: Column, text: str, decimals: str) -> tuple[Any, str]:
    plain, repair = _plain_number(text), ""
    factor = Decimal(1)
    if plain and plain[-1] in _UNITS:
        factor, plain, repair = _UNITS[plain[-1]], plain[:-1], "unit"
    if not re.fullmatch(r"[+-]?[\d.,]*(e[+-]?\d{1,3})?", plain, re.IGNORECASE):
        raise Refused(_("“%(text)s” is no number.") % {"text": text[:60]})
    if "," in plain and "." in plain:
        comma_last = plain.rfind(",") > plain.rfind(".")
    elif plain.count(",") + plain.count(".") == 1 and len(re.split("[,.]", plain)[1]) != 3:
        comma_last = "," in plain
    else:
        comma_last = decimals == "," or plain.count(".") > 1
    plain = plain.replace(".", "").replace(",", ".") if comma_last else plain.replace(",", "")
    try:
        value = Decimal(plain) * factor
    except InvalidOperation:
        raise Refused(_("“%(text)s” is no number.") % {"text": text[:60]}) from None
    if not value.is_finite():
        raise Refused(_("“%(text)s” is no number.") % {"text": text[:60]})
    if column.kind == "integer":
        if value != value.to_integral_value():
            raise Refused(_("“%(text)s” is no whole number.") % {"text": text[:60]})
        return int(value), repair
    return value, repair


def _date(text: str, order: str) -> date:
    day = _TIME.sub("", text)
    found = _SLASHED.match(day)
    if found:
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        month, number = (second, first) if order == "dmy" else (first, second)
        return _calendar_day(text, year, month, number)
    if han := _HAN_DATE.match(day):
        year = int("".join(str(_HAN[sign]) for sign in han[1]))
        return _calendar_day(text, year, _han_number(han[2]), _han_number(han[3]))
    for pattern in _DATES:
        try:
            return datetime.strptime(day, pattern).date()
        except ValueError:
            continue
    raise Refused(_("“%(text)s” is no date. Write it like 2026-11-24.") % {"text": text[:40]})


def _calendar_day(text: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Refused(_("“%(text)s” is no date of the calendar.") % {"text": text[:40]}) from None


def _han_number(text: str) -> int:
    """十 is 10, 二十一 is 21; 0 for what is no number."""
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _HAN.get(text, 0)
    return (_HAN.get(tens, 0) if tens else 1) * 10 + (_HAN.get(ones, 0) if ones else 0)


def _flag(text: str) -> bool:
    word = text.casefold()
    if word in YES or word in NO:
        return word in YES
    raise Refused(_("“%(text)s” is neither yes nor no.") % {"text": text[:40]})


def _choice(column: Column, text: str) -> tuple[str, str]:
    word = text.casefold()
    for value, words in column.choices.items():
        if word == value.casefold():
            return value, ""
        if word in (each.casefold() for each in words):
            return value, ""
    known = ", ".join(column.choices)
    raise Refused(_("“%(text)s” is not among the choices (%(known)s).") % {"text": text[:60], "known": known[:200]})


@cache
def _countries() -> dict[str, str]:
    """Codes of two letters by themselves and by the names of countries in English and Chinese."""
    known = {"usa": "US", "u.s.a.": "US", "uk": "GB", "great britain": "GB", "england": "GB", "korea": "KR", "holland": "NL", "p.r. china": "CN"}
    for language in ("en", "zh_Hans"):
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha():
                known |= {code.casefold(): code, name.casefold(): code}
    return known


def _country(text: str) -> str:
    code = _countries().get(text.casefold())
    if code is None:
        raise Refused(_("“%(text)s” is no country. Write its name in English or Chinese, or its two letters, such as CN.") % {"text": text[:60]})
    return code


def repaired(text: str, repairs: Mapping[str, str]) -> tuple[str, str]:
    """The text that a mapping puts in place of another, and what it replaced ("" for nothing)."""
    if text in repairs:
        return repairs[text], f"“{text}” → “{repairs[text]}”"
    return text, ""
