"""Stopping a clock on the pages, letting it run again, and the moment that is shown where a limit is set."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from crm_core.kernel.models import Team, WorkingCalendar
from crm_core.sales.models import Lead
from processes import api, ports
from processes.catalog.models import ProcessDefinition, ProcessVersion
from processes.publication.services import publish_now
from processes.runtime.models import ClockEvent, HouseRung, PauseReason
from tests.crm_core.support import branch, person, role, team
from tests.processes.publication.drawing import drawing, user_task
from tests.stories.house import text_of
from tests.support.rows import make

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def seller():
    rights = dict.fromkeys(("view", "add", "change"), "branch")
    return person(role("seller", lead=rights, house_rung=dict.fromkeys(("view", "add"), "all")), of=team("key", branch("shanghai")))


@pytest.fixture
def task(seller, clock):
    definition = ProcessDefinition.objects.create(key="deal", titles={"en": "Deal"}, subject_type="lead", owner=seller)
    bpmn = drawing(user_task(), process='<redraw:process subject="lead" limit="P9D"/>')
    publish_now(ProcessVersion.objects.create(definition=definition, number=1, bpmn=bpmn, forms={}))
    PauseReason.objects.create(key="customer", name="Waiting for the customer", name_zh="等待客户", message="lead.wrote")
    lead = make(Lead, company="C", owner=seller, branch=seller.employee.branch)
    begun = api.start("deal", subject=ports.Subject("lead", lead.pk), user=None)
    return api.claim(begun.task_set.open().human().get().pk, user=seller)


def browser(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_who_has_a_task_stops_its_clock_and_lets_it_run_again(task, seller, clock):
    client, page = browser(seller), reverse("redraw:work", args=[task.pk])
    stop = reverse("redraw:stop_clock", args=[task.pk])
    assert stop in client.get(page).content.decode()
    shown = client.get(stop).content.decode()
    assert "Waiting for the customer runs again by itself when they write" in text_of(shown)
    due = task.due_at

    answer = client.post(stop, {"reason": "customer", "note": "Photographs are to come"})
    assert (answer.status_code, answer["Location"]) == (302, page)
    words = text_of(client.get(page).content.decode())
    assert "The clock stands still since 10:34, 8 h left. Waiting for the customer: Photographs are to come." in words
    assert "Clock stopped 1" in words, "a group of its own in the list"

    clock.move(clock.now() + timedelta(hours=5))
    assert client.post(reverse("redraw:run_clock", args=[task.pk])).status_code == 302
    task.refresh_from_db()
    assert (task.due_at, task.paused_at) == (due + timedelta(hours=5), None)
    story = text_of(client.get(reverse("redraw:instance", args=[task.process_id])).content.decode())
    assert "stopped the clock of “Work”: Waiting for the customer: Photographs are to come." in story
    assert "let the clock of “Work” run again; it is due on" in story


def test_without_a_reason_nothing_is_stopped_and_what_was_typed_stays(task, seller):
    answer = browser(seller).post(reverse("redraw:stop_clock", args=[task.pk]), {"note": "Somebody is ill"})
    assert answer.status_code == 422
    assert "Choose why the clock shall stand still." in text_of(answer.content.decode())
    assert "Somebody is ill" in answer.content.decode()
    task.refresh_from_db()
    assert (task.paused_at, ClockEvent.objects.count()) == (None, 0)


def test_a_colleague_sees_no_button_and_may_not_stop_it(task, seller):
    colleague = person(role("seller", lead=dict.fromkeys(("view", "change"), "branch")), of=Team.objects.get(key="key"))
    client = browser(colleague)
    stop = reverse("redraw:stop_clock", args=[task.pk])
    page = client.get(reverse("redraw:work", args=[task.pk]))
    assert page.status_code != 200 or stop not in page.content.decode()
    for answer in (client.get(stop), client.post(stop, {"reason": "customer"}), client.post(reverse("redraw:run_clock", args=[task.pk]))):
        assert answer.status_code in (403, 404)
    task.refresh_from_db()
    assert task.paused_at is None


def test_the_owner_of_the_process_stops_the_clock_of_the_whole(task, seller):
    client, page = browser(seller), reverse("redraw:instance", args=[task.process_id])
    assert "the whole is due" in text_of(client.get(page).content.decode())
    stop = reverse("redraw:stop_instance_clock", args=[task.process_id])
    assert "the clocks of its steps run on" in text_of(client.get(stop).content.decode())
    assert client.post(stop, {"reason": "customer"}).status_code == 302
    shown = text_of(client.get(page).content.decode())
    assert "stands still since 10:34" in shown
    assert "Let its clock run again" in shown
    assert client.post(reverse("redraw:run_instance_clock", args=[task.process_id])).status_code == 302
    assert "Stop its clock" in text_of(client.get(page).content.decode())


def test_the_moment_a_limit_comes_to_is_told_by_the_calendar_of_who_asks(seller, clock):
    hours = {"zone": "Asia/Shanghai", "country": "CN", "hours": {"monday-friday": ["09:00-12:00", "13:00-18:00"]}}
    made = WorkingCalendar.objects.create(key="shanghai", name="Shanghai office", name_zh="上海办公室", definition=hours)
    Team.objects.filter(key="key").update(calendar=made)
    client, address = browser(seller), reverse("redraw:studio_limit")

    def told(**given):
        return client.get(address, given).json()["text"]

    assert told(limit="P1D", time="working", shares="150,50") == (
        "Begun now it is due Wed 25 Nov 2026, 10:34 (Shanghai office). 50 %: Tue 24 Nov 2026, 15:34. 150 %: Wed 25 Nov 2026, 15:34."
    )
    assert told(limit="PT24H", time="calendar") == "Begun now it is due Wed 25 Nov 2026, 10:34."
    assert told(limit="= n", time="working") == "When it is due is worked out when it begins."
    assert told(limit="soon", time="working") == "“soon” is not a duration. Write it like P1D, PT8H or P1DT2H."
    assert told(limit="-P1D", time="working") == "A limit must be longer than nothing."


def test_a_rung_of_the_house_tells_people_who_are_there(seller):
    client, address = browser(seller), reverse("admin:process_runtime_houserung_add")
    for wrong, sentence in (
        ({"notify": "assignee, ghost"}, "There is no role “ghost”."), ({"priority": "soon"}, "Write a number from 0 to 100"),
        ({}, "Say whom the rung tells"),
    ):  # fmt: skip
        answer = client.post(address, {"share": "120", "notify": "", "priority": "", **wrong})
        assert sentence in text_of(answer.content.decode())
    assert not HouseRung.objects.exists()
    client.post(address, {"share": "120", "notify": "assignee, seller", "priority": "+10"})
    assert HouseRung.objects.get().notify == "assignee, seller"
