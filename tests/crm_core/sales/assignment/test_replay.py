"""The ledger decided again: by the same rule it comes out as it was, by another one the figures say what changes."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import timedelta
from io import StringIO
from pathlib import Path
from random import Random

import pytest
from django.core.management import call_command

from crm_core.kernel.models import Employee
from crm_core.sales.models import AssignmentLedger, Lead
from crm_core.sales.services import choose
from crm_core.sales.services.assignment.replay import replay_assignments
from processes import ports
from processes.errors import Invalid
from tests.crm_core.sales.assignment.pool import absences
from tests.crm_core.support import branch, on_leave, person, role

pytestmark = pytest.mark.django_db

METHODS = ("round_robin", "weighted", "least_load", "capacity", "account_manager", "skill")


def a_month(clock: ports.FixedClock, methods: tuple[str, ...] = METHODS) -> None:
    """Leads given to people who come and go, fill up and get free, by several methods in two pools."""
    dice, offices = Random(5), (branch("west"), branch("east"))
    sellers = [person(role("seller"), at=offices[number % 2], username=f"s{number}") for number in range(6)]
    for number, seller in enumerate(sellers):
        Employee.objects.filter(user=seller).update(capacity=4 + 3 * number, skills=["welding"] if number % 3 else [])
    staff = {employee.user_id: employee for employee in Employee.objects.select_related("user")}
    for gone in absences(staff, 11, days=12):
        day = clock.now().date()
        for pk in gone:
            on_leave(staff[pk].user, day)
        for number in range(9):
            method = dice.choice(methods)
            lead = Lead.objects.create(number=f"L{day}{number}", email="a@b.example")
            choice = choose(
                method=method, role="seller", scope=dice.choice(["", "branch:west"]), subject=("lead", lead.pk),
                preferred=dice.choice(sellers), skill="welding" if method == "skill" else None,
                skill_match=dice.choice(["exact", "closest"]),
            )  # fmt: skip
            Lead.objects.filter(pk=lead.pk).update(owner=choice.user, status="assigned" if choice.user else "new")
        for lead in Lead.objects.filter(status="assigned").order_by("pk")[:5]:
            Lead.objects.filter(pk=lead.pk).update(status="disqualified")
        clock.move(clock.now() + timedelta(days=1))


def test_by_the_same_rule_every_choice_comes_out_as_it_was_with_its_draws(clock: ports.FixedClock) -> None:
    a_month(clock)
    found = replay_assignments()
    rows = AssignmentLedger.objects.in_bulk()
    assert len(found.rows) == len(rows) == 108
    assert AssignmentLedger.objects.filter(tie_break="draw").count() > 3
    assert AssignmentLedger.objects.filter(skipped__icontains="over_capacity").exists()
    assert [one.row.pk for one in found.rows if one.moved] == []
    assert [one.row.pk for one in found.rows if one.reason != one.row.reason] == []
    assert found.before == found.after == Counter(row.chosen_id for row in rows.values() if row.chosen_id)


def test_by_another_rule_the_turns_are_even_where_the_load_was(clock: ports.FixedClock) -> None:
    a_month(clock, methods=("capacity",))
    before = list(AssignmentLedger.objects.order_by("pk").values())
    found = replay_assignments(method="round_robin")
    assert found.moved > 20
    assert sum(found.after.values()) + found.unassigned[1] == sum(found.before.values()) + found.unassigned[0] == 108
    assert found.spread[1] < found.spread[0]
    assert list(AssignmentLedger.objects.order_by("pk").values()) == before, "a replay changes nothing"


def test_what_the_replay_gave_somebody_counts_as_load(clock: ports.FixedClock) -> None:
    made = role("seller")
    small, big = person(made, username="small"), person(made, username="big")
    Employee.objects.filter(user=small).update(capacity=2)
    Employee.objects.filter(user=big).update(capacity=100)
    for number in range(8):
        lead = Lead.objects.create(number=f"L{number}", email="a@b.example", status="assigned", owner=big)
        choose(method="capacity", role="seller", subject=("lead", lead.pk))
    found = replay_assignments(method="round_robin")
    assert found.before == {big.pk: 8}
    assert found.after == {small.pk: 2, big.pk: 6}, "after two pieces of work the small capacity is full"


def test_rows_can_be_limited_and_ways_must_exist(clock: ports.FixedClock) -> None:
    a_month(clock)
    begin = clock.now() - timedelta(days=3)
    assert len(replay_assignments(begin=begin).rows) == 27
    assert not replay_assignments(role="nobody").rows
    assert not replay_assignments(subject_type="case").rows
    with pytest.raises(Invalid):
        replay_assignments(method="seniority")


def test_the_command_prints_the_figures_and_writes_every_row(clock: ports.FixedClock, tmp_path: Path) -> None:
    a_month(clock)
    said, path = StringIO(), tmp_path / "replay.csv"
    call_command("assignment", "replay", "--from", "2026-11-24", "--to", "2026-11-27", "--method", "least_load",
                 "--csv", str(path), stdout=said)  # fmt: skip
    assert said.getvalue().startswith("36 assignments, ")
    with path.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 36
    moved = [row for row in rows if row["moved"] == "yes"]
    assert f"{len(moved)} of which" in said.getvalue()
    assert all(row["before"] != row["after"] for row in moved)
