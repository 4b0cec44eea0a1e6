"""The product is read in Chinese as completely as in English: nothing is missing, stale, guessed or maimed."""

from __future__ import annotations

import re

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from config import messages
from tests.support.chinese import misprints

CATALOGUES = (*messages.PACKAGES, messages.OTHERS)
PLACES = re.compile(r"%\(\w+\)[sd]|%[sd]|(?<!\{)\{\w*\}")


def committed(package: str) -> list[Message]:
    with messages.path_of(package).open("rb") as lines:
        return [message for message in read_po(lines, locale=messages.LANGUAGE) if message.id]


def pairs(message: Message) -> list[tuple[str, str]]:
    """English and Chinese of a message; Chinese knows one number, so it answers the plural."""
    if isinstance(message.id, str):
        return [(message.id, message.string)]
    return [(message.id[-1], said) for said in message.string]


def maimed(english: str, chinese: str) -> bool:
    return sorted(set(PLACES.findall(english))) != sorted(set(PLACES.findall(chinese)))


@pytest.mark.parametrize("package", CATALOGUES)
def test_a_catalogue_holds_what_the_source_says_today(package: str) -> None:
    fresh = messages.written(messages.brought_up_to_date(package, messages.words(package)))

    assert messages.path_of(package).read_bytes() == fresh, "Run `make messages` and translate what is new."


@pytest.mark.parametrize("package", CATALOGUES)
def test_every_text_has_a_translation_that_nobody_guessed(package: str) -> None:
    missing = [m.id for m in committed(package) if m.fuzzy or not all(chinese for _, chinese in pairs(m))]

    assert missing == []


@pytest.mark.parametrize("package", CATALOGUES)
def test_a_translation_keeps_every_place_to_be_filled(package: str) -> None:
    wrong = [(english, chinese) for m in committed(package) for english, chinese in pairs(m) if maimed(english, chinese)]

    assert wrong == []


@pytest.mark.parametrize("package", CATALOGUES)
def test_chinese_is_punctuated_and_spaced_as_chinese(package: str) -> None:
    wrong = [
        chinese
        for m in committed(package)
        for _, chinese in pairs(m)
        if misprints(chinese) and not (m.context or "").startswith("date format")
    ]

    assert wrong == []


@pytest.mark.parametrize("package", CATALOGUES)
def test_white_space_at_the_ends_is_kept_where_lines_are_joined(package: str) -> None:
    wrong = [(e, c) for m in committed(package) for e, c in pairs(m) if e.startswith("\n") != c.startswith("\n")]

    assert wrong == []


def test_every_name_under_which_a_text_is_marked_is_known_to_the_extraction() -> None:
    alias = re.compile(r"import \(?.*?\b(\w*gettext\w*) as (\w+)")
    unknown = {
        f"{path}: {name}"
        for package in messages.PACKAGES
        for path in (messages.BASE_DIR / package).rglob("*.py")
        for _function, name in alias.findall(path.read_text(encoding="utf-8"))
        if name not in messages._PYTHON
    }

    assert unknown == set()


def test_one_text_reads_the_same_on_every_floor() -> None:
    said: dict[tuple[str, str | None], set[str]] = {}
    for package in CATALOGUES:
        for message in committed(package):
            for english, chinese in pairs(message):
                said.setdefault((english, message.context), set()).add(chinese)

    assert {text: ways for text, ways in said.items() if len(ways) > 1} == {}


def test_the_checks_bite() -> None:
    assert maimed("%(n)d of {all}", "{all} 中的 %(m)d")
    assert not maimed("%(n)d of {all}", "{all} 中的 %(n)d")
    assert misprints("请填写,再提交")
    assert misprints('选"是"')
    assert misprints("第3页")
    assert not misprints("请填写 name@company.com，再提交（必填）。")
    assert not misprints("%(person)s办理 {{= count(cases)}}件")
    read = {word.key for word in messages._read('_("a"); ngettext("b", "c", 2); pgettext("d", "e")', "x.py")}
    assert read == {("a", None), ("b", None), ("e", "d")}
