"""What counts as untranslated on a Chinese page."""

from __future__ import annotations

import pytest

from tests.browser.latin import foreign


@pytest.mark.parametrize("text", ["Save", "共 3 open", "Running processes 2", "状态：new", "12 of 40"])
def test_english_words_are_found_beside_chinese_ones(text: str) -> None:
    assert foreign(text)


@pytest.mark.parametrize(
    "text",
    ["第 3 版", "CSV 文件", "K-2026-00412", "O-2026-00208 · 商机推进", "li.na@redraw.example", "https://redraw.example/a", "v7", "Redraw CRM"],
)
def test_terms_numbers_and_addresses_are_not(text: str) -> None:
    assert not foreign(text)


def test_what_people_wrote_into_records_is_data() -> None:
    assert foreign("Huaxin Foods 华新食品")
    assert not foreign("Huaxin Foods 华新食品", frozenset({"Huaxin Foods"}))
