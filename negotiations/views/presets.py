from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from negotiations.forms.presets import NameForm, PresetForm, preset_of_form, preset_of_session
from negotiations.forms.session_new import SessionForm
from negotiations.models import Preset, Scenario, Session
from negotiations.views.session_new import person, session_page


@require_safe
@login_required
def preset_list(request: HttpRequest) -> HttpResponse:
    """A person's own and those that are shared with them."""
    user = person(request)
    presets = list(Preset.objects.visible_to(user).for_list())
    wanted = [preset.scenario_id for preset in presets]
    context = {
        "presets": [(preset, preset.may_be_changed_by(user)) for preset in presets],
        "groups": list(user.groups.order_by("name")),
        "seen": set(Scenario.objects.visible_to(user).filter(pk__in=wanted).values_list("pk", flat=True)),
    }
    return render(request, "negotiations/preset_list.html", context)


@require_POST
@login_required
def preset_new(request: HttpRequest) -> HttpResponse:
    """Keep the form of a new session as it stands; whatever comes of it, nothing that was entered is lost."""
    user = person(request)
    form, name = SessionForm(request.POST, user=user, is_sent=True), NameForm(request.POST, user=user)
    if not name.is_valid():
        return session_page(request, form, name.wrong, status=422)
    preset = preset_of_form(form, name.cleaned_data["preset_name"])
    if preset is None:
        return session_page(
            request, form, "No preset was kept: something in the form has to be corrected.", status=422
        )
    messages.info(request, f"The preset “{preset}” is kept. This form begins with it.")
    return redirect(preset)


@require_POST
@login_required
def preset_of(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Keep the set-up of a session."""
    user = person(request)
    session = get_object_or_404(Session.objects.visible_to(user), pk=pk)
    form = NameForm(request.POST, user=user)
    if form.is_valid():
        preset = preset_of_session(session, user, form.cleaned_data["preset_name"])
        messages.info(request, f"The preset “{preset}” is kept. A new session can begin with it.")
    else:
        messages.error(request, f"{form.wrong} No preset was kept.")
    return redirect(session)


@require_POST
@login_required
def preset_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Its name, and with whom it is shared."""
    preset = _own(request, pk)
    form = PresetForm(request.POST, user=person(request), preset=preset)
    if form.is_valid():
        form.save()
        messages.info(request, f"The preset “{preset}” is saved.")
    else:
        messages.error(request, f"{form.wrong} Nothing was changed.")
    return redirect("negotiations:preset-list")


@require_POST
@login_required
def preset_delete(request: HttpRequest, pk: int) -> HttpResponse:
    preset = _own(request, pk)
    name = str(preset)
    preset.delete()
    messages.info(request, f"The preset “{name}” is deleted. Sessions that began with it stay as they are.")
    return redirect("negotiations:preset-list")


def _own(request: HttpRequest, pk: int) -> Preset:
    user = person(request)
    preset: Preset = get_object_or_404(Preset.objects.visible_to(user).select_related("owner"), pk=pk)
    if not preset.may_be_changed_by(user):
        raise PermissionDenied
    return preset
