"""Queries composed once give what an ordinary queryset gives, with each set of values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from processes.catalog.models import ProcessDefinition
from processes.prepared import Prepared, first_values
from processes.runtime.models import Outbox

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_a_row_comes_with_what_belongs_to_it(django_assert_num_queries) -> None:
    owner = get_user_model().objects.create(username="wang.li")
    rows = [ProcessDefinition.objects.create(key=key, titles={"en": key}, owner=owner) for key in ("one", "two")]
    query: Prepared[ProcessDefinition] = Prepared(
        lambda pk: ProcessDefinition.objects.select_related("owner").filter(pk=pk), UUID
    )

    for row in rows:
        with django_assert_num_queries(1):
            found = query.first(row.pk)
            assert found == row
            assert (found.titles, found.owner.username) == ({"en": row.key}, "wang.li")
            assert found._state.adding is False
    assert query.first(UUID(int=1)) is None


def test_a_relation_that_is_not_set_is_none() -> None:
    row = ProcessDefinition.objects.create(key="alone")
    query: Prepared[ProcessDefinition] = Prepared(
        lambda key: ProcessDefinition.objects.select_related("owner").filter(key=key), str
    )

    assert query.first(row.key).owner is None


def test_moments_and_several_values_are_compared_as_the_database_keeps_them() -> None:
    for number in range(4):
        Outbox.objects.create(kind="message", name=f"n{number % 2}", created=NOON + timedelta(hours=number))
    query: Prepared[tuple[str, datetime]] = Prepared(
        lambda name, at: Outbox.objects.filter(name=name, created__lte=at).order_by("created").values_list("name", "created"),
        str, datetime,
    )  # fmt: skip

    assert query.all("n0", NOON) == [("n0", NOON)]
    assert query.all("n1", NOON + timedelta(hours=3)) == [("n1", NOON + timedelta(hours=1)), ("n1", NOON + timedelta(hours=3))]
    assert query.all("n2", NOON) == []


def test_a_value_may_stand_in_the_query_several_times_and_among_others() -> None:
    groups = [Group.objects.create(name=name) for name in ("a", "b", "c")]
    query: Prepared[Group] = Prepared(lambda one, two: Group.objects.filter(pk__in=[one, two]).order_by("name"), int, int)

    assert query.all(groups[2].pk, groups[0].pk) == [groups[0], groups[2]]


def test_a_value_that_does_not_arrive_is_refused() -> None:
    query: Prepared[Group] = Prepared(lambda pk: Group.objects.all(), int)

    with pytest.raises(ValueError, match="Not every value arrives"):
        query.all(1)


def test_the_first_values_of_several_queries_come_in_one_statement(django_assert_num_queries) -> None:
    Outbox.objects.create(kind="message", name="later", created=NOON + timedelta(days=1))
    Outbox.objects.create(kind="message", name="sooner", created=NOON)
    soonest: Prepared[tuple[datetime]] = Prepared(lambda: Outbox.objects.order_by("created").values_list("created")[:1])
    none: Prepared[tuple[str]] = Prepared(lambda: Group.objects.filter(name="nobody").values_list("name")[:1])
    first_values([soonest, none])

    with django_assert_num_queries(1):
        assert first_values([soonest, none]) == [NOON, None]
