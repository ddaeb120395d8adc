"""The form of a fork: at which offer, and what is different from there on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django import forms
from django.contrib.auth.models import User

from negotiations.engine.specs import Outcome, Response
from negotiations.fork_points import ForkPoint
from negotiations.forms.issues import IssueField
from negotiations.forms.seats import SeatForm, SentField, people_for, whole
from negotiations.models import ConfiguredNegotiator, Fork, Negotiator, Session
from negotiations.models.forks import Change, What

STEPS_MAX = 100_000
SUGGESTED = 8
RESPONSES = (
    (Response.OFFER.value, "Offer"),
    (Response.ACCEPT.value, "Accept"),
    (Response.REJECT.value, "Reject, with no offer of its own"),
    (Response.END.value, "End the negotiation"),
)
UNKNOWN = "This is not one of the available choices. Choose another."

Given = Mapping[str, Any]


class ForkForm(forms.Form):
    """Always bound: to what was sent, or to what was done, so that one thing has to be changed."""

    bound_field_class = SentField
    what = forms.ChoiceField(choices=What.choices, error_messages={"invalid_choice": UNKNOWN})
    response = forms.ChoiceField(
        choices=RESPONSES, required=False, label="Does", error_messages={"invalid_choice": UNKNOWN}
    )
    party = forms.TypedChoiceField(
        coerce=int, required=False, label="Party", error_messages={"invalid_choice": UNKNOWN}
    )
    n_steps = whole(1, STEPS_MAX, label="Steps", required=False)

    def __init__(self, data: Given, *, point: ForkPoint, user: User, is_sent: bool = False) -> None:
        super().__init__(_begun(point, data))
        self.point, self.user, self.is_sent = point, user, is_sent
        self.session = point.session
        choices = [
            (str(party.index), f"Party {party.index + 1}: {party.name}") for party in self.point.parties
        ]
        self.fields["party"].choices = choices  # type: ignore[attr-defined]
        for index, issue in enumerate(self.session.scenario.issues):
            self.fields[f"issue-{index}"] = IssueField(issue)
        for name, field in self.fields.items():
            if name != "what":
                is_list = isinstance(field.widget, forms.Select)
                field.widget.attrs["class"] = "form-select" if is_list else "form-control"

    # --- Parts that the page shows ----------------------------------------------------------------------------

    @property
    def whats(self) -> list[tuple[str, str, bool]]:
        """Value, label, and whether it is chosen."""
        return [(value, label, value == self.chosen_what) for value, label in What.choices]

    @cached_property
    def chosen_what(self) -> str:
        given = str(self.data.get("what", ""))
        return given if given in What.values else What.ACTION.value

    @property
    def issue_fields(self) -> list[forms.BoundField]:
        return [self[f"issue-{index}"] for index in range(len(self.session.scenario.issues))]

    @cached_property
    def chosen_party(self) -> int:
        given = str(self.data.get("party", ""))
        seats = [str(party.index) for party in self.point.parties]
        return int(given) if given in seats else self.point.row.party

    @cached_property
    def negotiators(self) -> list[Negotiator]:
        return list(Negotiator.objects.usable().order_by("family", "short_name"))

    @cached_property
    def configured(self) -> list[ConfiguredNegotiator]:
        return list(ConfiguredNegotiator.objects.visible_to(self.user).seatable())

    @cached_property
    def people(self) -> list[User]:
        """Who may sit in it; who has another seat has one already."""
        seated = {party.person_id for party in self.point.parties if party.index != self.chosen_party}
        group = self.session.group_for(self.user)
        return [person for person in people_for(self.user, group) if person.pk not in seated]

    @cached_property
    def seat(self) -> SeatForm:
        """Who sits in the chosen seat from here on."""
        return SeatForm(
            self.data,
            index=self.chosen_party,
            scenario=self.session.scenario,
            negotiators=self.negotiators,
            configured=self.configured,
            people=self.people,
            is_sent=self.is_sent and self.chosen_what == What.NEGOTIATOR,
        )

    @cached_property
    def chosen(self) -> Any:
        """What the seat's template calls the scenario of the form."""
        return self.session.scenario

    @cached_property
    def fitting(self) -> list[Negotiator]:
        fits = [each for each in self.negotiators if not each.misfit(self.session.scenario)]
        return fits[:SUGGESTED]

    # --- What is checked ----------------------------------------------------------------------------------------

    def _clean_fields(self) -> None:
        """Only what belongs to the change that was chosen: what is not shown cannot be wrong."""
        kept = {name: self.fields[name] for name in self.fields if self._counts(name)}
        every, self.fields = self.fields, kept
        super()._clean_fields()  # type: ignore[misc]
        self.fields = every

    def _counts(self, name: str) -> bool:
        if name == "what":
            return True
        if name.startswith("issue-"):
            is_offer = self.data.get("response") == Response.OFFER
            return self.chosen_what == What.ACTION and is_offer
        return name in {
            What.ACTION.value: ("response",),
            What.NEGOTIATOR.value: ("party",),
            What.STEPS.value: ("n_steps",),
        }.get(self.chosen_what, ())

    def clean(self) -> dict[str, Any]:
        kept: dict[str, Any] = super().clean() or {}
        if not self.errors:
            field, wrong = {
                What.ACTION.value: self._wrong_action,
                What.NEGOTIATOR.value: self._wrong_negotiator,
                What.STEPS.value: self._wrong_steps,
            }[kept["what"]](kept)
            if wrong:
                self.add_error(field, wrong)
        return kept

    def _wrong_action(self, kept: dict[str, Any]) -> tuple[str, str]:
        response, row = kept.get("response"), self.point.row
        if not response:
            return "response", "Choose what the party does."
        if response == Response.ACCEPT and self.point.on_table is None:
            return "response", "No offer of another party is on the table. Choose something else."
        if response != row.response:
            return "", ""
        if response != Response.OFFER:
            return "response", "That is what it did. Choose something else."
        if list(self._outcome(kept)) == list(row.outcome or []):
            return "issue-0", "That is what it offered. Change one of the values."
        return "", ""

    def _wrong_negotiator(self, kept: dict[str, Any]) -> tuple[str, str]:
        if not self.seat.is_valid():
            return "party", ""
        seat, party = self.seat.to_seat(), self.point.parties[kept["party"]]
        same = (party.type, party.person, party.parameters, party.n_steps)
        if (seat.type, seat.person, seat.parameters, seat.n_steps) == same:
            return "party", "That is who sits there. Choose another negotiator, or other parameters."
        return "", ""

    def _wrong_steps(self, kept: dict[str, Any]) -> tuple[str, str]:
        least, given = self.point.row.step + 1, kept.get("n_steps")
        if given is None or given < least:
            return (
                "n_steps",
                f"Give a whole number from {least:,} to {STEPS_MAX:,}: it begins in step {least:,}.",
            )
        if given == self.session.n_steps:
            return "n_steps", f"It has {given:,} steps already. Give another number."
        return "", ""

    def is_valid(self) -> bool:
        seated = self.chosen_what != What.NEGOTIATOR or self.seat.is_valid()
        return super().is_valid() and seated

    # --- The fork -------------------------------------------------------------------------------------------------

    def _outcome(self, kept: dict[str, Any]) -> Outcome:
        return tuple(kept[f"issue-{index}"] for index in range(len(self.session.scenario.issues)))

    def change(self) -> Change:
        kept = self.cleaned_data
        if kept["what"] == What.NEGOTIATOR:
            return Change(party=kept["party"], seat=self.seat.to_seat())
        if kept["what"] == What.STEPS:
            return Change(n_steps=kept["n_steps"])
        is_offer = kept["response"] == Response.OFFER
        return Change(kept["response"], self._outcome(kept) if is_offer else None)

    def start(self, owner: User) -> Session:
        """Raises Unsuitable and TooMuch."""
        started: Session = Fork.objects.start(self.session, self.point.row.seq, self.change(), owner=owner)
        return started


