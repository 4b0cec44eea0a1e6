"""The ways of choosing among people, and the turns they take. Pure: the service, the replay and the tests run this.

- round_robin: whoever was chosen longest ago in this pool; who never was comes first.
- weighted: stride scheduling (Waldspurger and Weihl, 1995) with the capacity as the number of tickets; who comes back
  from absence starts at the pool's present pass, so that nobody is flooded.
- least_load: the least open work relative to the capacity. capacity: the most free places. skill: the nearest to the
  required skills, then the least load.
- account_manager, previous: the customer's own person, else as least_load.
Ties go to who has waited longest in the pool, then to a draw whose seed is kept.

Fairness of round_robin: in every window in which the same people are eligible, any two were chosen equally often or once
more; who comes back from absence has waited longest, so is next once, and then waits for the turn as everybody does.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction

from crm_core.sales.services.assignment.eligibility import OWN_MAY_TAKE, Person, Rule, Sifted, sift

METHODS = ("round_robin", "least_load", "weighted", "capacity", "skill", "account_manager", "previous")
BATCH, HAND = "batch", "hand"
"""Methods of rows that were decided together with others, or by a person: no rule decides them again alone."""

STRIDE = 1_000_000
ASK_AGAIN = timedelta(minutes=15)
"""When to look again where everybody is at the limit of the capacity: some of them finish something meanwhile."""
ASK_TOMORROW = timedelta(days=1)
"""When to look again where no person in question will be back: rows have to change first."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pool of people stands: how many turns were taken, and the pass of who was last served by weight."""

    turn: int = 0
    virtual_time: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """Who gets the work, or nobody with the reason `why` and the moment `until` which to wait for.

    `by` is the code of what spoke for the person, `figure` the number that goes with it, `own_why` why the customer's own
    person was passed over or, with nobody chosen, is waited for.
    """

    chosen: Person | None
    sifted: Sifted
    by: str = ""
    figure: int = 0
    tie_break: str = ""
    own_why: str = ""
    why: str = ""
    until: datetime | None = None


def decide(*, rule: Rule, people: Iterable[Person], place: Place, seed: str, at: datetime) -> Decision:
    """Who of `people` gets a piece of work at a moment, by a rule, in a pool that stands at `place`."""
    sifted = sift(people, rule)
    own_why = ""
    if rule.own_first:
        own = next((one for one in sifted.eligible if one.own), None)
        if own is not None:
            return Decision(own, sifted, by=rule.method)
        if rule.off_shift == "wait" and (waits := _waits_for_own(sifted, at)) is not None:
            return Decision(None, sifted, own_why="off_shift", why="off_shift", until=waits)
        own_why = next((reason for one, reason in sifted.skipped if one.own), "")
    if not sifted.eligible:
        why, until = nobody(sifted, at)
        return Decision(None, sifted, why=why, until=until)
    best, by, figure = pick(rule.method, sifted.eligible, place)
    chosen, tie_break = break_tie(best, seed)
    return Decision(chosen, sifted, by, figure, tie_break, own_why)


def pick(method: str, eligible: Sequence[Person], place: Place) -> tuple[list[Person], str, int]:
    """Those of `eligible` (at least one, each with capacity left) whom a method puts first, what spoke for them, and the
    figure that goes with it."""
    if method == "round_robin":
        return list(eligible), "turn", 0
    if method == "weighted":
        passed = {one.user: max(one.passed, place.virtual_time) for one in eligible}
        low = min(passed.values())
        return [one for one in eligible if passed[one.user] == low], "share", 0
    if method == "capacity":
        most = max(one.free for one in eligible)
        return [one for one in eligible if one.free == most], "free", most
    by = "load"
    if method == "skill":
        nearest = min(one.distance for one in eligible)
        eligible, by = [one for one in eligible if one.distance == nearest], "skill"
    least = min(Fraction(one.load, one.capacity) for one in eligible)
    best = [one for one in eligible if Fraction(one.load, one.capacity) == least]
    return best, by, best[0].load


def break_tie(best: Sequence[Person], seed: str) -> tuple[Person, str]:
    """One of several who are equal, and what decided: the longest wait, then a draw by `seed`."""
    if len(best) == 1:
        return best[0], ""
    longest = min(one.last_turn for one in best)
    waiting = [one for one in best if one.last_turn == longest]
    if len(waiting) == 1:
        return waiting[0], "longest_waiting"
    draw = random.Random(seed)  # noqa: S311 - a fair, replayable draw, no secret
    return draw.choice(waiting), "draw"


def take_turn(place: Place, person: Person) -> tuple[Place, Person]:
    """The pool and the person after the person took a turn."""
    begun = max(person.passed, place.virtual_time)
    after = Place(place.turn + 1, begun)
    passed = begun + STRIDE // max(person.capacity, 1)
    return after, replace(person, last_turn=after.turn, count=person.count + 1, passed=passed)


def _waits_for_own(sifted: Sifted, at: datetime) -> datetime | None:
    """When the customer's own person is back from off shift, if that is soon enough to wait for."""
    own = next((one.back for one, reason in sifted.skipped if one.own and reason == "off_shift"), None)
    if own is None:
        return None
    others = [one.back for one, reason in sifted.skipped if reason == "off_shift" and one.back and not one.own]
    first = at if sifted.eligible else min(others, default=own)
    return own if own <= first + OWN_MAY_TAKE else None


def nobody(sifted: Sifted, at: datetime) -> tuple[str, datetime]:
    """Why nobody gets the work, and when to look again: the reason that passes first counts."""
    returns = [
        (at + ASK_AGAIN if reason == "over_capacity" else one.back or at + ASK_TOMORROW, reason)
        for one, reason in sifted.skipped
        if reason in ("over_capacity", "off_shift", "absent")
    ]
    if returns:
        until, why = min(returns)
        return why, until
    reasons = [reason for _one, reason in sifted.skipped]
    why = max(dict.fromkeys(reasons), key=reasons.count) if reasons else "no_member"
    return why, at + ASK_TOMORROW
