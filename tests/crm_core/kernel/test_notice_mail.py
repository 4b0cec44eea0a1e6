"""Notices by mail: at once, once a day, never in quiet hours, never twice, never when read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from crm_core.kernel import notice_ways, notices
from crm_core.kernel.models import Notice, User
from processes import api, ports

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

MORNING = datetime(2026, 11, 24, 2, 34, tzinfo=UTC)
"""10:34 in Shanghai."""


@pytest.fixture(autouse=True)
def _engine(clock: ports.FixedClock) -> Any:
    clock.move(MORNING)
    with api.by_hand():
        yield


def person(name: str = "mei", **more: Any) -> User:
    return User.objects.create(username=name, email=f"{name}@example.org", zone="Asia/Shanghai", **more)


def wants(user: User, way: str, **times: str) -> User:
    notice_ways.choose(user, by_group=dict.fromkeys(notice_ways.GROUPS, way), **{"daily_at": "08:00", **times})
    return user


def told(user: User, text: str, kind: str = "assigned", **more: Any) -> None:
    notices.tell(users=[user], kind=kind, text=text, **more)


def passed(clock: ports.FixedClock, **span: float) -> None:
    clock.move(clock.now() + timedelta(**span))
    api.drain()


def test_what_comes_together_goes_into_one_mail_with_the_way_to_each_matter(clock):
    user = wants(person(), notice_ways.AT_ONCE)
    told(user, "First", task_id="t1")
    told(user, "Second")
    api.drain()
    assert mail.outbox == []

    passed(clock, seconds=60)

    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["mei@example.org"], "2 notices")
    assert "First" in sent.body
    assert all(f"/notices/{row.pk}/" in sent.body for row in Notice.objects.all())
    passed(clock, hours=30)
    assert len(mail.outbox) == 1


def test_one_mail_a_day_at_the_persons_own_time_holds_what_is_not_read(clock):
    user = wants(person(), notice_ways.DAILY, daily_at="17:30")
    told(user, "Read before")
    notices.mark_read(user=user)
    for number in range(3):
        told(user, f"Waits {number}")
    passed(clock, hours=6, minutes=55)
    assert mail.outbox == []

    passed(clock, minutes=3)

    (sent,) = mail.outbox
    assert sent.subject == "3 notices"
    assert "Read before" not in sent.body


def test_in_quiet_hours_nothing_comes_before_they_end(clock):
    user = wants(person(), notice_ways.AT_ONCE, quiet_from="20:00", quiet_to="07:30")
    clock.move(datetime(2026, 11, 24, 14, 0, tzinfo=UTC))  # 22:00
    told(user, "In the night")
    passed(clock, hours=9, minutes=29)
    assert mail.outbox == []
    passed(clock, minutes=2)
    assert [one.subject for one in mail.outbox] == ["In the night"]


def test_the_same_thing_is_told_once_and_mailed_once(clock):
    user = wants(person(), notice_ways.AT_ONCE)
    for _again in range(3):
        told(user, "Due", kind="due", key="clock:1:100")
    passed(clock, minutes=2)
    assert Notice.objects.count() == 1
    assert len(mail.outbox) == 1


def test_without_an_address_or_a_wish_nothing_is_mailed(clock):
    nobody = User.objects.create(username="no-address")
    told(nobody, "A", kind="mentioned")
    told(person(), "B", kind="assigned")
    told(person("gone", is_active=False), "C", kind="due")
    passed(clock, hours=48)
    assert (mail.outbox, Notice.objects.count()) == ([], 2)


def test_a_mail_that_is_not_taken_is_sent_again(clock):
    class Broken:
        down = True

        def mail(self, message: Any) -> None:
            if self.down:
                raise ConnectionRefusedError("no server")
            message.send()

    way = Broken()
    user = wants(person(), notice_ways.AT_ONCE)
    with ports.using(outward=way):
        told(user, "Kept")
        passed(clock, minutes=2)
        assert Notice.objects.get().mailed_at is None
        way.down = False
        passed(clock, hours=2)
    assert [one.subject for one in mail.outbox] == ["Kept"]


def test_the_mail_speaks_the_language_of_its_reader(clock):
    told(wants(person(language="zh-hans"), notice_ways.AT_ONCE), "一")
    told(User.objects.get(), "二")
    passed(clock, minutes=2)
    assert mail.outbox[0].subject == "2 条通知"


def test_many_notices_go_out_in_mails_of_a_readable_length(clock):
    user = wants(person(), notice_ways.DAILY)
    for number in range(120):
        told(user, f"Notice {number}")
    passed(clock, hours=24)
    for _mail in range(3):
        passed(clock, minutes=2)
    assert [one.subject for one in mail.outbox] == ["50 notices", "50 notices", "20 notices"]


@pytest.mark.parametrize(("zone", "now", "due"), [
    ("Europe/Paris", datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 7, tzinfo=UTC)),  # winter time from this day on
    ("Europe/Paris", datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 6, tzinfo=UTC)),  # summer time
    ("Asia/Shanghai", datetime(2026, 11, 24, 0, 0, tzinfo=UTC), datetime(2026, 11, 25, 0, 0, tzinfo=UTC)),  # just now: tomorrow
])  # fmt: skip
def test_the_daily_moment_is_of_the_persons_zone(zone, now, due):
    user = wants(person(), notice_ways.DAILY)
    user.zone = zone
    assert notice_ways.mail_moment(user, "assigned", now).astimezone(UTC) == due


def test_wrong_choices_are_told_by_field_and_nothing_is_kept():
    user = wants(person(), notice_ways.PAGE)
    before = dict(user.notice_ways)
    with pytest.raises(api.Invalid) as found:
        notice_ways.choose(user, by_group={"given": "by pigeon"}, daily_at="25:00", quiet_from="20:00", quiet_to="")
    assert set(found.value.errors) == {"given", "time", "talk", "other", "daily_at", "quiet_to"}
    assert User.objects.get().notice_ways == before
