"""Accounts: opened with one manager, handed over, found again however they are written."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from crm_core.kernel.access.policies import Denied
from crm_core.parties.models import Account
from crm_core.parties.selectors import duplicates_of, find_customer
from crm_core.parties.services import add_contact, change_account, hand_over, open_account, update_account
from processes.errors import Invalid
from tests.crm_core.support import branch, person, role

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def li():
    return person(role("seller", account={"view": "branch", "add": "own", "change": "own"}), at=branch("shanghai"))


@pytest.fixture
def wang():
    return person(role("seller"), at=branch("paris"))


def test_an_account_is_placed_where_its_opener_works_and_stamped(li):
    account = open_account(name="Huaxin", manager=li, by=li)

    assert (account.branch, account.created_by, account.version) == (branch("shanghai"), li, 1)


@pytest.mark.parametrize(("values", "field"), [({"name": " "}, "name"), ({"manager": None}, "manager"), ({"kind": "club"}, "kind"),
                                               ({"founded": "long ago"}, "founded")])  # fmt: skip
def test_what_cannot_be_is_refused_by_field_and_nothing_is_written(li, values, field):
    with pytest.raises(Invalid) as refused:
        open_account(**{"name": "Huaxin", "manager": li, "by": li, **values})

    assert field in refused.value.errors
    assert not Account.objects.exists()


def test_nobody_without_the_right_opens_one(wang):
    with pytest.raises(Denied):
        open_account(name="Huaxin", manager=wang, by=wang)
    assert not Account.objects.exists()


def test_there_is_exactly_one_manager_whichever_way_the_row_is_written(li):
    account = open_account(name="Huaxin", manager=li, by=li)

    with pytest.raises(Invalid) as refused:
        update_account(account=account, changes={"manager": None}, by=li)
    assert "manager" in refused.value.errors
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.filter(pk=account.pk).update(manager=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.bulk_create([Account(name="Past the services")])
    account.refresh_from_db()
    assert account.manager == li


def test_handing_over_moves_the_manager_and_keeps_the_former_one_in_the_team(li, wang):
    account = open_account(name="Huaxin", manager=li, by=li)

    hand_over(account=account, manager=wang, trusted=True)
    hand_over(account=account, manager=li, trusted=True)

    account.refresh_from_db()
    assert account.manager == li
    assert [seat.user for seat in account.team.all()] == [wang]


def test_handing_over_what_is_not_ones_own_is_refused_and_changes_nothing(li, wang):
    account = open_account(name="Huaxin", manager=wang, branch=branch("shanghai"))

    with pytest.raises(Denied):
        hand_over(account=account, manager=li, by=li)
    account.refresh_from_db()
    assert (account.manager, account.team.count()) == (wang, 0)


def test_an_account_is_never_part_of_itself_however_far_down(li):
    top, middle, low = (open_account(name=name, manager=li, by=li) for name in ("Top", "Middle", "Low"))
    change_account(middle, parent=top, by=li)
    change_account(low, parent=middle, by=li)

    with pytest.raises(Invalid) as refused:
        change_account(top, parent=low, by=li)
    assert "“Low” is itself part of “Top”" in refused.value.sentence
    top.refresh_from_db()
    assert top.parent is None


@pytest.mark.parametrize(
    ("one", "other"),
    [("Huaxin Foods Co., Ltd.", "HUAXIN FOODS"), ("Société Générale SA", "societe generale"), ("华新食品有限公司", "华新食品"),
     ("华新食品（集团）有限公司", "华新食品(集团)"), ("Ｈｕａｘｉｎ", "Huaxin")],
)  # fmt: skip
def test_the_same_company_is_found_however_it_is_written(li, one, other):
    account = open_account(name=one, manager=li, by=li)

    assert duplicates_of(name=other) == [account]
    assert duplicates_of(name=other, besides=account.pk) == []


def test_a_company_is_found_by_its_chinese_name_after_a_change(li):
    account = open_account(name="Huaxin", manager=li, by=li)
    update_account(account=account, changes={"name_zh": "华新食品有限公司"}, by=li)

    assert duplicates_of(name="华新食品") == [account]
    assert find_customer(company="华新食品")[0] == account


def test_of_two_with_one_name_none_is_taken_but_a_known_address_decides(li):
    one, _two = (open_account(name="Huaxin", manager=li, by=li) for _n in range(2))
    add_contact(account=one, name="Chen", email="chen@huaxin.example", telephone="+86 139 0000 1234", by=li, trusted=True)

    assert find_customer(company="Huaxin") == (None, None)
    assert find_customer(company="Huaxin", email="CHEN@huaxin.example")[0] == one
    assert find_customer(phone="139-0000-1234")[0] == one
    assert find_customer(email="other@huaxin.example")[0] == one
    assert find_customer(email="other@gmail.com") == (None, None)
