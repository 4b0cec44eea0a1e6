"""Organisation and access: people, branches, teams, roles, grants, audit, notices, numbers."""

from crm_core.kernel.models.access import AccessRefusal, Grant, Role, RolePermission
from crm_core.kernel.models.audit import AuditEntry
from crm_core.kernel.models.notices import Notice
from crm_core.kernel.models.organisation import Absence, AbsenceCover, Branch, Employee, Team, WorkingCalendar
from crm_core.kernel.models.people import User
from crm_core.kernel.models.sequences import NumberSequence

__all__ = [
    "Absence",
    "AbsenceCover",
    "AccessRefusal",
    "AuditEntry",
    "Branch",
    "Employee",
    "Grant",
    "Notice",
    "NumberSequence",
    "Role",
    "RolePermission",
    "Team",
    "User",
    "WorkingCalendar",
]
