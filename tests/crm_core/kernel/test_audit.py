"""The audit trail: every way of writing is caught, attributed and dated by the clock in use."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from crm_core.kernel.acting import acting
from crm_core.kernel.models import AuditEntry, Branch, User
from crm_core.kernel.selectors import history_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def person() -> User:
    return User.objects.create_user("wang.li", password="a-long-secret-1")


def entries(model: str = "crm_kernel.branch") -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(model=model).order_by("id"))


def test_an_insert_is_written_with_its_values(person, clock):
    with acting(person, action="branch.add", reason="new office", request_id="r-1"):
        branch = Branch.objects.create(key="lyon", name="Lyon", city="Lyon")

    (entry,) = entries()
    assert entry.operation == "insert"
    assert entry.object_id == str(branch.pk)
    assert entry.changes["city"] == [None, "Lyon"]
    assert "parent_id" not in entry.changes
    assert (entry.actor_id, entry.action, entry.reason, entry.request_id) == (
        person.pk,
        "branch.add",
        "new office",
        "r-1",
    )


def test_a_bulk_update_writes_one_entry_per_row_with_changed_columns_only(person):
    Branch.objects.create(key="a", name="A", city="x")
    Branch.objects.create(key="b", name="B", city="y")
    Branch.objects.create(key="c", name="C", city="y")

    with acting(person):
        Branch.objects.update(city="y")

    updates = [entry for entry in entries() if entry.operation == "update"]
    assert [(entry.changes, entry.actor_id) for entry in updates] == [({"city": ["x", "y"]}, person.pk)]


def test_raw_sql_and_deletes_are_caught(person):
    branch = Branch.objects.create(key="a", name="A")

    with acting(person), connection.cursor() as cursor:
        cursor.execute("UPDATE crm_kernel_branch SET name = %s WHERE id = %s", ["Ä 'q' 上海", branch.pk])
        cursor.execute("DELETE FROM crm_kernel_branch WHERE id = %s", [branch.pk])

    update, delete = entries()[1:]
    assert update.changes == {"name": ["A", "Ä 'q' 上海"]}
    assert delete.operation == "delete"
    assert delete.changes["name"] == ["Ä 'q' 上海", None]
    assert delete.actor_id == person.pk


def test_bulk_create_is_caught():
    Branch.objects.bulk_create([Branch(key=f"k{n}", name=str(n)) for n in range(30)])

    assert [entry.changes["name"] for entry in entries()] == [[None, str(n)] for n in range(30)]


def test_the_time_is_that_of_the_moved_clock_even_inside_one_transaction(clock):
    with transaction.atomic():
        branch = Branch.objects.create(key="a", name="A")
        clock.move(datetime(2026, 11, 25, 8, 0, tzinfo=UTC))
        Branch.objects.filter(pk=branch.pk).update(name="B")

    assert [entry.at for entry in entries()] == [
        datetime(2026, 11, 24, 2, 34, tzinfo=UTC),
        datetime(2026, 11, 25, 8, 0, tzinfo=UTC),
    ]


def test_with_the_machines_clock_the_time_is_now():
    before = datetime.now(UTC)
    Branch.objects.create(key="a", name="A")
    after = datetime.now(UTC)

    (entry,) = entries()
    assert before.timestamp() - 1 <= entry.at.timestamp() <= after.timestamp() + 1


def test_the_actor_changes_with_the_block_and_ends_with_it(person):
    other = User.objects.create_user("li.na")
    with acting(person, reason="outer"):
        Branch.objects.create(key="a", name="A")
        with acting(other):
            Branch.objects.create(key="b", name="B")
        Branch.objects.create(key="c", name="C")
    Branch.objects.create(key="d", name="D")

    assert [(entry.actor_id, entry.reason) for entry in entries()] == [
        (person.pk, "outer"),
        (other.pk, "outer"),
        (person.pk, "outer"),
        (None, ""),
    ]


def test_a_rolled_back_savepoint_does_not_lose_the_actor(person):
    with acting(person):
        try:
            with transaction.atomic():
                Branch.objects.create(key="a", name="A")
                raise RuntimeError("taken back")
        except RuntimeError:
            Branch.objects.create(key="b", name="B")

    assert [(entry.changes["key"][1], entry.actor_id) for entry in entries()] == [("b", person.pk)]


def test_a_secret_column_shows_that_it_changed_but_not_how(person):
    person.set_password("another-secret-2")
    person.save()
    person.groups.clear()

    (update,) = [entry for entry in history_of(person) if entry.operation == "update"]
    assert update.changes == {"password": [None, None]}
    assert "secret" not in str([entry.changes for entry in history_of(person)])


def test_values_of_every_type_are_readable(person):
    from crm_core.kernel.models import Employee

    employee = Employee.objects.create(user=person, skills=["zh", "en"], capacity=3)
    Employee.objects.filter(pk=employee.pk).update(skills=["fr"], capacity=4)
    User.objects.filter(pk=person.pk).update(is_staff=True)

    assert history_of(employee)[0].changes == {"skills": [["zh", "en"], ["fr"]], "capacity": [3, 4]}
    assert history_of(person)[0].changes == {"is_staff": [False, True]}


@pytest.mark.parametrize(
    "statement",
    ["UPDATE crm_kernel_auditentry SET actor_id = 1", "DELETE FROM crm_kernel_auditentry"],
)
def test_the_trail_itself_cannot_be_changed(statement):
    Branch.objects.create(key="a", name="A")

    with (
        pytest.raises(DatabaseError, match="never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert [entry.actor_id for entry in entries()] == [None]


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_each_write_has_its_own_actor(person):
    before = [entry.pk for entry in entries()]  # what emptied the tables after the test before
    other = User.objects.create_user("li.na")
    with acting(person):
        Branch.objects.create(key="a", name="A")
    Branch.objects.create(key="b", name="B")
    with acting(other), transaction.atomic():
        Branch.objects.create(key="c", name="C")
    with transaction.atomic():
        Branch.objects.create(key="d", name="D")

    assert [(e.changes["key"][1], e.actor_id) for e in entries() if e.pk not in before] == [
        ("a", person.pk),
        ("b", None),
        ("c", other.pk),
        ("d", None),
    ]
