"""Working calendars: who may see and change them, and that nobody writes one that limits cannot read."""

from __future__ import annotations

import tomllib

import pytest

from config.env import BASE_DIR
from crm_core.kernel.access.policies import policy_for
from crm_core.kernel.access.roles import load
from crm_core.kernel.models import WorkingCalendar
from crm_core.kernel.services import change_calendar, enter_calendar
from processes.errors import Invalid
from tests.crm_core.support import branch, person, role

pytestmark = pytest.mark.django_db
HOURS = {"zone": "Asia/Shanghai", "country": "CN", "hours": {"monday-friday": ["09:00-18:00"]}}


@pytest.fixture
def roles():
    load(BASE_DIR / "fixtures/roles/roles.toml")


@pytest.mark.parametrize(
    ("key", "may"),
    [("administrator", {"view", "add", "change", "delete"}), ("process_owner", {"view"}), ("auditor", {"view"}),
     ("sales_representative", set()), ("partner", set())],
)  # fmt: skip
def test_the_administrator_sets_calendars_and_who_draws_or_audits_reads_them(roles, key, may):
    user = person(role(key), at=branch("shanghai"))
    policy = policy_for(WorkingCalendar)

    assert {action for action in ("view", "add", "change", "delete") if policy.may_any(user, action)} == may


def test_every_shipped_calendar_is_readable():
    admin = person(role("administrator", working_calendar={"add": "all"}), at=branch("shanghai"))
    for path in sorted((BASE_DIR / "fixtures/calendars").glob("*.toml")):
        made = enter_calendar(key=path.stem, name=path.stem, definition=tomllib.loads(path.read_text(encoding="utf-8")), by=admin)
        assert made.pk is not None


@pytest.mark.parametrize("wrong", [[], "always", {"zone": "Mars/Olympus"}, {**HOURS, "hours": {"monday": ["18:00-09:00"]}},
                                   {**HOURS, "lunch": 1}])  # fmt: skip
def test_a_calendar_that_cannot_be_read_is_refused_and_the_old_one_stays(wrong):
    calendar = WorkingCalendar.objects.create(key="c", name="C", definition=HOURS)

    with pytest.raises(Invalid) as refused:
        change_calendar(calendar, definition=wrong)
    assert "definition" in refused.value.errors
    calendar.refresh_from_db()
    assert calendar.definition == HOURS
