"""A file that comes a second time: known rows are found again, nothing is doubled, and what is reported was done."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crm_core.integration import services
from crm_core.integration.definitions import definition
from crm_core.integration.models import ImportRun
from crm_core.kernel.models import User
from crm_core.parties.models import Account, Contact
from crm_core.sales.models import Lead, Opportunity, Product
from crm_core.service.models import Case
from processes import api, ports
from processes.runtime.models import ProcessInstance
from tests.stories.house import House
from tests.support.rows import make

pytestmark = pytest.mark.django_db
FILES = {
    "accounts": "name,revenue,city,id,account manager,parent account\nHuaxin Ltd,1200000.555,Kunshan,A-1,li.na,\nHuaxin Inc,,Suzhou,A-2,li.na,\n"
                "Huaxin,80万,,,li.na,\nMeilin Co,5,,,li.na,Huaxin Ltd\n",
    "contacts": "name,email,phone,company,job title\nLi Wei,Li.Wei@huaxin.example,,,Buyer\nWu,,138 1111,,\nWu,,138 2222,,\nZhao,,,,\n",
    "products": "name,price,currency\nPump,12.5,EUR\nValve,\"1,234.00\",EUR\n",
    "leads": "company,contact,email,phone,message\nHuaxin,Li,Li@Huaxin.example,,Call us\nHuaxin,Wu,,138 1111,\nHuaxin,Zhao,,138 2222,\n",
    "opportunities": "id,name,stage,amount,owner,created date,close_date\nX-1,Deal,won,100,li.na,3/14/2026,4/1/2026\nX-2,Other,prospecting,50,li.na,3/15/2026,\n",
    "cases": "ticket id,type,title,description,requester email,status,created_at\nT-1,incident,Pump leaks,It drips,li@huaxin.example,solved,2026-03-01\n"
             ",question,How long,Tell me,wu@meilin.example,open,2026-03-02\n",
}  # fmt: skip


@pytest.fixture
def house(clock: ports.FixedClock) -> Iterator[House]:
    with api.by_hand():
        made = House(clock)
        User.objects.update(language="en")
        yield made


def loaded(house: House, text: str, kind: str, *, start_flows: bool = False) -> ImportRun:
    by = house["admin"].user
    run = services.upload(data=text.encode(), name=f"{kind}.csv", by=by, wanted=kind)
    if start_flows:
        run = services.choose(run=run, wanted=kind, columns=run.mapping["columns"], by=by, start_flows=True)
    services.queue(run=run, by=by)
    house.settle()
    run.refresh_from_db()
    return run


@pytest.mark.parametrize("kind", sorted(FILES))
def test_the_same_file_twice_changes_nothing(house: House, kind: str) -> None:
    rows = FILES[kind].count("\n") - 1
    model = definition(kind).model
    before = model._base_manager.count()

    first, second = loaded(house, FILES[kind], kind), loaded(house, FILES[kind], kind)

    assert (first.state, first.created, first.errors) == ("done", rows, 0), first.problems
    assert (second.created, second.updated, second.skipped, second.errors) == (0, 0, rows, 0), second.problems
    assert model._base_manager.count() == before + rows


@pytest.mark.parametrize(
    ("kind", "old", "new", "found"),
    [
        ("accounts", "Kunshan", "Wuxi", lambda: Account.objects.get(source_key="A-1").city == "Wuxi"),
        ("accounts", "80万", "90万", lambda: Account.objects.get(name="Huaxin").revenue == 900000),
        ("contacts", "Buyer", "Director", lambda: Contact.objects.get(name="Li Wei").title == "Director"),
        ("products", "12.5", "13.5", lambda: str(Product.objects.get(name="Pump").list_price) == "13.50"),
        ("leads", "Call us", "Write to us", lambda: Lead.objects.get(contact_name="Li").message == "Write to us"),
        ("opportunities", ",50,", ",75,", lambda: Opportunity.objects.get(external_id="X-2").amount == 75),
        ("cases", "How long", "How long?", lambda: Case.objects.filter(subject_line="How long?").count() == 1),
    ],
)  # fmt: skip
def test_a_row_that_changed_is_written_and_the_others_are_left(house: House, kind, old, new, found) -> None:
    loaded(house, FILES[kind], kind)

    run = loaded(house, FILES[kind].replace(old, new, 1), kind)

    if (kind, old) == ("cases", "How long"):  # without an id its subject is part of what it is known by
        assert (run.created, run.updated) == (1, 0)
    else:
        assert (run.created, run.updated, run.errors) == (0, 1, 0), run.problems
    assert found()


def test_an_empty_cell_takes_nothing_away_and_a_kept_column_is_not_said_to_change(house: House) -> None:
    loaded(house, FILES["opportunities"], "opportunities")
    Opportunity.objects.filter(external_id="X-2").update(stage="propose")

    run = loaded(house, FILES["opportunities"].replace(",50,", ",,"), "opportunities")

    assert (run.updated, run.skipped) == (0, 2)
    deal = Opportunity.objects.get(external_id="X-2")
    assert (deal.amount, deal.stage) == (50, "propose")


def test_a_name_that_several_accounts_have_is_refused_and_no_third_one_made(house: House) -> None:
    for city in ("Kunshan", "Suzhou"):
        make(Account, name="Huaxin", city=city, manager=house["li.na"].user, match_key="huaxin")

    run = loaded(house, "name,industry,account manager\nHuaxin,food,li.na\n", "accounts")
    contact = loaded(house, "name,email,company\nLi,li@x.example,Huaxin\n", "contacts")

    assert (run.created, run.errors, Account.objects.filter(name="Huaxin").count()) == (0, 1, 2)
    assert "2 accounts are called “Huaxin”" in run.problems[0]["sentences"][0]
    assert (contact.created, contact.errors) == (0, 1)


def test_a_customer_may_be_named_by_its_key_in_the_source(house: House) -> None:
    loaded(house, FILES["accounts"], "accounts")

    run = loaded(house, "name,email,company\nLi,li@x.example,A-2\n", "contacts")

    assert run.created == 1, run.problems
    assert Contact.objects.get(email="li@x.example").account.name == "Huaxin Inc"


def test_a_row_that_comes_again_in_a_later_part_is_refused_as_in_its_own(house: House, monkeypatch) -> None:
    monkeypatch.setattr(services, "LOADED", 2)
    text = "name,industry,account manager\n" + "".join(f"{name},food,li.na\n" for name in ("A one", "B two", "C three", "A one", "C three"))

    run = loaded(house, text, "accounts")

    assert (run.created, run.errors) == (3, 2)
    assert [problem["line"] for problem in run.problems] == [5, 6]


def test_open_cases_begin_their_flow_where_it_is_asked_for_and_closed_ones_never(house: House) -> None:
    loaded(house, FILES["cases"], "cases")
    assert ProcessInstance.objects.count() == 0
    assert Case.objects.get(idempotency_key="import:T-1").status == "closed"

    loaded(house, FILES["cases"].replace("T-1", "T-9").replace("How long", "How far"), "cases", start_flows=True)

    assert ProcessInstance.objects.filter(definition__key="complaint_handling").count() == 1
