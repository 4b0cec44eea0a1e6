"""A decision with a history: prices of orders, decided by a table that is redrawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model

from processes import feel, ports
from processes.catalog import selectors as catalog
from processes.catalog.models import DecisionDefinition, DecisionEvaluation, DecisionVersion, State
from tests.processes.inbox.house import THING, house

KEY = "price"


def _grouped(ids: Sequence[int]) -> Mapping[int, Mapping[str, str]]:
    rows = get_user_model().objects.filter(pk__in=ids).values_list("pk", "last_name")
    return {pk: {"place": place} for pk, place in rows}


SHOP = replace(
    THING, groups=(ports.SubjectField("place", "text", "Place"),), grouped=_grouped, model=get_user_model(),
    group_words=lambda name, values: {value: f"The house {value[-1:]}" for value in values if value},
)  # fmt: skip


@contextmanager
def shop() -> Iterator[None]:
    """The ports of the house, with things that figures can be grouped by."""
    with house():
        subjects = ports.Subjects()
        subjects.register(SHOP)
        with ports.using(subjects=subjects):
            yield


def table(
    *, limit: int | str = 10, rebate: str = "5", why: str = "large order", inputs: Sequence[str] = ("n",),
    test: str = "", kind: str = "number",
) -> str:  # fmt: skip
    """Up to the limit the plain price, above it a rebate; the reason is a third output. More `inputs` are asked for
    beside n; `test` is the cell of the last one in the second rule, `kind` the type of n."""
    types = dict.fromkeys(inputs, "Any") | {inputs[0]: kind}
    data = "".join(
        f'<inputData id="in_{name}" name="{name}"><variable name="{name}" typeRef="{of}"/></inputData>'
        for name, of in types.items()
    )
    needs = "".join(
        f'<informationRequirement id="r_{name}"><requiredInput href="#in_{name}"/></informationRequirement>' for name in inputs
    )
    columns = "".join(f'<input id="i_{name}"><inputExpression><text>{name}</text></inputExpression></input>' for name in inputs)

    def rule(number: int, cells: Sequence[str], outputs: Sequence[str]) -> str:
        ins = "".join(f"<inputEntry><text>{cell}</text></inputEntry>" for cell in cells)
        outs = "".join(f"<outputEntry><text>{cell}</text></outputEntry>" for cell in outputs)
        return f'<rule id="rule{number}">{ins}{outs}</rule>'

    rest = ["-"] * (len(inputs) - 1)
    rules = rule(1, [f"&lt;= {limit}", *rest], ['"plain"', "0", '"small order"'])
    rules += rule(2, [f"&gt; {limit}", *rest[:-1], *([test or "-"] if rest else [])], ['"rebate"', rebate, f'"{why}"'])
    return f"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:redraw="urn:redraw-crm:bpmn:1"
      id="D" name="{KEY}" namespace="urn:t:{KEY}">{data}
      <decision id="{KEY}" name="{KEY}"><variable name="{KEY}"/>{needs}
        <decisionTable id="t" hitPolicy="UNIQUE">{columns}
          <output id="o1" name="kind"><extensionElements><redraw:label lang="en">Kind of price</redraw:label>
            <redraw:label lang="zh-hans">价格类型</redraw:label></extensionElements></output>
          <output id="o2" name="percent"/><output id="o3" name="why_en"/>{rules}
        </decisionTable></decision></definitions>"""


def version(dmn: str, *, state: str = State.DRAFT, owner: Any = None) -> DecisionVersion:
    """The next version of the decision."""
    definition, _new = DecisionDefinition.objects.get_or_create(key=KEY, defaults={"titles": {"en": "Price"}, "owner": owner})
    return DecisionVersion.objects.create(definition=definition, number=definition.versions.count() + 1, dmn=dmn, state=state)


def decided(by: DecisionVersion, cases: Sequence[tuple[Mapping[str, Any], int | None]], start: datetime) -> list[DecisionEvaluation]:
    """Records answers as the runtime does: inputs with the id of the thing they are about, one a minute from `start`."""
    decisions = catalog.decisions_of(by)
    rows = []
    for number, (inputs, about) in enumerate(cases):
        at = start + timedelta(minutes=number)
        answer = decisions.evaluate(KEY, inputs, clock=lambda at=at: at)
        rows.append(
            DecisionEvaluation(
                decision_version=by, at=at, inputs={name: feel.to_json(value) for name, value in inputs.items()},
                outcome=feel.to_json(answer.value), subject_type="thing" if about else "", subject_id=about,
            )
        )  # fmt: skip
    return DecisionEvaluation.objects.bulk_create(rows)
