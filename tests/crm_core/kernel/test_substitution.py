"""Work in somebody's stead: which, for how long, with which rights, what stays closed, and what is written down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm_core.kernel.absence_services import end_absence, enter_absence
from crm_core.kernel.access.explain import explain
from crm_core.kernel.access.policies import policy_for
from crm_core.kernel.models import Absence, AuditEntry, Grant, User
from crm_core.parties.models import Account
from processes import api, ports
from processes.errors import Invalid, NotAllowed, NotFound
from processes.runtime import starting
from processes.runtime.models import ProcessInstance, Task, TaskCandidate
from tests.crm_core.support import branch, person, role, team
from tests.processes.publication.drawing import user_task
from tests.processes.runtime.engine_room import publish
from tests.processes.sketch import for_each
from tests.support.rows import make

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[ports.FixedClock]:
    clock = ports.FixedClock(NOW)
    with ports.using(clock=clock), api.by_hand():
        yield clock


@pytest.fixture
def ann() -> User:
    """Who is away, in one branch."""
    return person(role("seller"), of=team("one", branch("one")), username="ann", display_name="Ann")


@pytest.fixture
def bea() -> User:
    """Who stands in, in another branch: she sees none of Ann's accounts by herself."""
    return person(role("seller"), of=team("two", branch("two")), username="bea", display_name="Bea")


@pytest.fixture
def account(ann: User) -> Account:
    return make(Account, name="Huaxin", manager=ann, branch=ann.employee.branch)


def away(user: User, substitute: User | None, **values: Any) -> Absence:
    return enter_absence(employee=user.employee, starts_at=NOW, ends_at=NOW + timedelta(days=3), substitute=substitute, **values)


def fresh(user: User) -> User:
    """The person as the next request sees them."""
    return User.objects.get(pk=user.pk)


def begin(account: Account, *steps: str, by: User | None = None, process: str = "", data: Any = None) -> ProcessInstance:
    drawn = steps or (user_task(attributes='grants="view,change"'),)
    version = publish(*drawn, process=process or '<redraw:process subject="account"/>')
    return starting.start_version(version, subject=ports.Subject("account", account.pk), data=data or {}, user=by)


def work_of(instance: ProcessInstance, step: str = "Work") -> Task:
    return Task.objects.open().human().get(process=instance, node_id=step)


def taken(account: Account, by: User, *steps: str, **values: Any) -> Task:
    """A task that somebody has, of a new instance."""
    task = work_of(begin(account, *steps, **values))
    return api.assign(task.pk, to=by, user=User.objects.filter(is_superuser=True).first() or User.objects.create_superuser("root"))


def box(user: User) -> list[Any]:
    return [item.task_id for item in api.work_for(fresh(user), box="standing_in").items]


def may(user: User, action: str, record: Account) -> bool:
    return bool(policy_for(Account).may(fresh(user), action, record))


def test_work_of_who_is_away_comes_to_the_substitute_for_that_time(clock, ann, bea, account):
    task = taken(account, ann)
    assert box(bea) == []
    absence = away(ann, bea)

    assert box(bea) == [task.pk]
    assert api.counts_for(fresh(bea)).standing_in == 1
    assert [item.task_id for item in api.work_for(fresh(ann)).items] == [task.pk], "it stays Ann's"
    clock.move(absence.ends_at)
    assert box(bea) == []
    with pytest.raises(NotFound):
        api.task_form(task.pk, user=fresh(bea))
    with pytest.raises(NotAllowed):
        api.complete(task.pk, user=fresh(bea))


def test_work_given_to_her_by_a_rule_meanwhile_comes_too(ann, bea, account):
    away(ann, bea)
    instance = begin(account, user_task(attributes=f'assignee="= {ann.pk}"'))
    assert box(bea) == [work_of(instance).pk]


def test_a_rule_that_chooses_passes_over_who_is_away_as_the_inbox_does(ann, bea, account):
    third = person(role("seller"), username="cy")
    for user in (ann, bea):
        away(user, None)
    assert work_of(begin(account, user_task(attributes='method="round_robin"'))).owner == third


def test_the_rights_of_the_step_last_as_long_as_the_step_and_the_absence(clock, ann, bea, account):
    task = taken(account, ann)
    absence = away(ann, bea)
    assert may(bea, "view", account)
    assert may(bea, "change", account)
    assert not may(bea, "delete", account), "what the step needs, and nothing else"
    other = make(Account, name="Other", manager=ann, branch=ann.employee.branch)
    assert not may(bea, "view", other), "this record, and no other"
    assert any("stands in for Ann" in reason.sentence for reason in explain(fresh(bea), "view", account).reasons)
    assert Grant.objects.filter(user=bea).count() == 0, "nothing is written that could be forgotten"

    clock.move(clock.now() + timedelta(minutes=1))
    end_absence(absence, by=ann)
    assert not may(bea, "view", account)

    enter_absence(employee=ann.employee, starts_at=clock.now(), ends_at=clock.now() + timedelta(days=1), substitute=bea)
    assert may(bea, "view", account)
    api.complete(task.pk, user=fresh(bea))
    assert not may(bea, "view", account)
    assert Grant.objects.count() == 0


