"""The pages of imports: broken files refused with a sentence and nothing changed, choices, progress, matching."""

from __future__ import annotations

import csv
import io
import re
import time
import zipfile
from collections.abc import Callable, Iterator
from html import unescape

import openpyxl
import pytest
from django.http import HttpResponse
from django.urls import reverse

from crm_core.integration import services
from crm_core.integration.models import ImportRun, SavedMapping
from crm_core.kernel.models import User
from crm_core.parties.models import Account
from crm_core.sales.models import Lead, Opportunity
from processes import api, ports
from processes.runtime.models import ProcessInstance
from tests.crm_core.integration.files import BROKEN, DATES, WHOLE
from tests.crm_core.support import branch, person, role
from tests.stories.house import House, Person
from tests.support.rows import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(clock: ports.FixedClock) -> Iterator[House]:
    with api.by_hand():
        made = House(clock)
        User.objects.update(language="en")
        yield made


@pytest.fixture
def steward(request: pytest.FixtureRequest, db: None) -> Person:
    """Who looks after the data: of the whole house where a test needs one, else alone with two account managers."""
    if "house" in request.fixturenames:
        return request.getfixturevalue("house")["tian.xue"]
    levels = dict.fromkeys(("view", "add", "change", "delete", "export"), "all")
    for name, shown in (("li.na", "李娜"), ("wang", "Wang")):
        person(at=branch("shanghai"), username=name, display_name=shown)
    kind = role("steward", **{"import": levels, "account": levels, "import_mapping": dict.fromkeys(levels, "own")})
    return Person(person(kind, at=branch("shanghai"), is_staff=True))


def send(who: Person, data: bytes, name: str = "file.csv", what: str = "accounts") -> HttpResponse:
    file = io.BytesIO(data)
    file.name = name
    return who.client.post(reverse("redraw:imports"), {"file": file, "what": what})


def alert(answer: HttpResponse) -> str:
    found = re.search(r'role="alert">.*?<span>(.*?)</span></div>', answer.content.decode(), re.DOTALL)
    return unescape(found[1]) if found else ""


def page_of(who: Person, run: ImportRun) -> HttpResponse:
    return who.get("redraw:import", run.pk)


def load(who: Person, run: ImportRun) -> ImportRun:
    assert who.client.post(reverse("redraw:import_load", args=[run.pk])).status_code == 302
    api.drain()
    run.refresh_from_db()
    return run


# --- broken input ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.name)
def test_a_broken_file_is_refused_with_a_sentence_and_changes_nothing(steward: Person, case) -> None:
    before = Account.objects.count()

    answer = send(steward, case.data(), case.file)

    assert answer.status_code == 422
    assert re.search(case.says, alert(answer)), alert(answer)
    assert alert(answer).rstrip().endswith((".", "?")), "a whole sentence"
    assert (ImportRun.objects.count(), Account.objects.count()) == (0, before)


@pytest.mark.parametrize("case", WHOLE, ids=lambda case: case.name)
def test_an_odd_file_that_holds_a_table_is_loaded_correctly(steward: Person, case) -> None:
    with api.by_hand():
        answer = send(steward, case.data(), case.file)
        assert answer.status_code == 302, alert(answer)
        run = ImportRun.objects.get()
        assert run.state == "uploaded"
        run = load(steward, run)

    assert (run.state, run.created, run.errors) == ("done", case.rows, 0), run.problems
    found = Account.objects.get(name=case.account)
    for field, value in case.values.items():
        assert getattr(found, field) == value, field


def test_a_large_file_that_is_no_table_is_refused_on_its_page(house: House, steward: Person) -> None:
    answer = send(steward, b"name,city\n" + b'"open quotation mark ' * 20_000)
    run = ImportRun.objects.get()
    assert answer.status_code == 302
    house.settle()

    page = page_of(steward, run)

    assert "quotation mark is missing" in alert(page)
    assert "Upload another file" in page.content.decode()
    assert steward.client.post(reverse("redraw:import_load", args=[run.pk]), follow=True).status_code == 200
    run.refresh_from_db()
    assert (run.state, run.created) == ("failed", 0)


def test_wrong_columns_are_named_and_the_file_is_not_loaded(house: House, steward: Person) -> None:
    send(steward, b"colour,weight\nred,5\n")
    run = ImportRun.objects.get()

    assert "These columns are needed: name" in alert(page_of(steward, run))
    load(steward, run)
    assert (run.state, Account.objects.filter(name="red").count()) == ("uploaded", 0)
    chosen = steward.client.post(reverse("redraw:import", args=[run.pk]), {"what": "accounts", "column:name": "colour"})
    assert chosen.status_code == 302
    assert load(steward, run).created == 1


