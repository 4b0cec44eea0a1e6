"""Two versions side by side: what the page shows, and to whom."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from processes import api
from processes.catalog.models import ProcessDefinition, ProcessVersion, State
from tests.processes.inbox.house import house, person
from tests.processes.publication.drawing import FORM, drawing, rule_task, user_task
from tests.processes.runtime.engine_room import Play

pytestmark = pytest.mark.django_db
PAGE = "/processes/deal/difference/"
EVIL = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def things() -> Any:
    """The people and the record of a small house."""
    with house():
        yield


@pytest.fixture
def versions() -> list[ProcessVersion]:
    """A version that was published and three drafts."""
    definition = ProcessDefinition.objects.create(key="deal", titles={"en": "Deal"})
    shorter = FORM | {"components": [{"type": "textfield", "key": "evil", "label": EVIL}, *FORM["components"][2:]]}
    texts = [
        (drawing(user_task("A")), {"f": FORM}, State.PUBLISHED), (drawing(user_task("A"), user_task("B")), {"f": FORM}, State.DRAFT),
        (drawing(user_task("A"), user_task("C")), {"f": shorter}, State.DRAFT), (drawing(rule_task("size")), {}, State.DRAFT),
    ]  # fmt: skip
    return [
        ProcessVersion.objects.create(definition=definition, number=number, bpmn=bpmn, forms=forms, state=state)
        for number, (bpmn, forms, state) in enumerate(texts, start=1)
    ]


def signed_in(*roles: str) -> Client:
    client = Client()
    user = person("-".join(roles) or "nobody", *roles)
    user.is_staff = True
    user.save()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_newest_is_compared_with_the_one_before_it(versions):
    versions[3].delete()
    answer = signed_in("process_owner").get(PAGE)

    text = answer.content.decode()
    assert (answer.status_code, "Deal: version 2 to 3" in text) == (200, True)
    assert ("“C” was added." in text, "“B” was taken out." in text) == (True, True)
    assert "It differs in: 6 things in the drawing, 1 form." in text


def test_both_versions_stand_in_the_address(versions):
    text = signed_in("process_owner").get(PAGE, {"from": "2", "to": "1"}).content.decode()

    assert "Deal: version 2 to 1" in text
    assert "“B” was taken out." in text


def test_what_runs_is_told_first(versions):
    person("somebody", "seller")
    with api.by_hand():
        Play(versions[0]), Play(versions[0])

    text = signed_in("process_owner").get(PAGE, {"from": "1", "to": "2"}).content.decode()
    gone = signed_in("administrator").get(PAGE, {"from": "1", "to": "4"}).content.decode()

    assert "2 run on version 1. They stay there until somebody moves them." in text
    assert "2 could be moved as they are." in text
    assert "2 need a decision where they go on." in gone
    assert "Nothing in the newer version stands for it." in gone


def test_what_a_form_says_is_shown_as_text(versions):
    text = signed_in("process_owner").get(PAGE, {"from": "2", "to": "3"}).content.decode()

    assert EVIL not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


@pytest.mark.parametrize("asked", [{"from": "1", "to": "2"}, {"from": "2", "to": "1"}, {"to": "9"}, {"to": "99999999999999999999"}])
def test_drafts_are_not_there_for_others(versions, asked):
    answer = signed_in("seller").get(PAGE, asked)

    expected = 200 if asked.get("to", "").startswith("9999") else 404
    assert answer.status_code == expected
    assert "“B”" not in answer.content.decode()


def test_one_version_alone_has_nothing_to_be_compared_with(versions):
    answer = signed_in("seller").get(PAGE)

    assert (answer.status_code, "There is nothing to compare yet" in answer.content.decode()) == (200, True)


def test_the_process_page_leads_there(versions):
    assert PAGE in signed_in("process_owner").get("/processes/deal/").content.decode()


def test_nothing_is_there_for_strangers_and_unknown_processes(versions):
    assert Client().get(PAGE).status_code == 302
    owner = signed_in("process_owner")
    assert (owner.get("/processes/none/difference/").status_code, owner.post(PAGE).status_code) == (404, 405)
