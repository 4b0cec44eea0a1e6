"""Lists and main pages cost the same statements for ten rows and for two hundred, and no more than the baseline says.

As an ordinary person sees them: rights by branch, no oversight. The baseline is `query_budgets.toml`; a page that
needs far fewer statements than it says is to be entered there anew, so that what was won is kept.
"""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, connection, models, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

from admin_ext.site import site
from crm_core.activities.services import log_activity
from crm_core.kernel.access.policies import all_policies, policy_for
from crm_core.kernel.models import AuditEntry, Branch, Employee, Role, User
from crm_core.parties.models import Account
from crm_core.sales.models import AssignmentLedger, Lead
from processes import api, ports
from processes.catalog.models import ProcessDefinition, ProcessVersion
from processes.inbox.models import HandingOver
from processes.publication.services import publish_now
from processes.runtime.models import Task
from tests.crm_core.support import branch, on_leave, person, role, team
from tests.processes.publication.drawing import drawing, user_task
from tests.support.rows import make

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

assert get_resolver().url_patterns  # record pages register when addresses are read
BASELINE = tomllib.loads(Path(__file__).with_name("query_budgets.toml").read_text())
FEW, MANY = 10, 200
MODELS = sorted(site._registry, key=lambda model: model._meta.label)
ACTIONS = ("view", "add", "change", "export")
SLACK = 3


@pytest.fixture
def worker():
    """Somebody of a branch with a role that reaches all of it, and what belongs to no branch at all."""
    reach = {policy.key: "branch" if policy.owner or policy.branch or policy.via else "all" for policy in all_policies()}
    working = role("seller", **{key: dict.fromkeys(ACTIONS, level) for key, level in reach.items()})
    return person(working, of=team("key", branch("shanghai")), display_name="Li Na")


def statements(user: User, address: str) -> int:
    """How many statements a page costs that was opened before."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(address).status_code == 200, address
    ContentType.objects.clear_cache()
    client.get(address)
    with CaptureQueriesContext(connection) as caught:
        client.get(address)
    return len(caught)


def fill(model: type[models.Model], user: User, number: int) -> None:
    """So many rows of the person's own, every reference set, so that a row that fetches one by itself is noticed."""
    columns = {field.name: field for field in model._meta.concrete_fields}
    policy = policy_for(model)
    values: dict[str, Any] = {}
    for name, field in columns.items():
        if not field.is_relation or field.unique or field.related_model is model:
            continue
        if field.related_model is User:
            values[name] = user
        elif field.related_model is Branch:
            values[name] = user.employee.branch
        else:
            values[name] = field.related_model._default_manager.first() or make(field.related_model)
    if policy.owner in columns and not columns[policy.owner].is_relation:
        values[policy.owner] = user.pk
    for _n in range(number):
        try:
            with transaction.atomic():
                make(model, **values)
        except IntegrityError:
            needed = {name: value for name, value in values.items() if name in {policy.owner, policy.branch, *policy.via}}
            make(model, **needed)


def beyond(kind: str, costs: dict[str, int]) -> dict[str, int]:
    """The costs that exceed the baseline, or lie so far below it that what was won could be lost again."""
    known = BASELINE[kind]
    return {name: cost for name, cost in costs.items() if not known.get(name, 0) - SLACK <= cost <= known.get(name, 0)}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)
def test_a_list_costs_the_same_whatever_its_length(worker, model):
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    if model is not AuditEntry:
        fill(model, worker, FEW)
    few = statements(worker, address)
    if model is AuditEntry:
        fill(Account, worker, MANY)
    else:
        fill(model, worker, MANY - FEW)
    many = statements(worker, address)

    assert many == few
    assert beyond("lists", {model._meta.label_lower: few}) == {}, "Enter it in query_budgets.toml if it is meant."


@pytest.fixture
def house(worker):
    """An account with a story and a process that runs about its leads."""
    account = make(Account, name="Huaxin", manager=worker, branch=worker.employee.branch)
    definition = ProcessDefinition.objects.create(key="deal", titles={"en": "Deal"}, subject_type="lead")
    bpmn = drawing(user_task(), process='<redraw:process subject="lead"/>')
    publish_now(ProcessVersion.objects.create(definition=definition, number=1, bpmn=bpmn, forms={}))

    def more(number: int) -> None:
        with api.by_hand():
            for _n in range(number):
                lead = make(Lead, company="C", account=account, owner=worker, branch=worker.employee.branch)
                begun = api.start("deal", subject=ports.Subject("lead", lead.pk), user=None)
                if _n % 2:
                    api.claim(begun.task_set.open().human().get().pk, user=worker)
                log_activity(kind="call", title="Called", account=account, by=worker)
                waiting = make(Lead, company="W", branch=worker.employee.branch)
                for chosen in (None, worker)[: 1 + _n % 2]:
                    AssignmentLedger.objects.create(subject_type="lead", subject_id=waiting.pk, chosen=chosen, why="absent")

    return more


