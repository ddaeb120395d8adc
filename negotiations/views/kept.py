"""What is hidden from who sits at a table: why, and until when."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from negotiations.models import Scenario, Session
from negotiations.models.owned import Visitor


def kept(request: HttpRequest, scenario: Scenario) -> HttpResponse:
    """In place of what tells of this scenario more than a seat may know."""
    context = {"scenario": scenario, "seat": seat_at(request.user, scenario)}
    return render(request, "negotiations/kept.html", context, status=403)


def seat_at(user: Visitor, scenario: Scenario) -> Session | None:
    """A session for which it is kept from this person."""
    seats = Session.objects.seated(user).in_progress().filter(scenario__checksum=scenario.checksum)
    found: Session | None = seats.first()
    return found
