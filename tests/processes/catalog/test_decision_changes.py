"""What changed between two versions of a decision, as its owner reads it in either language."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from processes.catalog.decision_changes import changes
from processes.catalog.models import DecisionDefinition, DecisionVersion, State
from processes.dmn import Document
from processes.dmn import model as m
from tests.processes.publication.drawing import table

pytestmark = pytest.mark.django_db


def versions(**change: Any) -> tuple[DecisionVersion, DecisionVersion]:
    definition = DecisionDefinition.objects.create(key="size", titles={"en": "Size"})
    first = DecisionVersion.objects.create(definition=definition, number=1, dmn=table(), state=State.PUBLISHED)
    document = Document(table())
    changed = document.with_table(0, replace(document.tables[0].table, **change)).write().decode()
    return first, DecisionVersion.objects.create(definition=definition, number=2, dmn=changed)


def all_changes() -> dict[str, Any]:
    old = Document(table()).tables[0].table
    column = m.Input("", "Colour", m.Text("colour"), "string", None)
    rules = [replace(rule, tests=(*rule.tests, m.Text("-"))) for rule in old.rules]
    rules[0] = replace(rules[0], tests=(m.Text("<= 12", "e1"), m.Text('"red"')))
    new = m.Rule("", 0, "", (m.Text("0"), m.Text("-")), (m.Text('"none"'),), ())
    inputs = (replace(old.inputs[0], allowed=m.Text(">= 0")), column)
    return {"hit_policy": "F", "inputs": inputs, "rules": (rules[1], rules[0], new)}


def test_every_change_is_a_sentence() -> None:
    told = changes(*versions(**all_changes()))
    assert {one.name for one in told} == {"How large"}
    assert [one.sentence for one in told] == [
        "The hit policy is FIRST instead of UNIQUE.",
        "Of the column “n” was changed: its allowed values.",
        "The column “Colour” is new.",
        "Rule 2 says something else: “n”: <= 10 → <= 12; “Colour”: - → \"red\".",
        "Rule 3 is new.",
    ]


def test_it_is_told_in_chinese_too() -> None:
    before, after = versions(**all_changes())
    with translation.override("zh-hans"):
        told = changes(before, after)
    assert {one.name for one in told} == {"大小"}
    for one in told:
        assert re.search(r"[㐀-鿿]", one.sentence)
        assert not re.search(r"\b(the|is|was|of|rule|column)\b", one.sentence.lower())


def test_the_command_tells_it() -> None:
    versions(hit_policy="F")
    out = io.StringIO()
    call_command("decision", "diff", "size", stdout=out)
    assert out.getvalue().splitlines() == ["size v1 against size v2", "How large:", "  The hit policy is FIRST instead of UNIQUE."]
    with pytest.raises(CommandError, match="has no version 9"):
        call_command("decision", "diff", "size", "--to", "9", stdout=out)
    same = io.StringIO()
    DecisionVersion.objects.create(definition=DecisionDefinition.objects.get(), number=3, dmn=table() + " ")
    call_command("decision", "diff", "size", "--to", "3", stdout=same)
    assert same.getvalue() == "size v1 against size v3: they say the same.\n"
