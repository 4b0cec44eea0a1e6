"""A rehearsal runs on data of its own: nothing of the real database is read or written, and nothing leaves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core import mail
from django.db import connection, connections

from crm_core.kernel.models import User
from crm_core.kernel.models.access import AccessRefusal
from crm_core.kernel.models.audit import AuditEntry
from crm_core.parties.services import open_account
from crm_core.sales.models import Lead, Opportunity
from crm_core.sales.services import open_opportunity
from processes import api, ports
from processes.apart import is_apart
from processes.catalog import selectors as catalog
from processes.rehearsal import rooms, services
from processes.rehearsal.sandbox import inside
from processes.runtime.models import Outbox, ProcessInstance, Task
from processes.runtime.repeated import Repeated

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

ROWS = (ProcessInstance, Task, Outbox, Opportunity, Lead, User, AuditEntry, AccessRefusal)


def counted() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in ROWS}


def test_a_shipped_process_runs_in_it_and_the_real_database_is_neither_read_nor_written(
    owner: User, clock: ports.FixedClock, django_assert_num_queries: Any
) -> None:
    before = counted()
    begun = api.begin_rehearsal("opportunity_stages", 1, user=owner, subject_values={"amount": 900_000})
    asked: list[str] = []
    real = connection.execute_wrapper(lambda execute, sql, params, many, context: (asked.append(sql), execute(sql, params, many, context))[1])
    with real:
        shown = api.rehearsal(begun.pk, user=owner)
    assert [task.element for task in shown.standing.tasks] == ["Qualify"]
    assert shown.standing.tasks[0].person == "Sales representative 1"
    assert not [sql for sql in asked if "process_runtime" in sql or "crm_sales" in sql]
    assert counted() == before


def test_a_draft_is_rehearsed_without_the_version_it_was_drawn_from(owner: User, clock: ports.FixedClock) -> None:
    draft = api.open_draft("opportunity_stages", user=owner)
    begun = api.begin_rehearsal("opportunity_stages", draft.version.number, user=owner)
    assert draft.base.number == 1
    assert [task.element for task in api.rehearsal(begun.pk, user=owner).standing.tasks] == ["Qualify"]


def test_real_work_goes_on_beside_it_with_the_same_version(owner: User, clock: ports.FixedClock) -> None:
    seller = User.objects.create(username="seller", display_name="Sue Seller")
    seller.groups.add(Group.objects.get(name="sales_representative"))
    with api.by_hand():
        account = open_account(name="Real Ltd.", manager=seller, trusted=True)
        deal = open_opportunity(name="Real deal", account=account, owner=seller, amount=5, trusted=True)
        api.drain()
    begun = api.begin_rehearsal("opportunity_stages", 1, user=owner)
    inner = api.rehearsal(begun.pk, user=owner)
    with api.by_hand():
        real = ProcessInstance.objects.get(subject_type="opportunity", subject_id=deal.pk)
        task = Task.objects.open().human().get(process=real)
        api.complete(task.pk, user=seller, data={"stage_outcome": "lost", "loss_reason": "price"})
        api.drain()
    real.refresh_from_db()
    assert (real.outcome, task.owner) == ("terminated", seller)
    assert [one.element for one in inner.standing.tasks] == ["Qualify"]
    assert [one.element for one in api.rehearsal(begun.pk, user=owner).standing.tasks] == ["Qualify"]


def test_what_memory_keeps_by_id_does_not_pass(owner: User, clock: ports.FixedClock) -> None:
    from processes.runtime.flow import flow_of, version_of
    from processes.runtime.identities import group_id

    version = catalog.version("opportunity_stages", 1)
    version.definition.owner = owner
    version.definition.save()
    begun = api.begin_rehearsal("opportunity_stages", 1, user=owner)

    def look(room: Any) -> Any:
        assert is_apart()
        assert not User.objects.filter(username="owner").exists()
        Group.objects.filter(name="sales_manager").update(name="renamed")
        return flow_of(version.pk), version_of(version.pk).definition.owner_id, group_id("renamed"), group_id("sales_manager")

    apart, nobody, renamed, gone = inside(services.file_of(begun), clock.now(), look)
    assert not is_apart()
    assert (nobody, gone) == (None, None)
    assert renamed is not None
    assert group_id("sales_manager") == Group.objects.get(name="sales_manager").pk
    assert group_id("renamed") is None
    assert flow_of(version.pk) is not apart
    assert catalog.version("opportunity_stages", 1).definition.owner_id == owner.pk


def test_kinds_of_rows_have_the_same_ids_in_both(owner: User, clock: ports.FixedClock) -> None:
    begun = api.begin_rehearsal("opportunity_stages", 1, user=owner)
    real = dict(ContentType.objects.values_list("model", "pk"))
    assert inside(services.file_of(begun), clock.now(), lambda room: dict(ContentType.objects.values_list("model", "pk"))) == real


def test_mails_are_kept_and_nobody_is_told(owner: User, clock: ports.FixedClock) -> None:
    begun = api.begin_rehearsal("complaint_handling", 1, user=owner)
    assert mail.outbox == []
    state = api.rehearsal(begun.pk, user=owner)
    assert [one.element for one in state.standing.tasks] == ["Acknowledge"]
    assert state.rehearsal.mails
    assert {one["to"] for one in state.rehearsal.mails} == {"sam@sample.example"}
    assert counted()["Outbox"] == 0


def test_the_clock_of_the_machine_does_not_matter(owner: User, clock: ports.FixedClock) -> None:
    at = datetime(2031, 3, 4, 2, 0, tzinfo=UTC)
    begun = api.begin_rehearsal("opportunity_stages", 1, user=owner, at=at)
    assert begun.clock == at
    assert api.rehearsal(begun.pk, user=owner).standing.tasks[0].due_at > at
    api.rehearse_wait(begun.pk, user=owner)
    after = api.rehearsal(begun.pk, user=owner)
    assert after.clock > at
    assert ports.now() == clock.now()


def test_the_connection_is_put_back_and_closed_when_something_breaks(owner: User, clock: ports.FixedClock) -> None:
    begun = api.begin_rehearsal("opportunity_stages", 1, user=owner)
    real, seen = connections["default"], []

    def breaks(room: Any) -> None:
        seen.append(connections["default"])
        User.objects.create(username="never")
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        inside(services.file_of(begun), clock.now(), breaks)
    assert connections["default"] is real
    assert seen[0].connection is None
    assert not User.objects.filter(username="never").exists()


def test_statements_of_postgresql_are_prepared_for_its_connections_alone(owner: User, clock: ports.FixedClock) -> None:
    begun = api.begin_rehearsal("opportunity_stages", 1, user=owner)
    vendor = inside(services.file_of(begun), clock.now(), lambda room: connections["default"].vendor)
    assert vendor == "sqlite"
    assert Repeated().names == {}


def test_the_file_is_made_anew_from_the_steps_when_it_is_gone(owner: User, clock: ports.FixedClock) -> None:
    begun = api.begin_rehearsal("opportunity_stages", 1, user=owner)
    task = api.rehearsal(begun.pk, user=owner).standing.tasks[0]
    api.rehearse_step(begun.pk, task.id, data={"stage_outcome": "lost", "loss_reason": "price"}, user=owner)
    ended = api.rehearsal(begun.pk, user=owner).standing
    assert ended.ending is not None
    services.file_of(begun).unlink()
    again = api.rehearsal(begun.pk, user=owner).standing
    assert again.ending == ended.ending
    assert [one.element for one in again.way] == [one.element for one in ended.way]


def test_ending_throws_the_data_away(owner: User, clock: ports.FixedClock) -> None:
    begun = api.begin_rehearsal("opportunity_stages", 1, user=owner)
    assert services.file_of(begun).exists()
    api.end_rehearsal(begun.pk, user=owner)
    assert not services.file_of(begun).exists()
    with pytest.raises(api.NotFound):
        api.rehearsal(begun.pk, user=owner)
    assert rooms.is_ready()
