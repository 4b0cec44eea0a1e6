"""From upload to report: guessed columns, preview, loading part by part, taking back; and a whole company's files."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Count, Sum
from django.test import Client
from django.urls import reverse

from crm_core.integration import services
from crm_core.integration.models import ImportRun
from crm_core.kernel.access.policies import Denied
from crm_core.parties.models import Account
from crm_core.sales.models import Lead, Opportunity
from crm_core.sales.services import receive_lead
from processes import api, ports
from processes.errors import Invalid
from processes.runtime.models import ProcessInstance
from tests.stories.house import House

pytestmark = pytest.mark.django_db
FILE = "客户名称,行业,年营业额,客户经理\n华新食品,食品,120万,李娜\n美林贸易,贸易,80万,李娜\n,空行,1,\n坏数字,食品,很多,李娜\n".encode("gb18030")


@pytest.fixture
def house(clock: ports.FixedClock) -> Any:
    with api.by_hand():
        yield House(clock)


def uploaded(house: House, data: bytes = FILE) -> ImportRun:
    return services.upload(data=data, name="客户.csv", by=house["tian.xue"].user)


def loaded(house: House, run: ImportRun) -> ImportRun:
    services.queue(run=run, by=house["tian.xue"].user)
    house.settle()
    run.refresh_from_db()
    return run


def test_columns_are_guessed_and_the_preview_says_what_would_happen(house: House) -> None:
    run = uploaded(house)
    before = Account.objects.count()
    shown = services.preview(run, by=run.user)
    assert (run.definition, run.encoding) == ("accounts", "gb18030")
    assert shown.counts == {"new": 2, "update": 0, "skip": 0, "invalid": 2}
    assert shown.repairs == {"年营业额|unit": 2}
    assert Account.objects.count() == before, "nothing is written by looking"


def test_loading_writes_good_rows_and_reports_the_others(house: House) -> None:
    run = loaded(house, uploaded(house))
    assert (run.state, run.created, run.errors) == ("done", 2, 2)
    account = Account.objects.get(name="华新食品")
    assert (account.revenue, account.manager.username, account.industry) == (1200000, "li.na", "食品")
    assert [problem["line"] for problem in run.problems] == [4, 5]
    again = loaded(house, uploaded(house))
    assert (again.created, again.skipped + again.updated) == (0, 2), "known rows are not doubled"


def test_a_second_click_loads_nothing_twice(house: House) -> None:
    run = uploaded(house)
    services.queue(run=run, by=run.user)
    services.queue(run=run, by=run.user)
    house.settle()
    assert Account.objects.filter(name="华新食品").count() == 1
    with pytest.raises(Invalid, match="loaded already"):
        services.queue(run=run, by=run.user)


def test_a_dead_worker_is_followed_by_one_that_goes_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "LOADED", 10)
    rows = "".join(f"Firm {n},food,{n},li.na\n" for n in range(35))
    run = uploaded(house, ("name,industry,employees,manager\n" + rows).encode())
    services.queue(run=run, by=run.user)
    assert services._load_part(run.pk) is True, "the worker dies behind its first part"
    services.load(run.pk)
    run.refresh_from_db()
    assert (run.state, run.created, Account.objects.filter(name__startswith="Firm ").count()) == ("done", 35, 35)


def test_what_nobody_touched_is_taken_back_and_the_rest_keeps_all(house: House) -> None:
    run = loaded(house, uploaded(house))
    assert services.take_back(run=run, by=run.user) == 2
    assert not Account.objects.filter(name="华新食品").exists()
    run = loaded(house, uploaded(house))
    Account.objects.filter(name="华新食品").update(version=7)
    with pytest.raises(Invalid, match="changed since"):
        services.take_back(run=run, by=run.user)
    assert Account.objects.filter(name="美林贸易").exists()


def test_only_who_may_import_gets_in(house: House) -> None:
    with pytest.raises(Denied):
        services.upload(data=FILE, name="x.csv", by=house["li.na"].user)
    assert house["li.na"].get("redraw:imports").status_code == 403
    assert house["tian.xue"].get("redraw:imports").status_code == 200


def test_the_pages_lead_from_the_file_to_the_report(house: House) -> None:
    steward = house["tian.xue"]
    bad = io.BytesIO(b"%PDF-1.7")
    bad.name = "x.pdf"
    refused = steward.client.post(reverse("redraw:imports"), {"file": bad})
    assert refused.status_code == 422
    good = io.BytesIO(FILE)
    good.name = "客户.csv"
    answer = steward.client.post(reverse("redraw:imports"), {"file": good})
    run = ImportRun.objects.get()
    assert answer.url == reverse("redraw:import", args=[run.pk])
    page = steward.get("redraw:import", run.pk).content.decode()
    assert "华新食品" in page
    assert steward.client.post(reverse("redraw:import_load", args=[run.pk])).status_code == 302
    house.settle()
    assert steward.get("redraw:import_progress", run.pk).json()["finished"] is True
    report = steward.get("redraw:import_problems", run.pk).content.decode()
    assert report.count("\n") == 3
    assert Client().get(reverse("redraw:import", args=[run.pk])).status_code == 302


def test_cells_with_markup_are_shown_as_text(house: House) -> None:
    run = uploaded(house, b'name,industry,manager\n"<script>alert(1)</script>",food,li.na\n')
    page = house["tian.xue"].get("redraw:import", run.pk).content.decode()
    assert "<script>alert(1)</script>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.outside_data
def test_a_company_starts_from_its_own_files(clock: ports.FixedClock, outside_data: Path) -> None:
    said = io.StringIO()
    call_command("demo", "load", str(outside_data / "crm/maven"), stdout=said)
    stages = dict(Opportunity.objects.order_by().values_list("stage").annotate(n=Count("id")))
    assert stages == {"won": 4238, "lost": 2473, "understand": 1589, "qualify": 500}
    won = Opportunity.objects.filter(stage="won").order_by()
    regions = {name: (int(worth), n) for name, worth, n in won.values_list("branch__name").annotate(s=Sum("amount"), n=Count("id"))}
    assert regions == {"Central": (3346293, 1629), "East": (3090594, 1171), "West": (3568647, 1438)}
    assert sum(worth for worth, _n in regions.values()) == 10005534
    assert "1480 repaired in product: “GTXPro” → “GTX Pro”" in said.getvalue()
    assert "1425 opportunities without an account" in said.getvalue()
    newest = max(Opportunity.objects.order_by("-closed_on").values_list("closed_on", flat=True)[:1])
    assert newest == (clock.now() + timedelta(hours=8)).date() - timedelta(days=1)
    open_deals = Opportunity.objects.filter(stage__in=["qualify", "understand"], account__isnull=False)
    assert ProcessInstance.objects.filter(definition__key="opportunity_stages").count() == open_deals.count()
    with api.by_hand():  # the shipped tables name branches that this company does not have
        lead = receive_lead(data={"company": "Newco", "contact_name": "Li", "email": "li@newco.example", "message": "A GTX Pro, please"})
        api.drain()
        assert Lead.objects.get(pk=lead.pk).owner is not None
        assert not ProcessInstance.objects.filter(task__status="ERROR").exists()
    call_command("demo", "load", str(outside_data / "crm/maven"), stdout=said)
    assert Opportunity.objects.count() == 8800, "a second start changes nothing"
