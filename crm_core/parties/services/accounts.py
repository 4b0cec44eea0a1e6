"""What happens to accounts: opened, changed, handed over to another manager."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from crm_core.kernel import declared, records
from crm_core.kernel.access.authority import allow
from crm_core.kernel.models import Branch
from crm_core.parties import matching
from crm_core.parties.fields import ACCOUNT
from crm_core.parties.models import Account, AccountTeamMember
from processes.api import gettext as _
from processes.errors import Invalid


def account_keys(values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns by which an account is found and matched, out of its names, city and web site."""
    name, name_zh = str(values.get("name", "")), str(values.get("name_zh", ""))
    return {
        "match_key": matching.name_key(name),
        "match_key_zh": matching.name_key(name_zh) if name_zh else "",
        "search_text": matching.search_text(name, name_zh, str(values.get("city", "")), str(values.get("website", ""))),
    }


def open_account(
    *, name: str, manager: Any, branch: Branch | None = None, source_key: str = "", by: Any = None, trusted: bool = False,
    **values: Any,
) -> Account:  # fmt: skip
    """Open an account with exactly one account manager (B17), after checking the values. Raises Invalid by field."""
    allow(by, "add", Account, trusted=trusted)
    clean = declared.clean(Account(), ACCOUNT, {"name": name, **values})
    return enter_account(**clean, manager=manager, branch=branch, source_key=source_key, by=by, trusted=trusted)


@transaction.atomic
def enter_account(*, by: Any = None, trusted: bool = False, **values: Any) -> Account:
    """Open an account out of checked values by field. Raises Invalid without a name or an account manager."""
    allow(by, "add", Account, trusted=trusted)
    _must_be_whole(values)
    return records.create(Account, by=by, **values, **account_keys(values))


def update_account(
    *, account: Account, changes: Mapping[str, Any], by: Any = None, trusted: bool = False
) -> Account:
    """Write declared fields of an account after checking them."""
    allow(by, "change", account, trusted=trusted)
    return change_account(account, by=by, trusted=trusted, **declared.clean(account, ACCOUNT, changes))


@transaction.atomic
def change_account(account: Account, *, by: Any = None, trusted: bool = False, **values: Any) -> Account:
    """Write checked values by field; the keys by which the account is found follow.

    A former manager stays in the account's team. Raises Invalid without a name or manager, and when the account
    would be part of itself.
    """
    allow(by, "change", account, trusted=trusted)
    account = Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    former = account.manager_id
    after = {name: values.get(name, getattr(account, name)) for name in ("name", "name_zh", "city", "website", "manager")}
    _must_be_whole(after)
    if values.get("parent") is not None:
        _must_not_be_below(account, values["parent"])
    records.change(account, by=by, **values, **account_keys(after))
    if account.manager_id != former:
        AccountTeamMember.objects.filter(account=account, user=account.manager_id).delete()
        if not AccountTeamMember.objects.filter(account=account, user=former).exists():
            records.create(AccountTeamMember, by=by, account=account, user_id=former)
    return account


def hand_over(*, account: Account, manager: Any, by: Any = None, trusted: bool = False) -> Account:
    """Give the account another account manager; the former one stays in its team."""
    return change_account(account, by=by, trusted=trusted, manager=manager)


def _must_be_whole(values: Mapping[str, Any]) -> None:
    if not str(values.get("name") or "").strip():
        raise Invalid(_("An account needs a name."), errors={"name": _("Give a name.")})
    if values.get("manager") is None:
        raise Invalid(_("An account needs an account manager."), errors={"manager": _("Choose a person.")})


def _must_not_be_below(account: Account, parent: Account) -> None:
    seen: set[int] = set()
    above: int | None = parent.pk
    while above is not None and above not in seen:
        if above == account.pk:
            sentence = _("“%(parent)s” is itself part of “%(account)s”. Choose another account.")
            named = {"parent": parent, "account": account}
            raise Invalid(sentence % named, errors={"parent": _("Choose another account.")})
        seen.add(above)
        above = Account.objects.filter(pk=above).values_list("parent_id", flat=True).first()
