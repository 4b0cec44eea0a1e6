"""A hundred thousand rows, two people with one file, and workers that die: the running product, its pages and its processes."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from tests.load import importing

pytestmark = pytest.mark.long


@pytest.mark.parametrize("kind", ["accounts", "leads"])
def test_a_hundred_thousand_rows_load_in_the_background_within_time_and_memory(kind: str) -> None:
    done = importing.run(kind, 100_000)

    assert done.counts["Created"] == 100_000, done
    assert (done.counts["Changed"], done.counts["Refused"]) == (0, 0)
    assert done.uploaded + done.loaded < 600, done
    assert done.shown < 60, done
    assert done.opening < 0.3, done
    assert max(done.web_mb, done.worker_mb) < 500, done


def test_workers_that_are_killed_are_followed_by_others_behind_the_last_part() -> None:
    done = importing.run("accounts", 6000, kill=30)

    assert done.kills == 1
    assert (done.counts["Created"], done.counts["Refused"]) == (6000, 0), done


@pytest.mark.parametrize("kind", ["accounts", "leads"])
def test_two_people_with_the_same_file_at_once_make_each_record_once(kind: str, tmp_path: Path) -> None:
    rows, data = 1500, importing.file_of(kind, 1500)
    with importing.product(tmp_path) as (address, running, env):
        people = [importing.Visitor(address) for _n in range(2)]
        pages = []
        for who in people:
            who.sign_in()
            who.get("/imports/")
            pages.append(who.post("/imports/", {"what": kind}, ("same.csv", data)))
        for who, page in zip(people, pages, strict=True):
            importing.until_finished(who, page, 0, running, env)
        for who, page in zip(people, pages, strict=True):
            who.post(f"{page}load/", {})
        for who, page in zip(people, pages, strict=True):
            importing.until_finished(who, page, 0, running, env)
        counts = [importing.report_of(who, page) for who, page in zip(people, pages, strict=True)]
    table = {"accounts": "crm_parties_account", "leads": "crm_sales_lead"}[kind]
    with sqlite3.connect(tmp_path / "product.sqlite3") as database:
        stored = database.execute(f"select count(*) from {table}").fetchone()[0]

    assert stored == rows
    assert sum(count["Created"] for count in counts) == rows, counts
    assert sum(count["Unchanged"] for count in counts) == rows, counts
    assert all(count["Refused"] == 0 for count in counts), counts


@pytest.mark.postgresql
def test_workers_that_are_killed_are_followed_by_others_on_postgresql() -> None:
    url, _sep, name = os.environ["DATABASE_URL"].rpartition("/")
    done = importing.run("accounts", 6000, kill=30, url=importing.empty_database(url, f"{name}_importing"))

    assert (done.kills, done.counts["Created"], done.counts["Refused"]) == (1, 6000, 0), done
