"""What the page of an instance tells: the story with limits and reasons, how values came about, callers and called."""

from __future__ import annotations

from datetime import timedelta

import pytest

from processes import api, ports
from processes.runtime.models import Task, VariableChange
from tests.processes.inbox.house import house, instance, person, task, thing, version
from tests.processes.publication.drawing import drawing, user_task

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

HOUR = timedelta(hours=1)
FORM = {"type": "default", "id": "f", "components": [{"type": "textfield", "key": "need", "label": "What is needed", "id": "n"}]}


@pytest.fixture(autouse=True)
def _house(clock):
    with house():
        yield


@pytest.fixture
def of():
    return version(bpmn=drawing(user_task("Work", form="f")), forms={"f": FORM})


@pytest.fixture
def boss():
    return person("boss", "process_owner")


def story(run, user):
    return [line.text for line in api.history(run.pk, user=user)]


def done(run, *, by, hours, **data):
    """Work that was finished so many hours after its limit."""
    made = task(run, owner=by)
    Task.objects.filter(pk=made.pk).update(status="DONE", completed_by=by, finished=ports.now(), due_at=ports.now() - hours * HOUR, data=data)


def test_how_long_before_or_after_the_limit_something_was_done(of, boss):
    early, late = instance(of), instance(of)
    done(early, by=boss, hours=-2)
    done(late, by=boss, hours=3)

    assert "boss did “Do it”, 2 h before the limit." in story(early, boss)
    assert "boss did “Do it”, 3 h after the limit." in story(late, boss)


@pytest.mark.parametrize(("data", "text"), [
    ({"skipped": True}, "“Do it” was skipped by hand: It burnt."),
    ({"moved_to": "End"}, "From “Do it” the process was led elsewhere by hand: It burnt."),
    ({"withdrawn": True}, "“Do it” was taken away by hand: It burnt."),
])  # fmt: skip
def test_what_was_overruled_is_told_with_its_reason(of, boss, data, text):
    run = instance(of)
    done(run, by=boss, hours=1, reason="It burnt.", **data)

    assert text in story(run, boss)


def test_values_are_told_with_who_gave_them_where_and_why(of, boss):
    run = instance(of)
    step = task(run, owner=boss)
    VariableChange.objects.create(instance=run, task=step, name="need", value="a belt", by=boss, at=ports.now() - HOUR)
    VariableChange.objects.create(instance=run, name="inner", value={"score": 3}, by=boss, reason="Mistyped")

    second, first = api.value_history(run.pk, user=boss)

    assert (first.label, first.text, first.who, first.step, first.named) == ("What is needed", "a belt", "boss", {"en": "Do it"}, True)
    assert (second.text, second.reason, second.step, second.named) == ("score: 3", "Mistyped", {}, False)


def test_callers_and_called_are_those_one_may_see(of, boss):
    parent = instance(of, thing("branch:1"), business_key="P")
    call = task(parent, node="Call")
    child = instance(version("child"), thing("branch:1"), business_key="C", parent_task=call)
    hidden = instance(version("other"), thing("branch:2"), business_key="X", parent_task=call)
    staff = person("staff", "seller", place="branch:1")
    far = person("far", "seller", place="branch:2")

    assert [one.instance.business_key for one in api.relatives(api.instance(parent.pk, user=boss), user=boss).children] == ["C", "X"]
    assert [one.instance.business_key for one in api.relatives(api.instance(parent.pk, user=staff), user=staff).children] == ["C"]
    found = api.relatives(api.instance(child.pk, user=staff), user=staff)
    assert (found.parent.instance.pk, found.parent.step, found.hidden) == (parent.pk, {"en": "Do it"}, False)
    alone = api.relatives(api.instance(hidden.pk, user=far), user=far)
    assert (alone.parent, alone.hidden) == (None, True)
