"""What happens to contacts: added, changed; the ways to reach them and their roles at accounts stay in step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from crm_core.kernel import records
from crm_core.kernel.access.authority import allow
from crm_core.kernel.records import Rows
from crm_core.parties import matching
from crm_core.parties.models import Account, Contact, ContactPoint, ContactRole
from processes.api import gettext as _
from processes.errors import Invalid

REPEATED = {"email": "email", "telephone": "phone"}
"""The fields of a contact that repeat its preferred point of a kind."""


def add_contact(
    *, account: Account | None, name: str, name_zh: str = "", title: str = "", email: str = "", telephone: str = "",
    wechat: str = "", language: str = "en", role: str = "", by: Any = None, trusted: bool = False, **values: Any,
) -> Contact:  # fmt: skip
    """Add a person, with the ways to reach them, to an account; texts are cut to their length."""
    return enter_contact(
        account=account, name=name.strip()[:150], name_zh=name_zh.strip()[:150], title=title[:100], email=email,
        telephone=telephone.strip()[:40], wechat=wechat, language=language if language in ("en", "zh-hans") else "en",
        role=role, by=by, trusted=trusted, **values,
    )  # fmt: skip


@transaction.atomic
def enter_contact(
    *, wechat: str = "", role: str = "", points: Rows | None = None, roles: Rows | None = None, by: Any = None,
    trusted: bool = False, **values: Any,
) -> Contact:  # fmt: skip
    """Add a person out of checked values by field. Without an owner the contact is the account manager's.

    Raises Invalid when there is neither a name nor a way to reach the person, or the e-mail address is none.
    """
    allow(by, "add", Contact, trusted=trusted)
    account = values.get("account")
    values["email"] = _email(values.get("email") or "")
    values["name"] = _shown_name(values)
    if not values.get("owner"):
        values["owner"] = account.manager if account is not None else by
    contact = records.create(Contact, by=by, **values, **_keys(values))
    if account is not None:
        records.create(ContactRole, by=by, contact=contact, account=account, role=role or contact.title[:80], is_main=True)
    for kind, value in (("email", contact.email), ("phone", contact.telephone), ("wechat", wechat.strip())):
        if value:
            add_point(contact=contact, kind=kind, value=value, preferred=True, by=by, trusted=True)
    _write_parts(contact, points, roles, by)
    return contact


@transaction.atomic
def change_contact(
    contact: Contact, *, points: Rows | None = None, roles: Rows | None = None, by: Any = None, trusted: bool = False,
    **values: Any,
) -> Contact:  # fmt: skip
    """Write checked values by field, then what was done to the contact's points and roles.

    A new e-mail address or telephone number takes the place of the preferred point of its kind; a new account
    becomes the main role. Raises Invalid as `enter_contact` does.
    """
    allow(by, "change", contact, trusted=trusted)
    contact = Contact.objects.select_for_update(of=("self",)).get(pk=contact.pk)
    if "email" in values:
        values["email"] = _email(values["email"])
    after = {name: values.get(name, getattr(contact, name)) for name in ("name", "name_zh", "email", "telephone")}
    values["name"] = after["name"] = _shown_name(after)
    changed = records.change(contact, by=by, **values, **_keys(after))
    for name, kind in REPEATED.items():
        if name in changed:
            _prefer(contact, kind, getattr(contact, name), by)
    if "account" in changed:
        _place(contact, by)
    _write_parts(contact, points, roles, by)
    return contact


def add_point(
    *, contact: Contact, kind: str, value: str, preferred: bool = False, label: str = "", by: Any = None,
    trusted: bool = False,
) -> ContactPoint:  # fmt: skip
    """Add one way to reach a person; the same one twice is the first."""
    allow(by, "change", contact, trusted=trusted)
    key = matching.point_key(kind, value)
    known = ContactPoint.objects.filter(contact=contact, kind=kind, key=key).first()
    if known is not None:
        return known
    return records.create(
        ContactPoint, by=by, contact=contact, kind=kind, value=value[:300], key=key, preferred=preferred, label=label[:40]
    )


def _email(address: str) -> str:
    tidy = address.strip()
    if tidy:
        try:
            validate_email(tidy)
        except ValidationError as error:
            raise Invalid(
                _("“%(email)s” is no e-mail address.") % {"email": tidy[:100]},
                errors={"email": _("Write it like name@company.com.")},
            ) from error
    return tidy


def _shown_name(values: Mapping[str, Any]) -> str:
    shown = next((text for name in ("name", "email", "telephone") if (text := str(values.get(name) or "").strip())), "")
    if not shown:
        raise Invalid(_("A contact needs a name or a way to be reached."), errors={"name": _("Give a name.")})
    return shown[:150]


def _keys(values: Mapping[str, Any]) -> dict[str, Any]:
    name, *others = (str(values.get(part) or "") for part in ("name", "name_zh", "email", "telephone"))
    return {"match_key": matching.person_key(name), "search_text": matching.search_text(name, *others)}


# --- points and roles in step with the contact ----------------------------------------------------------------
def _prefer(contact: Contact, kind: str, value: str, by: Any) -> None:
    """Make `value` the preferred way of its kind, in place of the former one; nothing takes the former one away."""
    rows = list(contact.points.filter(kind=kind).order_by("-preferred", "pk"))
    former = rows[0] if rows and rows[0].preferred else None
    if not value:
        if former is not None:
            former.delete()
        return
    key = matching.point_key(kind, value)
    known = next((row for row in rows if row.key == key), None)
    if known is None and former is not None:
        records.change(former, by=by, value=value, key=key)
    elif known is None:
        add_point(contact=contact, kind=kind, value=value, preferred=True, by=by, trusted=True)
    else:
        if former is not None and former.pk != known.pk:
            records.change(former, by=by, preferred=False)
        records.change(known, by=by, value=value, preferred=True)


def _place(contact: Contact, by: Any) -> None:
    """The contact's account is the main one of its roles, and the only main one."""
    records.change_many(contact.roles.filter(is_main=True).exclude(account=contact.account_id), by=by, is_main=False)
    if contact.account_id is None or contact.roles.filter(is_main=True).exists():
        return
    known = contact.roles.filter(account=contact.account_id).order_by("pk").first()
    if known is not None:
        records.change(known, by=by, is_main=True)
    else:
        records.create(
            ContactRole, by=by, contact=contact, account_id=contact.account_id, role=contact.title[:80], is_main=True
        )


