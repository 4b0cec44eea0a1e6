"""Products, leads and opportunities as files list them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_core.integration.definitions import Column, Definition, Values, by_columns, register, same
from crm_core.integration.people import people_by_name
from crm_core.kernel import records
from crm_core.parties.imports import account_sentence, accounts_called
from crm_core.sales import events
from crm_core.sales.models import Lead, Opportunity, OpportunityLine, Product, StageChange
from crm_core.sales.models.opportunities import CLOSED_STAGES, Stage
from crm_core.sales.services import change_lead, change_opportunity, receive_leads
from crm_core.sales.services.opportunities import USUAL_PROBABILITY
from processes import ports

STAGES = {
    "qualify": ("prospecting", "qualification", "资格判定", "初步接触"), "understand": ("engaging", "needs analysis", "了解需求", "需求确认"),
    "propose": ("proposal", "proposal/price quote", "方案与报价", "报价"), "negotiate": ("negotiation", "negotiation/review", "谈判"),
    "close": ("closing", "签约"), "won": ("closed won", "closedwon", "赢单", "成交"), "lost": ("closed lost", "closedlost", "丢单", "失败"),
}  # fmt: skip


# --- products ------------------------------------------------------------------------------------------------
def _known_products(rows: Sequence[Values]) -> dict[tuple[Any, ...], Any]:
    found = {product.name.casefold(): product for product in Product.objects.all()}
    return {(row["name"].casefold(),): found[row["name"].casefold()] for row in rows if row["name"].casefold() in found}


def _create_products(rows: Sequence[Values], by: Any) -> list[Product]:
    ready = [{"code": row["name"][:60], **{n: v for n, v in row.items() if v not in (None, "")}} for row in rows]
    return records.insert_many(Product, ready, by=by)


def _change_product(product: Product, values: Values, by: Any) -> None:
    records.change(product, by=by, **{n: v for n, v in values.items() if v not in (None, "")})


PRODUCTS = register(
    Definition(
        key="products", label=gettext_lazy("products"), model=Product, identity=by_columns("name"),
        columns=(
            Column("name", gettext_lazy("name"), required=True, longest=200, synonyms=("product", "ProductName", "产品", "产品名称")),
            Column("code", gettext_lazy("code"), longest=60, synonyms=("sku", "ProductID", "产品编号")),
            Column("family", gettext_lazy("family"), longest=100, synonyms=("series", "category", "系列", "类别")),
            Column("list_price", gettext_lazy("list price"), "number", required=True, synonyms=("sales_price", "price", "UnitPrice", "单价", "价格")),
            Column("currency", gettext_lazy("currency"), longest=3, synonyms=("币种",)),
            Column("unit", gettext_lazy("unit"), longest=30, synonyms=("QuantityPerUnit", "单位")),
        ),
        known=_known_products, create=_create_products, change=_change_product,
        known_by=gettext_lazy("A product is known by its name."),
    )
)  # fmt: skip


# --- opportunities -------------------------------------------------------------------------------------------
def _references(rows: Sequence[Values]) -> list[dict[str, str]]:
    """Find owner, account and product by name; business without an account is taken, to be matched later."""
    people = people_by_name()
    accounts = accounts_called([row["account"] for row in rows if isinstance(row.get("account"), str)])
    products = {product.name.casefold(): product for product in Product.objects.all()}
    wrong: list[dict[str, str]] = []
    for row in rows:
        errors: dict[str, str] = {}
        for name, sentence, find in (
            ("owner", _("Nobody called “%(name)s” works here."), people),
            ("product", _("There is no product called “%(name)s”."), products),
        ):
            given = row.get(name)
            if isinstance(given, str):
                row[name] = find.get(given.casefold()) if given else None
                if given and row[name] is None:
                    errors[name] = sentence % {"name": given[:80]}
        given = row.get("account")
        if isinstance(given, str):
            found = accounts.get(given, [])
            row["account"] = found[0] if len(found) == 1 else None
            if given and row["account"] is None:
                errors["account"] = account_sentence(given, found)
        wrong.append(errors)
    return wrong


def _known(rows: Sequence[Values]) -> dict[tuple[Any, ...], Any]:
    keys = [row["external_id"] for row in rows if row.get("external_id")]
    found = Opportunity.objects.filter(external_id__in=keys).prefetch_related("lines__product")
    return {(row.external_id.casefold(),): row for row in found if row.external_id}


def _moment(day: Any) -> datetime:
    return datetime.combine(day, time(12), ZoneInfo(settings.TIME_ZONE)) if day is not None else ports.now()


def _ready(row: Values) -> Values:
    product, account, stage = row.get("product"), row.get("account"), row.get("stage") or Stage.QUALIFY
    amount = row.get("amount")
    if amount is None:
        amount = product.list_price if product is not None and stage not in CLOSED_STAGES else Decimal(0)
    name = row.get("name") or ", ".join(str(part) for part in (product, account) if part is not None) or _("Imported business")
    closed = stage in CLOSED_STAGES
    forecast = {"won": "closed", "lost": "omitted"}.get(stage, "pipeline")
    began, ended = row.get("opened_on"), row.get("closed_on")
    return {
        "name": str(name)[:200], "account": account, "owner": row.get("owner"), "stage": stage, "amount": amount,
        "currency": row.get("currency") or (account.currency if account is not None else "CNY"),
        "opened_on": began or (ended if closed else None), "closed_on": ended if closed else None,
        "expected_close": None if closed else ended, "probability": 100 if stage == "won" else 0 if stage == "lost" else USUAL_PROBABILITY[Stage(stage)],
        "forecast_category": forecast, "stage_since": _moment(ended if closed else began), "source": "import",
        "external_id": row.get("external_id") or None, "created_at": _moment(began or ended),
    }  # fmt: skip


def _create(rows: Sequence[Values], by: Any) -> list[Opportunity]:
    made = records.insert_many(Opportunity, [_ready(row) for row in rows], by=by)
    lines, history = [], []
    for row, deal in zip(rows, made, strict=True):
        if row.get("product") is not None:
            lines.append(OpportunityLine(opportunity=deal, product=row["product"], unit_price=row["product"].list_price))
        moments = [(deal.created_at, "", Stage.QUALIFY if deal.stage in CLOSED_STAGES else deal.stage)]
        if deal.stage in CLOSED_STAGES:
            moments.append((deal.stage_since, Stage.QUALIFY, deal.stage))
        history += [
            StageChange(opportunity=deal, at=at, by=by, from_stage=before, to_stage=after, amount=deal.amount,
                        currency=deal.currency, probability=deal.probability, expected_close=deal.expected_close)
            for at, before, after in moments
        ]  # fmt: skip
    OpportunityLine.objects.bulk_create(lines, batch_size=1000)
    StageChange.objects.bulk_create(history, batch_size=1000)
    return made


def _change(deal: Opportunity, values: Values, by: Any) -> None:
    kept = {"name": "name", "amount": "amount", "owner": "owner", "closed_on": "closed_on" if deal.closed_on else "expected_close"}
    given = {field: values[column] for column, field in kept.items() if values.get(column) not in (None, "")}
    change_opportunity(deal, reason=_("import"), by=by, trusted=True, **given)


def _start_flows(made: list[Opportunity], options: Mapping[str, Any], by: Any) -> None:
    """Where it is asked for, open business begins its flow in its stage; what has no customer waits to be matched."""
    if options.get("start_flows"):
        for deal in made:
            if deal.account_id is not None and deal.stage not in CLOSED_STAGES:
                events.opportunity_opened(deal, enter_at=deal.stage)


def _current(deal: Opportunity, name: str) -> Any:
    if name == "product":
        lines = list(deal.lines.all())
        return lines[0].product if lines else None
    if name == "closed_on" and deal.stage not in CLOSED_STAGES:
        return deal.expected_close
    return getattr(deal, name)


OPPORTUNITIES = register(
    Definition(
        key="opportunities", label=gettext_lazy("opportunities"), model=Opportunity, identity=by_columns("external_id"),
        columns=(
            Column("external_id", gettext_lazy("id in the source system"), required=True, longest=100, synonyms=("opportunity_id", "deal_id", "id", "商机编号")),
            Column("name", gettext_lazy("name"), longest=200, synonyms=("opportunity", "deal name", "dealname", "商机名称")),
            Column("owner", gettext_lazy("owner"), "reference", synonyms=("sales_agent", "deal owner", "负责人", "销售")),
            Column("product", gettext_lazy("product"), "reference", synonyms=("产品",)),
            Column("account", gettext_lazy("account"), "reference", synonyms=("company", "customer", "客户", "公司")),
            Column("stage", gettext_lazy("stage"), "choice", required=True, choices=STAGES, synonyms=("deal_stage", "dealstage", "阶段")),
            Column("opened_on", gettext_lazy("opened on"), "date", synonyms=("engage_date", "create date", "created date", "created_at", "createdate", "创建日期")),
            Column("closed_on", gettext_lazy("closed on"), "date", synonyms=("close_date", "closedate", "成交日期")),
            Column("amount", gettext_lazy("amount"), "number", synonyms=("close_value", "value", "金额")),
            Column("currency", gettext_lazy("currency"), longest=3, synonyms=("币种",)),
        ),
        known=_known, create=_create, change=_change, resolve=_references, current=_current, after=_start_flows,
        parts=(OpportunityLine, StageChange), fixed=("external_id", "product", "account", "stage", "opened_on", "currency"),
        known_by=gettext_lazy("An opportunity is known by its id in the source system; stage, customer and products of a known one stay as they are."),
        starts=gettext_lazy("Open opportunities with a customer enter their sales process in their stage, so that tasks come to their owners."),
    )
)  # fmt: skip


# --- leads ---------------------------------------------------------------------------------------------------
def _lead_identity(values: Values) -> tuple[Any, ...]:
    """The mail address, else telephone and company."""
    if values.get("email"):
        return ("email", same(values["email"]))
    return ("phone", values.get("phone"), same(values.get("company") or ""))


def _known_leads(rows: Sequence[Values]) -> dict[tuple[Any, ...], Any]:
    mails = {str(row["email"]) for row in rows if row.get("email")}
    phones = {str(row["phone"]) for row in rows if row.get("phone") and not row.get("email")}
    found: dict[tuple[Any, ...], Any] = {}
    for lead in Lead.objects.filter(
        Q(email__in=mails | {mail.lower() for mail in mails}) | Q(phone__in=phones)
    ).order_by("pk"):
        found.setdefault(("email", same(lead.email)), lead)
        found.setdefault(("phone", lead.phone, same(lead.company)), lead)
    return {_lead_identity(row): found[_lead_identity(row)] for row in rows if _lead_identity(row) in found}


def _reachable(rows: Sequence[Values]) -> list[dict[str, str]]:
    sentence = _("Give an e-mail address or a telephone number, so that somebody can answer.")
    return [{} if row.get("email") or row.get("phone") else {"email": sentence} for row in rows]


def _create_leads(rows: Sequence[Values], by: Any) -> list[Lead]:
    given = [{name: value for name, value in row.items() if value not in (None, "")} for row in rows]
    return receive_leads(rows=given, source="import", channel="import", by=by)


def _announce_leads(made: list[Lead], options: Mapping[str, Any], by: Any) -> None:
    """Where it is asked for, the leads are handed out by their flow."""
    if options.get("start_flows"):
        for lead in made:
            events.lead_received(lead)


def _change_lead(lead: Lead, values: Values, by: Any) -> None:
    change_lead(lead, by=by, trusted=True, **{n: v for n, v in values.items() if n != "email" and v not in (None, "")})


LEADS = register(
    Definition(
        key="leads", label=gettext_lazy("leads"), model=Lead, identity=_lead_identity,
        columns=(
            Column("company", gettext_lazy("company"), longest=200, synonyms=("account", "公司", "公司名称")),
            Column("contact_name", gettext_lazy("contact"), required=True, longest=150, synonyms=("name", "full name", "contact", "联系人", "姓名")),
            Column("email", gettext_lazy("e-mail"), longest=254, synonyms=("mail", "邮箱")),
            Column("phone", gettext_lazy("telephone"), longest=60, synonyms=("telephone", "mobile", "电话", "手机")),
            Column("country", gettext_lazy("country"), "country", synonyms=("国家", "国家/地区")),
            Column("message", gettext_lazy("message"), synonyms=("description", "notes", "留言", "备注")),
        ),
        known=_known_leads, create=_create_leads, change=_change_lead, resolve=_reachable, after=_announce_leads,
        fixed=("email",), known_by=gettext_lazy("A lead is known by its e-mail, else by telephone and company."),
        starts=gettext_lazy("Each new lead is scored and handed out by the process for leads, so that somebody is asked to call."),
    )
)  # fmt: skip
