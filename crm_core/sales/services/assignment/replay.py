"""What another rule would have done: the ledger decided again, row by row, out of what each row says was known then.

The pools stand at the beginning as the first row of each says, and go on by the choices of the replay. Loads are those
recorded, plus the work that the replay has given a person more, less what it has given less (as if all of it were still
open). With the rule unchanged every choice comes out as it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from crm_core.kernel.access.policies import policy_for
from crm_core.sales.models import AssignmentLedger
from crm_core.sales.services.assignment.eligibility import (
    OFF_SHIFT,
    SKILL_MATCH,
    Person,
    Rule,
    Sifted,
    person_of,
)
from crm_core.sales.services.assignment.methods import (
    BATCH,
    HAND,
    METHODS,
    Decision,
    Place,
    decide,
    take_turn,
)
from crm_core.sales.services.assignment.sentences import reason_of
from processes.api import gettext as _
from processes.errors import Invalid


@dataclass(frozen=True, slots=True)
class Replayed:
    """One row of the ledger and what became of it: the persons by id (None: nobody) and the loads they had then."""

    row: AssignmentLedger
    before: int | None
    after: int | None
    reason: str
    load_before: int | None
    load_after: int | None

    @property
    def moved(self) -> bool:
        """Whether the work would have gone to somebody else, or to nobody, or to somebody at last."""
        return self.before != self.after


@dataclass
class Replay:
    """A replay of many rows, with the figures of both sides."""

    rows: list[Replayed] = field(default_factory=list)
    before: Counter[int] = field(default_factory=Counter)
    after: Counter[int] = field(default_factory=Counter)

    @property
    def moved(self) -> int:
        """How many would have gone another way."""
        return sum(row.moved for row in self.rows)

    @property
    def people(self) -> list[int]:
        """Who was chosen on either side, by id."""
        return sorted({*self.before, *self.after})

    @property
    def unassigned(self) -> tuple[int, int]:
        """How many went to nobody, before and after."""
        return sum(row.before is None for row in self.rows), sum(row.after is None for row in self.rows)

    @property
    def spread(self) -> tuple[int, int]:
        """Most minus least, over all who were chosen on either side, before and after."""
        sides = [[side[pk] for pk in self.people] for side in (self.before, self.after)]
        first, second = (max(counts) - min(counts) if counts else 0 for counts in sides)
        return first, second


def replay_assignments(
    *,
    method: str | None = None,
    off_shift: str | None = None,
    skill_match: str | None = None,
    begin: datetime | None = None,
    end: datetime | None = None,
    role: str | None = None,
    subject_type: str | None = None,
    user: Any = None,
) -> Replay:
    """Decide the ledger's rows from `begin` up to, not with, `end` again: by the rule they had, but for what is given.

    `user` limits the rows to those that the person may see (None: the machine, all of them). Changes nothing. Raises
    Invalid for a way that does not exist.
    """
    for value, allowed in ((method, METHODS), (off_shift, OFF_SHIFT), (skill_match, SKILL_MATCH)):
        if value is not None and value not in allowed:
            raise Invalid(
                _("“%(method)s” is no way to assign work. Use one of: %(known)s.")
                % {"method": value, "known": ", ".join(allowed)}
            )
    rows = AssignmentLedger.objects.all() if user is None else policy_for(AssignmentLedger).rows(user)
    given = {"at__gte": begin, "at__lt": end, "rule__role": role, "subject_type": subject_type}
    rows = rows.filter(**{name: value for name, value in given.items() if value is not None}).order_by("pk")
    changed = {"method": method, "off_shift": off_shift, "skill_match": skill_match}
    found = Replay()
    for one in decided_again(rows.iterator(chunk_size=500), {name: way for name, way in changed.items() if way}):
        found.rows.append(one)
        if one.before is not None:
            found.before[one.before] += 1
        if one.after is not None:
            found.after[one.after] += 1
    return found


def decided_again(rows: Iterable[AssignmentLedger], changed: dict[str, str]) -> Iterator[Replayed]:
    """Each row, decided again by its own rule with the entries of `changed` put in."""
    places: dict[int | None, Place] = {}
    seats: dict[tuple[int | None, int], Person] = {}
    more: Counter[tuple[str, int]] = Counter()
    for row in rows:
        place = places.setdefault(row.pool_id, Place(row.turn, row.virtual_time))
        people = [
            _as_it_would_be(person_of(one), seats.get((row.pool_id, one["user"])), more[row.subject_type, one["user"]])
            for one in (*row.candidates, *row.skipped)
        ]
        asked = Rule(
            method=row.method if row.method == HAND else changed.get("method", row.method),
            off_shift=changed.get("off_shift", row.rule.get("off_shift", "wait")),
            skill_match=changed.get("skill_match", row.rule.get("skill_match", "exact")),
            exclude=frozenset(row.rule.get("exclude", ())),
        )
        decision = _decided(row, asked, people, place)
        seats |= {(row.pool_id, person.user): person for person in people}
        if decision.chosen is not None:
            places[row.pool_id], served = take_turn(place, decision.chosen)
            seats[row.pool_id, served.user] = served
        after = decision.chosen.user if decision.chosen is not None else None
        if after != row.chosen_id:
            more.update({(row.subject_type, after): 1} if after is not None else {})
            more.subtract({(row.subject_type, row.chosen_id): 1} if row.chosen_id is not None else {})
        loads = {person.user: person.load for person in people}
        yield Replayed(
            row, row.chosen_id, after, row.reason if asked.method in (BATCH, HAND) else reason_of(decision),
            loads.get(row.chosen_id) if row.chosen_id is not None else None, loads.get(after) if after is not None else None,
        )  # fmt: skip


def _decided(row: AssignmentLedger, rule: Rule, people: list[Person], place: Place) -> Decision:
    """What the rule says now; what was decided together with others, or by hand, stays as it was."""
    if rule.method in (BATCH, HAND):
        kept = next((person for person in people if person.user == row.chosen_id), None)
        return Decision(kept, Sifted((), ()), why=row.why, until=row.until)
    seed = f"{row.seed.rpartition('#')[0]}#{place.turn}"
    return decide(rule=rule, people=people, place=place, seed=seed, at=row.at)


def _as_it_would_be(person: Person, seat: Person | None, more: int) -> Person:
    """Somebody with the place in the pool and the load that the replay has led to."""
    if seat is not None:
        person = replace(person, last_turn=seat.last_turn, count=seat.count, passed=seat.passed)
    return replace(person, load=max(0, person.load + more))
