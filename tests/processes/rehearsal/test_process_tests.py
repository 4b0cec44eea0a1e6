"""Process tests: recorded from a rehearsal or a real run, run before publication, in whole sentences where they fail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from crm_core.kernel.models import User
from crm_core.parties.services import open_account
from crm_core.sales.services import open_opportunity
from processes import api, ports
from processes.catalog import selectors as catalog
from processes.catalog.models import ProcessVersion
from processes.catalog.services import save_draft_version
from processes.publication.findings import NotPublishable
from processes.rehearsal import testing
from processes.rehearsal.models import ProcessTestRun, Rehearsal
from processes.runtime.models import ProcessInstance, Task
from tests.processes.rehearsal.conftest import person

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
LOST = {"stage_outcome": "lost", "loss_reason": "price"}


def draft_of(key: str, owner: User, *, changes: tuple[tuple[str, str], ...] = ()) -> ProcessVersion:
    """A draft beside what is published, with pieces of its text replaced."""
    published = catalog.current_version(key)
    bpmn = published.bpmn
    for old, new in changes:
        assert old in bpmn
        bpmn = bpmn.replace(old, new)
    return save_draft_version(key=key, bpmn=bpmn, forms=published.forms, user=owner)


def lost_deal(number: int, owner: User, **values: Any) -> Rehearsal:
    """A deal that is given up at once."""
    begun = api.begin_rehearsal("opportunity_stages", number, user=owner, subject_values=values)
    (task,) = api.rehearsal(begun.pk, user=owner).standing.tasks
    api.rehearse_step(begun.pk, task.id, data=LOST, user=owner)
    return begun


def test_what_was_done_in_a_rehearsal_becomes_a_test_of_the_draft(owner: User) -> None:
    draft = draft_of("opportunity_stages", owner)
    begun = lost_deal(draft.number, owner, amount=700_000)
    test = api.record_test(begun.pk, "  Lost at   once ", user=owner)
    draft.refresh_from_db()
    assert draft.tests == [test]
    assert (test["name"], test["record"]) == ("Lost at once", {"amount": 700_000})
    assert test["steps"] == [{"do": "complete", "element": "Qualify", "role": "sales_representative", "entered": LOST}]
    expect = test["expect"]
    assert (expect["end"], expect["outcome"], expect["open"]) == ("Lost", "terminated", [])
    assert "Qualify" in expect["path"]
    assert [one["decision"] for one in expect["decisions"]] == ["stage_gate", "stage_rules", "stage_gate"]
    assert [result.passed for result in api.run_tests("opportunity_stages", draft.number, user=owner)] == [True]


def test_a_draft_that_goes_another_way_is_refused_with_the_place(owner: User) -> None:
    draft = draft_of("opportunity_stages", owner)
    api.record_test(lost_deal(draft.number, owner).pk, "Lost at once", user=owner)
    draft.refresh_from_db()
    tests = [{**draft.tests[0], "expect": {**draft.tests[0]["expect"], "path": [
        "HandOver" if one == draft.tests[0]["expect"]["path"][-1] else one for one in draft.tests[0]["expect"]["path"]
    ]}}]  # fmt: skip
    ProcessVersion.objects.filter(pk=draft.pk).update(tests=tests)
    with pytest.raises(NotPublishable) as refused:
        api.publish("opportunity_stages", number=draft.number, user=owner)
    (finding,) = [one for one in refused.value.findings if one.code == "test_fails"]
    assert finding.element == "HandOver"
    assert finding.sentence == (
        "The test “Lost at once” fails. Expected “Hand over and review” after “Ask the customer why”, "
        "but the process went on to “Lost”."
    )
    draft.refresh_from_db()
    assert draft.is_open


def test_results_are_kept_by_content_and_run_again_when_it_changes(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = draft_of("opportunity_stages", owner)
    api.record_test(lost_deal(draft.number, owner).pk, "Lost at once", user=owner)
    draft.refresh_from_db()
    played: list[int] = []
    real = testing._played
    monkeypatch.setattr(testing, "_played", lambda content, pk, tests: _counted(played, real, content, pk, list(tests)))
    assert [one.passed for one in testing.run(draft)] == [True]
    assert [one.passed for one in testing.run(draft)] == [True]
    assert played == [1]
    draft.bpmn = draft.bpmn.replace('name="Lost"', 'name="Lost for now"', 1)
    draft.save()
    assert testing.results(draft) == {}
    testing.run(draft)
    assert played == [1, 1]
    assert ProcessTestRun.objects.filter(version=draft).count() == 1


def _counted(played: list[int], real: Any, content: Any, pk: Any, tests: list[Any]) -> Any:
    played.append(len(tests))
    return real(content, pk, tests)


def test_a_form_that_asks_for_more_is_told_in_its_own_words(owner: User) -> None:
    draft = draft_of("opportunity_stages", owner)
    api.record_test(lost_deal(draft.number, owner).pk, "Lost at once", user=owner)
    draft.refresh_from_db()
    draft.tests[0]["steps"][0]["entered"] = {"stage_outcome": "lost"}
    draft.save()
    (result,) = testing.run(draft)
    assert not result.passed
    assert "Qualify" in result.sentence or result.element == "Qualify"


def test_a_real_run_becomes_a_test_without_anybodys_data(owner: User) -> None:
    draft = draft_of("opportunity_stages", owner)
    seller = person("sue", "sales_representative")
    with api.by_hand():
        account = open_account(name="Secret Customer Ltd.", manager=seller, trusted=True)
        deal = open_opportunity(name="Secret deal", account=account, owner=seller, amount=440_000, trusted=True)
        api.drain()
        run = ProcessInstance.objects.get(subject_id=deal.pk)
        api.complete(Task.objects.open().human().get(process=run).pk, user=seller, data={**LOST, "pain": "Their boss, Mr Wang, is angry"})
        api.drain()
    test = api.test_from_instance(run.pk, "As it was", user=owner)
    draft.refresh_from_db()
    assert draft.tests == [test]
    assert "Secret" not in str(test)
    assert "Wang" not in str(test)
    assert test["expect"]["end"] == "Lost"
    (result,) = testing.run(draft)
    assert result.passed, result.sentence


def test_a_published_version_keeps_its_tests(owner: User) -> None:
    begun, before = lost_deal(1, owner), catalog.version("opportunity_stages", 1).tests
    with pytest.raises(api.Invalid, match="Begin a draft"):
        api.record_test(begun.pk, "Lost", user=owner)
    with pytest.raises(api.Invalid):
        api.remove_test("opportunity_stages", 1, before[0]["name"], user=owner)
    assert catalog.version("opportunity_stages", 1).tests == before


def test_time_passes_in_a_test_by_the_clock_of_the_test(owner: User, clock: ports.FixedClock) -> None:
    draft = draft_of("opportunity_stages", owner)
    begun = api.begin_rehearsal("opportunity_stages", draft.number, user=owner)
    before = api.rehearsal(begun.pk, user=owner)
    assert before.standing.due is not None
    assert "working time" in before.standing.due.words
    api.rehearse_wait(begun.pk, user=owner)
    after = api.rehearsal(begun.pk, user=owner)
    assert after.clock == before.standing.due.at
    api.record_test(begun.pk, "Stands still", user=owner)
    draft.refresh_from_db()
    clock.move(clock.now() + timedelta(days=900))
    (result,) = testing.run(draft)
    assert result.passed, result.sentence


def test_the_command_tells_and_fails(owner: User, capsys: pytest.CaptureFixture[str]) -> None:
    draft = draft_of("opportunity_stages", owner)
    call_command("process", "test", "opportunity_stages")
    assert "has no tests yet" in capsys.readouterr().out
    api.record_test(lost_deal(draft.number, owner).pk, "Lost at once", user=owner)
    call_command("process", "test", "opportunity_stages", "--number", str(draft.number))
    assert capsys.readouterr().out.splitlines()[0] == "passed: Lost at once"
    draft.refresh_from_db()
    draft.tests[0]["expect"]["end"] = "Won"
    draft.save()
    with pytest.raises(CommandError, match="1 of 1 tests"):
        call_command("process", "test", "opportunity_stages")


def test_who_may_rehearse_and_who_may_keep_tests(owner: User) -> None:
    draft = draft_of("opportunity_stages", owner)
    seller, reader = person("sue", "sales_representative"), person("kay", "knowledge_editor")
    with pytest.raises(api.NotFound):
        api.begin_rehearsal("opportunity_stages", draft.number, user=seller)
    with pytest.raises(api.NotAllowed):
        api.begin_rehearsal("opportunity_stages", 1, user=reader)
    assert Rehearsal.objects.count() == 0
    begun = api.begin_rehearsal("opportunity_stages", 1, user=seller)
    assert begun.practice
    for stranger in (reader, person("sam", "sales_representative")):
        with pytest.raises(api.NotFound):
            api.rehearsal(begun.pk, user=stranger)
    with pytest.raises(api.NotAllowed):
        api.record_test(begun.pk, "Mine", user=seller)
    with pytest.raises(api.NotAllowed):
        api.run_tests("opportunity_stages", draft.number, user=seller)
    draft.refresh_from_db()
    assert draft.tests == []
    assert api.rehearsal(begun.pk, user=owner).rehearsal.by == seller


def test_a_drawing_that_does_not_run_is_refused_in_words(owner: User) -> None:
    draft = draft_of("opportunity_stages", owner, changes=(('targetRef="Qualify"', 'targetRef="Nowhere"'),))
    with pytest.raises(api.Invalid, match="cannot be rehearsed yet"):
        api.begin_rehearsal("opportunity_stages", draft.number, user=owner)
    assert Rehearsal.objects.count() == 0