def test_what_she_does_is_written_as_bea_for_ann(ann, bea, account):
    task = taken(account, ann)
    away(ann, bea)
    api.comment(task.pk, user=fresh(bea), text="Called them.")
    api.complete(task.pk, user=fresh(bea))

    task.refresh_from_db()
    assert (task.completed_by, task.completed_for) == (bea, ann)
    story = [line.text for line in api.history(task.process_id, user=fresh(bea))]
    assert "Bea for Ann did “Work”, 8 h before the limit." in story
    assert [comment.who for comment in api.task_form(task.pk, user=fresh(ann)).comments] == ["Bea for Ann"]
    assert [row.pk for row in api.done_for(ann)] == [task.pk]
    entries = AuditEntry.objects.filter(model="crm_kernel.grant", operation="delete")
    assert {(entry.actor_id, entry.acting_for_id, entry.action) for entry in entries} == {(bea.pk, ann.pk, "task.complete")}


def test_own_work_is_not_written_as_somebody_elses(ann, bea, account):
    away(ann, bea)
    task = taken(account, bea)
    api.complete(task.pk, user=fresh(bea))
    task.refresh_from_db()
    assert (task.completed_by, task.completed_for) == (bea, None)
    assert not AuditEntry.objects.exclude(acting_for_id=None).exists()


def test_a_step_that_checks_her_own_stays_closed_to_her(ann, bea, account):
    steps = user_task("Ask"), user_task("Check", attributes='fourEyes="Ask" grants="view"')
    instance = begin(account, *steps)
    root = User.objects.create_superuser("root")
    api.complete(api.assign(work_of(instance, "Ask").pk, to=bea, user=root).pk, user=bea)
    check = api.assign(work_of(instance, "Check").pk, to=ann, user=root)
    away(ann, bea)

    assert box(bea) == []
    assert not may(bea, "view", account)
    with pytest.raises(NotAllowed, match=r"You stand in for Ann, but not here: .*four eyes"):
        api.complete(check.pk, user=fresh(bea))
    check.refresh_from_db()
    assert check.status == "ASSIGNED"


def test_her_own_request_is_not_hers_to_decide(ann, bea, account):
    """The drawing gives it to Ann by name: Bea could never have taken it herself, and began it."""
    instance = begin(account, user_task(role="boss", attributes=f'assignee="= {ann.pk}"'), by=bea)
    role("boss")
    bea.groups.add(role("boss").group)
    TaskCandidate.objects.filter(task=work_of(instance).pk, group__isnull=False).delete()
    away(ann, bea)
    assert box(bea) == []
    with pytest.raises(NotAllowed, match="your own request"):
        api.complete(work_of(instance).pk, user=fresh(bea))


@pytest.fixture(autouse=True)
def _roles() -> None:
    for key in ("seller", "boss"):
        role(key)


def test_work_that_needs_a_role_she_has_not_waits(ann, bea, account):
    ann.groups.add(role("boss").group)
    task = taken(account, ann, user_task(role="boss"))
    away(ann, bea)
    assert box(bea) == []
    bea.groups.add(role("boss").group)
    assert box(bea) == [task.pk]


def test_several_voices_are_several_people(ann, bea, account):
    step = user_task("Vote", attributes='assignee="= one"').replace("{flows}", "{flows}" + for_each("people", item="one"))
    both = Task.objects.open().human().filter(process=begin(account, step, data={"people": [ann.pk, bea.pk]}))
    alone = Task.objects.open().human().filter(process=begin(account, step, data={"people": [ann.pk]}))
    assert [set(rows.values_list("owner", flat=True)) for rows in (both, alone)] == [{ann.pk, bea.pk}, {ann.pk}]
    away(ann, bea)
    assert box(bea) == [alone.get().pk], "where she has a voice of her own she has no second one"
    mine = both.get(owner=bea)
    api.complete(mine.pk, user=fresh(bea))
    assert box(bea) == [alone.get().pk], "nor after she has used it"


def test_single_processes_go_to_somebody_else(ann, bea, account):
    task = taken(account, ann)
    cy = person(role("seller"), username="cy")
    away(ann, bea, covers={"deal": cy})
    assert (box(bea), box(cy)) == ([], [task.pk])


def test_what_is_offered_to_her_alone_is_taken_for_her(ann, bea, account):
    instance = begin(account, user_task(role=""), by=ann)
    task = work_of(instance)
    away(ann, bea)
    assert box(bea) == [task.pk]

    api.claim(task.pk, user=fresh(bea))
    task.refresh_from_db()
    assert task.owner == ann
    api.complete(task.pk, user=fresh(bea))
    task.refresh_from_db()
    assert (task.completed_by, task.completed_for) == (bea, ann)


