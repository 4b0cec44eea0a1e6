"""Whom a table asks that names a branch: that branch's people, or all where the company has no such branch."""

from __future__ import annotations

import pytest

from crm_core.sales.services import choose
from tests.crm_core.support import branch, person, role

pytestmark = pytest.mark.django_db


def test_a_branch_that_does_not_exist_stops_nobody_and_is_told():
    seller = person(role("sales_representative"), at=branch("west"))

    named = choose(method="round_robin", role="sales_representative", scope="branch:paris", key="one")
    known = choose(method="round_robin", role="sales_representative", scope="branch:west", key="two")

    assert (named.user, known.user) == (seller, seller)
    assert "branch:paris" in named.reason
    assert "does not exist" not in known.reason


def test_nobody_of_another_branch_is_asked_where_the_branch_exists():
    person(role("sales_representative"), at=branch("west"))
    branch("paris")

    assert choose(method="round_robin", role="sales_representative", scope="branch:paris", key="one").user is None
