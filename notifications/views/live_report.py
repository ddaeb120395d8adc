from __future__ import annotations

from functools import partial

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from notifications.live import QUIET, fragment, live_response, live_view, version_of
from notifications.report import LiveReport


@require_safe
@login_required
def live_report(request: HttpRequest) -> HttpResponse:
    """For staff; to others there is no such page, as with everything that is not theirs."""
    context = {"shown": _report_for(request), "interval": QUIET}
    return render(request, "notifications/live_report.html", context)


@require_safe
@live_view
def live_report_live(request: HttpRequest) -> HttpResponse:
    shown = _report_for(request)
    sections = [partial(_section, shown, part) for part in ("figures", "minutes", "pages")]
    return live_response(request, sections=sections, interval=QUIET)


def _report_for(request: HttpRequest) -> ShownReport:
    if not request.user.is_staff:
        raise Http404("The report on the live layer is for staff.")
    return ShownReport()


def _section(shown: ShownReport, part: str, request: HttpRequest) -> str:
    template, id = f"notifications/_live_report_{part}.html", f"live-report-{part}"
    return fragment(request, template, {"shown": shown}, id, getattr(shown, f"{part}_version"))


class ShownReport(LiveReport):
    """The report, with a version for each part of the page."""

    @property
    def figures_version(self) -> str:
        return version_of(self.all.to_dict())

    @property
    def minutes_version(self) -> str:
        return version_of([(bar.minute, bar.polls) for bar in self.bars])

    @property
    def pages_version(self) -> str:
        return version_of(self.to_dict()["pages"])