def test_a_wrong_guess_of_the_encoding_is_put_right_on_the_page(house: House, steward: Person) -> None:
    send(steward, "name,industry\n東京電力,電力\n株式会社,食品\n".encode("shift_jis"))
    run = ImportRun.objects.get()

    answer = steward.client.post(reverse("redraw:import", args=[run.pk]), {"what": "accounts", "encoding": "utf-8", "column:name": "name"})
    assert (answer.status_code, "cannot be read" in alert(answer)) == (422, True)
    steward.client.post(reverse("redraw:import", args=[run.pk]), {"what": "accounts", "encoding": "shift_jis", "column:name": "name"})

    assert "東京電力" in page_of(steward, run).content.decode()


def test_cells_that_a_spreadsheet_would_run_leave_the_house_as_text(house: House, steward: Person) -> None:
    bad = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"]
    text = io.StringIO()
    csv.writer(text).writerows([["name", "city", "account manager"], *([f"X{n}", cell, "Nobody"] for n, cell in enumerate(bad))])
    send(steward, text.getvalue().encode())
    run = load(steward, ImportRun.objects.get())
    assert run.errors == len(bad)

    run.problems = [{"line": 2, "sentences": [cell]} for cell in bad]
    run.save()
    rows = list(csv.reader(io.StringIO(steward.get("redraw:import_problems", run.pk).content.decode("utf-8-sig"))))

    assert [row[1][0] for row in rows[1:]] == ["'"] * len(bad)


# --- the preview ---------------------------------------------------------------------------------------------
def many(rows: int) -> bytes:
    return ("name,industry,employees,account manager\n" + "".join(f"Company {n},food,{n % 900},li.na\n" for n in range(rows))).encode()


def test_the_preview_is_found_out_once_and_opening_it_reads_no_file(house: House, steward: Person, monkeypatch) -> None:
    send(steward, many(3000) + b"Company 1,food,1,li.na\n" + b",nameless,,\n")
    run = ImportRun.objects.get()
    waiting = page_of(steward, run).content.decode()
    assert "data-progress-url" in waiting
    told = steward.get("redraw:import_progress", run.pk).json()
    assert (told["finished"], told["percent"]) == (False, 0)
    house.settle()
    assert steward.get("redraw:import_progress", run.pk).json()["finished"] is True

    def never(*args, **kwargs):
        raise AssertionError("The preview is worked out again.")

    for name in ("read_table", "clean", "_part_of", "resource_for"):
        monkeypatch.setattr(services, name, never)
    began = time.process_time()
    page = page_of(steward, run).content.decode()
    spent = time.process_time() - began

    assert "Company 1" in page
    run.refresh_from_db()
    assert (run.checked, run.preview["counts"]) == (3002, {"new": 3000, "update": 0, "skip": 0, "invalid": 2})
    assert spent < 0.3, f"{spent:.3f} s of processor time"


def test_the_rows_are_shown_to_who_uploaded_them_alone(house: House, steward: Person) -> None:
    send(steward, many(5))
    run = ImportRun.objects.get()

    assert "Company 3" in page_of(steward, run).content.decode()
    others = page_of(house["admin"], run).content.decode()
    assert "Company 3" not in others
    assert "who uploaded the file" in others


def test_choosing_anew_ends_the_check_that_is_under_way(house: House, steward: Person) -> None:
    send(steward, many(900))
    run = ImportRun.objects.get()
    house.settle()
    steward.client.post(reverse("redraw:import", args=[run.pk]), {"what": "accounts", "column:name": "industry"})
    run.refresh_from_db()
    services.check(run.pk, run.round - 1)  # the earlier one, late
    run.refresh_from_db()
    assert (run.state, run.checked) == ("reading", 0)
    refused = steward.client.post(reverse("redraw:import", args=[run.pk]), {"what": "accounts", "column:name": "name"})
    assert "still being read" in alert(refused)
    house.settle()
    run.refresh_from_db()
    assert run.preview["counts"]["invalid"] == 899, "all companies are called food now"