def _write_parts(contact: Contact, points: Rows | None, roles: Rows | None, by: Any) -> None:
    if points is not None:
        _write_points(contact, points, by)
    if roles is not None:
        _write_roles(contact, roles, by)


def _write_points(contact: Contact, points: Rows, by: Any) -> None:
    before = dict(contact.points.values_list("pk", "preferred"))
    for point in points.gone:
        point.delete()
    wanted: dict[str, int] = {}
    for point in points.kept:
        if point.kind == ContactPoint.Kind.EMAIL:
            point.value = _email(point.value)
        values = {"kind": point.kind, "value": point.value, "label": point.label, "preferred": point.preferred}
        key = matching.point_key(point.kind, point.value)
        same = contact.points.filter(kind=point.kind, key=key).exclude(pk=point.pk).first()
        if same is not None and point.pk is not None:
            raise Invalid(_("“%(value)s” stands there twice. Take one of them out.") % {"value": point.value})
        row = same or (contact.points.get(pk=point.pk) if point.pk is not None else None)
        if row is None:
            row = records.create(ContactPoint, by=by, contact=contact, key=key, **values)
        else:
            records.change(row, by=by, key=key, **values)
        if point.preferred and not before.get(row.pk):
            wanted[point.kind] = row.pk
    for kind in ContactPoint.Kind.values:
        _one_preferred(contact, kind, wanted.get(kind), by)
    repeated: dict[str, Any] = {name: _preferred_value(contact, kind) for name, kind in REPEATED.items()}
    after = {"name": contact.name, "name_zh": contact.name_zh, **repeated}
    records.change(contact, by=by, **repeated, **_keys(after))


def _one_preferred(contact: Contact, kind: str, wanted: int | None, by: Any) -> None:
    """Of each kind one point is preferred: the one just chosen, else the one so far, else the first."""
    rows = list(contact.points.filter(kind=kind).order_by("-preferred", "pk"))
    chosen = next((row for row in rows if row.pk == wanted), rows[0] if rows else None)
    for row in rows:
        records.change(row, by=by, preferred=row is chosen)


def _preferred_value(contact: Contact, kind: str) -> str:
    point = contact.points.filter(kind=kind, preferred=True).first()
    return point.value if point is not None else ""


def _write_roles(contact: Contact, roles: Rows, by: Any) -> None:
    """A role marked as the main one moves the contact to its account."""
    for role in roles.gone:
        role.delete()
    mains = [role for role in roles.kept if role.is_main]
    main = next((role for role in mains if role.account_id != contact.account_id), mains[0] if mains else None)
    if main is not None:
        records.change_many(contact.roles.filter(is_main=True).exclude(pk=main.pk), by=by, is_main=False)
    for role in roles.kept:
        values = {"account_id": role.account_id, "role": role.role, "is_main": role is main}
        if contact.roles.filter(account=role.account_id, role=role.role).exclude(pk=role.pk).exists():
            raise Invalid(_("The contact has this role at “%(account)s” already.") % {"account": role.account})
        if role.pk is None:
            records.create(ContactRole, by=by, contact=contact, **values)
        else:
            records.change(contact.roles.get(pk=role.pk), by=by, **values)
    if main is not None and main.account_id != contact.account_id:
        records.change(contact, by=by, account=main.account)
    _place(contact, by)
