"""Accounts and contacts as files list them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_core.integration.definitions import Column, Definition, Values, register, same
from crm_core.integration.people import people_by_name
from crm_core.kernel import records
from crm_core.parties import matching
from crm_core.parties.models import Account, Contact, ContactPoint, ContactRole
from crm_core.parties.services import account_keys, add_contact, change_contact, update_account
from processes.errors import Invalid

GRADES = {grade: (f"class {grade}", f"{grade}类", f"{grade} 类") for grade in "ABCD"}
KINDS = {
    "company": ("公司", "企业", "company"), "merchant": ("商户", "merchant"), "consumer": ("个人", "consumer"),
    "partner": ("伙伴", "partner", "经销商"), "supplier": ("供应商", "supplier", "vendor"),
}  # fmt: skip


def accounts_called(texts: Sequence[str]) -> dict[str, list[Account]]:
    """The accounts that a text may mean, by the text: those with that key in the source, else those with just that
    name, else those whose name differs only in its legal form, blanks and marks."""
    wanted = {text for text in texts if text}
    keys = {text: matching.name_key(text) for text in wanted}
    found = Account.objects.filter(
        Q(source_key__in=wanted) | Q(match_key__in=keys.values()) | Q(match_key_zh__in=keys.values())
    ).select_related("manager__employee")
    by_source: dict[str, list[Account]] = {}
    by_key: dict[str, list[Account]] = {}
    for account in found:
        if account.source_key:
            by_source.setdefault(account.source_key, []).append(account)
        for key in {account.match_key, account.match_key_zh} - {""}:
            by_key.setdefault(key, []).append(account)
    return {text: by_source.get(text) or _nearest(text, by_key.get(key, [])) for text, key in keys.items()}


def _nearest(name: str, accounts: list[Account]) -> list[Account]:
    called = [account for account in accounts if same(name) in (same(account.name), same(account.name_zh))]
    return called or accounts


def accounts_by_name(names: Sequence[str]) -> dict[str, Account]:
    """The one account that each text means; of two, none (somebody has to look)."""
    return {text: rows[0] for text, rows in accounts_called(names).items() if len(rows) == 1}


def account_sentence(text: str, found: Sequence[Account]) -> str:
    """Why a text names no account: there is none, or there are several."""
    if not found:
        return _("There is no account called “%(name)s”. Load the accounts first.") % {"name": text[:80]}
    return _("%(n)d accounts are called “%(name)s”. Write the key in the source in place of the name, or merge them.") % {
        "n": len(found), "name": text[:80],
    }  # fmt: skip


def _identity(values: Values) -> tuple[Any, ...]:
    """The key in the source where there is one, else the name."""
    key = values.get("source_key")
    return ("source", key) if key else ("name", same(values.get("name")))


def _candidates(rows: Sequence[Values]) -> list[list[Account]]:
    """The stored accounts that each row may be: with its key, else of its name and without another key."""
    found = accounts_called([text for row in rows for text in (row.get("source_key"), row["name"]) if text])
    result = []
    for row in rows:
        key = row.get("source_key") or ""
        keyed = [account for account in found.get(key, []) if account.source_key == key] if key else []
        result.append(keyed or [account for account in found[row["name"]] if not (key and account.source_key)])
    return result


def _resolve(rows: Sequence[Values]) -> list[dict[str, str]]:
    people = people_by_name()
    wrong: list[dict[str, str]] = []
    for row, found in zip(rows, _candidates(rows), strict=True):
        errors = {}
        if len(found) > 1:
            errors["name"] = account_sentence(row["name"], found)
        given = row.get("manager")
        if isinstance(given, str) and given:
            person = people.get(given.casefold())
            if person is None:
                errors["manager"] = _("Nobody called “%(name)s” works here.") % {"name": given[:80]}
            row["manager"] = person
        wrong.append(errors)
    return wrong


def _known(rows: Sequence[Values]) -> dict[tuple[Any, ...], Any]:
    return {_identity(row): found[0] for row, found in zip(rows, _candidates(rows), strict=True) if found}


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
    for row, child in zip(rows, made, strict=True):
        if row.get("parent"):
            parent = by_name.get(str(row["parent"]).casefold()) or parents.get(str(row["parent"]))
            if parent is not None and parent.pk != child.pk:
                child.parent = parent
                child.save(update_fields=["parent"])
    return made


def _change(account: Account, values: Values, by: Any) -> None:
    changes = {name: value for name, value in values.items() if name not in ("parent",) and value not in (None, "")}
    if "manager" in changes:
        changes["manager"] = changes["manager"].pk
    others = {name: changes.pop(name) for name in ("source_key", "founded", "revenue") if name in changes}
    account = update_account(account=account, changes=changes, by=by, trusted=True)
    records.change(account, by=by, **others)


def _current(account: Account, name: str) -> Any:
    value = getattr(account, name)
    return (value.name if value is not None else "") if name == "parent" else value


ACCOUNTS = register(
    Definition(
        key="accounts", label=gettext_lazy("accounts"), model=Account, identity=_identity,
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
            Column("website", gettext_lazy("web site"), longest=200, synonyms=("url", "HomePage", "网址", "网站", "官网")),
            Column("parent", gettext_lazy("part of"), longest=200, synonyms=("subsidiary_of", "parent account", "上级公司", "母公司")),
            Column("manager", gettext_lazy("account manager"), "reference", synonyms=("owner", "客户经理", "负责人")),
            Column("source_key", gettext_lazy("key in the source"), longest=120, synonyms=("id", "account_id", "CustomerID", "客户编号", "编号")),
            Column("notes", gettext_lazy("notes"), synonyms=("备注", "description")),
        ),
        known=_known, create=_create, change=_change, resolve=_resolve, current=_current, fixed=("parent",),
        known_by=gettext_lazy("An account is known by its key in the source, else by its name whatever its legal form."),
    )
)  # fmt: skip


# --- contacts ------------------------------------------------------------------------------------------------
def _accounts(rows: Sequence[Values]) -> list[dict[str, str]]:
    found = accounts_called([str(row.get("account") or "") for row in rows])
    wrong: list[dict[str, str]] = []
    for row in rows:
        errors = {}
        name = row.get("account")
        if isinstance(name, str) and name:
            row["account"] = found[name][0] if len(found[name]) == 1 else None
            if row["account"] is None:
                errors["account"] = account_sentence(name, found[name])
        wrong.append(errors)
    return wrong


def _contact_identity(values: Values) -> tuple[Any, ...]:
    """The key in the source, else the mail address, else name and telephone, else name and account."""
    for name in ("source_key", "email"):
        if values.get(name):
            return (name, same(values[name]))
    place = values.get("telephone") or getattr(values.get("account"), "pk", None)
    return ("name", same(values.get("name")), place)


def _known_contacts(rows: Sequence[Values]) -> dict[tuple[Any, ...], Any]:
    def given(name: str) -> set[str]:
        return {str(row[name]) for row in rows if row.get(name)}

    mails = given("email")
    nameless = {row["name"] for row in rows if not row.get("email")}
    found: dict[tuple[Any, ...], Any] = {}
    for contact in Contact.objects.filter(
        Q(source_key__in=given("source_key")) | Q(email__in=mails | {mail.lower() for mail in mails}) | Q(name__in=nameless)
    ).order_by("pk"):
        named = ("name", same(contact.name))
        for identity in (
            ("source_key", same(contact.source_key)), ("email", same(contact.email)), (*named, contact.telephone), (*named, contact.account_id),
        ):  # fmt: skip
            if identity[-1]:
                found.setdefault(identity, contact)
        if not (contact.email or contact.telephone or contact.account_id):
            found.setdefault((*named, None), contact)
    return {_contact_identity(row): found[_contact_identity(row)] for row in rows if _contact_identity(row) in found}


def _create_contacts(rows: Sequence[Values], by: Any) -> list[Contact]:
    return [
        add_contact(account=row.get("account"), by=by, trusted=True,
                    **{name: value for name, value in row.items() if name != "account" and value not in (None, "")})
        for row in rows
    ]  # fmt: skip


def _change_contact(contact: Contact, values: Values, by: Any) -> None:
    changes = {n: v for n, v in values.items() if n in ("name", "name_zh", "title", "telephone", "language") and v}
    change_contact(contact, by=by, trusted=True, **changes)


CONTACTS = register(
    Definition(
        key="contacts", label=gettext_lazy("contacts"), model=Contact, identity=_contact_identity,
        columns=(
            Column("name", gettext_lazy("name"), required=True, longest=150, synonyms=("contact", "contact name", "ContactName", "full name", "联系人", "姓名")),
            Column("email", gettext_lazy("e-mail"), longest=254, synonyms=("mail", "e-mail", "邮箱", "电子邮件")),
            Column("telephone", gettext_lazy("telephone"), longest=40, synonyms=("phone", "mobile", "电话", "手机", "联系电话")),
            Column("title", gettext_lazy("job title"), longest=100, synonyms=("ContactTitle", "job title", "职位", "职务")),
            Column("account", gettext_lazy("account"), "reference", synonyms=("company", "CompanyName", "公司", "客户")),
            Column("source_key", gettext_lazy("key in the source"), longest=120, synonyms=("id", "contact_id", "联系人编号")),
        ),
        known=_known_contacts, create=_create_contacts, change=_change_contact, resolve=_accounts,
        fixed=("account", "email", "source_key"),
        known_by=gettext_lazy("A contact is known by the key in the source, else by e-mail, else by name together with telephone or account."),
        parts=(ContactRole, ContactPoint),
    )
)  # fmt: skip
