"""Cards, rows and marks of the library that wait for their analysis: the poll of the page brings what became of it."""

from __future__ import annotations

import re
from functools import partial
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_safe

from negotiations.forms.scenario_filters import ScenarioFilterForm
from negotiations.models import Scenario
from notifications.live import PROCESSING, QUIET, fragment, live_response, live_view

PIECES = {
    "scenario-card": "negotiations/_scenario_card.html",
    "scenario-row": "negotiations/_scenario_row.html",
}
SHOWN = re.compile(rf"v-({'|'.join(PIECES)})-([0-9]{{1,9}})")
MOST = 25
"""As many as a page of the library has."""


@require_safe
@live_view
def scenario_list_live(request: HttpRequest) -> HttpResponse:
    """Of the cards or rows that wait, those whose scenario is analysed by now; when none waits any more, the page rests."""
    pieces = waiting(request.GET)
    known = Scenario.objects.known_to(request.user).with_opposition(request.user)
    found = list(known.filter(pk__in=pieces).for_list().with_analyses()) if pieces else []
    sections = [partial(_piece, pieces[scenario.pk], scenario) for scenario in found]
    if any(scenario.analysis_standing == "waiting" for scenario in found):
        return live_response(request, sections=sections, interval=PROCESSING)
    return live_response(request, sections=sections, interval=QUIET, url=reverse("notifications:live"))


def waiting(query: QueryDict) -> dict[int, str]:
    """Which scenarios the page shows as waiting, and as what: only these have a version, which comes with each poll."""
    told = [shown for name in query if (shown := SHOWN.fullmatch(name))]
    return {int(shown[2]): shown[1] for shown in told[:MOST]}


def _piece(kind: str, scenario: Scenario, request: HttpRequest) -> str:
    id = f"{kind}-{scenario.pk}"
    return fragment(request, PIECES[kind], {"scenario": scenario}, id, scenario.analysis_standing)


@require_safe
@live_view
def scenario_plot_live(request: HttpRequest) -> HttpResponse:
    """How many of those that the filters leave are being analysed. The plot stays as it is read until it is asked for anew."""
    assert request.user.is_authenticated  # as the decorator saw to
    form = ScenarioFilterForm(request.GET)
    found = form.narrow(Scenario.objects.visible_to(request.user), request.user)
    n_waiting = found.awaiting_analysis().count()
    here = f"{reverse('negotiations:scenario-plot')}?{filters_of(form)}"
    context = {"n_waiting": n_waiting, "n_since": max(0, _waited(request.GET) - n_waiting), "here": here}
    template, id = "negotiations/_scenario_plot_waiting.html", "scenario-plot-waiting"
    sections = [partial(fragment, template=template, context=context, id=id, version=str(n_waiting))]
    if n_waiting:
        return live_response(request, sections=sections, interval=PROCESSING)
    return live_response(request, sections=sections, interval=QUIET, url=reverse("notifications:live"))


def filters_of(form: ScenarioFilterForm, **more: int) -> str:
    """What the page's address asks for, without what only its poll says; and `more`."""
    return urlencode({name: form.data[name] for name in form.fields if name in form.data} | more)


def _waited(query: QueryDict) -> int:
    """How many were being analysed when the page was loaded."""
    said = query.get("waiting", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else 0
