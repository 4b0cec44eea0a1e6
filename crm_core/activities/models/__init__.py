"""What was done with customers and what is planned: activities, mail, templates, attachments."""

from crm_core.activities.models.activities import Activity, Attachment
from crm_core.activities.models.mail import MailOutbox, Template

__all__ = ["Activity", "Attachment", "MailOutbox", "Template"]
