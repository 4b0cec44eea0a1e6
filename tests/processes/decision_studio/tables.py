"""Shipped decisions as rows, without the processes that ask them."""

from __future__ import annotations

import json

from processes.catalog.loading import SHIPPED
from processes.catalog.models import DecisionDefinition, DecisionVersion, State


def stored(key: str, *, state: str = State.PUBLISHED, dmn: str | None = None, examples: list[object] | None = None) -> DecisionVersion:
    """The next version of a shipped decision, as it ships or with another text."""
    path = next(SHIPPED.glob(f"*/{key}.dmn"))
    definition, _new = DecisionDefinition.objects.get_or_create(key=key, defaults={"titles": {"en": "Terms level", "zh-hans": "条款级别"}})
    return DecisionVersion.objects.create(
        definition=definition, number=definition.versions.count() + 1, state=state, dmn=path.read_text(encoding="utf-8") if dmn is None else dmn,
        examples=json.loads(path.with_suffix(".examples.json").read_text(encoding="utf-8")) if examples is None else examples,
    )  # fmt: skip
