"""Fairness over many leads with absences: shares by weight, turns without a spread, nobody left waiting."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import groupby

import pytest

from crm_core.kernel.models import Employee
from crm_core.sales.models import AssignmentLedger
from crm_core.sales.services import choose
from processes import ports
from tests.crm_core.sales.assignment.pool import Pool, absences
from tests.crm_core.support import on_leave, person, role

LEADS = 10_000
A_DAY = 40
SEEDS = (1, 7, 20261124)


def p_value(counts: Counter[int], expected: dict[int, float]) -> float:
    """How likely counts at least as far from the expected ones are by chance."""
    from scipy.stats import chisquare

    keys = sorted(expected)
    return float(chisquare([counts[key] for key in keys], [expected[key] for key in keys]).pvalue)


@pytest.mark.parametrize("seed", SEEDS)
def test_weighted_shares_follow_the_capacity_of_those_who_are_there(seed: int) -> None:
    capacities = {1: 5, 2: 10, 3: 10, 4: 20, 5: 25, 6: 40, 7: 7}
    pool, counts, expected = Pool(capacities, "weighted"), Counter[int](), dict.fromkeys(capacities, 0.0)
    for gone in absences(capacities, seed, days=LEADS // A_DAY):
        here = {pk: weight for pk, weight in capacities.items() if pk not in gone}
        for _lead in range(A_DAY):
            chosen = pool.give(gone).chosen
            assert chosen is not None
            assert chosen.user not in gone
            counts[chosen.user] += 1
            for pk, weight in here.items():
                expected[pk] += weight / sum(here.values())
    assert counts.total() == LEADS
    assert p_value(counts, expected) > 0.001
    assert max(abs(counts[pk] - share) for pk, share in expected.items()) < 0.02 * LEADS


@pytest.mark.parametrize("seed", SEEDS)
def test_round_robin_has_a_spread_of_at_most_one_and_starves_nobody(seed: int) -> None:
    ids = range(1, 10)
    pool = Pool(dict.fromkeys(ids, 20), "round_robin")
    given: list[tuple[frozenset[int], int]] = []
    for gone in absences(ids, seed, days=LEADS // A_DAY):
        for _lead in range(A_DAY):
            chosen = pool.give(gone).chosen
            assert chosen is not None
            given.append((gone, chosen.user))
    assert len(given) == LEADS
    for gone, stretch in groupby(given, key=lambda pair: pair[0]):
        order, here = [user for _gone, user in stretch], [pk for pk in ids if pk not in gone]
        for start in range(len(order)):  # every window in which the same people were there
            window = Counter(order[start : start + 2 * len(here) + 3])
            assert max(window[pk] for pk in here) - min(window[pk] for pk in here) <= 1
    waited = Counter[int]()
    for gone, user in given:
        for pk in ids:
            if pk not in gone:
                waited[pk] = 0 if pk == user else waited[pk] + 1
                assert waited[pk] < len(ids), "whoever is there is served before all others are served twice"


def test_who_comes_back_is_neither_flooded_nor_forgotten() -> None:
    for method in ("round_robin", "weighted"):
        pool = Pool(dict.fromkeys(range(1, 5), 20), method)
        for _lead in range(400):
            pool.give(absent=[4])
        after = [pool.give().chosen for _lead in range(8)]
        mine = [number for number, chosen in enumerate(after) if chosen is not None and chosen.user == 4]
        assert len(mine) == 2, f"{method}: a fair share of eight among four"
        assert mine[1] - mine[0] >= 3, f"{method}: not one after the other"


def course(method: str, seed: int, clock: ports.FixedClock, *, days: int, a_day: int) -> None:
    """Give leads by the service and by the pure pool side by side; every single choice must agree."""
    sellers = [person(role("seller"), username=f"seller{number}") for number in range(4)]
    for seller, weight in zip(sellers, (5, 10, 20, 40), strict=True):
        Employee.objects.filter(user=seller).update(capacity=weight)
    staff = {employee.user_id: employee for employee in Employee.objects.all()}
    pool = Pool({pk: employee.capacity for pk, employee in staff.items()}, method)
    for gone in absences(staff, seed, days=days):
        day = clock.now().date()
        for pk in gone:
            on_leave(staff[pk].user, day)
        for _lead in range(a_day):
            choice = choose(method=method, role="seller")
            row = AssignmentLedger.objects.order_by("-pk")[:1].get()
            twin = pool.give(gone, seed=row.seed).chosen
            assert twin is not None
            assert choice.user is not None
            assert choice.user.pk == twin.user
            assert {one["user"]: one["reason"] for one in row.skipped} == dict.fromkeys(gone, "absent")
        clock.move(clock.now() + timedelta(days=1))


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["round_robin", "weighted"])
def test_the_service_decides_as_the_pure_functions_do(method: str, clock: ports.FixedClock) -> None:
    course(method, 3, clock, days=12, a_day=20)


@pytest.mark.long
@pytest.mark.django_db
@pytest.mark.parametrize("method", ["round_robin", "weighted"])
def test_the_service_decides_ten_thousand_leads_as_the_pure_functions_do(method: str, clock: ports.FixedClock) -> None:
    course(method, 7, clock, days=LEADS // A_DAY, a_day=A_DAY)
