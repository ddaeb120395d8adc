"""What the pages of jobs are asked: filters, the choice of rows, a place in a log."""

from __future__ import annotations

from typing import Any

from django import forms

from negotiations.forms.queries import SEQ_MAX
from negotiations.forms.ticks import TickedForm
from negotiations.models import Kind, Level, Queue, Status
from negotiations.models.job_queries import CHANGED_AT_ONCE
from negotiations.models.job_states import Verb
from negotiations.models.owned import Visitor


class JobFilterForm(forms.Form):
    """The list's filters. What cannot be understood is left out: a mistyped address still shows the list."""

    STATUSES = (
        ("", "All"),
        ("queued", "Queued"),
        ("processing", "Processing"),
        ("paused", "Paused"),
        *((status, status.capitalize()) for status in (Status.COMPLETED, Status.FAILED, Status.CANCELLED)),
    )
    KINDS = (("", "Any kind"), *((kind, kind.capitalize()) for kind in Kind.values))
    QUEUES = (("", "Any queue"), *((queue, queue.capitalize()) for queue in Queue.values))

    q = forms.CharField(required=False, max_length=200)
    status = forms.ChoiceField(choices=STATUSES, required=False)
    kind = forms.ChoiceField(choices=KINDS, required=False)
    queue = forms.ChoiceField(choices=QUEUES, required=False)
    owner = forms.CharField(required=False, max_length=150)
    page = forms.IntegerField(required=False, min_value=1, max_value=10_000)

    def chosen(self, user: Visitor) -> dict[str, Any]:
        """Each filter's value, empty where it does not narrow; whose jobs is for superusers to ask."""
        self.is_valid()
        kept: dict[str, Any] = {name: self.cleaned_data.get(name) or "" for name in self.fields}
        kept["page"] = kept["page"] or 1
        if not user.is_superuser:
            kept["owner"] = ""
        return kept


class BulkForm(TickedForm):
    """The ticked rows and the button that was pressed."""

    thing = "job"
    most = CHANGED_AT_ONCE
    change = forms.ChoiceField(choices=Verb.choices)


class LogForm(forms.Form):
    """The place in a log: the number of the last line that is shown, and how grave a line has to be."""

    log = forms.IntegerField(min_value=0, max_value=SEQ_MAX, required=False)
    level = forms.ChoiceField(
        choices=[("", "All"), *((level, level) for level in Level.values)], required=False
    )

    def place(self) -> tuple[int, str]:
        """What cannot be understood is left out: then the end of the whole log is shown."""
        self.is_valid()
        return self.cleaned_data.get("log") or 0, self.cleaned_data.get("level") or Level.INFO