def test_another_worker_is_asked_when_one_is_silent(house: House, steward: Person, monkeypatch) -> None:
    send(steward, many(1000))
    run = ImportRun.objects.get()
    house.settle()
    services.queue(run=ImportRun.objects.get(), by=steward.user)
    assert services._load_part(run.pk) is True
    run.refresh_from_db()
    assert services.go_on(run) is False, "it has only just finished a part"
    house.clock.move(house.clock.now() + services.SILENT)

    assert steward.get("redraw:import_progress", run.pk).json()["finished"] is False
    house.settle()

    run.refresh_from_db()
    assert (run.state, run.created, Account.objects.filter(name__startswith="Company ").count()) == ("done", 1000, 1000)


# --- choices -------------------------------------------------------------------------------------------------
LEADS = b"company,contact,email\nHuaxin,Li,li@huaxin.example\nMeilin,Wu,wu@meilin.example\n"


@pytest.mark.parametrize(("sent", "begun"), [({}, 0), ({"start_flows": "yes"}, 2)])
def test_processes_begin_with_imported_leads_only_where_that_is_chosen(house: House, sent, begun) -> None:
    admin = house["admin"]
    send(admin, LEADS, what="leads")
    run = ImportRun.objects.get()
    page = page_of(admin, run).content.decode()
    assert "scored and handed out" in page, "what it means is said"
    columns = {f"column:{name}": header for name, header in run.mapping["columns"].items()}
    admin.client.post(reverse("redraw:import", args=[run.pk]), {"what": "leads", **columns, **sent})

    load(admin, run)

    assert Lead.objects.count() == 2
    assert ProcessInstance.objects.filter(definition__key="lead_assignment").count() == begun


def test_accounts_offer_no_process(house: House, steward: Person) -> None:
    send(steward, many(2))
    run = ImportRun.objects.get()
    assert "start_flows" not in page_of(steward, run).content.decode()
    steward.client.post(reverse("redraw:import", args=[run.pk]), {"what": "accounts", "column:name": "name", "start_flows": "yes"})
    run.refresh_from_db()
    assert run.options["start_flows"] is False


def test_a_mapping_is_kept_used_shared_and_forgotten_on_the_page(house: House, steward: Person) -> None:
    admin = house["admin"]
    send(admin, b"Firma,Ort\nHuaxin,Kunshan\n")
    run = ImportRun.objects.get()
    address = reverse("redraw:import", args=[run.pk])
    mapping = {"what": "accounts", "column:name": "Firma", "column:city": "Ort", "keep": "yes"}
    assert "Give the mapping a name" in alert(admin.client.post(address, mapping))
    assert admin.client.post(address, {**mapping, "name": "Old system", "shared": "yes"}).status_code == 302
    kept = SavedMapping.objects.get()

    send(steward, b"Firma,Ort\nMeilin,Suzhou\n")
    second = ImportRun.objects.exclude(pk=run.pk).get()
    page = page_of(steward, second).content.decode()
    assert second.mapping["columns"] == {"name": "Firma", "city": "Ort"}
    assert "Old system" in page
    assert "For everybody who imports" not in page, "only administrators share"
    steward.client.post(reverse("redraw:import", args=[second.pk]), {"what": "accounts", "column:name": "Ort"})
    assert steward.client.post(reverse("redraw:import", args=[second.pk]), {"use": str(kept.pk)}).status_code == 302
    second.refresh_from_db()
    assert second.mapping["columns"]["name"] == "Firma"
    refused = steward.client.post(reverse("redraw:import", args=[second.pk]), {"forget": str(kept.pk)})
    assert refused.status_code == 403
    assert steward.client.post(reverse("redraw:import", args=[second.pk]), {"use": "9" * 30}).status_code == 404
    assert steward.client.post(reverse("redraw:import", args=[second.pk]), {**mapping, "name": "Mine", "shared": "yes"}).status_code == 403
    assert admin.client.post(address, {"forget": str(kept.pk)}).status_code == 302
    assert not SavedMapping.objects.exists()


def test_day_or_month_first_is_asked_where_the_file_does_not_tell(house: House) -> None:
    admin = house["admin"]
    send(admin, b"id,stage,created date,amount\nX-1,prospecting,3/4/2026,5\n", what="opportunities")
    run = ImportRun.objects.get()
    assert "which number is the day" in page_of(admin, run).content.decode()
    columns = {f"column:{name}": header for name, header in run.mapping["columns"].items()}
    admin.client.post(reverse("redraw:import", args=[run.pk]), {"what": "opportunities", "dates": "dmy", **columns})

    load(admin, run)

    assert Opportunity.objects.get(external_id="X-1").opened_on.isoformat() == "2026-04-03"


