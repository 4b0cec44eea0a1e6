"""Two versions side by side: what differs, in words, for whom, and what it means for what runs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.utils import translation

from processes import api, ports
from processes.catalog.models import (
    DecisionDefinition,
    DecisionVersion,
    PinnedDecision,
    ProcessVersion,
    State,
)
from processes.comparison import running
from processes.errors import NotFound
from tests.processes.inbox.house import HousePeople
from tests.processes.publication.drawing import FORM, drawing, rule_task, table, user_task
from tests.processes.runtime import engine_room
from tests.processes.runtime.engine_room import Play

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
ONE = drawing(user_task("A"), user_task("B"))
TWO = drawing(user_task("A", role="boss"), user_task("C"), process='<redraw:process title="= x"/>')


@pytest.fixture(autouse=True)
def a_house() -> Iterator[None]:
    with ports.using(people=HousePeople()), api.by_hand():
        yield


def version(bpmn: str, state: str = State.RETIRED, *, pin: DecisionVersion | None = None, **more: Any) -> ProcessVersion:
    found = engine_room.drawn(bpmn, state=State.DRAFT)
    for name, given in more.items():
        setattr(found, name, given)
    found.save()
    if pin is not None:
        PinnedDecision.objects.create(process_version=found, key="size", decision_version=pin)
    found.state = state
    found.save()
    return found


def person(*roles: str) -> Any:
    user = get_user_model().objects.create_user("-".join(roles) or "somebody")
    user.groups.set([Group.objects.get_or_create(name=role)[0] for role in roles])
    return user


@pytest.fixture
def owner() -> Any:
    return person("process_owner")


def decision(dmn: str, number: int, state: str = State.PUBLISHED) -> DecisionVersion:
    definition, _new = DecisionDefinition.objects.get_or_create(key="size", defaults={"titles": {"en": "Size"}})
    return DecisionVersion.objects.create(definition=definition, number=number, dmn=dmn, state=state)


def test_the_drawing_is_told_element_by_element(owner):
    version(ONE), version(TWO)

    found = api.difference("deal", 1, 2, user=owner)

    assert [(c.kind, c.element, c.element_kind, c.sentence) for c in found.drawing] == [
        ("added", "C", "user task", "“C” was added."),
        ("added", "F_A_C", "flow", "The flow from “A” to “C” was added."),
        ("added", "F_C_End", "flow", "The flow from “C” to “Done” was added."),
        ("removed", "B", "user task", "“B” was taken out."),
        ("removed", "F_A_B", "flow", "The flow from “A” to “B” was taken out."),
        ("removed", "F_B_End", "flow", "The flow from “B” to “Done” was taken out."),
        ("changed", "A", "user task", "“A” has changed."),
    ]
    (changed,) = [c for c in found.drawing if c.kind == "changed"]
    assert [(p.name, p.before, p.after) for p in changed.properties] == [("who and when: role", "seller", "boss")]
    assert [(p.name, p.before, p.after) for p in found.attributes] == [("process settings: title", "–", "= x")]
    assert found.counts == {"added": 3, "removed": 3, "changed": 1, "moved": 0, "decisions": 0, "forms": 0}


def test_it_is_told_in_chinese(owner):
    version(ONE), version(TWO)

    with translation.override("zh-hans"):
        found = api.difference("deal", 1, 2, user=owner)

    assert [c.sentence for c in found.drawing if c.element in ("A", "B", "C")] == ["“C（中）”是新增的。", "“B（中）”已删除。", "“A（中）”有改动。"]
    assert found.drawing[-1].properties[0].name == "由谁办理与何时办理：角色"


def test_a_new_name_is_told_in_the_languages_that_have_it(owner):
    version(ONE), version(ONE.replace('name="A"', 'name="Z"'))

    assert [c.sentence for c in api.difference("deal", 1, 2, user=owner).drawing] == ["“A” is now called “Z”."]
    with translation.override("zh-hans"):
        (changed,) = api.difference("deal", 1, 2, user=owner).drawing
    assert (changed.sentence, [(p.before, p.after) for p in changed.properties]) == ("“A（中）”有改动。", [("A", "Z")])


def test_a_version_does_not_differ_from_itself(owner):
    version(ONE)

    found = api.difference("deal", 1, 1, user=owner)

    assert not found
    assert found.running.total == 0


def test_forms_handbook_and_tests_are_compared(owner):
    version(ONE, forms={"f": FORM}, notes="# Deal\n\nold", tests=[])
    other = FORM | {"components": FORM["components"][1:]}
    version(drawing(user_task("A"), user_task("B"), key="deal").replace("Begun", "Started"), forms={"f": other}, notes="# Deal\n\nnew", tests=[{"name": "a"}])

    found = api.difference("deal", 1, 2, user=owner)

    assert [(f.form, [c.kind for c in f.fields]) for f in found.forms] == [("f", ["removed"])]
    assert [(p.name, p.before, p.after) for p in found.attributes] == [
        ("handbook", "old", "new"), ("tests", "0", "1")
    ]  # fmt: skip


def test_tables_are_told_rule_by_rule(owner):
    asking = drawing(rule_task("size"))
    old = version(asking, pin=decision(table(), 1))
    draft = version(asking.replace("Begun", "Started"), State.DRAFT)
    decision(table(limit=20), 2, State.DRAFT)

    (said,) = api.difference("deal", old.number, draft.number, user=owner).decisions

    assert (said.key, said.kind, said.before, said.after) == ("size", "changed", 1, 2)
    assert [told.sentence for told in said.told] == [
        "Rule 1 says something else: “n”: <= 10 → <= 20.", "Rule 2 says something else: “n”: > 10 → > 20."
    ]  # fmt: skip
    (found,) = said.tables
    assert (found.name, found.columns, found.same) == ("How large", (("n", False), ("size", True)), 0)
    assert [[(c.before, c.after, c.changed) for c in rule.cells] for rule in found.rules] == [
        [("<= 10", "<= 20", True), ('"small"', '"small"', False)], [("> 10", "> 20", True), ('"large"', '"large"', False)]
    ]  # fmt: skip


def test_a_draft_asks_the_newest_version_where_its_decision_has_no_draft(owner):
    asking = drawing(rule_task("size"))
    version(asking, pin=decision(table(), 1, State.RETIRED))
    draft = version(asking.replace("Begun", "Started"), State.DRAFT)
    decision(table(limit=20), 2)

    assert [(d.before, d.after) for d in api.difference("deal", 1, draft.number, user=owner).decisions] == [(1, 2)]


def test_a_decision_that_is_asked_no_longer(owner):
    version(drawing(rule_task("size")), pin=decision(table(), 1))
    version(ONE)

    assert [(d.key, d.kind, d.before, d.after) for d in api.difference("deal", 1, 2, user=owner).decisions] == [("size", "removed", 1, None)]


# --- what runs -----------------------------------------------------------------------------------------------------
def test_what_rests_on_elements_that_are_gone(owner):
    old = version(ONE, State.PUBLISHED)
    person("seller")
    Play(old), Play(old).do("A")
    version(TWO, State.DRAFT)

    found = api.difference("deal", 1, 2, user=owner).running

    assert (found.total, found.known, found.moves, found.decide) == (2, True, 2, 0)
    assert [(s.element, s.tokens, s.sentence) for s in found.standing] == [("B", 1, "It goes on at “C”, which stands for it.")]


def test_what_nothing_stands_for_needs_a_decision(owner):
    old = version(ONE, State.PUBLISHED)
    person("seller")
    Play(old).do("A")
    version(drawing(user_task("A")), State.DRAFT)

    found = api.difference("deal", 1, 2, user=owner).running

    assert (found.total, found.moves, found.decide) == (1, 0, 1)
    assert [(s.element, s.goal) for s in found.standing] == [("B", "")]
    assert found.reasons[0][0] == 1


def test_of_very_many_only_the_steps_are_counted(owner, monkeypatch):
    monkeypatch.setattr(running, "MOST_HELD", 1)
    old = version(ONE, State.PUBLISHED)
    person("seller")
    Play(old).do("A"), Play(old).do("A")
    version(drawing(user_task("A")), State.DRAFT)

    found = api.difference("deal", 1, 2, user=owner).running

    assert (found.total, found.known, found.moves, found.reasons) == (2, False, 0, ())
    assert [(s.element, s.tokens) for s in found.standing] == [("B", 2)]


def test_others_learn_only_how_much_they_see():
    old = version(ONE, State.PUBLISHED)
    Play(old)
    version(TWO)

    found = api.difference("deal", 1, 2, user=person("seller")).running

    assert (found.known, found.standing, found.moves) == (False, (), 0)


# --- who may ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("before", "after"), [(1, 2), (2, 1)])
def test_drafts_are_for_who_answers_for_the_process(before, after):
    version(ONE, State.PUBLISHED), version(TWO, State.DRAFT)

    for roles in ((), ("seller",), ("auditor",)):
        with pytest.raises(NotFound, match="has no version 2"):
            api.difference("deal", before, after, user=person(*roles))
    assert [side.number for side in api.comparable_versions("deal", user=person("seller", "boss"))] == [1]
    assert [side.number for side in api.comparable_versions("deal", user=person("administrator"))] == [2, 1]


@pytest.mark.parametrize("role", ["process_reviewer", "director", "auditor"])
def test_what_was_handed_in_is_seen_by_who_reviews_it_and_by_nobody_else(role):
    version(ONE, State.PUBLISHED), version(TWO, State.IN_REVIEW), version(drawing(user_task("D")), State.DRAFT)
    reviewer, seller = person(role), person("seller", "boss")

    assert api.difference("deal", 1, 2, user=reviewer)
    assert [side.number for side in api.comparable_versions("deal", user=reviewer)] == [2, 1]
    for number, who in ((2, seller), (3, reviewer)):
        with pytest.raises(NotFound, match=f"has no version {number}"):
            api.difference("deal", 1, number, user=who)


def test_an_owner_by_name_sees_drafts():
    first = version(ONE, State.PUBLISHED)
    version(TWO, State.DRAFT)
    somebody = person("seller")
    first.definition.owner = somebody
    first.definition.save()

    assert api.difference("deal", 1, 2, user=somebody).after.is_draft


@pytest.mark.parametrize(("key", "number"), [("none", 1), ("deal", 9)])
def test_what_is_not_there_is_not_found(owner, key, number):
    version(ONE)

    with pytest.raises(NotFound):
        api.difference(key, 1, number, user=owner)


# --- pictures and command ---------------------------------------------------------------------------------------------
def test_both_pictures_are_marked_with_numbers(owner):
    version(ONE), version(TWO)

    old, new = api.difference_pictures(api.difference("deal", 1, 2, user=owner))

    assert 'class="rd-node rd-userTask rd-removed" data-element="B"' in old
    assert 'class="rd-node rd-userTask rd-added" data-element="C"' in new
    assert ('data-element="C"' in old, 'data-element="B"' in new) == (False, False)
    assert ("− 4" in old, "+ 1" in new, "≠ 7" in old, "≠ 7" in new) == (True, True, True, True)


def test_the_command_tells_it():
    version(ONE, State.PUBLISHED), version(TWO, State.DRAFT)
    out = io.StringIO()

    call_command("process", "diff", "deal", "--from", "1", "--to", "2", stdout=out)

    lines = out.getvalue().splitlines()
    assert "drawing: “C” was added. [C]" in lines
    assert "    who and when: role: seller -> boss" in lines
    with pytest.raises(CommandError, match="has no version 9"):
        call_command("process", "diff", "deal", "--from", "1", "--to", "9", stdout=out)
    with pytest.raises(CommandError, match="has no version 2"):
        call_command("process", "diff", "deal", "--from", "1", "--to", "2", "--by", person("seller").username, stdout=out)
