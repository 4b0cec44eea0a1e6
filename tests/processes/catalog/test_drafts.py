"""Drafts of people: one open draft each, beside what is published."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model

from processes.catalog.errors import ImmutableVersion
from processes.catalog.models import ProcessDefinition, ProcessVersion, State
from processes.catalog.services import discard_draft, save_draft_version
from processes.errors import Invalid, NotFound
from tests.processes.publication.drawing import drawing, user_task

pytestmark = pytest.mark.django_db
ONE, TWO = drawing(user_task()), drawing(user_task("Other"))


def numbers() -> list[tuple[int, str]]:
    return list(ProcessVersion.objects.order_by("number").values_list("number", "state"))


def test_a_persons_draft_is_written_over_until_it_is_published_and_others_get_their_own():
    ProcessDefinition.objects.create(key="deal")
    mine, theirs = (get_user_model().objects.create_user(name) for name in ("mine", "theirs"))
    first = save_draft_version(key="deal", bpmn=ONE, user=mine)
    assert save_draft_version(key="deal", bpmn=TWO, user=mine).pk == first.pk
    assert ProcessVersion.objects.get().bpmn == TWO
    save_draft_version(key="deal", bpmn=ONE, user=theirs)
    ProcessVersion.objects.filter(number=2).update(state=State.PUBLISHED)
    save_draft_version(key="deal", bpmn=ONE, user=theirs)

    assert numbers() == [(1, "draft"), (2, "published"), (3, "draft")]
    discard_draft(ProcessVersion.objects.get(number=3))
    with pytest.raises(ImmutableVersion):
        discard_draft(ProcessVersion.objects.get(number=2))
    assert [number for number, _state in numbers()] == [1, 2]


def test_what_is_no_drawing_is_refused():
    ProcessDefinition.objects.create(key="deal")
    with pytest.raises(Invalid, match="DOCTYPE"):
        save_draft_version(key="deal", bpmn='<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
    with pytest.raises(NotFound):
        save_draft_version(key="nothing", bpmn=ONE)
    assert numbers() == []
