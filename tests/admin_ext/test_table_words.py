"""Every word of the table editor comes from the server, in Chinese too: compared with what the scripts ask for."""

from __future__ import annotations

import re

import pytest
from django.utils import translation

from admin_ext.studio import decision_words, table_words
from config.env import BASE_DIR

SOURCE = BASE_DIR / "admin_ext/frontend/src/studio"
BUNDLE = (BASE_DIR / "admin_ext/static/redraw/studio-tables.js").read_text(encoding="utf-8")
ASKED = re.compile(r"""\bt\(\s*"((?:[^"\\]|\\.)*)\"""")
TRANSLATED = re.compile(r"""ranslate\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|`([^`$]*)`)""")
NOT_HERE = {
    "Add cell description", "Remove cell description", "Change cell expression language", "Definition ID", "Definition name", "Expression language:", "Variable name",
    "Variable name:", "Variable type", "Variable type:", "View DRD", "name",
}
"""Texts of parts of dmn-js that are left out of the page, though their modules stand in the bundle to be left out by name."""


def unescaped(text: str) -> str:
    return text.replace('\\"', '"').replace("\\'", "'")


def test_the_scripts_ask_for_no_word_that_the_server_does_not_send() -> None:
    files = [SOURCE / "tables.js", SOURCE / "status.js", *(SOURCE / "tables").glob("*.js")]
    asked = {unescaped(text) for path in files for text in ASKED.findall(path.read_text(encoding="utf-8"))}
    with translation.override("zh-hans"):
        sent = set(decision_words.words())
    assert len(asked) > 40
    assert asked - sent == set()


def test_every_text_that_the_editor_hands_to_be_translated_is_known() -> None:
    found = {unescaped(one or two or three) for one, two, three in TRANSLATED.findall(BUNDLE)} - {""}
    known = {*table_words.EDITOR, *table_words.types()}
    assert len(found & known) > 60
    assert sorted(text for text in found - known if text not in NOT_HERE) == []


@pytest.mark.parametrize("text", table_words.OURS + table_words.EDITOR)
def test_every_word_has_chinese(text: str) -> None:
    with translation.override("zh-hans"):
        assert text in decision_words.words()