def _begun(point: ForkPoint, given: Given) -> dict[str, Any]:
    """What was done, under what was given; a seat that was given to another begins without the parameters of who sat there."""
    done = _done(point)
    for party in point.parties:
        prefix = f"party-{party.index}"
        if given.get(f"{prefix}-negotiator", done[f"{prefix}-negotiator"]) != done[f"{prefix}-negotiator"]:
            done = {name: value for name, value in done.items() if not name.startswith(f"{prefix}-p-")}
    return done | dict(given.items())


def _done(point: ForkPoint) -> dict[str, str]:
    """What was done at this point, as the form would say it."""
    row, session = point.row, point.session
    did = row.response if row.response in dict(RESPONSES) else Response.OFFER.value
    fields = {
        "what": What.ACTION.value,
        "response": did,
        "party": str(row.party),
        "n_steps": str(session.n_steps),
    }
    for index, (issue, value) in enumerate(zip(session.scenario.issues, point.suggested, strict=False)):
        fields[f"issue-{index}"] = IssueField(issue).shown(value)
    for party in point.parties:
        prefix = f"party-{party.index}"
        fields[f"{prefix}-negotiator"] = party.key
        fields[f"{prefix}-n_steps"] = str(party.n_steps or "")
        for name, value in party.parameters.items():
            fields[f"{prefix}-p-{name}"] = "" if value is None else str(value)
    return fields
