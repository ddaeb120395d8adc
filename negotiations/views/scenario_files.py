"""What of a scenario is fetched as a file: its picture, and the formats of other programs (P-03)."""

from __future__ import annotations

import io
import re
import zipfile

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from negotiations import space_charts
from negotiations.engine.exceptions import ScenarioRefused
from negotiations.engine.scenario_exports import genius_files, yaml_files
from negotiations.models import Scenario
from negotiations.views.kept import kept

A_YEAR = 365 * 86_400
AN_HOUR, A_MINUTE = 3600, 60
# One moment for all entries: the same scenario is the same file.
MOMENT = (1980, 1, 1, 0, 0, 0)


@require_safe
@login_required
def scenario_picture(request: HttpRequest, pk: int) -> HttpResponse:
    """For a card. Its address changes with the analysis, so a browser may keep it; the picture is drawn once for each."""
    scenario = get_object_or_404(Scenario.objects.visible_to(request.user).for_list(), pk=pk)
    if scenario.analysis is None:
        raise Http404
    svg = space_charts.thumbnail(scenario.analysis, scenario.n_parties)
    response = HttpResponse(svg, content_type="image/svg+xml")
    response["Cache-Control"] = f"private, max-age={A_YEAR}, immutable"
    return response


@require_safe
@login_required
def scenario_stamp(request: HttpRequest, pk: int) -> HttpResponse:
    """For lists of sessions, which know nothing of analyses: empty until there is one to be seen, and asked for anew by and by."""
    scenario = get_object_or_404(Scenario.objects.known_to(request.user).for_list(), pk=pk)
    response = HttpResponse(space_charts.stamp(scenario.analysis), content_type="image/svg+xml")
    seconds = AN_HOUR if scenario.analysis else A_MINUTE
    response["Cache-Control"] = f"private, max-age={seconds}"
    return response


@require_safe
@login_required
def scenario_export(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """A zip with the domain and a file for each party; `yaml1` is one YAML stream instead."""
    scenario = get_object_or_404(Scenario.objects.known_to(request.user), pk=pk)
    if scenario.is_kept:
        return kept(request, scenario)
    if kind == "yaml1":
        return _attached(scenario.document.encode(), f"{_plain(scenario.name)}.yml", "application/yaml")
    try:
        files = _files(scenario, kind)
    except ScenarioRefused as refused:
        text = f"{scenario} cannot be written as Genius XML. {refused.reason} NegMAS YAML can carry it.\n"
        return HttpResponse(text, content_type="text/plain; charset=utf-8", status=409)
    return _attached(
        zipped(files, _plain(scenario.name)), f"{_plain(scenario.name)}-{kind}.zip", "application/zip"
    )


def _files(scenario: Scenario, kind: str) -> dict[str, str]:
    if kind == "genius":
        return genius_files(scenario.name, scenario.issues, scenario.preferences)
    return yaml_files(scenario.document)


def zipped(files: dict[str, str], folder: str) -> bytes:
    """Within a folder, which gives the scenario its name when it is read again."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(f"{folder}/{name}", MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, text)
    return packed.getvalue()


def _plain(name: str) -> str:
    """A file name that every system takes."""
    return re.sub(r"[^\w-]+", "-", name, flags=re.ASCII).strip("-")[:60] or "scenario"


def _attached(content: bytes, filename: str, content_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
