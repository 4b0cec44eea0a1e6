"""A complaint's way, told through the pages: acknowledged, investigated, approved, answered, rejected, learned from."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm_core.activities.models import MailOutbox
from crm_core.service.models import Case, Compensation, Survey
from crm_core.service.services import customers as links
from crm_core.service.services import receive_case
from processes.runtime.models import ProcessInstance, Task
from tests.stories.house import House, text_of

pytestmark = pytest.mark.django_db


def arrives(house: House, **data: Any) -> tuple[Case, ProcessInstance]:
    """A complaint of a stranger in Shanghai; their line has lost money."""
    case = receive_case(
        data={
            "kind": "complaint", "subject_line": "Belt slips when it is wet", "product_group": "equipment",
            "description": "Line 2 stopped three times this week.", "contact_name": "Zhang Wei",
            "contact_email": "zhang.wei@huadu.example", "company": "Huadu Dairy", "language": "en", "impact": "loss", **data,
        },
        branch=house.founder.branches["shanghai"],
    )  # fmt: skip
    house.settle()
    case.refresh_from_db()
    return case, house.instance("complaint_handling", "case", case.pk)


def acknowledged(house: House, case: Case, instance: ProcessInstance, *departments: str) -> Any:
    """The handler has sent a first word."""
    handler = house[case.handler.username]
    handler.does(instance, "Acknowledge", severity=case.severity, contact_person=str(case.handler_id),
                 ack_text="We have it; you hear from us on Thursday.", departments=list(departments))  # fmt: skip
    house.settle()
    case.refresh_from_db()
    return handler


def remedy(**more: Any) -> dict[str, Any]:
    return {
        "investigate_outcome": "answer", "cause": "product", "root_cause": "Lacing worn", "compensation_kind": "none",
        "compensation_amount": "0", "corrective_needed": "none", "answer_text": "We replace the belt on Friday, free of charge.",
        **more,
    }  # fmt: skip


def customer_says(case: Case, **answer: str) -> Any:
    return Client().post(reverse("portal:case", args=[links.token_of(case)]), answer)


def test_a_complaint_is_acknowledged_asked_about_answered_and_accepted(house: House) -> None:
    case, instance = arrives(house)
    assert (case.severity, house.steps(instance)) == ("moderate", ["Acknowledge"])
    task = Task.objects.get(process=instance, node_id="Acknowledge")
    assert task.owner_id == case.handler_id, "one person has it"
    assert task.due_at - house.clock.now() == timedelta(days=1), "one working day"
    handler = acknowledged(house, case, instance, "finance", "legal")
    assert case.acknowledged_at == house.clock.now()
    assert sorted(house.steps(instance)) == ["AskDepartment", "AskDepartment"]

    rows = Task.objects.open().human().filter(process=instance).order_by("role")
    assert [row.role for row in rows] == ["finance", "legal"]
    for row, name in zip(rows, ("cao.lei", "qin.fa"), strict=True):
        house[name].claim(row)
        assert house[name].send(row, finding=f"{row.role} sees no obstacle.").status_code == 302
    assert house.steps(instance) == ["Investigate"]
    page = text_of(handler.get("redraw:work", handler.task(instance, "Investigate").pk).content.decode())
    assert "legal sees no obstacle." in page, "the answers stand beside the form"

    handler.does(instance, "Investigate", **remedy())
    house.settle()
    case.refresh_from_db()
    assert (case.status, house.steps(instance)) == ("answered", [])
    shown = text_of(Client().get(reverse("portal:case", args=[links.token_of(case)])).content.decode())
    assert "We replace the belt on Friday" in shown
    assert customer_says(case, answer="accepted").status_code in (200, 302)
    house.settle()

    case.refresh_from_db()
    instance.refresh_from_db()
    assert (case.status, case.cause, instance.outcome, instance.end_node) == ("closed", "product", "completed", "Closed")
    assert Survey.objects.filter(case=case).count() == 1
    assert MailOutbox.objects.filter(to="zhang.wei@huadu.example").count() == 4  # number, word, answer, survey


def test_each_missed_limit_tells_the_next_rung_and_the_work_stays(house: House) -> None:
    case, instance = arrives(house, impact="stopped")
    first = Task.objects.get(process=instance, node_id="Acknowledge")
    assert (case.severity, first.due_at - house.clock.now()) == ("major", timedelta(hours=5)), "four, and lunch"
    told = []
    for hours in (5, 19, 5):  # into the afternoon, over night, into the next afternoon
        house.wait(hours=hours)
        case.refresh_from_db()
        told.append(case.escalation_level)
    assert told == [1, 2, 3]
    assert house.steps(instance) == ["Acknowledge"]
    first.refresh_from_db()
    assert first.owner_id == case.handler_id


def test_compensation_is_approved_by_amount_and_never_by_who_proposed_it(house: House) -> None:
    case, instance = arrives(house)
    handler = acknowledged(house, case, instance)
    handler.does(instance, "Investigate", **remedy(compensation_kind="credit", compensation_amount="1500"))
    assert house.steps(instance) == ["ApproveCompensation"]
    task = Task.objects.open().get(process=instance, node_id="ApproveCompensation")
    assert (task.role, handler.claim(task).status_code) == ("service_manager", 403)
    manager = house["zhao.min"]
    manager.does(instance, "ApproveCompensation", compensation_decision="sent_back", send_back_reason="Too much for a belt.")
    assert house.steps(instance) == ["Investigate"]
    page = text_of(handler.get("redraw:work", handler.task(instance, "Investigate").pk).content.decode())
    assert "Too much for a belt." in page
    handler.does(instance, "Investigate", **remedy(compensation_kind="credit", compensation_amount="900"))
    manager.does(instance, "ApproveCompensation", compensation_decision="approved")
    house.settle()
    assert [int(row.amount) for row in Compensation.objects.filter(case=case)] == [900]

    other, second = arrives(house, contact_email="other@huadu.example", company="Other Dairy")
    handler = acknowledged(house, other, second)
    handler.does(second, "Investigate", **remedy(compensation_kind="refund", compensation_amount="50000"))
    assert Task.objects.open().get(process=second, node_id="ApproveCompensation").role == "director"


def test_a_severe_answer_is_reviewed_by_a_second_person(house: House) -> None:
    case, instance = arrives(house, impact="stopped")
    handler = acknowledged(house, case, instance)
    handler.does(instance, "Investigate", **remedy())
    assert house.steps(instance) == ["ReviewAnswer"]
    house["zhao.min"].does(instance, "ReviewAnswer", answer_text="We replace the belt on Thursday, free of charge.",
                           review_decision="approved")  # fmt: skip
    house.settle()
    case.refresh_from_db()
    assert case.messages.last().text == "We replace the belt on Thursday, free of charge."


def test_a_rejected_answer_is_reopened_and_looked_at_by_somebody_senior(house: House) -> None:
    case, instance = arrives(house)
    handler = acknowledged(house, case, instance)
    handler.does(instance, "Investigate", **remedy())
    house.settle()
    customer_says(case, answer="rejected", text="Friday is too late.")
    house.settle()
    case.refresh_from_db()
    assert (case.status, case.reopen_count, case.escalation_level) == ("reopened", 1, 1)
    assert house.steps(instance) == ["ReviewRejection"]
    task = Task.objects.open().get(process=instance, node_id="ReviewRejection")
    assert handler.claim(task).status_code == 403, "whoever answered does not judge"
    house["zhao.min"].does(instance, "ReviewRejection", rejection_outcome="investigate",
                           send_back_reason="Can the Nanjing crew come tomorrow?")  # fmt: skip
    assert house.steps(instance) == ["Investigate"]
    handler.does(instance, "Investigate", **remedy(answer_text="The Nanjing crew comes tomorrow."))
    house.settle()
    customer_says(case, answer="rejected", text="They did not come.")
    house.settle()
    case.refresh_from_db()
    assert (case.reopen_count, case.escalation_level) == (2, 2)
    director = house["han.mei"]
    director.does(instance, "ReviewRejection", rejection_outcome="final", answer_text="Our final word; you may turn to the ombudsman.")
    house.settle()
    case.refresh_from_db()
    assert case.status == "closed"
    assert case.messages.last().text.startswith("Our final word")


def test_a_question_to_the_customer_rests_the_clock_until_they_write(house: House) -> None:
    case, instance = arrives(house)
    handler = acknowledged(house, case, instance)
    handler.does(instance, "Investigate", investigate_outcome="ask_customer", question="Which belt number is it?")
    house.settle()
    assert house.steps(instance) == []
    customer_says(case, text="Belt 4711.")
    house.settle()
    assert house.steps(instance) == ["Investigate"]
    page = text_of(handler.get("redraw:work", handler.task(instance, "Investigate").pk).content.decode())
    assert "Belt 4711." in page
    handler.does(instance, "Investigate", investigate_outcome="ask_customer", question="And the line?")
    house.wait(days=8)
    assert house.steps(instance) == ["Investigate"], "silence of five working days brings it back"


def test_fourteen_days_of_silence_close_the_case(house: House) -> None:
    case, instance = arrives(house)
    handler = acknowledged(house, case, instance)
    handler.does(instance, "Investigate", **remedy())
    house.settle()
    house.wait(days=13)
    case.refresh_from_db()
    assert case.status == "answered"
    house.wait(days=1, hours=1)
    case.refresh_from_db()
    instance.refresh_from_db()
    assert (case.status, instance.outcome) == ("closed", "completed")


def test_danger_is_contained_before_anything_else(house: House) -> None:
    case, instance = arrives(house, injury_risk=True)
    assert (case.severity, house.steps(instance)) == ("critical", ["ContainDanger"])
    manager = house["zhao.min"]
    manager.does(instance, "ContainDanger", danger_measures="Line stopped, customer rung.", danger_contained="on")
    assert house.steps(instance) == ["Acknowledge"]


def test_nobody_handles_a_complaint_about_themselves(house: House) -> None:
    blamed = house["chen.yu"].user
    case = receive_case(
        data={"kind": "complaint", "subject_line": "Rude on the telephone", "description": "Was laughed at.",
              "contact_email": "a@b.example", "language": "en"},
        branch=house.founder.branches["shanghai"], about_person=blamed,
    )  # fmt: skip
    house.settle()
    case.refresh_from_db()
    assert case.handler_id is not None
    assert case.handler_id != blamed.pk


def test_what_needs_a_change_ends_with_a_corrective_action(house: House) -> None:
    case, instance = arrives(house)
    handler = acknowledged(house, case, instance)
    handler.does(instance, "Investigate", **remedy(corrective_needed="process"))
    house.settle()
    customer_says(case, answer="accepted")
    house.settle()
    assert house.steps(instance) == ["CorrectiveAction"]
    house["zhao.min"].does(instance, "CorrectiveAction", action_taken="Lacing is checked at each service.",
                           action_done_by=(house.clock.now() + timedelta(days=9)).date().isoformat())  # fmt: skip
    house.settle()
    instance.refresh_from_db()
    assert instance.outcome == "completed"


def test_an_enquiry_goes_the_short_way(house: House) -> None:
    case, instance = arrives(house, kind="enquiry", impact="none", subject_line="Where is the manual?")
    assert case.severity == "minor"
    handler = acknowledged(house, case, instance)
    task = handler.task(instance, "Investigate")
    assert task.due_at - house.clock.now() == timedelta(days=3)


def test_another_branch_and_another_customer_see_nothing(house: House) -> None:
    case, instance = arrives(house)
    task = Task.objects.get(process=instance, node_id="Acknowledge")
    stranger = house["hugo.lefevre"]
    assert stranger.get("redraw:work", task.pk).status_code in (403, 404)
    assert stranger.claim(task).status_code in (403, 404)
    token = links.token_of(case)
    assert Client().get(reverse("portal:case", args=[token[:-3] + "abc"])).status_code in (403, 404, 410)
    task.refresh_from_db()
    assert task.owner_id == case.handler_id
