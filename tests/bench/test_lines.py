"""What the bench times says the same on both sides."""

from __future__ import annotations

import pytest

from processes.dmn import load
from processes.feel import evaluate, parse
from tests.bench.big_table import records, table
from tests.bench.feel_lines import LINES, Line


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
def test_an_expression_and_its_python_agree(line: Line) -> None:
    result = parse(line.text).evaluate(line.context)

    assert result.diagnostics == ()
    assert result.value == line.python(line.context)
    assert type(result.value) is type(line.python(line.context))
    assert evaluate(line.text, line.context) == result


def test_the_generated_table_answers_in_many_ways() -> None:
    decisions = load(table())
    answers = [decisions.evaluate("answer", record) for record in records(60)]

    assert not any(answer.diagnostics for answer in answers)
    assert len({answer.value for answer in answers}) > 15
