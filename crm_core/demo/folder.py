"""A company's own files instead of the demo company: everything goes through the import door, in an order that works.

Who has won most with a customer becomes the account manager (B17), the others who sell there its team. All dates are
moved so that the newest is yesterday. Open business begins its flow; what has no customer waits to be matched.
"""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.utils.translation import gettext as _

from crm_core.demo.company import Company
from crm_core.demo.found import Founder
from crm_core.integration import services as imports
from crm_core.integration.mapping import ColumnMapping, clean, shipped
from crm_core.integration.models import ImportRun
from crm_core.integration.reading import Table, Unreadable, read_table
from crm_core.kernel.models import Branch, Employee, User, WorkingCalendar
from crm_core.parties.models import Account, AccountTeamMember
from crm_core.sales.models import Opportunity
from processes import api, ports
from processes.errors import Invalid

ORDER = ("people", "products", "accounts", "opportunities")
Said = Callable[[str], None]


@dataclass(slots=True)
class Loaded:
    """What was taken in: the runs in their order, and what was left alone."""

    runs: list[ImportRun] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    matched: int = 0


@dataclass(slots=True)
class _File:
    path: Path
    data: bytes
    table: Table
    mapping: ColumnMapping


def load(folder: Path, say: Said) -> Loaded:
    """Take in a folder. Raises Invalid when none of its files is known; nothing is loaded then."""
    files, left = _files(folder)
    if not files:
        raise Invalid(
            _("None of the files in “%(folder)s” has columns that a shipped mapping knows. Load them one by one on the page Imports.")
            % {"folder": folder.name}
        )
    loaded = Loaded(left=left)
    by = _office()
    shift = _shift(files)
    managers = _managers(files)
    for key in ORDER:
        for file in (f for f in files if f.mapping.definition == key):
            say(f"Loading {file.path.name} ({len(file.table.rows)} rows) ...")
            data = _with_managers(file, managers) if key == "accounts" else file.data
            loaded.runs.append(_run(file, data, shift, by))
    _teams(managers)
    _sign_ins()
    say("Starting the flows of open business ...")
    api.drain()
    return loaded


def _files(folder: Path) -> tuple[list[_File], list[str]]:
    found, left = [], []
    for path in sorted(folder.iterdir()):
        if not path.is_file() or path.name.startswith("."):
            continue
        data = path.read_bytes()
        try:
            table = read_table(data)
        except Unreadable as refused:
            left.append(f"{path.name}: {refused.sentence}")
            continue
        mapping = shipped(table.headers)
        if mapping is None:
            left.append(f"{path.name}: no shipped mapping knows its columns.")
        else:
            found.append(_File(path, data, table, mapping))
    return found, left


def _office() -> User:
    """Calendar, and the administrator who loads."""
    calendar = WorkingCalendar.objects.filter(is_default=True).first()
    if calendar is None:
        Founder(Company(settings.BASE_DIR / "fixtures/demo/company.toml"), ports.now().date()).offices()
        Branch.objects.all().delete()
    user, new = User.objects.get_or_create(
        username="admin", defaults={"display_name": "Administrator", "is_staff": True, "language": "en"}
    )
    if new:
        user.groups.add(Group.objects.get(name="administrator"))
    return user


def _rows(files: list[_File]) -> list[dict[str, Any]]:
    return [
        row.values for file in files if file.mapping.definition == "opportunities"
        for row in clean(file.table, file.mapping).rows if not row.errors
    ]  # fmt: skip


def _shift(files: list[_File]) -> int:
    """How many days dates move, so that the newest is yesterday."""
    days = [row[name] for row in _rows(files) for name in ("opened_on", "closed_on") if row.get(name) is not None]
    if not days:
        return 0
    today: date = ports.now().astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    return (today - timedelta(days=1) - max(days)).days


def _managers(files: list[_File]) -> dict[str, list[str]]:
    """By account, who sells there, whoever has won most first; the name decides between equals."""
    won: dict[str, Counter[str]] = defaultdict(Counter)
    for row in _rows(files):
        account, owner = row.get("account"), row.get("owner")
        if account and owner:
            won[account][owner] += Decimal(row.get("amount") or 0) if row.get("stage") == "won" else Decimal(0)  # type: ignore[assignment]
    return {account: sorted(sellers, key=lambda name: (-sellers[name], name)) for account, sellers in won.items()}


def _with_managers(file: _File, managers: dict[str, list[str]]) -> bytes:
    """The accounts' file with a column for the account manager."""
    name_at = file.table.headers.index(file.mapping.columns["name"])
    file.mapping.columns["manager"] = "account_manager"
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*file.table.headers, "account_manager"])
    for row in file.table.rows:
        writer.writerow([*row, (managers.get(row[name_at]) or [""])[0]])
    return out.getvalue().encode()


def _run(file: _File, data: bytes, shift: int, by: User) -> ImportRun:
    run = imports.take_whole(data=data, name=file.path.name, by=by)
    run.definition = file.mapping.definition
    run.mapping = {**file.mapping.as_json(), "shift_days": shift}
    run.options = {"start_flows": True}
    imports.begin(run)
    imports.load(run.pk)
    run.refresh_from_db()
    return run


def _teams(managers: dict[str, list[str]]) -> None:
    """Whoever else sells to an account is on its team."""
    people = {user.display_name: user for user in User.objects.all()}
    accounts = {account.name: account for account in Account.objects.all()}
    now = ports.now()
    AccountTeamMember.objects.bulk_create(
        [
            AccountTeamMember(account=accounts[name], user=people[seller], created_at=now, changed_at=now)
            for name, sellers in managers.items() if name in accounts
            for seller in sellers[1:] if seller in people
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def _sign_ins() -> None:
    """Everybody gets the demo's password; a director and the other roles come so that every page can be tried."""
    password = make_password(Company(settings.BASE_DIR / "fixtures/demo/company.toml").data["company"]["password"])
    branch = Branch.objects.order_by("pk").first()
    for role in ("director", "service_manager", "service_agent", "process_owner", "data_steward", "auditor", "marketing_manager"):
        user, new = User.objects.get_or_create(
            username=role.replace("_", "."),
            defaults={"display_name": role.replace("_", " ").title(), "is_staff": True, "language": "en"},
        )
        if new:
            user.groups.add(Group.objects.get(name=role))
            Employee.objects.create(user=user, branch=branch, languages=["en"], skills=[], capacity=400)
    User.objects.update(password=password)


def gaps() -> dict[str, int]:
    """What the files left open, counted: shown in the report, mended on the pages."""
    deals = Opportunity.objects.filter(source="import")
    return {
        "opportunities without an account: on the page To be matched": deals.filter(account__isnull=True).count(),
        "opportunities without the day they were opened": deals.filter(opened_on__isnull=True).count(),
        "opportunities without a closing day": deals.filter(closed_on__isnull=True, expected_close__isnull=True).count(),
    }
