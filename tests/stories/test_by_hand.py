"""Steps of an ad-hoc sub-process, begun by hand on the page of the instance."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse

from processes.ports import Subject
from processes.runtime import starting
from processes.runtime.models import ProcessInstance, Task
from tests.processes.runtime.engine_room import drawn
from tests.processes.sketch import element, formal, sketch, sub
from tests.stories.house import House, Person, text_of

pytestmark = pytest.mark.django_db
LOOSE = sketch(
    "Start -> Win -> After -> End", process='<redraw:process subject="account"/>',
    Win=replace(
        inner := sub(
            tag="adHocSubProcess", more={"ordering": "Sequential"},
            Ring=element("userTask", ours='<redraw:task role="sales_representative"/>'),
            Legal=element("userTask", ours='<redraw:task role="legal"/>'),
        ),
        inner=inner.inner + formal("completionCondition", "enough = true"),
    ),
)  # fmt: skip


@pytest.fixture(autouse=True)
def in_english(house: House) -> None:
    for name in ("li.na", "gao.jing", "zhou.jie", "deng.rui"):
        house[name].client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"


@pytest.fixture
def loose(house: House) -> ProcessInstance:
    account = next(house.customer(n) for n in range(20) if house.company.accounts[n].branch == "shanghai")
    return starting.start_version(
        drawn(LOOSE), subject=Subject("account", account.pk), data={"enough": False}, user=house["zhou.jie"].user
    )


def shown(person: Person, instance: ProcessInstance) -> tuple[str, list[str]]:
    """The words of the page, and the steps that its buttons begin."""
    page = person.get("redraw:instance", instance.pk).content.decode()
    return text_of(page), re.findall(r'name="step" value="(\w*)"(?! disabled)', page)


def press(person: Person, instance: ProcessInstance, step: str) -> HttpResponse:
    scope = Task.objects.stored().get(process=instance, node_id="Win")
    return person.client.post(reverse("redraw:begin_by_hand", args=(instance.pk, scope.pk)), {"step": step}, follow=True)


def test_each_sees_the_steps_of_the_own_role(house: House, loose: ProcessInstance) -> None:
    assert shown(house["zhou.jie"], loose)[1] == []  # a sales manager has none of the roles here
    assert shown(house["li.na"], loose)[1] == ["Ring"]
    assert shown(house["gao.jing"], loose)[1] == ["Ring", "Legal", ""]


def test_a_step_is_begun_done_and_counted_and_then_it_is_enough(house: House, loose: ProcessInstance) -> None:
    seller, owner = house["li.na"], house["gao.jing"]
    assert "The step has begun" in text_of(press(seller, loose, "Ring").content.decode())
    assert house.steps(loose) == ["Ring"]
    words, buttons = shown(seller, loose)
    assert ("finish it first" in words, "1 open" in words, buttons) == (True, True, [])
    again = text_of(press(seller, loose, "Ring").content.decode())
    assert "Finish the step that is open first" in again
    assert house.steps(loose) == ["Ring"]
    seller.does(loose, "Ring")
    words, buttons = shown(seller, loose)
    assert ("done once" in words, buttons) == (True, ["Ring"])
    press(owner, loose, "")
    assert house.steps(loose) == ["After"]
    assert shown(owner, loose)[1] == []


def test_nobody_begins_what_is_not_theirs(house: House, loose: ProcessInstance) -> None:
    assert press(house["li.na"], loose, "Legal").status_code == 403
    assert press(house["li.na"], loose, "").status_code == 403
    assert press(house["deng.rui"], loose, "Ring").status_code == 404, "another branch's customer"
    assert house.steps(loose) == []


def test_what_is_over_cannot_be_begun(house: House, loose: ProcessInstance) -> None:
    press(house["gao.jing"], loose, "")
    late = press(house["li.na"], loose, "Ring")
    assert (late.status_code, "somebody may have said" in text_of(late.content.decode())) == (404, True)


def test_who_answers_for_the_process_moves_a_token_and_reads_before_what_that_means(house: House, loose: ProcessInstance) -> None:
    press(house["li.na"], loose, "Ring")
    owner, scope = house["gao.jing"], Task.objects.stored().get(process=loose, node_id="Win")
    page = owner.get("redraw:instance", loose.pk).content.decode()
    address = reverse("redraw:move_token", args=(loose.pk, scope.pk))
    assert address in page
    words = text_of(owner.client.get(address).content.decode())
    assert "Move the token from “Win”" in words
    assert "“Ring”" in words, "what is open inside is named before it is taken away"
    refused = text_of(owner.client.post(address, {"to": "After", "reason": " "}).content.decode())
    assert "Say why" in refused
    assert house.steps(loose) == ["Ring"]
    owner.client.post(address, {"to": "After", "reason": "The customer has signed already."})
    assert house.steps(loose) == ["After"]


def test_nobody_else_moves_a_token(house: House, loose: ProcessInstance) -> None:
    scope = Task.objects.stored().get(process=loose, node_id="Win")
    address = reverse("redraw:move_token", args=(loose.pk, scope.pk))
    for who, status in (("li.na", 403), ("deng.rui", 404)):
        assert house[who].client.post(address, {"to": "After", "reason": "x"}).status_code == status
        assert house[who].client.get(address).status_code == status
    scope.refresh_from_db()
    assert scope.is_open


def test_a_token_is_moved_at_the_address_of_its_own_instance_alone(house: House, loose: ProcessInstance) -> None:
    scope = Task.objects.stored().get(process=loose, node_id="Win")
    address = reverse("redraw:move_token", args=(scope.pk, scope.pk))
    answer = house["gao.jing"].client.post(address, {"to": "After", "reason": "x"})
    assert answer.status_code == 404
    assert "belongs to another process instance" in text_of(answer.content.decode())
    scope.refresh_from_db()
    assert scope.is_open
