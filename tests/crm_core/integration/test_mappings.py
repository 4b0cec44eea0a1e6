"""Mappings that people keep: used for the next file, shared by administrators alone, forgotten by their owners."""

from __future__ import annotations

import pytest

from crm_core.integration import mappings, services
from crm_core.integration.models import SavedMapping
from crm_core.kernel.access.policies import Denied
from crm_core.kernel.models import User
from processes.errors import Invalid
from tests.crm_core.support import branch, person, role

pytestmark = pytest.mark.django_db
IMPORT = {"view": "all", "add": "all", "change": "all", "delete": "all"}
OWN = dict.fromkeys(("view", "add", "change", "delete"), "own")
ALL = dict.fromkeys(("view", "add", "change", "delete"), "all")
FILE = b"Firma,Ort,Wer\nHuaxin,Kunshan,li\n"
COLUMNS = {"name": "Firma", "city": "Ort"}


def worker(key: str, levels: dict[str, str]) -> User:
    return person(role(key, **{"import": IMPORT, "account": ALL, "import_mapping": levels}), at=branch("shanghai"))


@pytest.fixture
def steward() -> User:
    return worker("steward", OWN)


@pytest.fixture
def administrator() -> User:
    return worker("administrator", ALL)


def kept(by: User, **more) -> SavedMapping:
    run = services.upload(data=FILE, name="x.csv", by=by, wanted="accounts")
    run = services.choose(run=run, wanted="accounts", columns=COLUMNS, by=by)
    return mappings.keep(run=run, name="Old system", by=by, **more)


def columns_of_next(by: User) -> dict[str, str]:
    return services.upload(data=FILE.replace(b"Huaxin", b"Meilin"), name="y.csv", by=by).mapping["columns"]


def test_the_next_file_with_the_same_headers_is_read_by_it(steward: User) -> None:
    assert columns_of_next(steward) != COLUMNS
    kept(steward)

    assert columns_of_next(steward) == COLUMNS


def test_an_own_mapping_is_nobody_elses(steward: User) -> None:
    kept(steward)
    other = worker("other", OWN)

    assert mappings.mappings_for(other) == []
    assert columns_of_next(other) != COLUMNS


def test_administrators_share_and_others_use_but_do_not_change(steward: User, administrator: User) -> None:
    shared = kept(administrator, shared=True)

    assert mappings.mappings_for(steward) == [shared]
    assert columns_of_next(steward) == COLUMNS
    with pytest.raises(Denied):
        mappings.forget(kept=shared, by=steward)


def test_who_may_not_share_is_refused(steward: User) -> None:
    with pytest.raises(Denied):
        kept(steward, shared=True)

    assert not SavedMapping.objects.exists()


def test_the_same_name_replaces_and_no_name_is_refused(steward: User) -> None:
    first, second = kept(steward), kept(steward)
    assert first.pk == second.pk

    run = services.upload(data=FILE, name="x.csv", by=steward)
    with pytest.raises(Invalid, match="name"):
        mappings.keep(run=run, name="  ", by=steward)


def test_columns_that_the_file_does_not_have_are_left_out(steward: User) -> None:
    mapping = kept(steward)
    run = services.upload(data=b"Firma,Branche\nHuaxin,food\n", name="z.csv", by=steward, wanted="accounts")

    run = services.use_mapping(run=run, kept=mapping, by=steward)

    assert run.mapping["columns"] == {"name": "Firma"}
    mappings.forget(kept=mapping, by=steward)
    assert mappings.mappings_for(steward) == []
