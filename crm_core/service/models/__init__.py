"""Rows of service: cases, what customers are entitled to, remedies, and their opinion."""

from crm_core.service.models.cases import Case, CaseArticle, CaseMessage, Resolution
from crm_core.service.models.entitlements import Entitlement, ServiceLevel
from crm_core.service.models.remedies import Compensation
from crm_core.service.models.surveys import Survey, SurveyAnswer

__all__ = [
    "Case",
    "CaseArticle",
    "CaseMessage",
    "Compensation",
    "Entitlement",
    "Resolution",
    "ServiceLevel",
    "Survey",
    "SurveyAnswer",
]
