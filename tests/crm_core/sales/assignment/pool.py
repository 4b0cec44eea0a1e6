"""A pool of people who come and go, driven by the very functions that the service runs, without a database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

from crm_core.sales.services.assignment.eligibility import Person, Rule
from crm_core.sales.services.assignment.methods import Decision, Place, decide, take_turn

AT = datetime(2026, 11, 24, 2, 34, tzinfo=UTC)


class Pool:
    """People by id, who are given one piece of work after the other."""

    def __init__(self, capacities: Mapping[int, int], method: str) -> None:
        self.people = {pk: Person(pk, capacity=capacity) for pk, capacity in capacities.items()}
        self.place = Place()
        self.rule = Rule(method)

    def give(self, absent: Iterable[int] = (), seed: str = "") -> Decision:
        """Give one piece of work to one of those who are not absent."""
        away = set(absent)
        people = [replace(person, absent=pk in away) for pk, person in self.people.items()]
        decision = decide(rule=self.rule, people=people, place=self.place, seed=seed or f"test#{self.place.turn}", at=AT)
        if decision.chosen is not None:
            self.place, served = take_turn(self.place, decision.chosen)
            self.people[served.user] = replace(served, absent=False)
        return decision


def absences(ids: Iterable[int], seed: int, *, days: int, away: float = 0.2) -> list[frozenset[int]]:
    """Who is absent on each of so many days: spells of one to five days, about a fifth of the time; never all."""
    dice, ids, left = Random(seed), list(ids), Counter[int]()
    found: list[frozenset[int]] = []
    for _day in range(days):
        for pk in ids:
            if left[pk]:
                left[pk] -= 1
            elif dice.random() < away / 3:
                left[pk] = dice.randint(1, 5)
        gone = {pk for pk in ids if left[pk]}
        found.append(frozenset(gone if len(gone) < len(ids) else gone - {ids[0]}))
    return found
