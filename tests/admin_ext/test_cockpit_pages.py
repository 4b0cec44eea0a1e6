"""The pages of the cockpit by who asks: what one may not act on is neither offered nor done, what stayed is told."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from crm_core.kernel.models import User
from processes import api
from processes.bulk.models import BulkRun
from processes.catalog.models import ProcessDefinition, ProcessVersion, State
from processes.instance_migration.models import Migration
from processes.runtime import starting
from processes.runtime.models import ProcessInstance
from tests.crm_core.support import branch, person, role
from tests.processes.publication.drawing import drawing, user_task
from tests.processes.runtime.engine_room import publish

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def _by_hand(clock):
    with api.by_hand():
        yield


@pytest.fixture
def people():
    """By role: who answers for all, who owns this process, who sees all, who started it."""
    home = branch("home")
    found = {key: person(role(key), at=home) for key in ("process_owner", "auditor", "seller")}
    found["owner"] = person(role("clerk"), at=home)
    return found


@pytest.fixture
def runs(people):
    """Two instances that the seller began, of a process with an owner."""
    version = publish(user_task("Work"))
    ProcessDefinition.objects.filter(pk=version.definition_id).update(owner=people["owner"])
    return [starting.start_version(version, data={}, user=people["seller"]) for _n in range(2)]


def client(user: User) -> Client:
    found = Client()
    found.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return found


@pytest.mark.parametrize(("who", "may"), [("process_owner", True), ("owner", True), ("auditor", False), ("seller", False)])
def test_many_are_acted_on_by_who_answers_for_them_alone(people, runs, who, may):
    page = client(people[who]).get(reverse("redraw:running"))
    assert page.status_code == 200
    assert str(runs[0].pk) in page.content.decode()
    assert ('id="bulk"' in page.content.decode()) is may

    answer = client(people[who]).post(reverse("redraw:bulk_begin"), {"act": "cancel", "which": "all", "filter": "", "reason": "Over"})
    api.drain()

    ended = ProcessInstance.objects.stored().filter(outcome="cancelled").count()
    assert (ended, BulkRun.objects.count()) == ((2, 1) if may else (0, 0))
    assert answer["Location"].startswith("/processes/bulk/" if may else "/processes/running/")


def test_a_run_of_somebody_else_is_not_there(people, runs):
    run = api.begin_bulk("suspend", user=people["owner"], reason="Audit", wanted=api.wanted())
    for name, code in (("bulk_run", 200), ("bulk_progress", 200)):
        assert client(people["owner"]).get(reverse(f"redraw:{name}", args=[run.pk])).status_code == code
        assert client(people["seller"]).get(reverse(f"redraw:{name}", args=[run.pk])).status_code == 404
    assert client(people["seller"]).post(reverse("redraw:bulk_stop", args=[run.pk])).status_code == 404
    run.refresh_from_db()
    assert run.state == "running"


@pytest.mark.parametrize(("who", "may"), [("process_owner", True), ("owner", True), ("auditor", False), ("seller", False)])
def test_what_runs_is_moved_to_the_version_in_use_by_who_answers_for_it(people, runs, who, may):
    old = ProcessVersion.objects.get()
    ProcessVersion.objects.filter(pk=old.pk).update(state=State.RETIRED)
    publish(user_task("Work"), user_task("Check"))
    address = reverse("redraw:move_version", args=["deal", 1])

    assert client(people[who]).get(address).status_code == (200 if may else 403)
    answer = client(people[who]).post(address, {"reason": "Redrawn"})
    api.drain()

    assert Migration.objects.count() == (1 if may else 0)
    assert ProcessInstance.objects.filter(version=old).count() == (0 if may else 2)
    if may:
        told = client(people[who]).get(answer["Location"]).content.decode()
        assert "2 moved, 0 stayed where they were." in told
        assert client(people["seller"]).get(answer["Location"]).status_code == 403


def test_a_process_never_published_has_nothing_to_move_to(people):
    definition = ProcessDefinition.objects.create(key="new", titles={"en": "New"}, owner=people["owner"])
    ProcessVersion.objects.create(definition=definition, number=1, bpmn=drawing(user_task("Work")), forms={})

    assert client(people["owner"]).get(reverse("redraw:move_version", args=["new", 1])).status_code == 404