def pages(user: User) -> dict[str, str]:
    """The main pages by name."""
    task = api.work_for(user, box="mine").items[0]
    return {
        "inbox": reverse("redraw:inbox"), "teams": reverse("redraw:inbox") + "?box=teams", "work": reverse("redraw:work", args=[task.task_id]),
        "processes": reverse("redraw:processes"), "running": reverse("redraw:running"), "waiting": reverse("redraw:waiting"), "running_at": reverse("redraw:running") + "?process=deal&step=Work&state=late&q=L",
        "incidents": reverse("redraw:incidents"),
        "start": reverse("redraw:start_list"), "process": reverse("redraw:process", args=["deal"]),
        "instance": reverse("redraw:instance", args=[task.instance_id]), "sales": reverse("redraw:sales"), "unassigned": reverse("redraw:unassigned"),
        "difference": reverse("redraw:studio_difference", args=["deal"]) + "?from=1&to=1",
        "account": reverse("redraw:account", args=[Account.objects.get(name="Huaxin").pk]), "search": reverse("redraw:search") + "?q=hua",
    }  # fmt: skip


def test_main_pages_cost_the_same_however_much_goes_on(worker, house):
    house(FEW)
    few = {name: statements(worker, address) for name, address in pages(worker).items()}
    house(MANY - FEW)
    many = {name: statements(worker, address) for name, address in pages(worker).items()}

    assert many == few
    assert beyond("pages", few) == {}, "Enter it in query_budgets.toml if it is meant."


@pytest.fixture
def away(worker):
    """Somebody who is away, led by the person and with the person as substitute."""
    absent, today = person(*Role.objects.all(), of=worker.employee.team, username="away"), ports.now().date()
    Employee.objects.filter(user=absent).update(manager=worker)
    on_leave(absent, today - timedelta(days=1), today + timedelta(days=300), substitute=worker)
    return absent


def test_pages_of_absence_cost_the_same_however_much_is_open_and_however_many_are_away(worker, house, away):
    house(1)

    def more(number: int) -> None:
        with api.by_hand():
            for _n in range(number):
                lead = make(Lead, company="C", owner=worker, branch=worker.employee.branch)
                begun = api.start("deal", subject=ports.Subject("lead", lead.pk), user=None)
                Task.objects.human().filter(process=begun).update(owner=away, status="ASSIGNED", due_at=ports.now())
                done = api.start("deal", subject=ports.Subject("lead", lead.pk), user=None).task_set.open().human().get()
                Task.objects.filter(pk=done.pk).update(status="DONE", finished=ports.now(), completed_by=away, completed_for=worker)
                mate = person(of=worker.employee.team)
                Employee.objects.filter(user=mate).update(manager=worker)
                on_leave(mate, ports.now().date() + timedelta(days=2), substitute=worker)
                on_leave(worker, ports.now().date() + timedelta(days=400 + mate.pk), substitute=mate)

    row = HandingOver.objects.create(by=worker, giver=away, state="done")
    addresses = {
        "absence": reverse("redraw:absence"), "absent_people": reverse("redraw:absent_people"),
        "absent_work": reverse("redraw:absent_work", args=[away.pk]), "standing_in": reverse("redraw:inbox") + "?box=standing_in",
        "handing_over": reverse("redraw:handing_over", args=[row.pk]),
    }  # fmt: skip
    more(FEW)
    row.results = [{"task": str(task.pk), "labels": {"en": "X"}, "to": away.pk, "why": None} for task in Task.objects.all()[:FEW]]
    row.save()
    few = {name: statements(worker, address) for name, address in addresses.items()}
    more(3 * FEW)
    row.results *= 10
    row.save()
    many = {name: statements(worker, address) for name, address in addresses.items()}

    assert many == few
    assert beyond("pages", few) == {}, "Enter it in query_budgets.toml if it is meant."
