"""A complaint that misses its limit on every rung, over a Chinese holiday with a shifted working day and over the end of
summer time in Europe; its clock is stopped and runs again in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from crm_core.kernel.models import Notice
from crm_core.service.models import Case
from crm_core.service.services import customers as links
from crm_core.service.services import receive_case
from processes import api, ports
from processes.runtime.models import ClockEvent, ProcessInstance, Task
from tests.stories.house import House, text_of

pytestmark = pytest.mark.django_db

SHANGHAI, PARIS = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Paris")


@contextmanager
def house_at(moment: datetime) -> Iterator[House]:
    """The company at a moment."""
    clock = ports.FixedClock(moment)
    with ports.using(clock=clock), api.by_hand():
        yield House(clock)


def arrives(house: House, branch: str, language: str) -> tuple[Case, ProcessInstance]:
    """A complaint about a belt that is to be acknowledged within one working day."""
    case = receive_case(
        data={
            "kind": "complaint", "subject_line": "Belt slips when it is wet", "product_group": "equipment", "impact": "loss",
            "description": "Line 2 stopped three times this week.", "contact_name": "Zhang Wei",
            "contact_email": "zhang.wei@huadu.example", "company": "Huadu Dairy", "language": language,
        },
        branch=house.founder.branches[branch],
    )  # fmt: skip
    house.settle()
    case.refresh_from_db()
    return case, house.instance("complaint_handling", "case", case.pk)


def stops(house: House, person: str, task: Task, **given: str) -> Any:
    """Stop the clock of a task with its page."""
    return house[person].client.post(reverse("redraw:stop_clock", args=[task.pk]), {"reason": "customer", **given})


def rungs(task: Task) -> list[tuple[int, datetime]]:
    """The rungs of a task that were done, each with its moment."""
    return list(ClockEvent.objects.filter(task=task, kind="rung").order_by("at").values_list("share", "at"))


def told(task: Task) -> list[tuple[str, str]]:
    """Who was told what of a task's limit, in the order in which it happened."""
    notices = Notice.objects.filter(task_id=str(task.pk), kind__in=["warned", "due", "overdue"]).order_by("at", "user__username")
    return list(notices.values_list("user__username", "kind"))


def test_every_rung_over_the_national_holiday_with_a_shifted_saturday() -> None:
    def at(day: int, hour: int) -> datetime:
        return datetime(2026, 10, day, hour, tzinfo=SHANGHAI)

    with house_at(datetime(2026, 9, 30, 15, tzinfo=SHANGHAI)) as house:
        case, instance = arrives(house, "shanghai", "en")
        task, handler = Task.objects.get(process=instance, node_id="Acknowledge"), case.handler.username
        assert task.due_at == at(8, 15), "one working day: the first to the seventh are closed"
        assert task.warn_at == at(8, 10), "half of it: three hours before the holiday and one behind it"

        house.wait_until(at(8, 9))
        assert told(task) == []
        assert stops(house, handler, task, note="Which belt is it?").status_code == 302
        page = text_of(house[handler].get("redraw:work", task.pk).content.decode())
        assert "计时自 09:00 起暂停，剩余 5 小时。等待客户: Which belt is it?" in page, "the handler reads Chinese"

        house.wait_until(at(9, 9))
        case.refresh_from_db()
        assert (rungs(task), case.escalation_level) == ([], 0), "nothing is late while everybody waits"
        assert Client().post(reverse("portal:case", args=[links.token_of(case)]), {"text": "Belt 4711."}).status_code in (200, 302)
        house.settle()
        task.refresh_from_db()
        assert (task.paused_at, task.due_at) == (None, at(9, 15)), "the customer wrote: the five hours run again"

        house.wait_until(at(9, 15))
        case.refresh_from_db()
        assert (rungs(task), case.escalation_level) == ([(50, at(9, 10)), (75, at(9, 12)), (100, at(9, 15))], 1)
        house.wait_until(at(12, 18))
        case.refresh_from_db()
        assert rungs(task)[3:] == [(150, at(10, 10)), (200, at(10, 15))], "Saturday the tenth is worked in exchange"
        assert case.escalation_level == 3, "and so the drawn ladder came to its end on Monday"
        lead = ports.people().manager_of(case.handler).username
        owner = instance.definition.owner
        expected = [(handler, "warned"), (handler, "due"), (lead, "due"), (lead, "overdue"), *([(owner.username, "overdue")] if owner else [])]
        assert sorted(set(told(task)) - {("han.mei", "overdue")}) == sorted(set(expected))
        assert ("han.mei", "overdue") in told(task), "the director is the last to hear"
        task.refresh_from_db()
        assert (task.owner_id, house.steps(instance)) == (case.handler_id, ["Acknowledge"]), "the work stays where it is"

        before = told(task)
        house.wait(days=2)
        assert told(task) == before, "each rung is done once"
        story = text_of(house["gao.jing"].get("redraw:instance", instance.pk).content.decode())
        for words in ("暂停了“回复已受理”的计时：等待客户: Which belt is it?", "“回复已受理”自动继续计时", "“回复已受理”的时限已过 200%"):
            assert words in story


def test_every_rung_over_the_end_of_summer_time_in_paris() -> None:
    def at(day: int, hour: int, minute: int = 0) -> datetime:
        return datetime(2026, 10, day, hour, minute, tzinfo=PARIS)

    with house_at(at(23, 15)) as house:  # a Friday; the clocks go back on Sunday
        case, instance = arrives(house, "paris", "en")
        task, handler = Task.objects.get(process=instance, node_id="Acknowledge"), case.handler.username
        assert (task.due_at, task.warn_at) == (at(26, 15), at(26, 10, 30)), "the clock time of Friday, an hour later on the sun"

        house.wait_until(at(23, 16))
        assert stops(house, handler, task, reason="supplier", until="2026-10-27T09:00").status_code == 302
        house.wait_until(at(27, 9))
        task.refresh_from_db()
        assert (task.paused_at, task.due_at) == (None, at(27, 15, 30)), "five of six hours were left"
        house.wait_until(at(29, 18))
        assert rungs(task) == [
            (50, at(27, 11)), (75, at(27, 12, 30)), (100, at(27, 15, 30)), (150, at(28, 9, 45)), (200, at(28, 14, 15)),
        ]  # fmt: skip
        resumed = ClockEvent.objects.get(task=task, kind="resumed")
        assert (resumed.by, resumed.at) == (None, at(27, 9))


def test_the_limit_of_the_whole_complaint_has_rungs_of_its_own() -> None:
    with house_at(datetime(2026, 11, 24, 10, 34, tzinfo=SHANGHAI)) as house:
        case, instance = arrives(house, "shanghai", "en")
        assert instance.due_at == datetime(2027, 1, 6, 10, 34, tzinfo=SHANGHAI), "thirty working days, the first of January is closed"
        owner = house["gao.jing"]
        assert owner.client.post(reverse("redraw:stop_instance_clock", args=[instance.pk]), {"reason": "authority"}).status_code == 302
        house.wait(days=7)
        assert owner.client.post(reverse("redraw:run_instance_clock", args=[instance.pk])).status_code == 302
        instance.refresh_from_db()
        assert instance.due_at == datetime(2027, 1, 13, 10, 34, tzinfo=SHANGHAI)
        house.wait_until(instance.due_at)
        done = ClockEvent.objects.filter(instance=instance, task=None, kind="rung").order_by("share")
        assert list(done.values_list("share", flat=True)) == [75, 100]
        assert Notice.objects.filter(user=case.handler, kind="due", task_id="").exists()
