"""Exports: rows of the list, as far as export is allowed, in files that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
import re

import pytest
import tablib
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm_core.kernel.models import User
from crm_core.parties.models import Account
from processes.cells import defused
from tests.crm_core.support import branch, person, role
from tests.support.rows import make

pytestmark = pytest.mark.django_db
ADDRESS = "admin:crm_parties_account_export"


@pytest.fixture
def seller():
    """Somebody who sees the branch's accounts and may take only the own ones out of the house."""
    return person(role("seller", account={"view": "branch", "export": "own"}), at=branch("shanghai"))


@pytest.fixture
def accounts(seller):
    mate = person(at=branch("shanghai"))
    for name, manager, place in (
        ("华新食品", seller, "shanghai"), ('=HYPERLINK("http://x","y")', seller, "shanghai"),
        ("Of a mate", mate, "shanghai"), ("Far", mate, "paris"),
    ):  # fmt: skip
        make(Account, name=name, manager=manager, branch=branch(place), notes="secret", custom={"a": 1})


def got(user, **query):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.get(reverse(ADDRESS), query)


def test_an_export_holds_what_the_right_to_export_reaches_and_not_what_is_only_seen(seller, accounts):
    answer = got(seller)

    assert answer.status_code == 200
    assert answer["Content-Disposition"] == 'attachment; filename="account.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert sorted(row["name"] for row in rows) == ['\'=HYPERLINK("http://x","y")', "华新食品"]
    assert not {"custom", "search_text", "match_key", "payload", "token"} & set(rows[0])


def test_the_lists_search_narrows_the_export(seller, accounts):
    rows = list(csv.DictReader(io.StringIO(got(seller, q="华新").content.decode("utf-8-sig"))))

    assert [row["name"] for row in rows] == ["华新食品"]


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_spreadsheets_hold_the_same_rows_with_formulas_as_text(seller, accounts, kind):
    table = tablib.Dataset().load(got(seller, format=kind).content, format=kind)

    names = sorted(table["name"])
    assert names == ['\'=HYPERLINK("http://x","y")', "华新食品"]


def test_an_unknown_format_is_not_found(seller, accounts):
    assert got(seller, format="exe").status_code == 404


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("=1+1", "'=1+1"), ("+86 21 5555", "'+86 21 5555"), ("@SUM(A1)", "'@SUM(A1)"), ("-2+3", "'-2+3"),
        ("\tx", "'\tx"), ("-12.50", "-12.50"), ("plain = text", "plain = text"), ("a\x00b", "ab"), (7, 7), (None, None), ("", ""),
    ],
)  # fmt: skip
def test_a_cell_stays_what_it_is(cell, shown):
    assert defused(cell) == shown


def test_references_moments_and_flags_stand_there_as_people_and_imports_read_them(seller, accounts):
    User.objects.filter(pk=seller.pk).update(display_name="Li Na")
    row = next(csv.DictReader(io.StringIO(got(seller, q="华新").content.decode("utf-8-sig"))))

    assert row["manager"] == "Li Na"
    assert row["branch"] == "Shanghai"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", row["created_at"])
    assert row["revenue"] == ""


def test_a_long_export_costs_as_many_statements_as_a_short_one(seller, accounts):
    def cost() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as caught:
            lines = got(seller).content.splitlines()
        return len(lines), len(caught)

    got(seller)
    few = cost()
    for number in range(60):
        make(Account, name=f"A {number}", manager=seller, branch=branch("shanghai"))

    assert few[0] == 3
    assert cost() == (63, few[1])
