"""Everything that service does: one function per use case."""

from crm_core.service.services.cases import (
    acknowledge,
    assign_handler,
    change_case,
    close,
    enter_case,
    escalate,
    propose_articles,
    receive_case,
    reopen,
    respond,
    set_severity,
    update_case,
    write_to_customer,
)
from crm_core.service.services.customers import CustomerView, customer_answers, customer_view, send_link
from crm_core.service.services.remedies import compensate, mark_paid
from crm_core.service.services.surveys import SurveyView, answer_survey, send_survey, survey_view

__all__ = [
    "CustomerView",
    "SurveyView",
    "acknowledge",
    "answer_survey",
    "assign_handler",
    "change_case",
    "close",
    "compensate",
    "customer_answers",
    "customer_view",
    "enter_case",
    "escalate",
    "mark_paid",
    "propose_articles",
    "receive_case",
    "reopen",
    "respond",
    "send_link",
    "send_survey",
    "set_severity",
    "survey_view",
    "update_case",
    "write_to_customer",
]
