"""One cell at a time: from the text of a file to a value, with every repair named and counted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from crm_core.integration.definitions import Column

EMPTY = frozenset({"null", "none", "n/a", "#n/a", "na", "-", "--", "—", "无", "暂无", "nan"})
YES, NO = frozenset({"1", "true", "yes", "y", "是", "有", "x"}), frozenset({"0", "false", "no", "n", "否", "没有"})
_UNITS = {"万": Decimal(10_000), "萬": Decimal(10_000), "亿": Decimal(100_000_000), "k": Decimal(1000), "K": Decimal(1000)}
_MONEY = re.compile(r"[¥￥$€£]|CNY|RMB|USD|EUR|元|人民币", re.IGNORECASE)
_DATES = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d", "%d.%m.%Y", "%d %b %Y", "%b %d, %Y")
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})\Z")


class Refused(Exception):
    """A cell that cannot be loaded; the sentence says what is wrong and what to do."""


def order_of_dates(texts: Iterable[str]) -> str:
    """Whether dates like 3/4/2017 put the month first ("mdy") or the day ("dmy"): told by one that can only be read
    one way; without such a one, month first."""
    for text in texts:
        found = _SLASHED.match(text.strip().split(" ")[0])
        if found and int(found[1]) > 12:
            return "dmy"
    return "mdy"


def tidy(text: str) -> tuple[str, str]:
    """The text without full-width forms, odd blanks and words for nothing; and the kind of repair, if there was one."""
    normal = " ".join(unicodedata.normalize("NFKC", text).split())
    if normal.casefold() in EMPTY:
        return "", "empty"
    if normal != text.strip():
        narrow = unicodedata.normalize("NFKC", text) != text
        return normal, "width" if narrow else "blanks"
    return normal, ""


def read(column: Column, text: str, *, dates: str = "mdy") -> tuple[Any, str]:
    """The value of a tidy text and the kind of repair it took ("" for none). Raises Refused."""
    if text == "":
        return ("" if column.kind in ("text", "choice") else None), ""
    if column.kind in ("number", "integer"):
        return _number(column, text)
    if column.kind == "date":
        return _date(text, dates), ""
    if column.kind == "flag":
        return _flag(text), ""
    if column.kind == "choice":
        return _choice(column, text)
    if column.longest and len(text) > column.longest:
        raise Refused(_("“%(start)s…” is longer than %(most)d characters.") % {"start": text[:40], "most": column.longest})
    return text, ""


def _number(column: Column, text: str) -> tuple[Any, str]:
    plain, repair = _MONEY.sub("", text).strip().replace(" ", "").replace("'", ""), ""
    factor = Decimal(1)
    if plain and plain[-1] in _UNITS:
        factor, plain, repair = _UNITS[plain[-1]], plain[:-1], "unit"
    if "," in plain and "." in plain:
        comma_last = plain.rfind(",") > plain.rfind(".")
        plain = plain.replace(".", "").replace(",", ".") if comma_last else plain.replace(",", "")
    elif plain.count(",") == 1 and len(plain.split(",")[1]) != 3:
        plain = plain.replace(",", ".")
    else:
        plain = plain.replace(",", "")
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
    day = text.split("T")[0].split(" ")[0] if re.match(r"\d{4}-\d{2}-\d{2}[T ]", text) else text
    found = _SLASHED.match(day)
    if found:
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        month, number = (first, second) if order == "mdy" else (second, first)
        try:
            return date(year, month, number)
        except ValueError:
            raise Refused(_("“%(text)s” is no date of the calendar.") % {"text": text[:40]}) from None
    for pattern in _DATES:
        try:
            return datetime.strptime(day, pattern).date()
        except ValueError:
            continue
    raise Refused(_("“%(text)s” is no date. Write it like 2026-11-24.") % {"text": text[:40]})


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


def repaired(text: str, repairs: Mapping[str, str]) -> tuple[str, str]:
    """The text that a mapping puts in place of another, and what it replaced ("" for nothing)."""
    if text in repairs:
        return repairs[text], f"“{text}” → “{repairs[text]}”"
    return text, ""
