from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from benchmarks.forms.benchmark_begin import begun, of_spec
from benchmarks.forms.benchmark_checks import BenchmarkChecks
from benchmarks.forms.benchmark_choices import negotiator_choices, scenario_choices
from benchmarks.forms.benchmark_new import BenchmarkForm
from benchmarks.forms.entrants import next_key
from benchmarks.spec_files import MOST_BYTES, SpecRefused, read_spec
from benchmarks.views.benchmarks import person
from negotiations.exceptions import TooMuch, Unsuitable
from notifications.live import version_of


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def benchmark_new(request: HttpRequest) -> HttpResponse:
    """The form, and the start: that writes the plan and answers at once, the matches are the workers'."""
    user = person(request)
    if request.method != "POST":
        return _page(request, BenchmarkForm(begun(user, request.GET.dict()), user=user))
    if "read" in request.POST:
        return _read(request)
    if "show" in request.POST or "more" in request.POST:
        return _page(request, BenchmarkForm(_with_more(request.POST), user=user))
    form = BenchmarkForm(request.POST, user=user, is_sent=True)
    if not form.is_valid():
        return _page(request, form)
    try:
        benchmark = form.start(owner=user)
    except (TooMuch, Unsuitable) as refusal:
        form.add_error(None, str(refusal))  # all that was entered stays (J-18)
        return _page(request, form, status=429 if isinstance(refusal, TooMuch) else 200)
    if request.headers.get("HX-Request"):
        return HttpResponseClientRedirect(benchmark.get_absolute_url())
    return redirect(benchmark)


@require_POST
@login_required
def benchmark_new_check(request: HttpRequest) -> HttpResponse:
    """What the values that the form has now come to; the competitors' parameters where there are others now."""
    form = BenchmarkForm(_with_more(request.POST), user=person(request))
    context = _context(form) | {"oob": True}
    context["is_new"] = context["entrants_version"] != request.POST.get("entrants")
    return render(request, "benchmarks/_benchmark_new_parts.html", context)


def _page(request: HttpRequest, form: BenchmarkForm, status: int = 200, **more: Any) -> HttpResponse:
    context = _context(form) | {
        "negotiators": negotiator_choices(form),
        "scenarios": scenario_choices(form),
        **more,
    }
    return render(request, "benchmarks/benchmark_new.html", context, status=status)


def _context(form: BenchmarkForm) -> dict[str, Any]:
    version = version_of([each.prefix for each in form.entrants])
    return {"form": form, "checks": BenchmarkChecks(form), "entrants_version": version}


def _read(request: HttpRequest) -> HttpResponse:
    """Fill in the form from a file, to be looked at before the start; what is wrong with it stands beside it."""
    user, upload = person(request), request.FILES.get("file")
    given: bytes | str = upload.read(MOST_BYTES + 1) if upload else request.POST.get("text", "")
    try:
        spec = read_spec(given, user)
    except SpecRefused as refused:
        form = BenchmarkForm(begun(user, {}), user=user)
        return _page(
            request, form, refused=refused.errors, text=given if isinstance(given, str) else "", status=422
        )
    return _page(request, BenchmarkForm(of_spec(spec), user=user), is_read=True)


def _with_more(sent: QueryDict) -> QueryDict:
    """With one more of a competitor, where its button was pressed."""
    role, _, key = sent.get("more", "").partition(":")
    if role not in ("competitor", "opponent") or not key:
        return sent
    changed = sent.copy()
    changed.appendlist(f"{role}s", next_key(key, sent.getlist(f"{role}s")))
    return changed
