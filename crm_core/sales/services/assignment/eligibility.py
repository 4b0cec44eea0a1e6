"""Who may get a piece of work at a moment, and why the others may not. Pure.

Nobody absent, off shift, at the limit of the capacity, or ruled out gets work by any method, and each who is left out
is named with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

OFF_SHIFT = ("wait", "first_back", "ignore")
"""What becomes of work while nobody is on shift: it waits, it goes to whoever is back first, or shifts do not count."""

SKILL_MATCH = ("exact", "closest")
OWN_METHODS = ("account_manager", "previous")
OWN_MAY_TAKE = timedelta(days=1)
"""How much later than the first colleague the customer's own person may be back, for the work to wait for them."""


@dataclass(frozen=True, slots=True)
class Person:
    """What counts of somebody at the moment of a choice; kept in the ledger as it stood then.

    `last_turn`, `count` and `passed` are the place in the pool; `own` marks the customer's own person, who need not be a
    `member` of the role in the place; `missing` names the required skills that are not there, `short` by how many levels
    the others fall short in all; `back` is when an absent or off-shift person is there again.
    """

    user: int
    load: int = 0
    capacity: int = 20
    last_turn: int = 0
    count: int = 0
    passed: int = 0
    own: bool = False
    member: bool = True
    speaks: bool = True
    missing: tuple[str, ...] = ()
    short: int = 0
    absent: bool = False
    on_shift: bool = True
    back: datetime | None = None

    @property
    def free(self) -> int:
        """How much more open work fits."""
        return self.capacity - self.load

    @property
    def distance(self) -> tuple[int, int]:
        """How far from the required skills: how many are missing, then by how many levels the rest falls short."""
        return len(self.missing), self.short

    def as_json(self) -> dict[str, Any]:
        """As the ledger keeps it: always load, capacity and turn, the rest where it says something."""
        found: dict[str, Any] = {name: getattr(self, name) for name in _ALWAYS}
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name not in _ALWAYS and value != item.default:
                found[item.name] = _plain(value)
        return found


_ALWAYS = ("user", "load", "capacity", "last_turn", "count")
_NAMES = frozenset(item.name for item in fields(Person))


def person_of(row: Mapping[str, Any]) -> Person:
    """A person as the ledger kept it."""
    values = {name: value for name, value in row.items() if name in _NAMES}
    if "missing" in values:
        values["missing"] = tuple(values["missing"])
    if values.get("back"):
        values["back"] = datetime.fromisoformat(values["back"])
    return Person(**values)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


@dataclass(frozen=True, slots=True)
class Rule:
    """How the work is to be given: the method, and who is in question."""

    method: str
    off_shift: str = "wait"
    skill_match: str = "exact"
    exclude: frozenset[int] = frozenset()

    @property
    def own_first(self) -> bool:
        """Whether the customer's own person comes before all others."""
        return self.method in OWN_METHODS


@dataclass(frozen=True, slots=True)
class Sifted:
    """Those in question and those left out, each with the code of the reason."""

    eligible: tuple[Person, ...]
    skipped: tuple[tuple[Person, str], ...]

    def why(self, user: int | None) -> str:
        """Why somebody was left out; empty for one who was not."""
        return next((reason for person, reason in self.skipped if person.user == user), "")


def why_not(person: Person, rule: Rule) -> str:
    """The code of the reason for leaving somebody out, or empty.

    The customer's own person is asked for by name, so language and skill do not count then.
    """
    asked_for = person.own and rule.own_first
    if person.user in rule.exclude:
        return "excluded"
    if not asked_for and not person.speaks:
        return "language"
    if not asked_for and person.missing and rule.skill_match == "exact":
        return "skill"
    if not asked_for and person.short and rule.skill_match == "exact":
        return "skill"
    if person.absent:
        return "absent"
    if person.load >= person.capacity:
        return "over_capacity"
    if not person.on_shift and rule.off_shift != "ignore":
        return "off_shift"
    return ""


def sift(people: Iterable[Person], rule: Rule) -> Sifted:
    """Part those in question from those left out, in the order of their ids."""
    eligible: list[Person] = []
    skipped: list[tuple[Person, str]] = []
    for person in sorted(people, key=lambda one: one.user):
        if not person.member and not (person.own and rule.own_first):
            continue
        if reason := why_not(person, rule):
            skipped.append((person, reason))
        else:
            eligible.append(person)
    if not eligible and rule.off_shift == "first_back":
        eligible, skipped = _first_back(skipped, rule)
    if rule.skill_match == "closest" and eligible:
        own = [one for one in eligible if one.own and rule.own_first]
        nearest = min(one.distance for one in eligible if one not in own) if len(own) < len(eligible) else (0, 0)
        skipped += [(one, "fits_less") for one in eligible if one not in own and one.distance != nearest]
        eligible = [one for one in eligible if one in own or one.distance == nearest]
    return Sifted(tuple(eligible), tuple(sorted(skipped, key=lambda pair: pair[0].user)))


def _first_back(
    skipped: Sequence[tuple[Person, str]], rule: Rule
) -> tuple[list[Person], list[tuple[Person, str]]]:
    """Those off shift who are back first of all, with the customer's own person where back soon enough, and the others."""
    coming = [one for one, reason in skipped if reason == "off_shift" and one.back is not None]
    first = min((one.back for one in coming if one.back is not None), default=None)
    if first is None:
        return [], list(skipped)
    last = {True: first + OWN_MAY_TAKE, False: first}
    back = [one for one in coming if one.back is not None and one.back <= last[one.own and rule.own_first]]
    return back, [pair for pair in skipped if pair[0] not in back]
