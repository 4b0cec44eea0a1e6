"""A draft brought up to date with what others published: looked at first, done with its decisions, and put back."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group

from processes import api, ports
from processes.catalog.models import DecisionVersion, ProcessVersion
from processes.publication.services import publish_decision, publish_now
from tests.processes.inbox.house import HousePeople, person
from tests.processes.publication.drawing import drawing, rule_task, user_task
from tests.processes.publication.test_publish import decide, draft

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def _house(clock: ports.FixedClock) -> Any:
    Group.objects.get_or_create(name="seller")
    with ports.using(people=HousePeople(), audit=ports.NoAudit(), notifier=ports.NoNotices()):
        yield


@pytest.fixture
def owner() -> Any:
    return person("owner", "process_owner")


def named(name: str, *more: str) -> str:
    return drawing(user_task("Work").replace('name="Work"', f'name="{name}"'), *more)


def behind(owner: Any, mine: str, theirs: str) -> ProcessVersion:
    """A draft of the owner's, and what somebody else published meanwhile; both drawn from “Look”."""
    base = draft(named("Look"))
    publish_now(base)
    found = api.open_draft("deal", user=owner).version
    api.save_part(found.pk, "drawing", mine, revision=0, user=owner)
    other = draft(theirs)
    other.base = base
    other.save()
    publish_now(other)
    return ProcessVersion.objects.get(pk=found.pk)


def test_a_look_says_what_both_changed_by_its_name_and_changes_nothing(owner):
    version = behind(owner, named("Ask"), named("Decide"))

    found = api.update_preview(version.pk, user=owner)

    assert [(one.base.number, one.other.number) for one in found.versions] == [(1, 3)]
    assert [(one.part, one.name, one.base, one.theirs, one.mine) for one in found.overlaps] == [("drawing", "Look", "Look", "Decide", "Ask")]
    assert ProcessVersion.objects.get(pk=version.pk).bpmn == version.bpmn
    assert [one.place for one in api.change_standing(version.pk, user=owner)[1].obstacles][-1] == "update"


@pytest.mark.parametrize(("prefer", "stands"), [("mine", "Ask"), ("theirs", "Decide")])
def test_whose_stands_is_said_beforehand(owner, prefer, stands):
    version = behind(owner, named("Ask"), named("Decide", user_task("Late")))

    overlaps = api.bring_up_to_date(version.pk, user=owner, prefer=prefer)

    bpmn = ProcessVersion.objects.get(pk=version.pk).bpmn
    assert len(overlaps) == 1
    assert f'name="{stands}"' in bpmn
    assert 'id="Late"' in bpmn
    assert api.update_preview(version.pk, user=owner) is None


def test_a_draft_is_put_back_as_it_was_and_only_once(owner):
    version = behind(owner, named("Ask"), named("Decide", user_task("Late")))
    api.bring_up_to_date(version.pk, user=owner)
    assert api.last_update(ProcessVersion.objects.get(pk=version.pk)) is not None

    api.put_back(version.pk, user=owner)

    after = ProcessVersion.objects.get(pk=version.pk)
    assert (after.bpmn, after.base_id) == (version.bpmn, version.base_id)
    assert api.update_preview(version.pk, user=owner) is not None  # it is behind again
    with pytest.raises(api.Invalid, match="put back already"):
        api.put_back(version.pk, user=owner)


def test_what_was_drawn_since_stays_when_the_draft_is_put_back(owner):
    version = behind(owner, drawing(user_task("Work"), user_task("Mine")), named("Look", user_task("Late")))
    api.bring_up_to_date(version.pk, user=owner)
    text, revision = api.part(version.pk, "drawing", user=owner)
    assert 'id="Late"' in text
    api.save_part(version.pk, "drawing", text.replace('name="Mine"', 'name="Mine, later"'), revision=revision, user=owner)

    api.put_back(version.pk, user=owner)

    bpmn = ProcessVersion.objects.get(pk=version.pk).bpmn
    assert 'name="Mine, later"' in bpmn
    assert 'id="Late"' not in bpmn


def asking(owner: Any) -> tuple[ProcessVersion, DecisionVersion]:
    """A draft that asks a decision of which a draft lies with it."""
    publish_decision(decide(limit=10))
    publish_now(draft(drawing(rule_task("size"))))
    version = api.open_draft("deal", user=owner).version
    table = api.open_decision_draft("size", user=owner).version
    return version, table


def test_a_decision_that_somebody_else_published_is_merged_into_its_draft(owner):
    version, table = asking(owner)
    api.save_part(table.pk, "dmn", table.dmn.replace('"large"', '"huge"'), revision=0, user=owner)
    publish_decision(decide(limit=12))
    said = [one.sentence for one in api.change_standing(version.pk, user=owner)[1].obstacles]
    assert "Version 3 of “size” was published since this draft was begun. Bring the draft up to date." in said

    assert api.bring_up_to_date(version.pk, user=owner) == ()

    merged = DecisionVersion.objects.get(pk=table.pk)
    assert "huge" in merged.dmn
    assert "12" in merged.dmn
    assert merged.number == 4  # the newest is asked: behind the other one the draft would be lost
    assert "update" not in [one.place for one in api.change_standing(version.pk, user=owner)[1].obstacles]

    api.put_back(version.pk, user=owner)
    assert "12" not in DecisionVersion.objects.get(pk=table.pk).dmn


def test_both_in_one_rule_of_a_decision_is_told_with_the_decision(owner):
    version, table = asking(owner)
    api.save_part(table.pk, "dmn", table.dmn.replace("&lt;= 10", "&lt;= 20").replace("<= 10", "<= 20"), revision=0, user=owner)
    publish_decision(decide(limit=12))

    found = api.update_preview(version.pk, user=owner)

    assert {(one.decision, one.part) for one in found.overlaps} == {(True, "size")}


def test_without_anything_new_or_without_the_right_nothing_happens(owner):
    publish_now(draft(named("Look")))
    version = api.open_draft("deal", user=owner).version
    with pytest.raises(api.Invalid, match="Nothing was published"):
        api.bring_up_to_date(version.pk, user=owner)
    seller = person("seller", "seller")
    for attempt in (api.bring_up_to_date, api.update_preview, api.put_back):
        with pytest.raises(api.NotAllowed):
            attempt(version.pk, user=seller)
