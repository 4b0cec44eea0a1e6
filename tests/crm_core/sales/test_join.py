"""A customer who writes twice has one lead, and its owner is told."""

from __future__ import annotations

import pytest

from crm_core.kernel.models import Notice
from crm_core.sales.services import assign, join_open, receive_lead
from tests.stories.conftest import house  # noqa: F401
from tests.stories.house import House

pytestmark = pytest.mark.django_db


def test_a_second_enquiry_joins_the_open_lead_and_tells_its_owner(house: House) -> None:  # noqa: F811
    data = {"company": "Huadu Dairy", "contact_name": "Mei Lin", "email": "mei@huadu.example", "message": "And spares?"}
    first = receive_lead(data=data)
    owner = house["li.na"].user
    assign(lead=first, owner=owner)
    second = receive_lead(data=data)
    assert join_open(lead=second).pk == first.pk
    second.refresh_from_db()
    assert (second.status, second.joined_to_id) == ("joined", first.pk)
    assert Notice.objects.filter(user=owner, subject_type="lead", subject_id=first.pk).count() == 1
