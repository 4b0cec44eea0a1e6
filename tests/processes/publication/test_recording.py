"""The record of a change, written field by field by several people at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group

from processes import api, ports
from processes.publication.models import ProcessChange
from processes.publication.services import publish_now
from tests.processes.inbox.house import HousePeople, person
from tests.processes.publication.drawing import drawing, user_task
from tests.processes.publication.test_publish import draft

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
ABOUT = '<redraw:process subject="grouped"/>'

GROUPED = ports.SubjectType(
    key="grouped", label="Grouped", fields=(ports.SubjectField("place", "text"),), load=lambda pk: None, view=lambda record: {},
    groups=(ports.SubjectField("branch", "text", "branch"),),
    audiences=lambda: [ports.Audience("segment", "segment", lambda: [("gold", "Gold")], lambda ids, keys: frozenset())],
)  # fmt: skip


@pytest.fixture(autouse=True)
def _house(clock: ports.FixedClock) -> Any:
    Group.objects.get_or_create(name="seller")
    subjects = ports.Subjects()
    subjects.register(GROUPED)
    subjects.register(ports.subjects().get("process_change"))
    with ports.using(people=HousePeople(), subjects=subjects, audit=ports.NoAudit(), notifier=ports.NoNotices()):
        yield


@pytest.fixture
def owner() -> Any:
    return person("owner", "process_owner")


@pytest.fixture
def row(owner: Any) -> ProcessChange:
    first = draft(drawing(user_task("Old"), process=ABOUT))
    publish_now(first)
    second = draft(drawing(user_task("Old"), user_task("New"), process=ABOUT), by=owner)
    second.base = first
    second.save()
    return api.prepare_change(second.pk, user=owner)


def stored(row: ProcessChange) -> ProcessChange:
    return ProcessChange.objects.get(pk=row.pk)


def test_two_people_in_two_fields_do_not_meet(row, owner):
    other = person("other", "process_owner")

    api.record_change(row.pk, user=owner, values={"title": "Ask first"}, began={"title": ""})
    api.record_change(row.pk, user=other, values={"diagnosis": "Four of ten."}, began={"diagnosis": ""})

    assert (stored(row).title, stored(row).diagnosis) == ("Ask first", "Four of ten.")


def test_a_field_that_somebody_else_changed_is_told_with_both_texts_and_stays(row, owner, clock):
    other = person("other", "process_owner")
    api.record_change(row.pk, user=other, values={"title": "Theirs"}, began={"title": ""})

    with pytest.raises(api.Clashing) as told:
        api.record_change(row.pk, user=owner, values={"title": "Mine", "training": "Half an hour."}, began={"title": ""})

    clash = told.value.clashes["title"]
    assert (clash.theirs, clash.mine, clash.by, clash.at) == ("Theirs", "Mine", "other", clock.now())
    assert (stored(row).title, stored(row).training) == ("Theirs", "")


def test_who_has_seen_the_other_text_may_overwrite_it(row, owner):
    api.record_change(row.pk, user=owner, values={"title": "Theirs"})

    api.record_change(row.pk, user=owner, values={"title": "Mine"}, began={"title": "Theirs"})

    assert stored(row).title == "Mine"


def test_the_same_text_by_both_is_no_clash(row, owner):
    api.record_change(row.pk, user=owner, values={"waived.training": "Nobody sees it."})

    api.record_change(row.pk, user=owner, values={"waived.training": "Nobody sees it. "}, began={"waived.training": ""})

    assert stored(row).waived == {"training": "Nobody sees it."}


def test_one_group_is_written_beside_the_others_and_emptied_again(row, owner):
    api.record_change(row.pk, user=owner, values={"choices.branch": ["b", "a"]})
    api.record_change(row.pk, user=owner, values={"choices.segment": ["gold"]}, began={"choices.segment": []})
    assert stored(row).choices == {"branch": ["a", "b"], "segment": ["gold"]}

    api.record_change(row.pk, user=owner, values={"choices.branch": []}, began={"choices.branch": ["a", "b"]})

    assert stored(row).choices == {"segment": ["gold"]}


@pytest.mark.parametrize(("values", "said"), [
    ({"title": "x" * 201}, "at most 200 characters"),
    ({"diagnosis": "x" * 20_001}, "at most 20000 characters"),
    ({"way": "soon"}, "Say when"),
    ({"at": -1}, "This moment has passed"),
    ({"pilot_until": -1}, "This moment has passed"),
    ({"owner_id": 10**9}, "no such person"),
    ({"rule": "place ="}, "The rule cannot be read"),
    ({"share": 0}, "from 1 to 100"),
    ({"share": "half"}, "from 1 to 100"),
    ({"choices.weather": ["wet"]}, "not grouped by “weather”"),
    ({"waived.colour": "none"}, "is no part of the record"),
    ({"state": "published"}, "is no part of the record"),
])  # fmt: skip
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_written(row, owner, clock, values, said):
    values = {name: clock.now() - timedelta(hours=1) if value == -1 else value for name, value in values.items()}
    before = ProcessChange.objects.values().get(pk=row.pk)

    with pytest.raises(api.Invalid) as told:
        api.record_change(row.pk, user=owner, values={"training": "An hour.", **values})

    assert said in told.value.errors[next(iter(values))]
    assert ProcessChange.objects.values().get(pk=row.pk) == before


def test_a_moment_that_has_passed_since_and_a_pilot_that_cannot_be_stand_in_the_way(row, owner, clock):
    api.record_change(row.pk, user=owner, values={"way": "at", "at": clock.now() + timedelta(hours=1)})
    assert "at" not in [one.target for one in api.change_obstacles(row.pk, user=owner)]
    clock.move(clock.now() + timedelta(hours=2))

    found = [one for one in api.change_obstacles(row.pk, user=owner) if one.target == "at"]

    assert [(one.place, one.sentence) for one in found] == [("record", "The moment to publish it has passed. Choose a later one.")]
    api.record_change(row.pk, user=owner, values={"title": "Saved all the same"})
    ProcessChange.objects.filter(pk=row.pk).update(way="pilot", choices={"gone": ["x"]}, pilot_until=clock.now())
    said = {one.target: one.sentence for one in api.change_obstacles(row.pk, user=owner)}
    assert "grouped by “gone”" in said["choices"]
    assert "has passed" in said["pilot_until"]


def test_what_was_handed_in_is_written_no_more(row, owner):
    ProcessChange.objects.filter(pk=row.pk).update(state="submitted")

    with pytest.raises(api.Invalid, match="cannot be written any more"):
        api.record_change(row.pk, user=owner, values={"title": "Late"})

    assert stored(row).title == ""
