"""A process is changed by a process: handed in, looked at by somebody else, published, piloted, sent back, taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group

from processes import api, ports
from processes.catalog.loading import SHIPPED, load_folder
from processes.catalog.models import DecisionVersion, Pilot, ProcessVersion
from processes.publication import changes, reviewing
from processes.publication.models import Happening, ProcessChange
from processes.publication.process_actions import size_of
from processes.publication.services import publish_decision, publish_loaded, publish_now
from processes.runtime.models import ProcessInstance, Task
from tests.processes.inbox.house import THING as THINGS
from tests.processes.inbox.house import HousePeople, person, thing
from tests.processes.publication.drawing import drawing, rule_task, user_task
from tests.processes.publication.test_publish import decide, draft

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

ABOUT = '<redraw:process subject="thing" startRoles="seller"/>'
RECORD = {
    "title": "Ask before we promise", "diagnosis": "Four of ten promises are broken.", "measures": "One of ten, by June.",
    "customer_view": "Gets one date that holds.", "training": "Half an hour for sellers.",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _house(clock):
    for role in ("seller", "boss", "process_owner", "process_reviewer", "director"):
        Group.objects.get_or_create(name=role)
    subjects = ports.Subjects()
    subjects.register(THINGS)
    subjects.register(ports.subjects().get("process_change"))
    with ports.using(
        people=HousePeople(), subjects=subjects, grants=ports.NoGrants(), calendars=ports.RoundTheClock(),
        audit=ports.NoAudit(), notifier=ports.NoNotices(),
    ), api.by_hand():  # fmt: skip
        publish_loaded([load_folder(SHIPPED / "process_change")])
        yield


class Office:
    """A process with a published version, its owner, and two people who review."""

    def __init__(self) -> None:
        self.owner, self.second = person("owner", "process_owner"), person("second", "process_owner")
        self.reviewer, self.other = person("rita", "process_reviewer"), person("otto", "process_reviewer")
        self.first = draft(drawing(user_task("Old"), process=ABOUT))
        publish_now(self.first)

    def redrawn(self, *steps: str, by: Any = None) -> ProcessVersion:
        """A draft with another step, drawn from what is published."""
        found = draft(drawing(*(steps or (user_task("Old"), user_task("New"))), process=ABOUT), by=by or self.owner)
        found.base = ProcessVersion.objects.get(definition=found.definition, state="published")
        found.save()
        return found

    def handed_in(self, version: ProcessVersion | None = None, *, by: Any = None, **more: Any) -> ProcessChange:
        """A change with its whole record, on its way."""
        who = by or self.owner
        row = api.prepare_change((version or self.redrawn()).pk, user=who)
        api.record_change(row.pk, user=who, values={**RECORD, "owner_id": who.pk, **more})
        api.submit_change(row.pk, user=who)
        api.drain()
        return ProcessChange.objects.get(pk=row.pk)


@pytest.fixture
def office() -> Office:
    return Office()


def open_task(row: ProcessChange, node: str) -> Task:
    return Task.objects.get(process__subject_type="process_change", process__subject_id=row.pk, node_id=node, status__in=["NEW", "ASSIGNED"])


def steps(row: ProcessChange) -> list[str]:
    """The open steps of people in the process of a change."""
    rows = Task.objects.human().open().filter(process__subject_type="process_change", process__subject_id=row.pk)
    return list(rows.values_list("node_id", flat=True))


def does(row: ProcessChange, node: str, who: Any, **data: Any) -> None:
    task = open_task(row, node)
    if task.owner_id is None:
        api.claim(task.pk, user=who)
    api.complete(task.pk, user=who, data=data)
    api.drain()
    row.refresh_from_db()


def approves(row: ProcessChange, who: Any) -> None:
    does(row, "Review", who, verdict="approved")


def begun(place: str = "branch:1") -> int:
    return api.start("deal", subject=("thing", thing(place).pk)).version.number


def states() -> list[str]:
    rows = ProcessVersion.objects.filter(definition__key="deal").order_by("number")
    return list(rows.values_list("state", flat=True))


def no_incident() -> bool:
    return not Task.objects.incidents().exists()


def test_what_somebody_else_approves_is_published_and_what_runs_goes_on(office):
    before = api.start("deal", subject=("thing", thing().pk))
    row = office.handed_in()
    assert (row.state, states()) == ("submitted", ["published", "in_review"])

    approves(row, office.reviewer)

    assert no_incident()
    assert (row.state, row.means, states()) == ("published", "review", ["retired", "published"])
    assert begun() == 2
    assert ProcessInstance.objects.get(pk=before.pk).version.number == 1
    assert [(h.what, h.by) for h in row.happenings.all()] == [
        ("submitted", office.owner), ("approved", office.reviewer), ("published", office.owner),
    ]  # fmt: skip
    assert row.former == office.first
    assert ProcessInstance.objects.get(definition__key="process_change").outcome == "completed"


def test_the_author_never_approves_not_even_with_the_role_of_a_reviewer(office):
    office.owner.groups.add(Group.objects.get(name="process_reviewer"))
    row = office.handed_in()
    task = open_task(row, "Review")

    with pytest.raises(api.NotAllowed):
        api.claim(task.pk, user=office.owner)
    with pytest.raises(api.NotAllowed):
        reviewing.review(row.pk, verdict="approved", reason="", user=office.owner)

    assert states() == ["published", "in_review"]
    assert changes.approvals(row) == 0


def test_two_different_people_look_at_what_customers_notice(office):
    row = office.handed_in(customers_notice=True)
    approves(row, office.reviewer)
    assert (row.state, steps(row)) == ("submitted", ["Review"])

    with pytest.raises(api.NotAllowed):
        api.claim(open_task(row, "Review").pk, user=office.reviewer)
    approves(row, office.other)

    assert row.state == "published"


def test_the_director_looks_at_what_leaves_much_out(office):
    boss = person("chief", "director")
    version = office.redrawn()
    row = api.prepare_change(version.pk, user=office.owner)
    left_out = dict.fromkeys(("measures", "customer_view", "training"), "A typing error in a name.")
    api.record_change(row.pk, user=office.owner, values={
        "title": "A name", "diagnosis": "Misspelt", "owner_id": office.owner.pk, "waived": left_out,
    })  # fmt: skip
    api.submit_change(row.pk, user=office.owner)
    api.drain()

    with pytest.raises(api.NotAllowed):
        api.claim(open_task(row, "Review").pk, user=office.reviewer)
    approves(row, boss)

    assert row.state == "published"


def test_sent_back_it_is_mended_and_handed_in_again_and_all_reviews_begin_anew(office):
    row = office.handed_in()
    does(row, "Review", office.reviewer, verdict="sent_back", review_reason="Who tells the customer?")
    assert (row.state, states(), steps(row)) == ("sent_back", ["published", "draft"], ["Mend"])
    assert changes.came_back(row) == "Who tells the customer?"

    version = ProcessVersion.objects.get(pk=row.version_id)
    _text, revision = api.part(version.pk, "drawing", user=office.owner)
    mended = drawing(user_task("Old"), user_task("New"), user_task("Tell"), process=ABOUT)
    api.save_part(version.pk, "drawing", mended, revision=revision, user=office.owner)
    does(row, "Mend", office.owner, mend="again", mend_note="A step that tells.")
    assert (row.state, row.round, steps(row)) == ("submitted", 2, ["Review"])
    approves(row, office.reviewer)

    assert row.state == "published"
    assert ProcessVersion.objects.get(pk=version.pk).bpmn == mended


def test_given_up_the_draft_stays_and_nothing_is_published(office):
    row = office.handed_in()
    does(row, "Review", office.reviewer, verdict="sent_back", review_reason="Why at all?")
    does(row, "Mend", office.owner, mend="give_up")

    assert (row.state, states(), steps(row)) == ("withdrawn", ["published", "draft"], [])


def test_refused_needs_a_reason_and_ends_it(office):
    row = office.handed_in()
    task = open_task(row, "Review")
    api.claim(task.pk, user=office.reviewer)
    with pytest.raises(api.Invalid):
        api.complete(task.pk, user=office.reviewer, data={"verdict": "refused"})
    does(row, "Review", office.reviewer, verdict="refused", review_reason="It makes nothing better.")

    assert (row.state, states(), begun()) == ("refused", ["published", "draft"], 1)


def test_it_waits_for_its_moment(office, clock):
    row = office.handed_in(way="at", at=clock.now() + timedelta(days=3))
    approves(row, office.reviewer)
    assert (row.state, begun()) == ("approved", 1)

    clock.move(clock.now() + timedelta(days=3))
    api.drain()

    row.refresh_from_db()
    assert (row.state, begun()) == ("published", 2)


def test_a_table_that_is_changed_after_the_approval_is_not_published_with_it(office, clock):
    publish_decision(decide(limit=10))
    decide(limit=20)
    version = office.redrawn(user_task("Old"), rule_task("size", ("n", "= 5")))
    row = office.handed_in(version, way="at", at=clock.now() + timedelta(days=3))
    approves(row, office.reviewer)
    decide(limit=30)

    clock.move(clock.now() + timedelta(days=3))
    api.drain()

    row.refresh_from_db()
    assert row.state == "sent_back"
    assert "not what was approved" in changes.came_back(row)
    assert states() == ["published", "draft"]
    assert DecisionVersion.objects.get(definition__key="size", state="published").number == 1


def test_a_pilot_by_branch_is_watched_and_rolled_out(office):
    row = office.handed_in(way="pilot", rule='place = "branch:1"', share=100)
    approves(row, office.reviewer)
    assert no_incident()
    assert (row.state, states(), steps(row)) == ("piloted", ["published", "piloted"], ["Watch"])
    assert (begun("branch:1"), begun("branch:2")) == (2, 1)

    does(row, "Watch", office.owner, pilot_end="roll_out", pilot_reason="Twice as many dates hold.")

    assert (row.state, states(), begun("branch:2")) == ("published", ["retired", "published"], 2)
    assert Pilot.objects.get().end_reason == "Twice as many dates hold."
    assert [h.what for h in row.happenings.all()] == ["submitted", "approved", "piloted", "rolled_out"]


def test_a_pilot_is_withdrawn_and_what_runs_goes_on(office):
    row = office.handed_in(way="pilot", rule='place = "branch:1"')
    approves(row, office.reviewer)
    running = api.start("deal", subject=("thing", thing("branch:1").pk))

    does(row, "Watch", office.owner, pilot_end="withdraw", pilot_reason="Slower.")

    assert (row.state, states(), begun("branch:1")) == ("withdrawn", ["published", "retired"], 1)
    assert ProcessInstance.objects.get(pk=running.pk).is_open


def test_somebody_elses_publication_stops_it_without_anything_half_done_and_both_changes_survive(office):
    mine = office.redrawn(user_task("Old"), user_task("New"))
    theirs = office.redrawn(user_task("Early"), user_task("Old"), by=office.second)
    row = office.handed_in(mine)
    other = office.handed_in(theirs, by=office.second)
    approves(other, office.reviewer)
    assert states() == ["retired", "in_review", "published"]

    approves(row, office.other)
    assert (row.state, states(), steps(row)) == ("sent_back", ["retired", "draft", "published"], ["Mend"])
    assert row.happenings.last().what == "not_published"
    assert "deal v3 was published" in row.happenings.last().reason

    does(row, "Mend", office.owner, mend="again")
    assert steps(row) == ["Mend"]  # still behind
    assert api.bring_up_to_date(mine.pk, user=office.owner) is not None
    does(row, "Mend", office.owner, mend="again")
    approves(row, office.other)

    assert row.state == "published"
    both = ProcessVersion.objects.get(pk=mine.pk).bpmn
    assert 'id="New"' in both
    assert 'id="Early"' in both


def test_its_author_takes_it_back_and_the_review_ends(office):
    row = office.handed_in()

    with pytest.raises(api.NotAllowed):
        api.withdraw_change(row.pk, reason="no", user=office.reviewer)
    api.withdraw_change(row.pk, reason="Thought again.", user=office.owner)

    row.refresh_from_db()
    assert (row.state, states(), steps(row)) == ("withdrawn", ["published", "draft"], [])
    assert ProcessInstance.objects.get(definition__key="process_change").outcome == "cancelled"


def test_nothing_is_handed_in_without_its_record_or_a_reason(office):
    row = api.prepare_change(office.redrawn().pk, user=office.owner)

    with pytest.raises(api.Invalid, match="diagnosis"):
        api.submit_change(row.pk, user=office.owner)
    api.record_change(row.pk, user=office.owner, values={**RECORD, "training": "", "owner_id": office.owner.pk})
    assert len(api.change_obstacles(row.pk, user=office.owner)) == 1
    api.record_change(row.pk, user=office.owner, values={"waived": {"training": "Nobody sees a difference."}})

    assert api.change_obstacles(row.pk, user=office.owner) == []
    assert states() == ["published", "draft"]


@pytest.mark.parametrize("roles", [(), ("seller",), ("process_reviewer",), ("director",), ("auditor",)])
def test_who_does_not_answer_for_a_process_changes_nothing(office, roles):
    outsider = person("x", *roles)
    version = office.redrawn()
    row = api.prepare_change(version.pk, user=office.owner)
    before = ProcessChange.objects.values().get(pk=row.pk)

    for attempt in (
        lambda: api.prepare_change(version.pk, user=outsider),
        lambda: api.record_change(row.pk, user=outsider, values={"title": "mine"}),
        lambda: api.waive_finding(row.pk, "x:y", reason="z", user=outsider),
        lambda: api.submit_change(row.pk, user=outsider),
        lambda: api.withdraw_change(row.pk, reason="z", user=outsider),
        lambda: api.bring_up_to_date(version.pk, user=outsider),
        lambda: api.publish("deal", number=2, user=outsider),
        lambda: api.withdraw("deal", user=outsider, reason="z"),
        lambda: api.end_pilot(row.pk, roll_out=True, reason="z", user=outsider),
    ):
        with pytest.raises((api.NotAllowed, api.NotFound)):
            attempt()
    assert ProcessChange.objects.values().get(pk=row.pk) == before
    assert states() == ["published", "draft"]
    assert not api.may_edit(outsider, "deal")


def test_people_publish_directly_only_where_nobody_else_reviews(office):
    version = office.redrawn()
    with pytest.raises(api.NotAllowed, match="Hand yours in"):
        api.publish("deal", number=version.number, user=office.owner)
    assert states() == ["published", "draft"]

    for reviewer in (office.reviewer, office.other):
        reviewer.groups.clear()
    api.publish("deal", number=version.number, user=office.owner)

    row = ProcessChange.objects.get(version=version)
    assert (states(), row.means, row.author) == (["retired", "published"], "direct", office.owner)


def test_every_publication_has_its_record_and_history_is_only_added_to(office):
    row = ProcessChange.objects.get(version=office.first)
    assert (row.state, row.means, row.author) == ("published", "program", None)

    happening = row.happenings.get()
    happening.reason = "other"
    for change in (happening.save, happening.delete):
        with pytest.raises(TypeError):
            change()
    assert Happening.objects.get(pk=happening.pk).reason == ""


def test_the_size_of_a_change_counts_what_differs_from_its_base(office):
    row = api.prepare_change(office.redrawn().pk, user=office.owner)
    assert 0 < size_of(row) <= 10
