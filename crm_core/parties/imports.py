"""Accounts and contacts as files list them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_core.integration.definitions import Column, Definition, Values, register
from crm_core.integration.people import people_by_name
from crm_core.kernel import records
from crm_core.parties import matching
from crm_core.parties.models import Account, Contact, ContactPoint, ContactRole
from crm_core.parties.services import account_keys, add_contact, update_account
from processes.errors import Invalid

GRADES = {grade: (f"class {grade}", f"{grade}类", f"{grade} 类") for grade in "ABCD"}
KINDS = {
    "company": ("公司", "企业", "company"), "merchant": ("商户", "merchant"), "consumer": ("个人", "consumer"),
    "partner": ("伙伴", "partner", "经销商"), "supplier": ("供应商", "supplier", "vendor"),
}  # fmt: skip


def accounts_by_name(names: Sequence[str]) -> dict[str, Account]:
    """Accounts by the key of their names; of two with one key, none (somebody has to look)."""
    keys = {matching.name_key(name) for name in names if name}
    found: dict[str, list[Account]] = {}
    for account in Account.objects.filter(match_key__in=keys).select_related("manager__employee"):
        found.setdefault(account.match_key, []).append(account)
    for account in Account.objects.filter(match_key_zh__in=keys).exclude(match_key__in=keys).select_related("manager__employee"):
        found.setdefault(account.match_key_zh, []).append(account)
    return {key: rows[0] for key, rows in found.items() if len(rows) == 1}


def _people(rows: Sequence[Values]) -> list[dict[str, str]]:
    people = people_by_name()
    wrong: list[dict[str, str]] = []
    for row in rows:
        errors = {}
        given = row.get("manager")
        if isinstance(given, str) and given:
            person = people.get(given.casefold())
            if person is None:
                errors["manager"] = _("Nobody called “%(name)s” works here.") % {"name": given[:80]}
            row["manager"] = person
        wrong.append(errors)
    return wrong


def _known(rows: Sequence[Values]) -> dict[tuple[Any, ...], Any]:
    found = accounts_by_name([row["name"] for row in rows])
    return {(row["name"].casefold(),): account for row in rows if (account := found.get(matching.name_key(row["name"])))}


def _create(rows: Sequence[Values], by: Any) -> list[Account]:
    if any(row.get("manager") is None for row in rows) and by is None:
        raise Invalid(_("An account needs an account manager. Name one in the file."))
    ready = []
    for row in rows:
        values = {name: value for name, value in row.items() if value not in (None, "") and name != "parent"}
        values.setdefault("manager", by)
        ready.append({**values, **account_keys(values)})
    made = records.insert_many(Account, ready, by=by)
    by_name = {account.name.casefold(): account for account in made}
    parents = accounts_by_name([str(row["parent"]) for row in rows if row.get("parent")])
    for row in rows:
        if row.get("parent"):
            parent = by_name.get(str(row["parent"]).casefold()) or parents.get(matching.name_key(str(row["parent"])))
            child = by_name[row["name"].casefold()]
            if parent is not None and parent.pk != child.pk:
                child.parent = parent
                child.save(update_fields=["parent"])
    return made


def _change(account: Account, values: Values, by: Any) -> None:
    changes = {name: value for name, value in values.items() if name not in ("parent",) and value not in (None, "")}
    if "manager" in changes:
        changes["manager"] = changes["manager"].pk
    update_account(account=account, changes=changes, by=by, trusted=True)


def _current(account: Account, name: str) -> Any:
    value = getattr(account, name)
    return (value.name if value is not None else "") if name == "parent" else value


ACCOUNTS = register(
    Definition(
        key="accounts", label=gettext_lazy("accounts"), model=Account, identify=("name",),
        columns=(
            Column("name", gettext_lazy("name"), required=True, longest=200,
                   synonyms=("account", "company", "company name", "customer", "CompanyName", "客户", "客户名称", "公司", "公司名称", "企业名称")),
            Column("name_zh", gettext_lazy("name in Chinese"), longest=200, synonyms=("中文名称",)),
            Column("kind", gettext_lazy("kind"), "choice", choices=KINDS, synonyms=("类型", "客户类型")),
            Column("grade", gettext_lazy("class"), "choice", choices=GRADES, synonyms=("等级", "级别", "客户等级", "rating")),
            Column("industry", gettext_lazy("industry"), longest=80, synonyms=("sector", "行业", "所属行业")),
            Column("employees", gettext_lazy("employees"), "integer",
                   synonyms=("number of employees", "NumberOfEmployees", "员工人数", "员工数", "人数", "规模")),
            Column("founded", gettext_lazy("founded"), "integer", synonyms=("year_established", "成立年份", "年份")),
            Column("revenue", gettext_lazy("yearly revenue"), "number", synonyms=("annual_revenue", "AnnualRevenue", "年收入", "营业额", "年营业额")),
            Column("currency", gettext_lazy("currency"), longest=3),
            Column("country", gettext_lazy("country"), longest=60, synonyms=("office_location", "billing_country", "国家")),
            Column("region", gettext_lazy("region"), longest=60, synonyms=("state", "省", "省份", "地区")),
            Column("city", gettext_lazy("city"), longest=100, synonyms=("城市", "billing_city")),
            Column("address", gettext_lazy("address"), longest=300, synonyms=("地址", "street")),
            Column("website", gettext_lazy("web site"), longest=200, synonyms=("url", "HomePage", "网址")),
            Column("parent", gettext_lazy("part of"), longest=200, synonyms=("subsidiary_of", "parent account", "上级公司", "母公司")),
            Column("manager", gettext_lazy("account manager"), "reference", synonyms=("owner", "客户经理", "负责人")),
            Column("source_key", gettext_lazy("key in the source"), longest=120, synonyms=("id", "account_id", "CustomerID", "客户编号", "编号")),
            Column("notes", gettext_lazy("notes"), synonyms=("备注", "description")),
        ),
        known=_known, create=_create, change=_change, resolve=_people, current=_current,
    )
)  # fmt: skip


# --- contacts ------------------------------------------------------------------------------------------------
def _accounts(rows: Sequence[Values]) -> list[dict[str, str]]:
    found = accounts_by_name([str(row.get("account") or "") for row in rows])
    wrong: list[dict[str, str]] = []
    for row in rows:
        errors = {}
        name = row.get("account")
        if isinstance(name, str) and name:
            row["account"] = found.get(matching.name_key(name))
            if row["account"] is None:
                errors["account"] = _("There is no account called “%(name)s”. Load the accounts first.") % {"name": name[:80]}
        wrong.append(errors)
    return wrong


def _known_contacts(rows: Sequence[Values]) -> dict[tuple[Any, ...], Any]:
    mails = {str(row.get("email") or "").casefold() for row in rows} - {""}
    found = {c.email.casefold(): c for c in Contact.objects.filter(email__in=[*mails, *(m.lower() for m in mails)])}
    return {
        (row["name"].casefold(), str(row.get("email") or "").casefold()): found[str(row["email"]).casefold()]
        for row in rows if row.get("email") and str(row["email"]).casefold() in found
    }  # fmt: skip


def _create_contacts(rows: Sequence[Values], by: Any) -> list[Contact]:
    return [
        add_contact(account=row.get("account"), by=by, trusted=True,
                    **{name: value for name, value in row.items() if name != "account" and value not in (None, "")})
        for row in rows
    ]  # fmt: skip


def _change_contact(contact: Contact, values: Values, by: Any) -> None:
    changes = {n: v for n, v in values.items() if n in ("name", "name_zh", "title", "telephone", "language") and v}
    records.change(contact, by=by, **changes)


CONTACTS = register(
    Definition(
        key="contacts", label=gettext_lazy("contacts"), model=Contact, identify=("name", "email"),
        columns=(
            Column("name", gettext_lazy("name"), required=True, longest=150, synonyms=("contact", "contact name", "ContactName", "full name", "联系人", "姓名")),
            Column("email", gettext_lazy("e-mail"), longest=254, synonyms=("mail", "e-mail", "邮箱", "电子邮件")),
            Column("telephone", gettext_lazy("telephone"), longest=40, synonyms=("phone", "mobile", "电话", "手机", "联系电话")),
            Column("title", gettext_lazy("job title"), longest=100, synonyms=("ContactTitle", "job title", "职位", "职务")),
            Column("account", gettext_lazy("account"), "reference", synonyms=("company", "CompanyName", "公司", "客户")),
        ),
        known=_known_contacts, create=_create_contacts, change=_change_contact, resolve=_accounts,
        parts=(ContactRole, ContactPoint),
    )
)  # fmt: skip