def test_nothing_is_given_or_handed_on_to_who_is_away(ann, bea, account):
    away(ann, bea)
    with pytest.raises(NotAllowed, match=r"Ann is away and back on Nov\. 27, 2026"):
        taken(account, ann)


def test_handing_on_takes_the_rights_along_and_back_again(ann, bea, account):
    account.branch = branch("three")
    account.manager = person(at=account.branch)
    account.save()
    task = taken(account, ann)
    assert (may(ann, "change", account), may(bea, "change", account)) == (True, False)

    api.delegate(task.pk, to=bea, user=ann, reason="You know them")
    assert (may(ann, "change", account), may(bea, "change", account)) == (False, True)
    assert api.task_form(task.pk, user=bea).came_from == ann
    api.hand_back(task.pk, user=bea, reason="Not me")
    assert (may(ann, "change", account), may(bea, "change", account)) == (True, False)

    story = [line.text for line in api.history(task.process_id, user=ann)]
    assert "Ann handed “Work” on to Bea. They wrote: “You know them”" in story
    assert "Bea handed “Work” back to Ann. They wrote: “Not me”" in story
    with pytest.raises(NotAllowed, match="was not handed on to you"):
        api.hand_back(task.pk, user=ann, reason="No")


def test_the_substitute_may_hand_it_on_in_her_stead(ann, bea, account):
    task = taken(account, ann)
    cy = person(role("seller"), username="cy", display_name="Cy")
    away(ann, bea)
    api.delegate(task.pk, to=cy, user=fresh(bea), reason="Too much")
    task.refresh_from_db()
    assert task.owner == cy
    assert any(line.text.startswith("Bea for Ann handed “Work” on to Cy.") for line in api.history(task.process_id, user=cy))
    assert not may(bea, "view", account)


# --- many at a time ---------------------------------------------------------------------------------------
def many(account: Account, ann: User, number: int) -> list[Task]:
    publish(user_task(attributes='grants="view"'), process='<redraw:process subject="account"/>')
    root = User.objects.create_superuser("root")
    found = []
    for _number in range(number):
        instance = api.start("deal", subject=("account", account.pk), user=None)
        found.append(api.assign(work_of(instance).pk, to=ann, user=root))
    return found


@pytest.fixture
def lead(ann: User) -> User:
    found = person(at=ann.employee.branch, username="lead", display_name="Lead")
    ann.employee.manager = found
    ann.employee.save()
    return found


def test_a_lead_hands_over_what_somebody_has_and_hears_what_stayed(ann, bea, lead, account):
    tasks = many(account, ann, 3)
    TaskCandidate.objects.create(task=tasks[1], user=bea, excluded=True)
    row = api.hand_over(user=lead, of=ann, to=bea, note="Ann is ill")

    assert row.state == "done"
    stayed, *went = api.handing_over_outcomes(row)
    assert (stayed.task_id, [one.to for one in went]) == (tasks[1].pk, ["Bea", "Bea"])
    assert "Bea may not do this task" in stayed.why
    assert Task.objects.human().filter(owner=bea).count() == 2
    assert bea.notices.filter(kind="handed_over").count() == 1
    assert bea.notices.filter(kind="assigned").count() == 0, "one notice, not one for each"


def test_work_is_spread_over_the_team_by_load(ann, lead, account):
    mates = [person(role("seller"), of=ann.employee.team) for _number in range(3)]
    away(mates[2], None)
    tasks = many(account, ann, 5)
    root = User.objects.get(username="root")
    api.assign(tasks[0].pk, to=mates[0], user=root)

    api.hand_over(user=lead, of=ann)

    assert [api.open_counts(mates).get(mate.pk, 0) for mate in mates] == [3, 2, 0]


def test_more_than_fifty_go_in_the_background(ann, bea, lead, account):
    many(account, ann, 51)
    row = api.hand_over(user=lead, of=ann, to=bea)
    assert (row.state, row.results) == ("running", [])
    api.drain()
    row = api.handing_over(row.pk, user=lead)
    assert (row.state, len(row.results)) == ("done", 51)
    assert Task.objects.human().filter(owner=bea).count() == 51


def test_who_does_not_lead_somebody_sees_and_moves_nothing_of_theirs(ann, bea, account):
    many(account, ann, 1)
    for call in (lambda: api.hand_over(user=bea, of=ann, to=bea), lambda: api.open_work_of(ann, user=bea)):
        with pytest.raises(NotAllowed, match="you do not lead them"):
            call()
    assert Task.objects.human().filter(owner=ann).count() == 1
    with pytest.raises(Invalid, match="at least one"):
        api.hand_over(user=ann, of=ann, to=bea, tasks=[])