@pytest.mark.parametrize("style", sorted(DATES))
def test_dates_are_read_as_their_column_writes_them(house: House, style: str) -> None:
    texts, days = DATES[style]
    rows = "".join(f"X-{n},prospecting,{text},5\n" for n, text in enumerate(texts))
    send(house["admin"], f"id,stage,created date,amount\n{rows}".encode(), what="opportunities")

    run = load(house["admin"], ImportRun.objects.get())

    assert run.errors == 0, run.problems
    assert list(Opportunity.objects.filter(external_id__startswith="X-").order_by("external_id").values_list("opened_on", flat=True)) == days


# --- matching ------------------------------------------------------------------------------------------------
@pytest.fixture
def twins(house: House) -> list[Account]:
    """Two accounts of one name in two cities, with different managers and numbers."""
    people = (house["li.na"].user, house["tian.xue"].user)
    return [
        make(Account, name="Huaxin", city=city, source_key=key, manager=manager, branch=branch("shanghai"), match_key="huaxin")
        for city, key, manager in (("Kunshan", "A-1", people[0]), ("Suzhou", "A-2", people[1]))
    ]


@pytest.fixture
def deal(house: House) -> Opportunity:
    return make(Opportunity, name="Pump line", owner=house["li.na"].user, stage="qualify", account=None)


@pytest.fixture
def match(house: House, deal: Opportunity) -> Callable[..., HttpResponse]:
    def sent(**more: str) -> HttpResponse:
        return house["admin"].client.post(reverse("redraw:to_match"), {"opportunity": deal.pk, "account": "huaxin", **more})

    return sent


def test_of_several_accounts_of_a_name_none_is_taken_before_one_is_chosen(twins, deal, match) -> None:
    answer = match()
    page = answer.content.decode()

    deal.refresh_from_db()
    assert (answer.status_code, deal.account_id) == (200, None)
    for told in ("Kunshan", "Suzhou", "A-1", "A-2", str(twins[0].manager), str(twins[1].manager)):
        assert told in page
    assert match(chosen=str(twins[1].pk)).status_code == 302
    deal.refresh_from_db()
    assert deal.account == twins[1]
    assert ProcessInstance.objects.filter(subject_type="opportunity").count() == 0, "it begins in the background"
    api.drain()
    assert ProcessInstance.objects.filter(definition__key="opportunity_stages", subject_id=deal.pk).count() == 1


def test_an_account_of_another_name_is_not_chosen_by_its_number(house: House, twins, deal, match) -> None:
    other = make(Account, name="Meilin", manager=house["li.na"].user, match_key="meilin")

    assert match(chosen=str(other.pk)).status_code == 200
    deal.refresh_from_db()
    assert deal.account_id is None


def test_a_single_account_is_taken_by_its_name_and_none_is_said(house: House, deal, match) -> None:
    assert "There is no account called" in alert(match())
    only = make(Account, name="Huaxin Ltd", manager=house["li.na"].user, match_key="huaxin")

    assert match().status_code == 302
    deal.refresh_from_db()
    assert deal.account == only


def test_more_accounts_than_anybody_looks_through_ask_for_more_of_the_name(house: House, deal, match) -> None:
    for _n in range(21):
        make(Account, name="Huaxin", manager=house["li.na"].user, match_key="huaxin")

    answer = match()

    assert (answer.status_code, "Write more of the name" in alert(answer)) == (422, True)


def test_a_spreadsheet_with_more_than_anybody_loads_is_refused(steward: Person, monkeypatch) -> None:
    monkeypatch.setattr("crm_core.integration.reading.MOST_ROWS", 10)
    assert "more than 10 rows" in alert(send(steward, many(11)))
    monkeypatch.setattr("crm_core.integration.reading.MOST_BYTES", 100)
    assert "Split it" in alert(send(steward, many(11)))


def archive(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts.items():
            file.writestr(name, data)
    return out.getvalue()


def test_entities_in_a_spreadsheet_are_not_followed(steward: Person) -> None:
    book = openpyxl.Workbook()
    book.active.append(["name", "city"])
    book.active.append(["Huaxin", "Kunshan"])
    out = io.BytesIO()
    book.save(out)
    parts = {name: zipfile.ZipFile(out).read(name) for name in zipfile.ZipFile(out).namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    parts[sheet] = bomb + parts[sheet].replace(b"Kunshan", b"&b;")

    assert "damaged" in alert(send(steward, archive(**parts), "x.xlsx"))
