"""Cards of the library that wait for their analysis: the poll of the page that shows them brings what became of it."""

from __future__ import annotations

from functools import partial

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_safe

from negotiations.models import Scenario
from notifications.live import PROCESSING, QUIET, fragment, live_response, live_view

CARD = "scenario-card"
MOST = 25
"""As many as a page of the library has."""


@require_safe
@live_view
def scenario_list_live(request: HttpRequest) -> HttpResponse:
    """Of the cards that wait, those whose scenario is analysed by now; when none waits any more, the page rests."""
    numbers = waiting(request.GET)
    visible = Scenario.objects.visible_to(request.user)
    found = list(visible.filter(pk__in=numbers).for_list().with_analyses()) if numbers else []
    sections = [partial(_card, scenario) for scenario in found]
    if any(scenario.analysis_standing == "waiting" for scenario in found):
        return live_response(request, sections=sections, interval=PROCESSING)
    return live_response(request, sections=sections, interval=QUIET, url=reverse("notifications:live"))


def waiting(query: QueryDict) -> list[int]:
    """Whose cards the page shows as waiting: only these have a version, which comes with each poll."""
    told = [name.removeprefix(f"v-{CARD}-") for name in query if name.startswith(f"v-{CARD}-")]
    return [int(number) for number in told if number.isascii() and number.isdigit() and len(number) < 10][
        :MOST
    ]


def _card(scenario: Scenario, request: HttpRequest) -> str:
    id = f"{CARD}-{scenario.pk}"
    context = {"scenario": scenario}
    return fragment(request, "negotiations/_scenario_card.html", context, id, scenario.analysis_standing)
