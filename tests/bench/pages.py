"""Server time and statements of every page, on a database with a history, as ordinary people see it.

    DATABASE_URL=sqlite:////a/copy.sqlite3 python -m tests.bench.pages [--over 300] [--sql NAME]

Every address of the URL configuration that answers GET is opened twice by each person; the second time counts.
What an address takes is put in from what the person may see: first of the list, with most history.
"""

from __future__ import annotations

import argparse
import os
import time
from typing import Any

PEOPLE = ("li.na", "zhou.jie", "gao.jing", "fang.lin", "jin.yi")
SKIPPED = ("admin:logout", "redraw:language", "admin:jsi18n")


def main() -> None:
    """Measure, and print a table, the slowest first."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--over", type=float, default=0.0, help="show only pages that took longer, in milliseconds")
    asked.add_argument("--sql", default="", help="show the statements of this address")
    asked.add_argument("--people", nargs="*", default=PEOPLE)
    chosen = asked.parse_args()
    import django

    django.setup()
    found = [row for name in chosen.people for row in measured(name, only=chosen.sql)]
    found.sort(reverse=True, key=lambda row: row[0])
    for spent, busy, sql, count, status, person, address, statements in found:
        if spent >= chosen.over:
            print(f"{spent:8.0f} ms  {busy:6.0f} cpu  {sql:6.0f} sql  {count:4} st  {status}  {person:10}  {address}")
        for took, text in sorted(statements, reverse=True)[:6] if chosen.sql else ():
            print(f"      {took:7.1f} ms  {text[:6000]}")
    print(f"{len(found)} openings, slowest {found[0][0]:.0f} ms, {sum(row[0] > 300 for row in found)} over 300 ms")


def measured(username: str, *, only: str = "") -> list[tuple[Any, ...]]:
    """(milliseconds, of them busy, of them in SQL, statements, status, person, address, the statements) of each page."""
    from django.contrib.auth import get_user_model
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from tests.support.addresses import every_address

    user = get_user_model().objects.get(username=username)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    rows = []
    for address in every_address():
        if (only and only != address.name) or address.name in SKIPPED or "url" in dict(address.takes):
            continue
        given = sample(address, user)
        if given is None:
            continue
        path = address.path(**given)
        if address.name == "redraw:search":
            path += "?q=hua"
        if client.get(path).status_code == 405:
            continue
        with CaptureQueriesContext(connection) as caught:
            began, worked = time.perf_counter(), time.process_time()
            response = client.get(path)
            spent, busy = 1000 * (time.perf_counter() - began), 1000 * (time.process_time() - worked)
        statements = [(1000 * float(query["time"]), query["sql"]) for query in caught]
        rows.append((spent, busy, sum(took for took, _sql in statements), len(caught), response.status_code, username,
                     address.name, statements))  # fmt: skip
    return rows


def sample(address: Any, user: Any) -> dict[str, Any] | None:
    """What to put into an address: something the person may see; None when there is nothing."""
    from admin_ext.site import site
    from crm_core.kernel.access.policies import rows_for
    from crm_core.parties.models import Account
    from processes.inbox.visibility import seen_instances
    from processes.runtime.models import Task

    if not address.takes:
        return {}
    names = {name for name, _kind in address.takes}
    if names == {"task_id"}:
        row = Task.objects.open().human().filter(owner=user).first() or Task.objects.human().filter(completed_by=user).last()
        return {"task_id": row.pk} if row else None
    if names == {"key"}:
        return {"key": "opportunity_stages"}
    if names == {"app_label"}:
        return None
    if names == {"pk"} and address.name.startswith("redraw:account"):
        row = rows_for(user, Account).order_by("pk").first()
        return {"pk": row.pk} if row else None
    if names == {"pk"} and dict(address.takes)["pk"] == "uuid":
        row = seen_instances(user).order_by("-created").first()
        return {"pk": row.pk} if row else None
    if names == {"object_id"}:
        for model in site._registry:
            if address.route.startswith(f"admin/{model._meta.app_label}/{model._meta.model_name}/"):
                row = rows_for(user, model).order_by("pk").first()
                return {"object_id": row.pk} if row else None
    return None


if __name__ == "__main__":
    main()
