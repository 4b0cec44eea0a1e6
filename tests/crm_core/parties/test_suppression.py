"""The list of those nothing may be sent to: one question for one address and for many."""

from __future__ import annotations

import pytest

from crm_core.parties.models import Suppression
from crm_core.parties.selectors import KEYS_AT_ONCE, is_suppressed, suppressed_among
from crm_core.parties.services import suppress

pytestmark = pytest.mark.django_db


def test_an_address_is_known_in_any_spelling_and_given_back_as_it_was_asked() -> None:
    suppress(address=" Li.Na@Huadu.example", reason="unsubscribed", trusted=True)
    asked = ["LI.NA@huadu.example", "wang@huadu.example", "li.na@huadu.example "]
    assert suppressed_among(asked, purpose="marketing") == {"LI.NA@huadu.example", "li.na@huadu.example "}
    assert not is_suppressed("wang@huadu.example", purpose="marketing")


@pytest.mark.parametrize(
    ("named", "purpose", "held"),
    [("", "marketing", True), ("", "service", False), ("service", "service", True), ("service", "marketing", False)],
)
def test_a_list_without_a_purpose_holds_for_all_but_service(named: str, purpose: str, held: bool) -> None:
    suppress(address="a@b.example", reason="manual", purpose=named, trusted=True)
    assert is_suppressed("a@b.example", purpose=purpose) is held


def test_a_telephone_is_known_with_and_without_its_country() -> None:
    suppress(address="+86 139 0000 1234", reason="manual", channel="phone", trusted=True)
    assert is_suppressed("139-0000-1234", purpose="marketing", channel="phone")
    assert not is_suppressed("139-0000-1235", purpose="marketing", channel="phone")


def test_more_addresses_than_one_question_holds() -> None:
    many = [f"p{number}@many.example" for number in range(2 * KEYS_AT_ONCE + 1)]
    Suppression.objects.bulk_create(Suppression(channel="email", address=a, reason="bounced") for a in many[::2])
    assert suppressed_among(many, purpose="marketing") == set(many[::2])
