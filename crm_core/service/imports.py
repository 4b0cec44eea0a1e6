"""Cases as files of other systems list them: enquiries, complaints, faults and requests, open or long closed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext_lazy

from crm_core.integration.definitions import Column, Definition, Values, register, same
from crm_core.kernel import records
from crm_core.service import events
from crm_core.service.models import Case, CaseMessage
from crm_core.service.models.cases import CaseChannel, CaseKind, CaseStatus
from crm_core.service.services import receive_case

KINDS = {
    "enquiry": ("question", "咨询"), "complaint": ("problem", "投诉"), "fault": ("incident", "bug", "故障", "报修"),
    "request": ("task", "feature_request", "请求", "服务请求"),
}  # fmt: skip
CHANNELS = {
    "web": ("web form", "网站", "网页"), "email": ("e-mail", "mail", "邮件", "电子邮件"), "telephone": ("phone", "voice", "电话"),
    "wechat": ("微信",), "letter": ("信函", "信件"), "visit": ("来访", "上门"),
}  # fmt: skip
STATES = {
    "open": ("new", "pending", "hold", "on-hold", "in progress", "打开", "未解决", "处理中", "新建"),
    "closed": ("solved", "resolved", "done", "关闭", "已关闭", "已解决"),
}  # fmt: skip
_CASE_FIELDS = ("kind", "product", "subject_line")


def _key(values: Values) -> str:
    """The key of the delivery: the id in the source system, else who wrote, what about and when."""
    if values.get("external_id"):
        return f"import:{values['external_id']}"[:200]
    parts = (values.get("contact_email"), values.get("contact_phone"), values.get("company"), values.get("subject_line"),
             values.get("description"), values.get("received_on"))  # fmt: skip
    told = "\x1f".join(str(same(part) or "") for part in parts)
    return f"import#{hashlib.sha256(told.encode()).hexdigest()}"


def _known(rows: Sequence[Values]) -> dict[tuple[Any, ...], Any]:
    return {(case.idempotency_key,): case for case in Case.objects.filter(idempotency_key__in=[_key(row) for row in rows])}


def _moment(day: Any) -> datetime | None:
    return datetime.combine(day, time(12), ZoneInfo(settings.TIME_ZONE)) if day is not None else None


def _create(rows: Sequence[Values], by: Any) -> list[Case]:
    made = []
    for row in rows:
        data = {name: value for name, value in row.items() if value not in (None, "")}
        data.setdefault("description", data.get("subject_line", ""))
        case = receive_case(
            data=data, channel=row.get("channel") or CaseChannel.EMAIL, idempotency_key=_key(row), announced=False,
            received_at=_moment(row.get("received_on")), by=by,
        )  # fmt: skip
        if row.get("status") == "closed":
            closed = _moment(row.get("closed_on")) or case.received_at
            records.change(case, by=by, status=CaseStatus.CLOSED, closed_at=max(closed, case.received_at))
        made.append(case)
    return made


def _change(case: Case, values: Values, by: Any) -> None:
    records.change(case, by=by, **{name: values[name] for name in _CASE_FIELDS if values.get(name)})


def _announce(made: list[Case], options: Mapping[str, Any], by: Any) -> None:
    """Where it is asked for, open cases begin their flow."""
    if options.get("start_flows"):
        for case in made:
            if case.is_open:
                events.case_received(case)


CASES = register(
    Definition(
        key="cases", label=gettext_lazy("cases"), model=Case, identity=lambda values: (_key(values),),
        columns=(
            Column("external_id", gettext_lazy("id in the source system"), longest=150, synonyms=("ticket id", "ticket_id", "case number", "case_id", "id", "工单编号", "投诉编号")),
            Column("kind", gettext_lazy("kind"), "choice", choices={key: KINDS[key] for key in CaseKind.values}, synonyms=("type", "类型", "工单类型")),
            Column("subject_line", gettext_lazy("subject"), required=True, longest=300, synonyms=("title", "summary", "主题", "标题")),
            Column("description", gettext_lazy("description"), synonyms=("body", "text", "complaint", "描述", "内容", "问题描述")),
            Column("company", gettext_lazy("company"), longest=200, synonyms=("account", "customer", "organization", "公司", "客户")),
            Column("contact_name", gettext_lazy("contact"), longest=200, synonyms=("requester", "name", "contact", "联系人", "姓名")),
            Column("contact_email", gettext_lazy("e-mail"), longest=254, synonyms=("email", "requester email", "邮箱", "电子邮件")),
            Column("contact_phone", gettext_lazy("telephone"), longest=60, synonyms=("phone", "mobile", "电话", "手机")),
            Column("product", gettext_lazy("product"), longest=200, synonyms=("产品",)),
            Column("channel", gettext_lazy("channel"), "choice", choices={key: CHANNELS[key] for key in CaseChannel.values}, synonyms=("via", "来源", "渠道")),
            Column("status", gettext_lazy("status"), "choice", choices=STATES, synonyms=("state", "状态")),
            Column("received_on", gettext_lazy("received on"), "date", synonyms=("created_at", "created", "created at", "date", "创建日期", "受理日期")),
            Column("closed_on", gettext_lazy("closed on"), "date", synonyms=("solved_at", "closed_at", "closed at", "关闭日期")),
        ),
        known=_known, create=_create, change=_change, after=_announce, parts=(CaseMessage,),
        fixed=("external_id", "description", "company", "contact_name", "contact_email", "contact_phone", "channel", "status", "received_on", "closed_on"),
        known_by=gettext_lazy("A case is known by its id in the source system, else by who wrote, what about and when; where a known case stands is not changed."),
        starts=gettext_lazy("Each open case enters the process for complaints and other cases as if it had just arrived, so that somebody is asked to answer."),
    )
)  # fmt: skip
