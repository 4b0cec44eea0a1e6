"""What an import may write is what its person may write, and nothing else is set off, shown or lost by it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from crm_core.integration import services
from crm_core.integration.models import ImportRun
from crm_core.kernel.models import User
from crm_core.parties.models import Account, Contact
from crm_core.sales.models import Lead, Opportunity
from processes import api, ports
from processes.errors import Invalid
from processes.runtime.models import ProcessInstance
from tests.crm_core.support import branch, person, role
from tests.stories.house import House
from tests.support.rows import make

pytestmark = pytest.mark.django_db
IMPORT = {"view": "all", "add": "all", "change": "all", "delete": "all"}
LEADS = b"company,contact_name,email\nHuaxin,Li,li@huaxin.example\nMeilin,Wu,wu@meilin.example\n"


@pytest.fixture
def house(clock: ports.FixedClock) -> Iterator[House]:
    with api.by_hand():
        yield House(clock)


@pytest.fixture
def seller() -> User:
    """Somebody of Shanghai who may import, and adds and changes only own accounts."""
    return person(role("seller", **{"import": IMPORT, "account": {"view": "own", "add": "own", "change": "own"}}), at=branch("shanghai"))


def load(data: bytes, by: User, *, wanted: str, **options: Any) -> ImportRun:
    """Upload and load at once, as the background does."""
    run = services.upload(data=data, name="file.csv", by=by, wanted=wanted)
    ImportRun.objects.filter(pk=run.pk).update(state=ImportRun.State.QUEUED, options=options)
    services.load(run.pk)
    run.refresh_from_db()
    return run


def test_a_record_that_its_person_may_not_change_stays_and_shows_nothing(seller: User) -> None:
    far = person(at=branch("paris"))
    make(Account, name="Hidden", manager=far, branch=branch("paris"), industry="secret industry", match_key="hidden")
    run = services.upload(data=b"name,industry\nHidden,food\n", name="x.csv", by=seller, wanted="accounts")

    shown = services.preview(run, by=seller)

    assert shown.counts == {"new": 0, "update": 0, "skip": 0, "invalid": 1}
    assert "secret" not in str(shown.rows)
    loaded = load(b"name,industry\nHidden,food\n", seller, wanted="accounts")
    assert (loaded.updated, loaded.errors) == (0, 1)
    assert Account.objects.get(name="Hidden").industry == "secret industry"


def test_new_records_beyond_the_right_to_add_are_refused_and_the_others_written(seller: User) -> None:
    mate = person(at=branch("shanghai"), username="mate", display_name="Mate")
    data = f"name,account manager\nOwn,{seller.username}\nOther,{mate.username}\nAgain,{seller.username}\n".encode()

    run = load(data, seller, wanted="accounts")

    assert (run.state, run.created, run.errors) == ("done", 2, 1)
    assert sorted(Account.objects.values_list("name", flat=True)) == ["Again", "Own"]
    assert run.problems[0]["line"] == 3


def test_people_are_not_made_by_who_may_not_add_people(seller: User) -> None:
    role("sales_representative")
    role("sales_manager")
    run = load(b"name,manager,office\nNew Person,Big Boss,Paris\n", seller, wanted="people")

    assert (run.created, run.errors) == (0, 1)
    assert not User.objects.filter(display_name__in=["New Person", "Big Boss"]).exists()


def test_one_row_that_a_service_refuses_does_not_stop_the_others(house: House) -> None:
    data = b"company,contact_name,email\nHuaxin,Li,li@huaxin.example\nBad,Wu,no address\nMeilin,Wu,wu@meilin.example\n"

    run = load(data, house["admin"].user, wanted="leads")

    assert (run.state, run.created, run.errors) == ("done", 2, 1)
    assert run.problems[0]["line"] == 3


def test_a_value_that_the_database_refuses_stops_no_other_row(seller: User) -> None:
    data = f"name,revenue,account manager\nGood,5,{seller.username}\nNegative,-5,{seller.username}\nHuge,{'9' * 40},{seller.username}\n"

    run = load(data.encode(), seller, wanted="accounts")

    assert (run.state, run.created, run.errors) == ("done", 1, 2)
    assert [problem["line"] for problem in run.problems] == [3, 4]
    changed = load(b"name,revenue\nGood,-7\n", seller, wanted="accounts")
    assert (changed.state, changed.updated, changed.errors) == ("done", 0, 1)
    assert Account.objects.get(name="Good").revenue == 5


def test_contacts_are_taken_back_with_the_ways_to_reach_them(house: House) -> None:
    admin = house["admin"].user
    run = load(b"name,email\nLi,li@huaxin.example\n", admin, wanted="contacts")

    assert services.take_back(run=run, by=admin) == 1
    assert not Contact.objects.filter(email="li@huaxin.example").exists()


def test_imported_leads_begin_their_flow_only_where_it_is_asked_for(house: House) -> None:
    load(LEADS, house["admin"].user, wanted="leads")
    house.settle()
    assert Lead.objects.count() == 2
    assert ProcessInstance.objects.count() == 0

    load(LEADS.replace(b"example", b"test"), house["admin"].user, wanted="leads", start_flows=True)
    house.settle()
    assert ProcessInstance.objects.filter(definition__key="lead_assignment").count() == 2


def test_taking_back_spares_what_others_have_attached(house: House) -> None:
    admin = house["admin"].user
    run = load(b"name,industry,account manager\nHuaxin Food,food,li.na\n", admin, wanted="accounts")
    account = Account.objects.get(name="Huaxin Food")
    contact = make(Contact, account=account, name="Li")
    make(Opportunity, account=account, name="Deal")

    with pytest.raises(Invalid):
        services.take_back(run=run, by=admin)

    assert Account.objects.filter(pk=account.pk).exists()
    assert Contact.objects.get(pk=contact.pk).account_id == account.pk


def test_taking_back_refuses_while_flows_run_with_the_records(house: House) -> None:
    admin = house["admin"].user
    run = load(LEADS, admin, wanted="leads", start_flows=True)
    house.settle()

    with pytest.raises(Invalid, match="processes"):
        services.take_back(run=run, by=admin)

    assert Lead.objects.count() == 2
