"""A person's answer at the table: an offer with a field for each issue, an acceptance, or the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib.auth.models import User

from negotiations.engine.specs import Outcome, Response
from negotiations.forms.issues import IssueField
from negotiations.forms.queries import SEQ_MAX
from negotiations.forms.seats import SentField
from negotiations.models import Move, Session
from negotiations.models.moves import ANSWERS, MOST_TEXT

STALE = "It does not say which turn it answers. Load the page anew, and send it from there."
NO_ANSWER = (
    "It is neither an offer nor an acceptance nor the end. Load the page anew, and send it from there."
)
TOO_LONG = f"A message has at most {MOST_TEXT:,} characters."


class MoveForm(forms.Form):
    """Always bound: to what was sent, or to what is suggested to begin with."""

    bound_field_class = SentField
    response = forms.ChoiceField(
        choices=[(answer.value, answer.value) for answer in ANSWERS],
        error_messages=dict.fromkeys(("required", "invalid_choice"), NO_ANSWER),
    )
    seq = forms.IntegerField(
        min_value=1, max_value=SEQ_MAX, error_messages=dict.fromkeys(("required", "invalid"), STALE)
    )
    text = forms.CharField(
        max_length=MOST_TEXT,
        required=False,
        label="Message",
        error_messages={"max_length": TOO_LONG},
        widget=forms.Textarea(attrs={"rows": 2, "class": "form-control", "maxlength": MOST_TEXT}),
    )

    def __init__(
        self, data: Mapping[str, Any], *, issues: Sequence[dict[str, Any]], is_sent: bool = False
    ) -> None:
        super().__init__(data)
        self.is_sent, self.n_issues = is_sent, len(issues)
        for index, issue in enumerate(issues):
            field = IssueField(issue)
            css = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
            field.widget.attrs["class"] = css
            self.fields[f"issue-{index}"] = field

    @classmethod
    def beginning(cls, issues: Sequence[dict[str, Any]], outcome: Sequence[Any]) -> MoveForm:
        """With this outcome filled in, as far as it goes."""
        given = {
            f"issue-{index}": IssueField(issue).shown(value)
            for index, (issue, value) in enumerate(zip(issues, outcome, strict=False))
        }
        return cls(given, issues=issues)

    @property
    def issue_fields(self) -> list[forms.BoundField]:
        return [self[f"issue-{index}"] for index in range(self.n_issues)]

    @property
    def unreadable(self) -> str:
        """What is wrong with what no field shows; empty where nothing is."""
        hidden = [*self["response"].errors, *self["seq"].errors] if self.is_sent else []
        return str(hidden[0]) if hidden else ""

    def _clean_fields(self) -> None:
        """Only an offer has an outcome: what does not count cannot be wrong."""
        is_offer = self.data.get("response") == Response.OFFER
        kept = {name: self.fields[name] for name in self.fields if is_offer or not name.startswith("issue-")}
        every, self.fields = self.fields, kept
        super()._clean_fields()  # type: ignore[misc]
        self.fields = every

    @property
    def outcome(self) -> Outcome | None:
        """What would be offered; None as long as something is missing or wrong."""
        try:
            return tuple(field.field.clean(field.data) for field in self.issue_fields)
        except forms.ValidationError:
            return None

    def answer(self, session: Session, by: User) -> Move:
        """Raises OutOfTurn."""
        kept = self.cleaned_data
        outcome = self.outcome if kept["response"] == Response.OFFER else None
        return session.answer(by, kept["seq"], kept["response"], outcome, kept["text"])
