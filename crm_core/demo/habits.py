"""How the demo's people work: how long they let a task lie, how long it takes them, and what they enter.

Five habits: `brisk` starts at once, `steady` well within the limit, `slow` shortly before it, `late` often
after it, and `gaming` lets work lie and then closes it in seconds with empty words, most of all at the end of
a month. What is chosen in a form is drawn with the weights of fixtures/demo/habits.toml; where nothing
is said there, any permitted value will do.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from crm_core.demo.company import fitting

# Share of the limit that passes before the work starts: (low, mode, high).
DELAY = {
    "brisk": (0.01, 0.08, 0.35),
    "steady": (0.05, 0.35, 0.85),
    "slow": (0.30, 0.75, 1.20),
    "late": (0.40, 1.05, 2.20),
    "gaming": (0.20, 0.95, 1.60),
}
MINUTES = {
    "brisk": (2, 5, 15),
    "steady": (4, 10, 40),
    "slow": (8, 25, 90),
    "late": (5, 20, 80),
    "gaming": (0, 0, 1),
}
WITHOUT_LIMIT = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Field:
    """What the driver needs to know of a form's field."""

    key: str
    type: str
    values: Sequence[Any]
    minimum: Any = None
    maximum: Any = None
    required: bool = False
    initial: Any = None


class Habits:
    """The weights of choices, by process and form."""

    def __init__(self, source: Path) -> None:
        self.weights: dict[str, Any] = tomllib.loads(source.read_text(encoding="utf-8"))

    def delay(self, habit: str, limit: timedelta | None, rng: Random) -> timedelta:
        """How long the work lies before it is started; `limit` is the time until it is due."""
        low, mode, high = DELAY[habit]
        span = limit if limit and limit > timedelta(0) else WITHOUT_LIMIT
        return max(timedelta(seconds=20), span * rng.triangular(low, high, mode))

    def effort(self, habit: str, rng: Random) -> timedelta:
        """How long the work takes once started."""
        low, mode, high = MINUTES[habit]
        return timedelta(seconds=max(4, 60 * rng.triangular(low, high, mode)))

    def answers(
        self, process: str, form: str, fields: Iterable[Field], *, habit: str, at: datetime, rng: Random,
        chinese: bool,
    ) -> dict[str, Any]:  # fmt: skip
        """What the person enters in a form; texts in Chinese where Chinese is spoken."""
        said: Mapping[str, Any] = self.weights.get(process, {}).get(form, {})
        entered: dict[str, Any] = {}
        for field in fields:
            value = self._answer(field, said.get(field.key), habit, at, rng, chinese)
            if value is not None:
                entered[field.key] = value
        return entered

    def _answer(self, field: Field, said: Any, habit: str, at: datetime, rng: Random, chinese: bool) -> Any:
        if isinstance(said, Mapping) and "days" in said:
            low, high = said["days"]
            return (at + timedelta(days=rng.randint(low, high))).date().isoformat()
        if isinstance(said, Mapping):
            known = (
                {str(value): value for value in field.values} if field.values else {key: key for key in said}
            )
            if field.type == "checklist":
                drawn = rng.choices(list(said), list(said.values()))[0]
                return [known[drawn]] if drawn in known else []
            weights = {key: weight for key, weight in said.items() if key in known}
            if weights:
                return known[rng.choices(list(weights), list(weights.values()))[0]]
        elif isinstance(said, list):
            return rng.choice(fitting(said, chinese=chinese))
        elif said is not None:
            return said
        if field.initial not in (None, "", []):
            return field.initial
        return self._any(field, habit, at, rng, chinese)

    def _any(self, field: Field, habit: str, at: datetime, rng: Random, chinese: bool) -> Any:
        match field.type:
            case "checkbox":
                return True
            case "select" | "radio":
                return rng.choice(list(field.values)) if field.values else None
            case "checklist":
                return [value for value in field.values if rng.random() < 0.5] or list(field.values[:1])
            case "number":
                low = int(field.minimum) if field.minimum is not None else 1
                high = int(field.maximum) if field.maximum is not None else max(low, 10)
                return rng.randint(low, max(low, high))
            case "date":
                return (at + timedelta(days=rng.randint(2, 20))).date().isoformat()
            case "datetime":
                return (at + timedelta(days=rng.randint(1, 5))).strftime("%Y-%m-%dT%H:%M")
            case "time":
                return "10:00"
        if habit == "gaming":
            return "ok" if field.required else None
        sentences = fitting(self.weights["sentences"], chinese=chinese)
        return rng.choice(sentences) if field.required or rng.random() < 0.6 else None
