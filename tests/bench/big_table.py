"""A decision table of a thousand rules over five inputs, and records to ask it about; the same ones in every run."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from random import Random
from typing import Any
from xml.sax.saxutils import escape

INPUTS = {"amount": "number", "product": "string", "region": "string", "due": "date", "urgent": "boolean"}
PRODUCTS = [f"product {number}" for number in range(60)]
REGIONS = [f"region {number}" for number in range(20)]
FIRST_DAY, DAYS = dt.date(2026, 1, 1), 365


def table(rules: int = 1000, seed: int = 1) -> str:
    """The file: the first rule that matches decides, and the last one matches always."""
    random = Random(seed)
    rows = [[*_cells(random), f'"rule {number}"'] for number in range(1, rules)]
    rows.append(["-"] * len(INPUTS) + [f'"rule {rules}"'])
    data = "".join(f'<inputData id="{name}" name="{name}"><variable name="{name}" typeRef="{of}"/></inputData>'
                   for name, of in INPUTS.items())  # fmt: skip
    needs = "".join(f'<informationRequirement><requiredInput href="#{name}"/></informationRequirement>' for name in INPUTS)
    heads = "".join(f'<input><inputExpression typeRef="{of}"><text>{name}</text></inputExpression></input>'
                    for name, of in INPUTS.items())  # fmt: skip
    body = "".join(
        "<rule>" + "".join(f"<inputEntry><text>{escape(cell)}</text></inputEntry>" for cell in cells[:-1])
        + f"<outputEntry><text>{escape(cells[-1])}</text></outputEntry></rule>"
        for cells in rows
    )  # fmt: skip
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="big" name="big" namespace="urn:bench">'
        f'{data}<decision id="answer" name="answer"><variable name="answer" typeRef="string"/>{needs}'
        f'<decisionTable hitPolicy="FIRST">{heads}<output typeRef="string"/>{body}</decisionTable></decision></definitions>'
    )


def records(count: int, seed: int = 2) -> list[dict[str, Any]]:
    """What the table is asked about."""
    random = Random(seed)
    return [
        {"amount": Decimal(random.randrange(100_000)) / 10, "product": random.choice(PRODUCTS), "region": random.choice(REGIONS),
         "due": FIRST_DAY + dt.timedelta(days=random.randrange(DAYS)), "urgent": random.random() < 0.5}
        for _number in range(count)
    ]  # fmt: skip


def _cells(random: Random) -> list[str]:
    """The conditions of a rule: a piece of each input, of most now and then all of it."""
    low, day = random.randrange(9000), FIRST_DAY + dt.timedelta(days=random.randrange(DAYS))
    later = day + dt.timedelta(days=random.randrange(10, 90))
    amounts = [f"[{low}..{low + random.randrange(500, 3000)})", f"> {low}", f"<= {low}", "-"]
    products = [_quoted(random.sample(PRODUCTS, 4)), _quoted(random.sample(PRODUCTS, 1))]
    regions = [_quoted(random.sample(REGIONS, 3)), f"not({_quoted(random.sample(REGIONS, 12))})", "-"]
    dates = [f'[date("{day}")..date("{later}")]', f'< date("{day}")', f'>= date("{day}")', "-"]
    return [
        *random.choices(amounts, (6, 2, 2, 1)), random.choice(products), *random.choices(regions, (6, 2, 1)),
        *random.choices(dates, (6, 1, 1, 1)), random.choice(["true", "false", "-"]),
    ]  # fmt: skip


def _quoted(texts: list[str]) -> str:
    return ", ".join(f'"{text}"' for text in texts)
