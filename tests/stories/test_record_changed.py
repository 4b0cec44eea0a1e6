"""A process that waits for something to be true of a customer goes on when somebody changes the customer."""

from __future__ import annotations

import pytest

from crm_core.parties.services import update_account
from processes.ports import Subject
from processes.runtime import starting
from processes.runtime.models import Task
from tests.processes.runtime.engine_room import drawn
from tests.processes.sketch import conditional, sketch
from tests.stories.house import House

pytestmark = pytest.mark.django_db


def test_a_process_goes_on_when_a_colleague_changes_the_customer(house: House) -> None:
    customer = house.customer()
    version = drawn(sketch("Start -> Grows -> Call -> End", Grows=conditional("account.employees > 5000")))
    instance = starting.start_version(version, subject=Subject("account", customer.pk))
    update_account(account=customer, changes={"employees": 4000}, by=None, trusted=True)
    house.settle()
    assert house.steps(instance) == []
    update_account(account=customer, changes={"employees": 6000}, by=None, trusted=True)
    house.settle()
    assert house.steps(instance) == ["Call"]
    assert Task.objects.get(process=instance, node_id="Grows").status == "DONE"
