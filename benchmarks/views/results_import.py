from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from benchmarks.forms.results_import import ResultsImportForm
from negotiations.exceptions import TooMuch


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def results_import(request: HttpRequest) -> HttpResponse:
    """A tournament of NegMAS or a log that ran elsewhere: read by a worker, as a benchmark (B-11)."""
    assert request.user.is_authenticated  # as the decorator saw to
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ResultsImportForm(*sent, user=request.user)
    status = 200
    if form.is_valid():
        try:
            return redirect(form.start(owner=request.user))
        except TooMuch as limit:
            form.add_error(None, str(limit))
            status = 429
    context = {"form": form, "upload_mb": settings.UPLOAD_MB}
    return render(request, "benchmarks/results_import.html", context, status=status)
