"""Pages that make scenarios: the editor, and the generator with its preview (P-04)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from negotiations import space_charts
from negotiations.engine.exceptions import ScenarioRefused
from negotiations.engine.scenario_generation import TOLERANCE, Made
from negotiations.engine.scenario_tables import spec_of
from negotiations.exceptions import TooMuch
from negotiations.forms.scenario_drafts import ScenarioDraft, exact_numbers, unchanged, why_not
from negotiations.forms.scenario_making import GeneratorForm, KeepForm
from negotiations.models import Scenario
from negotiations.models.scenarios import size_of
from negotiations.space_previews import preview

EDITED = "edited"
GENERATED = "generated"


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def scenario_new(request: HttpRequest) -> HttpResponse:
    """Write one, or a new version of another (`?from=`): what is there never changes."""
    assert request.user.is_authenticated  # as the decorator saw to
    base = _base(request, request.user)
    if request.method != "POST":
        draft = ScenarioDraft.of(base) if base else ScenarioDraft.blank()
        return _editor(request, draft, KeepForm(initial=_kept(base), user=request.user), base)
    draft = ScenarioDraft.sent(request.POST.dict())
    draft.exact = exact_numbers(base) if base else {}
    form = KeepForm(request.POST, user=request.user)
    if wanted := request.POST.get("change"):
        form = KeepForm(initial=request.POST.dict(), user=request.user)
        return _editor(request, draft, form, base, draft.change(wanted))
    issues, parties = draft.tables()
    if draft.errors or not form.is_valid():
        return _editor(request, draft, form, base)
    try:
        spec = spec_of(form.cleaned_data["name"], issues, parties)
        kept = form.keep(unchanged(spec, base) if base else spec, EDITED, version_of=base)
    except ScenarioRefused as refused:
        return _editor(request, draft, form, base, refused.reason)
    except TooMuch as limit:
        return _editor(request, draft, form, base, str(limit), status=429)
    return _opened(request, *kept)


def _base(request: HttpRequest, user: User) -> Scenario | None:
    """The scenario that is copied, for whom may see it."""
    asked = request.GET.get("from", "")
    if not asked:
        return None
    if not (asked.isdecimal() and len(asked) < 19):
        raise Http404
    scenario: Scenario = get_object_or_404(Scenario.objects.visible_to(user), pk=asked)
    if why_not(scenario):
        raise Http404
    return scenario


def _kept(base: Scenario | None) -> dict[str, Any]:
    return {"name": base.name, "tags": ", ".join(base.tags), "group": base.group_id} if base else {}


def _editor(
    request: HttpRequest,
    draft: ScenarioDraft,
    form: KeepForm,
    base: Scenario | None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {"draft": draft, "form": form, "base": base, "problem": problem}
    return render(request, "negotiations/scenario_new.html", context, status=status)


def _opened(request: HttpRequest, scenario: Scenario, is_new: bool) -> HttpResponse:
    if not is_new:
        messages.info(request, f"You have this scenario already, as {scenario}. Nothing was changed.")
    return redirect(scenario)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def scenario_generate(request: HttpRequest) -> HttpResponse:
    """It takes a second at most, whatever is asked for, so it is made in the request."""
    assert request.user.is_authenticated  # as the decorator saw to
    form = GeneratorForm(request.POST if request.method == "POST" else None, user=request.user)
    context: dict[str, Any] = {"form": form, "tolerance": TOLERANCE}
    status = 200
    if form.is_bound and form.is_valid():
        try:
            made = form.make()
            if "preview" not in request.POST:
                return _opened(request, *form.keep(made.spec, GENERATED))
            context |= _previewed(form, made)
        except ScenarioRefused as refused:
            form.add_error("opposition", refused.reason)
        except TooMuch as limit:
            form.add_error(None, str(limit))
            status = 429
    return render(request, "negotiations/scenario_generate.html", context, status=status)


def _previewed(form: GeneratorForm, made: Made) -> dict[str, Any]:
    """With the seed that was drawn in the form: what is kept is what was seen."""
    seen = {**form.data.dict(), "seed": str(form.recipe.seed)}  # type: ignore[attr-defined]
    again = GeneratorForm(seen, user=form.user)
    ticks = [(share, space_charts.across(share), space_charts.up(share)) for share in space_charts.TICKS]
    size = size_of(made.spec.n_outcomes)
    return {"form": again, "made": made, "picture": preview(made.spec), "ticks": ticks, "size": size}
