"""A reason is told in the language of whoever reads it, whoever it happened to."""

from __future__ import annotations

import copy
import json
import pickle

import pytest
from django.utils.translation import override

from processes import feel
from processes.marked import Sentence, say, stored, word
from processes.spoken import gettext as _
from processes.spoken import kept, named, remembered, spoken, told


def through_a_row(text: str) -> dict[str, object]:
    return json.loads(json.dumps(kept(text)))


def test_what_an_expression_lacks_is_told_in_both_languages():
    reason = feel.evaluate("1 + \"a\"", {}).diagnostics[0].reason
    assert reason == "A number and a string cannot be added."
    with override("zh-hans"):
        assert spoken(reason) == "数字与文本不能相加。"
    assert spoken(reason) == "A number and a string cannot be added."


def test_a_text_that_does_not_parse_says_so_in_chinese():
    with pytest.raises(feel.FeelSyntaxError) as failed:
        feel.parse("1 +")
    with override("zh-hans"):
        assert spoken(failed.value.message) == "表达式不完整，缺少值。"


def test_a_row_written_by_a_chinese_worker_reads_english_to_an_english_reader():
    inner = say("There is no value named “%(name)s” here; check how it is spelt.", name="betrag")
    with override("zh-hans"):
        row = through_a_row(_("The expression “%(text)s” cannot be worked out: %(why)s") % {"text": "betrag", "why": inner})
        assert "betrag" in row["sentence"]
        assert "核对拼写" in row["sentence"]
    assert told(row) == (
        "The expression “betrag” cannot be worked out: There is no value named “betrag” here; check how it is spelt."
    )
    with override("zh-hans"):
        assert told(row) == row["sentence"]


def test_names_in_a_drawing_keep_both_languages():
    row = through_a_row(_("“%(name)s” waits for more than can still come. Skip it to go on with what has arrived.")
                        % {"name": named({"en": "Both done", "zh-hans": "均已完成"}, "Gateway_1")})  # fmt: skip
    assert told(row).startswith("“Both done” waits")
    with override("zh-hans"):
        assert told(row).startswith("“均已完成”")


def test_a_reason_is_kept_on_through_a_second_row():
    with override("zh-hans"):
        first = through_a_row(_("The collection to go through is not a list."))
        second = through_a_row(remembered(first))
    assert told(second) == "The collection to go through is not a list."


def test_an_ordinary_text_stays_as_it_is():
    assert spoken("Quota exceeded") == "Quota exceeded"
    assert through_a_row("Quota exceeded") == {"sentence": "Quota exceeded"}
    assert told({"sentence": "Quota exceeded"}) == "Quota exceeded"
    assert told(None) == ""
    assert remembered(None) == ""


def test_numbers_and_words_stay_what_they_are():
    assert stored(say("A list would have %(count)s items; at most %(most)s are allowed.", count=5, most=3)) == {
        "text": "A list would have %(count)s items; at most %(most)s are allowed.", "with": {"count": 5, "most": 3},
    }  # fmt: skip
    assert stored(word("list")) == {"text": "list", "context": "word"}


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda said: pickle.loads(pickle.dumps(said))])
def test_a_sentence_survives_being_copied(again):
    said = again(say("The text has %(count)s characters and none at this position.", count=3))
    assert isinstance(said, Sentence)
    assert (said.template, said.params) == ("The text has %(count)s characters and none at this position.", {"count": 3})


def test_an_expression_that_succeeds_makes_no_sentence(monkeypatch):
    expression = feel.parse("sum([1, 2, 3]) * if x > 2 then 10 else 0", ["x"])
    made = []
    monkeypatch.setattr(Sentence, "__new__", lambda *args: made.append(args))
    assert expression.evaluate({"x": 3}).value == 60
    assert made == []
