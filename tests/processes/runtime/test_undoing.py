"""A savepoint that is set only where something is written."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from processes.runtime.undoing import undone_if_it_fails

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def fail() -> None:
    raise ZeroDivisionError


def write(name: str) -> None:
    """In an atomic block without a savepoint of its own."""
    Group.objects.bulk_create([Group(name=name)])


def write_and_fail(name: str) -> None:
    write(name)
    fail()


def names() -> set[str]:
    return set(Group.objects.filter(name__startswith="g").values_list("name", flat=True))


def test_a_block_that_asks_nothing_sends_nothing(django_assert_num_queries):
    before = list(connection.execute_wrappers)
    with django_assert_num_queries(0), undone_if_it_fails():
        pass
    with django_assert_num_queries(0), pytest.raises(ZeroDivisionError), undone_if_it_fails():
        fail()
    assert connection.execute_wrappers == before


def test_what_a_failing_block_wrote_is_undone_and_the_rest_goes_on():
    Group.objects.create(name="g before")
    with pytest.raises(ZeroDivisionError), undone_if_it_fails():
        write_and_fail("g inside")
    Group.objects.create(name="g after")
    assert names() == {"g before", "g after"}


def test_what_a_block_wrote_stays(django_assert_num_queries):
    with django_assert_num_queries(3), undone_if_it_fails():  # savepoint, insert, release
        write("g inside")
    assert names() == {"g inside"}


def test_an_error_of_the_database_breaks_the_block_alone():
    Group.objects.create(name="g one")
    with pytest.raises(Exception, match=r"(?i)unique"), undone_if_it_fails(), transaction.atomic(savepoint=False):
        Group.objects.create(name="g one")
    assert names() == {"g one"}


def test_a_block_broken_before_it_asked_anything_leaves_the_transaction_whole():
    with pytest.raises(ZeroDivisionError), undone_if_it_fails(), transaction.atomic(savepoint=False):
        fail()
    assert names() == set()


def test_blocks_within_blocks():
    with undone_if_it_fails():
        with pytest.raises(ZeroDivisionError), undone_if_it_fails():
            write_and_fail("g inner")
        with transaction.atomic():
            Group.objects.create(name="g outer")
    assert names() == {"g outer"}


@pytest.mark.parametrize("asks", [True, False])
def test_what_a_failing_block_left_for_after_the_commit_is_forgotten(django_capture_on_commit_callbacks, asks):
    done: list[str] = []

    def leave_and_fail() -> None:
        transaction.on_commit(lambda: done.append("inside"))
        if asks:
            names()
        fail()

    with django_capture_on_commit_callbacks(execute=True):
        transaction.on_commit(lambda: done.append("before"))
        with pytest.raises(ZeroDivisionError), undone_if_it_fails():
            leave_and_fail()
        with undone_if_it_fails():
            transaction.on_commit(lambda: done.append("later"))
    assert done == ["before", "later"]


def test_the_savepoint_comes_before_the_first_statement():
    with CaptureQueriesContext(connection) as heard, undone_if_it_fails():
        names()
    assert [query["sql"].split()[0] for query in heard.captured_queries] == ["SAVEPOINT", "SELECT", "RELEASE"]
