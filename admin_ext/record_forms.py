"""Forms of records: they remember which version they showed, and come back whole when a service refuses."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from admin_ext import meanwhile
from admin_ext.choosing import KeepsChoice
from crm_core.kernel.records import Rows
from processes.errors import ProcessError


class NotSaved(Exception):
    """Carries a service's refusal through the form machinery, out of its transaction."""

    def __init__(self, error: ProcessError) -> None:
        super().__init__(error.sentence)
        self.error = error


class RefusedForm(forms.ModelForm):
    """A form that a service refused: its sentence on top, its errors beside their fields."""

    refused: ClassVar[ProcessError]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        for name, sentence in (getattr(self.refused, "errors", None) or {}).items():
            if name in self.fields:
                self.add_error(name, sentence)
        self.add_error(None, self.refused.sentence)
        return cleaned


class RecordForm(KeepsChoice):
    """A form that remembers which state of the record it showed."""

    seen_version = forms.CharField(label="", required=False, max_length=60, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and not self.is_bound:
            self.initial[meanwhile.FIELD] = meanwhile.mark(self.instance)


def rows_of(formset: Any) -> Rows:
    """The rows of a record as a valid formset leaves them, in their order; empty forms are none."""
    kept, gone = [], []
    for form in formset.forms:
        if formset.can_delete and formset._should_delete_form(form):
            if form.instance.pk is not None:
                gone.append(form.instance)
        elif form.instance.pk is not None or form.has_changed():
            kept.append(form.instance)
    return Rows(kept, gone)
