"""Publishing: what keeps a version from it, what changes with it, and that nothing is half done."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from processes import actions, api
from processes.catalog import selectors as catalog
from processes.catalog.loading import load_all
from processes.catalog.models import (
    DecisionDefinition,
    DecisionVersion,
    PinnedDecision,
    ProcessDefinition,
    ProcessVersion,
    State,
)
from processes.errors import Invalid, NotFound
from processes.publication.checks import check
from processes.publication.findings import NotPublishable
from processes.publication.services import publish_decision, publish_loaded, publish_now, withdraw
from processes.runtime.models import StartSubscription
from tests.processes.inbox.house import house, person
from tests.processes.publication.drawing import FORM, drawing, rule_task, table, user_task

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def _house(clock):
    for role in ("seller", "boss"):
        Group.objects.get_or_create(name=role)
    with house():
        yield


def draft(bpmn: str, key: str = "deal", forms: Any = None, by: Any = None) -> ProcessVersion:
    definition, _new = ProcessDefinition.objects.get_or_create(key=key, defaults={"titles": {"en": key}})
    number = definition.versions.count() + 1
    return ProcessVersion.objects.create(
        definition=definition, number=number, bpmn=bpmn, forms=forms or {}, created_by=by
    )


def decide(key: str = "size", limit: int = 10, examples: Any = None) -> DecisionVersion:
    definition, _new = DecisionDefinition.objects.get_or_create(key=key, defaults={"titles": {"en": key}})
    return DecisionVersion.objects.create(
        definition=definition, number=definition.versions.count() + 1, dmn=table(key, limit=limit), examples=examples or []
    )


def states(key: str = "deal") -> list[str]:
    return list(ProcessVersion.objects.filter(definition__key=key).order_by("number").values_list("state", flat=True))


# --- what changes ------------------------------------------------------------------------------------------
def test_the_new_version_is_the_current_one_and_the_former_retired(clock):
    owner = person("owner")
    publish_now(draft(drawing(user_task())))
    done = publish_now(draft(drawing(user_task("Other"))), owner)

    assert states() == [State.RETIRED, State.PUBLISHED]
    assert done.former.number == 1
    current = catalog.current_version("deal")
    assert (current.number, current.published_at, current.published_by) == (2, clock.now(), owner)


def test_a_version_is_published_once_and_a_retired_one_may_come_back():
    first = draft(drawing(user_task()))
    publish_now(first)
    with pytest.raises(Invalid, match="published already"):
        publish_now(first)
    publish_now(draft(drawing(user_task("Other"))))

    publish_now(first)

    assert states() == [State.PUBLISHED, State.RETIRED]


def test_withdrawn_nothing_starts_and_the_rows_stay():
    version = publish_now(draft(drawing(user_task(), start=MESSAGE, named=NAMED))).version
    withdraw(version)

    assert states() == [State.RETIRED]
    with pytest.raises(NotFound, match="No version of the process “deal” is published"):
        catalog.current_version("deal")
    assert not StartSubscription.objects.filter(active=True).exists()
    with pytest.raises(Invalid, match="is not published"):
        withdraw(version)


# --- decisions ---------------------------------------------------------------------------------------------
ASKING = drawing(rule_task("size", ("n", "= 12")), user_task())


def test_the_newest_decision_is_published_with_it_and_pinned_for_ever():
    first = decide()
    publish_now(draft(ASKING))
    assert PinnedDecision.objects.get().decision_version == first

    second = decide(limit=20)
    publish_now(draft(ASKING.replace('name="Ask"', 'name="Ask it"')))

    assert [pin.decision_version for pin in PinnedDecision.objects.order_by("process_version__number")] == [first, second]
    assert list(DecisionVersion.objects.order_by("number").values_list("state", flat=True)) == ["retired", "published"]
    one, two = ProcessVersion.objects.order_by("number")
    assert catalog.decision_version_for(one, "size") == first
    assert catalog.decision_version_for(two, "size") == second
    assert catalog.decision_version_for(one, "size", binding="latest") == second


def test_a_decision_published_alone_leaves_pins_and_serves_who_asks_the_latest():
    decide()
    publish_now(draft(drawing(rule_task("size", ("n", "= 12"), binding="latest"), user_task())))
    assert not PinnedDecision.objects.exists()
    pinning = publish_now(draft(ASKING, key="other")).version

    second = publish_decision(decide(limit=30))

    assert catalog.current_decision_version("size") == second
    assert PinnedDecision.objects.get(process_version=pinning).decision_version.number == 1


def test_a_decision_whose_example_fails_keeps_the_process_from_being_published():
    decide(examples=[{"in": {"n": 3}, "out": "small"}, {"in": {"n": 10}, "out": "large"}])

    with pytest.raises(NotPublishable, match="Example 2 does not hold: it should give “large”, but gives “small”"):
        publish_now(draft(ASKING))

    assert states() == [State.DRAFT]
    assert DecisionVersion.objects.get().state == State.DRAFT
    with pytest.raises(NotPublishable):
        publish_decision(DecisionVersion.objects.get())


def test_a_table_that_contradicts_itself_keeps_the_process_from_being_published():
    version = decide()
    version.dmn = version.dmn.replace("&gt; 10", "&gt; 8")
    version.save()

    with pytest.raises(NotPublishable, match=r"rules 1 and 2: .* above 8 up to 10: both apply") as refusal:
        publish_now(draft(ASKING))

    assert [finding.code for finding in refusal.value.findings] == ["table_overlap"]
    assert DecisionVersion.objects.get().state == State.DRAFT
    with pytest.raises(NotPublishable, match="both apply"):
        publish_decision(version)
    with pytest.raises(CommandError, match="Some decisions cannot be published"):
        run("decision", "check")


def test_a_gap_of_a_table_is_said_and_keeps_nothing_from_being_published():
    version = decide(examples=[{"in": {"n": 3}, "out": "small"}, {"in": {"n": 30}, "out": "large"}])
    version.dmn = version.dmn.replace("&gt; 10", "&gt; 12")
    version.save()

    said = publish_now(draft(ASKING)).warnings

    assert [(finding.code, finding.severity) for finding in said] == [("table_gap", "warning")]
    assert "above 10 up to 12: no rule applies" in said[0].sentence
    assert DecisionVersion.objects.get().state == State.PUBLISHED
    assert "To see table_gap in t: n = 11\n" in run("decision", "check", "size")
    assert publish_decision(version).state == State.PUBLISHED


def test_the_door_tells_the_quality_of_the_published_tables_and_of_drafts():
    publish_decision(decide(examples=[{"in": {"n": 3}, "out": "small"}]))
    draft_version = decide(limit=20)

    (published,), (newer,) = api.table_quality("size"), api.table_quality("size", number=2)

    assert [rule.examples for rule in published.rules] == [(1,), ()]
    assert [rule.examples for rule in newer.rules] == [(), ()]
    assert published.label == "How large"
    draft_version.dmn = "<nothing/>"
    draft_version.save()
    with pytest.raises(Invalid, match="The decision “size” cannot be read"):
        api.table_quality("size", number=2)


# --- starts ------------------------------------------------------------------------------------------------
NAMED = '<bpmn:message id="M" name="deal.opened"/><bpmn:message id="N" name="deal.found"/>'
MESSAGE = (
    '<bpmn:startEvent id="Start" name="Begun"><bpmn:extensionElements><redraw:correlation subject="thing"/>'
    '</bpmn:extensionElements>{out}<bpmn:messageEventDefinition id="SD" messageRef="M"/></bpmn:startEvent>'
)
OTHER = MESSAGE.replace('messageRef="M"', 'messageRef="N"')


def timer(cycle: str) -> str:
    return (
        '<bpmn:startEvent id="Start" name="Begun">{out}<bpmn:timerEventDefinition id="SD"><bpmn:timeCycle'
        f' xsi:type="bpmn:tFormalExpression">{cycle}</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:startEvent>'
    )


def waiting() -> list[tuple[int, str, str, str]]:
    rows = StartSubscription.objects.filter(active=True).select_related("version")
    return [(row.version.number, row.kind, row.name, row.subject_type) for row in rows]


def test_what_starts_the_process_is_switched_with_it():
    publish_now(draft(drawing(user_task(), start=MESSAGE, named=NAMED)))
    assert waiting() == [(1, "message", "deal.opened", "thing")]

    publish_now(draft(drawing(user_task(), start=OTHER, named=NAMED)))
    assert waiting() == [(2, "message", "deal.found", "thing")]

    publish_now(draft(drawing(user_task())))
    assert waiting() == []


def test_a_timer_start_gets_its_moment_and_keeps_it_when_nothing_changed(clock):
    publish_now(draft(drawing(user_task(), start=timer("R3/PT1H"))))
    row = StartSubscription.objects.get(active=True)
    first = row.next_due
    assert ((first - clock.now()).total_seconds(), row.remaining) == (3600, 3)

    clock.move(clock.now().replace(minute=50))
    publish_now(draft(drawing(user_task("Other"), start=timer("R3/PT1H"))))
    assert StartSubscription.objects.get(active=True).next_due == first

    publish_now(draft(drawing(user_task("Third"), start=timer("R/PT2H"))))
    row = StartSubscription.objects.get(active=True)
    assert ((row.next_due - clock.now()).total_seconds(), row.remaining) == (7200, None)


def test_a_refused_version_leaves_what_starts_the_process_as_it_was():
    publish_now(draft(drawing(user_task(), start=MESSAGE, named=NAMED)))

    with pytest.raises(NotPublishable):
        publish_now(draft(drawing(user_task(role="nobody"), start=OTHER, named=NAMED)))

    assert waiting() == [(1, "message", "deal.opened", "thing")]
    assert states() == [State.PUBLISHED, State.DRAFT]


# --- what keeps it from being published --------------------------------------------------------------------
SERVICE = (
    '<bpmn:serviceTask id="Do" name="Do it"><bpmn:extensionElements><redraw:action name="t.act">'
    '<redraw:input name="{name}" value="= 1"/></redraw:action></bpmn:extensionElements>{{flows}}</bpmn:serviceTask>'
)
BAD_FORM = {"id": "f", "components": [{"type": "textfield", "key": "x", "label": "x", "properties": {"bind": "thing.nothing"}}]}


@pytest.mark.parametrize(
    ("bpmn", "forms", "said"),
    [
        ("<x/>", {}, "not BPMN 2.0"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', {}, "DOCTYPE"),
        (drawing(user_task(role="nobody")), {}, "nobody"),
        (drawing(user_task(form="missing")), {}, "missing"),
        (drawing(rule_task("missing"), user_task()), {}, "missing"),
        (drawing(SERVICE.format(name="n")), {}, "the action “t.act”|uses the action"),
        (drawing(user_task(), process='<redraw:process subject="unknown"/>'), {}, "unknown"),
        (drawing(user_task(), process='<redraw:process subject="thing" title="= thing.colour"/>'), {}, "thing.colour"),
        (drawing(user_task(), process='<redraw:process title="= 1 +"/>'), {}, "cannot be read|1 \\+"),
        (drawing(user_task(form="f"), process='<redraw:process subject="thing"/>'), {"f": BAD_FORM},
         "Form “f”: “x” is bound to “thing.nothing”, which does not exist"),
    ],
)  # fmt: skip
def test_mistakes_refuse_with_a_sentence_and_change_nothing(bpmn, forms, said):
    with pytest.raises(NotPublishable, match=said) as refusal:
        publish_now(draft(bpmn, forms=forms))

    assert all(finding.severity == "error" for finding in refusal.value.findings)
    assert states() == [State.DRAFT]


def test_inputs_of_actions_are_checked_against_what_they_declare():
    declared = actions.Action("t.act", run=lambda call: None, parameters=(actions.Param("n", required=True),))
    with actions.temporarily(declared):
        with pytest.raises(NotPublishable, match=r"“m”|“n”"):
            publish_now(draft(drawing(SERVICE.format(name="m"))))
        publish_now(draft(drawing(SERVICE.format(name="n"))))

    assert states() == [State.DRAFT, State.PUBLISHED]


def test_a_block_may_be_waived_with_a_reason():
    version = draft(BLOCKED)
    with pytest.raises(NotPublishable) as refusal:
        publish_now(version)
    (finding,) = refusal.value.findings
    assert finding.severity == "block"

    publish_now(version, waivers={finding.key: "Both cases cannot happen."})

    assert ProcessVersion.objects.get().waivers == {finding.key: "Both cases cannot happen."}


BLOCKED = """<?xml version="1.0"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:redraw="urn:redraw-crm:bpmn:1" id="D" targetNamespace="t">
<bpmn:process id="deal" isExecutable="true"><bpmn:startEvent id="Start"><bpmn:outgoing>a</bpmn:outgoing></bpmn:startEvent>
<bpmn:exclusiveGateway id="Split" name="Which?" default="b"><bpmn:incoming>a</bpmn:incoming><bpmn:outgoing>b</bpmn:outgoing><bpmn:outgoing>c</bpmn:outgoing></bpmn:exclusiveGateway>
<bpmn:parallelGateway id="Join"><bpmn:incoming>b</bpmn:incoming><bpmn:incoming>c</bpmn:incoming><bpmn:outgoing>d</bpmn:outgoing></bpmn:parallelGateway>
<bpmn:endEvent id="End"><bpmn:incoming>d</bpmn:incoming></bpmn:endEvent>
<bpmn:sequenceFlow id="a" sourceRef="Start" targetRef="Split"/><bpmn:sequenceFlow id="b" sourceRef="Split" targetRef="Join"/>
<bpmn:sequenceFlow id="c" sourceRef="Split" targetRef="Join"><bpmn:conditionExpression>= 1 = 2</bpmn:conditionExpression></bpmn:sequenceFlow>
<bpmn:sequenceFlow id="d" sourceRef="Join" targetRef="End"/></bpmn:process></bpmn:definitions>"""


def test_names_that_nothing_sets_are_warned_of_and_those_of_forms_and_callers_are_known():
    calling = (
        '<bpmn:callActivity id="Call" name="Call" calledElement="inner"><bpmn:extensionElements><redraw:call/>'
        '<redraw:in name="given" value="= outcome"/></bpmn:extensionElements>{flows}</bpmn:callActivity>'
    )
    thing = '<redraw:process subject="thing"/>'
    draft(drawing(user_task()), key="inner")
    outer = draft(drawing(user_task(form="f"), calling, process=thing), forms={"f": FORM})
    inner = draft(
        drawing(user_task(), key="inner", process='<redraw:process title="= given" businessKey="= nothing"/>'), key="inner"
    )

    assert "unknown_name" not in {finding.code for finding in check(outer)}
    assert [f.sentence for f in check(inner) if f.code == "unknown_name"] == [
        "“inner” uses “nothing” (business key), which nothing in this drawing sets."]  # fmt: skip


# --- loading and commands ----------------------------------------------------------------------------------
@pytest.fixture
def folder(tmp_path):
    base = tmp_path / "deal"
    (base / "forms").mkdir(parents=True)
    (base / "meta.toml").write_text('key = "deal"\n[title]\nen = "Deal"\n')
    (base / "process.bpmn").write_text(ASKING)
    (base / "size.dmn").write_text(table())
    (base / "size.examples.json").write_text('[{"in": {"n": 12}, "out": "large"}]')
    return base


def test_what_is_loaded_is_published_but_never_over_what_somebody_has_drawn(folder):
    publish_loaded(load_all([folder]))
    assert states() == [State.PUBLISHED]
    assert publish_loaded(load_all([folder])) == []

    (folder / "process.bpmn").write_text(ASKING.replace('name="Ask"', 'name="Ask now"'))
    publish_loaded(load_all([folder]))
    assert states() == [State.RETIRED, State.PUBLISHED]

    publish_now(draft(ASKING.replace('name="Ask"', 'name="Ours"'), by=person("owner")))
    (folder / "process.bpmn").write_text(ASKING.replace('name="Ask"', 'name="Newer"'))
    publish_loaded(load_all([folder]))
    assert states() == [State.RETIRED, State.RETIRED, State.PUBLISHED, State.DRAFT]


def run(*command: str) -> str:
    out = io.StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


def test_the_commands_say_in_whole_sentences_what_they_did(folder):
    assert run("process", "list") == "There are no processes yet. Load some with: manage.py process load\n"
    assert run("process", "load", str(folder)) == "deal v1 is loaded with size v1.\n"
    assert run("process", "load", str(folder)) == "All 1 processes are known already; nothing has changed.\n"
    assert run("process", "publish", "deal").startswith("deal v1 is published, with size v1.\n")
    assert run("process", "list") == "deal: Deal (v1 published)\n"
    assert run("decision", "list") == "size: How large (v1 published)\n"
    assert run("decision", "try", "size", "n=12") == "size v1 answers “large”.\n  size: rule 2\n"
    assert run("decision", "test") == (
        "size v1: 1 of 1 examples hold.\n  How large: 1 of 2 rules are reached by examples; none reaches rule 1.\n"
    )
    assert run("decision", "check", "size") == (
        "size v1: 1 findings.\n"
        "  warning: Table “How large”: no example reaches these rules: 1. Add an example for each of them.\n"
    )
    assert "can be published" in run("process", "lint", str(folder))
    assert run("process", "withdraw", "deal") == "deal v1 is withdrawn: nothing starts on it any more, what runs goes on.\n"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("process", "publish", "nothing"), "There is no process with the key “nothing”"),
        (("process", "lint", "/nowhere.bpmn"), "There is no file"),
        (("process", "load", "/nowhere"), "There is no folder"),
        (("decision", "try", "nothing"), "No version of the decision “nothing” is published"),
    ],
)
def test_the_commands_refuse_in_whole_sentences(command, said):
    with pytest.raises(CommandError, match=said):
        run(*command)


def test_a_decision_asked_without_its_inputs_names_them(folder):
    run("process", "load", str(folder), "--publish")

    with pytest.raises(CommandError, match=r"Give these inputs too:\n  n=number  Number"):
        run("decision", "try", "size")
    with pytest.raises(CommandError, match=r"“size” has no input “m”\. It has: n\."):
        run("decision", "try", "size", "m=1")


def test_a_system_check_names_versions_in_use_that_no_longer_run():
    publish_now(draft(drawing(user_task())))
    assert run_checks(databases=["default"]) == []
    old = draft('<x xmlns="urn:old"/>', key="old")
    ProcessVersion.objects.filter(pk=old.pk).update(state=State.PUBLISHED)

    (warning,) = run_checks(databases=["default"])

    assert warning.msg.startswith("old v1 cannot be run by this version of the program: The file is XML, but not BPMN")


def run_checks(**how: Any) -> list[Any]:
    from processes.publication.system_checks import versions_run

    return versions_run(None, **how)
