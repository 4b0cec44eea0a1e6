"""The form in which an absence is entered: days, times where they are needed, who stands in and where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm_core.kernel.absences import could_stand_in
from crm_core.kernel.people import zone_of
from processes import api, ports

PLACES = 3
"""So many single processes may have a substitute of their own."""


class AbsenceForm(forms.Form):
    """What somebody enters; `moments` and `covers` are what the service takes."""

    first = forms.DateField(label=_("First day away"))
    first_time = forms.TimeField(label=_("From what time"), required=False)
    last = forms.DateField(label=_("Last day away"))
    last_time = forms.TimeField(label=_("Until what time"), required=False)
    substitute: Any = forms.ModelChoiceField(queryset=None, label=_("Who stands in"), required=False)
    note = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        offered = could_stand_in(person)
        self.fields["substitute"].queryset = offered  # type: ignore[attr-defined]
        names = [(one.pk, ports.people().display(one)) for one in offered]  # asked once for all fields
        self.fields["substitute"].choices = [("", _("Nobody")), *names]  # type: ignore[attr-defined]
        self.processes = [(row.key, row.title) for row in api.definitions(None, figures=False)]
        for number in range(PLACES):
            self.fields[f"process_{number}"] = forms.ChoiceField(
                label=_("In the process"), required=False, choices=[("", "—"), *self.processes]
            )
            self.fields[f"instead_{number}"] = forms.ModelChoiceField(
                queryset=offered, label=_("stands in instead"), required=False
            )
            self.fields[f"instead_{number}"].choices = [("", "—"), *names]  # type: ignore[attr-defined]

    def places(self) -> Iterable[tuple[Any, Any]]:
        """The pairs of fields for single processes."""
        return [(self[f"process_{number}"], self[f"instead_{number}"]) for number in range(PLACES)]

    def in_places(self) -> bool:
        """Whether something was entered for single processes, so that they are shown."""
        return any(self.data.get(f"process_{number}") for number in range(PLACES))

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """From when until when, in the absent person's own time; without times whole days, the last one included."""
        zone, given = zone_of(self.person), self.cleaned_data
        starts = datetime.combine(given["first"], given["first_time"] or time(), tzinfo=zone)
        if given["last_time"]:
            return starts, datetime.combine(given["last"], given["last_time"], tzinfo=zone)
        return starts, datetime.combine(given["last"] + timedelta(days=1), time(), tzinfo=zone)

    @property
    def covers(self) -> Mapping[str, Any]:
        """Who stands in for single processes, by their keys."""
        given = self.cleaned_data
        pairs = [(given[f"process_{number}"], given[f"instead_{number}"]) for number in range(PLACES)]
        return {key: person for key, person in pairs if key and person is not None}
