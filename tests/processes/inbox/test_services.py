"""What people do with their work: answers by the form, drafts, comments, following, saved views."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.http import QueryDict

from processes import api, ports
from processes.errors import AlreadyDone, AlreadyTaken, Invalid, NotAllowed, NotFound, StaleForm
from processes.inbox import selectors, services
from processes.inbox.models import InstanceFollower, SavedView, TaskComment
from processes.inbox.task_page import task_form
from processes.publication.services import publish_now
from processes.runtime.models import ProcessInstance, Task
from tests.processes.inbox.house import THING, house, instance, person, task, thing, version
from tests.processes.publication.drawing import FORM, drawing, user_task

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

GOOD = {"need": "A belt", "outcome": "yes", "amount": "7"}


@pytest.fixture(autouse=True)
def _house(clock):
    for role in ("seller", "boss"):
        Group.objects.get_or_create(name=role)
    with house():
        yield


@pytest.fixture
def one():
    return person("one", "seller", "boss")


@pytest.fixture
def record():
    return thing(need="Old")


@pytest.fixture
def row(one, record) -> Task:
    """The first task of a started instance, taken by one."""
    bpmn = drawing(
        user_task(form="f"), user_task("Later", role="boss"), process='<redraw:process subject="thing" startRoles="seller"/>'
    )
    publish_now(version(bpmn=bpmn, forms={"f": FORM}, state="draft"))
    api.start("deal", subject=("thing", record.pk), user=one)
    waiting = Task.objects.get(node_id="Work")
    return api.claim(waiting.pk, user=one)


def variables(row: Task) -> dict[str, Any]:
    return ProcessInstance.objects.stored().get(pk=row.process_id).data


def stored(row: Task) -> Task:
    return Task.objects.stored().get(pk=row.pk)


# --- taking ------------------------------------------------------------------------------------------------
def test_who_loses_a_task_is_told_by_whom_without_the_policies_of_other_records(row):
    with ports.subjects().temporarily(replace(THING, key="other", visible=_never)):
        with pytest.raises(AlreadyTaken, match="one has just taken this task"):
            api.claim(row.pk, user=person("two", "seller"))
        with pytest.raises(AssertionError, match="not asked"):
            api.claim(row.pk, user=person("stranger"))


def _never(_user: Any) -> Any:
    raise AssertionError("The policy of another kind of record is not asked.")


# --- finishing ---------------------------------------------------------------------------------------------
def test_an_answer_goes_to_the_record_and_the_rest_becomes_variables(row, one, record):
    done = api.complete(row.pk, user=one, data=GOOD, fingerprint=task_form(row.pk, user=one).fingerprint)

    record.refresh_from_db()
    assert (record.email, record.first_name) == ("A belt", "by one")
    kept = {name: variables(row)[name] for name in ("outcome", "reason", "amount", "sure")}
    assert kept == {"outcome": "yes", "reason": None, "amount": 7, "sure": False}
    assert "need" not in variables(row)
    assert "place" not in variables(row)
    assert stored(row).status == "DONE"
    assert done.task.pk == row.pk
    assert Task.objects.stored().get(node_id="Later").status == "NEW"


def test_a_browsers_answer_with_ticks_of_the_checklist_is_taken(row, one):
    api.complete(row.pk, user=one, data=QueryDict("need=Belt&outcome=no&reason=dear&amount=2&sure=true&_check=a&_check=b"))

    assert variables(row)["reason"] == "dear"
    assert variables(row)["sure"] is True
    assert stored(row).data["checks"] == ["a", "b"]


def test_wrong_values_are_refused_field_by_field_and_nothing_is_written(row, one, record):
    with pytest.raises(Invalid) as refusal:
        api.complete(row.pk, user=one, data={"need": "", "outcome": "perhaps", "amount": "12", "hack": "1"})

    assert set(refusal.value.errors) == {"need", "outcome", "amount", "hack"}
    record.refresh_from_db()
    assert record.email == "Old"
    assert stored(row).status == "ASSIGNED"
    assert "outcome" not in variables(row)


def test_a_read_only_field_keeps_what_the_server_knows(row, one, record):
    api.complete(row.pk, user=one, data={**GOOD, "place": "elsewhere"})

    record.refresh_from_db()
    assert record.last_name == "branch:1"


def test_what_the_record_refuses_stands_beside_the_field_and_nothing_moves(row, one):
    def refuse(record, changes, call):
        raise Invalid("No.", errors={"need": "The record will not have it."})

    subjects = ports.Subjects()
    subjects.register(ports.SubjectType(**{**THING.__dict__, "apply": refuse}))
    with ports.using(subjects=subjects), pytest.raises(Invalid) as refusal:
        api.complete(row.pk, user=one, data=GOOD)

    assert refusal.value.errors == {"need": "The record will not have it."}
    assert stored(row).status == "ASSIGNED"
    assert "outcome" not in variables(row)


def test_a_form_opened_on_another_state_keeps_what_was_typed(row, one, record, clock):
    opened = task_form(row.pk, user=one).fingerprint
    record.email = "Changed meanwhile"
    record.save()

    with pytest.raises(StaleForm, match="What you typed is kept"):
        api.complete(row.pk, user=one, data={**GOOD, "_check": ["a"]}, fingerprint=opened)

    kept = stored(row)
    assert kept.status == "ASSIGNED"
    assert kept.draft == {**GOOD, "_check": ["a"]}
    assert kept.draft_at == clock.now()
    record.refresh_from_db()
    assert record.email == "Changed meanwhile"
    api.complete(row.pk, user=one, data=GOOD, fingerprint=task_form(row.pk, user=one).fingerprint)
    assert stored(row).status == "DONE"


def test_a_task_is_finished_once(row, one):
    api.complete(row.pk, user=one, data=GOOD)

    with pytest.raises(AlreadyDone, match=r"one finished this task on .* at 10:34\. Nothing more is asked here\."):
        api.complete(row.pk, user=one, data=GOOD)


def test_only_who_has_it_may_finish_it(row, one):
    other = person("other", "seller")
    with pytest.raises(NotAllowed, match="one works on this"):
        api.complete(row.pk, user=other, data=GOOD)
    api.release(row.pk, user=one)
    with pytest.raises(NotAllowed, match="Nobody has taken this yet"):
        api.complete(row.pk, user=other, data=GOOD)
    with pytest.raises(NotFound):
        api.complete(row.process_id, user=one, data=GOOD)


def test_a_step_without_a_form_takes_no_values(row, one):
    api.complete(row.pk, user=one, data=GOOD)
    following = Task.objects.stored().get(node_id="Later").pk
    api.claim(following, user=one)

    with pytest.raises(Invalid):
        api.complete(following, user=one, data={"outcome": "forged"})
    api.complete(following, user=one)

    assert variables(row)["outcome"] == "yes"
    assert ProcessInstance.objects.stored().get().outcome == "completed"


# --- drafts and snoozing -----------------------------------------------------------------------------------
def test_a_draft_keeps_half_an_answer_of_the_form_alone(clock, one):
    row = task(instance(version(forms={"f": FORM}, bpmn=drawing(user_task(form="f"))), thing()), owner=one, form_key="f")

    services.save_draft(task_id=row.pk, user=one, data=QueryDict("need=Ha&amount=x&csrf=1&_check=a"))

    assert stored(row).draft == {"need": "Ha", "amount": "x", "_check": ["a"]}
    with pytest.raises(Invalid, match="too much"):
        services.save_draft(task_id=row.pk, user=one, data={"need": "x" * 300_000})
    with pytest.raises(NotAllowed):
        services.save_draft(task_id=row.pk, user=person("other", "seller"), data={})


def test_a_snoozed_task_is_out_of_sight_until_its_moment(clock, one):
    row = task(instance(version(bpmn=drawing(user_task()))), owner=one)
    services.snooze(task_id=row.pk, user=one, until=clock.now() + timedelta(hours=2))

    assert selectors.work_for(one).items == []
    assert len(selectors.work_for(one, due="snoozed").items) == 1
    clock.move(clock.now() + timedelta(hours=2))
    assert len(selectors.work_for(one).items) == 1
    for moment in (clock.now(), clock.now() + timedelta(days=400)):
        with pytest.raises(Invalid):
            services.snooze(task_id=row.pk, user=one, until=moment)


# --- talking, following, views -----------------------------------------------------------------------------
class Heard(ports.NoNotices):
    def __init__(self) -> None:
        self.notices: list[tuple[str, list[str]]] = []

    def notify(self, *, users: Any, kind: str, context: Any) -> None:
        self.notices.append((kind, sorted(user.username for user in users)))


def test_a_comment_tells_who_is_mentioned_who_has_the_task_and_who_follows(one):
    record = thing()
    row = task(instance(version(), record), owner=one, to="seller")
    writer, named, follower = person("writer"), person("named"), person("follower")
    person("far", place="branch:2")
    InstanceFollower.objects.create(instance=row.process, user=follower)
    heard = Heard()
    with ports.using(notifier=heard):
        services.comment(task_id=row.pk, user=writer, text="  Ask @named, not @far; mail x@one.example, @writer. ")

    said = TaskComment.objects.get()
    assert said.text == "Ask @named, not @far; mail x@one.example, @writer."
    assert said.mentioned == [named.pk]
    assert heard.notices == [("mentioned", ["named"]), ("commented", ["follower", "one"])]
    with pytest.raises(NotFound):
        services.comment(task_id=row.pk, user=person("stranger", place="branch:3"), text="Hello")
    with pytest.raises(Invalid, match="Write something first"):
        services.comment(task_id=row.pk, user=one, text=" \n ")


def test_following_shows_an_instance_as_long_as_it_may_be_seen(one):
    row = task(instance(version(), thing()), owner=person("two"))
    api.follow(row.process_id, user=one)
    api.follow(row.process_id, user=one)

    assert [item.task_id for item in selectors.work_for(one, box="following").items] == [row.pk]
    one.last_name = "branch:2"
    one.save()
    assert selectors.work_for(one, box="following").items == []
    api.unfollow(row.process_id, user=one)
    assert not InstanceFollower.objects.exists()
    with pytest.raises(NotFound):
        api.follow(row.process_id, user=one)


def test_saved_views_are_ones_own_and_kept_by_name(one):
    view = api.save_view(" My  late ones ", user=one, filters={"box": "mine", "due": "late", "search": ""})
    api.save_view("Team", user=one, filters={"box": "teams"})
    api.save_view("My late ones", user=one, filters={"due": "today"})

    assert [(v.name, v.filters) for v in api.saved_views(one)] == [("My late ones", {"due": "today"}), ("Team", {"box": "teams"})]
    with pytest.raises(NotFound):
        api.delete_view(view.pk, user=person("two"))
    services.order_views(user=one, ids=[v.pk for v in reversed(api.saved_views(one))])
    assert [v.name for v in api.saved_views(one)] == ["Team", "My late ones"]
    api.delete_view(view.pk, user=one)
    assert SavedView.objects.count() == 1
    with pytest.raises(Invalid):
        api.save_view("x", user=one, filters={"password": "1"})
    with pytest.raises(Invalid):
        api.save_view("  ", user=one, filters={})
