from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError
from django.db import transaction

from negotiations.engine.parameters import check_parameters
from negotiations.engine.specs import EndReason
from negotiations.exceptions import TooMuch
from negotiations.forms.session_new import SessionForm
from negotiations.forms.set_ups import new_seed
from negotiations.management.commands.qworkers import fix_environment
from negotiations.management.owners import owner_named
from negotiations.management.plain import PlainCommand
from negotiations.management.progress import following
from negotiations.models import ConfiguredNegotiator, Job, Negotiator, Scenario, Session, Status
from negotiations.named import NotNamed, scenario_named, seatable_named
from negotiations.processes import worker_name
from negotiations.tasks import run_job

OPTIONS = {
    "n_steps": "--steps",
    "seconds": "--seconds",
    "seed": "--seed",
    "scenario": "--scenario",
    "negotiator": "--negotiator",
}


class Command(PlainCommand):
    help = "Run a session here and wait for its end, or hand it to the workers with --queue."

    def run_from_argv(self, argv: list[str]) -> None:
        fix_environment()
        super().run_from_argv(argv)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--scenario", default="", metavar="NAME", help="A name, or source/name.")
        parser.add_argument(
            "--negotiator",
            action="append",
            default=[],
            dest="negotiators",
            metavar="NAME",
            help="One a party: of the catalogue, or one that the owner configured or shares (own/NAME).",
        )
        parser.add_argument("--param", action="append", default=[], dest="params", metavar="PARTY.NAME=VALUE")
        # Text: what is wrong with a number is said as the pages say it.
        parser.add_argument("--steps", default="100")
        parser.add_argument(
            "--seconds", default="", help="A limit of time; with it nothing is the same twice."
        )
        parser.add_argument(
            "--one-offer-per-step", action="store_true", help="A step is one offer, not a round of all."
        )
        parser.add_argument("--seed", help="Without it one is drawn.")
        parser.add_argument("--queue", action="store_true", help="Let a worker run it.")
        parser.add_argument("--owner", help="Whose session it is; by default the first superuser's.")
        parser.add_argument("--json", action="store_true", help="The last line of stdout is one JSON object.")

    def handle(self, *args: Any, owner: str | None, queue: bool, json: bool, **options: Any) -> None:
        user = owner_named(owner)
        try:
            session = _form(user, **options).start(user, ring=queue)
        except TooMuch as limit:
            raise CommandError(str(limit)) from limit
        if not queue:
            self._play(session, user)
        session = Session.objects.with_parties().get(pk=session.pk)
        self.stdout.write(_line(session) if json else _told(session))
        if session.job.status in (Status.FAILED, Status.CANCELLED):
            raise CommandError(" ".join(session.job.message.split()))

    def _play(self, session: Session, owner: User) -> None:
        try:
            with following(session):
                run_job(str(session.pk))
        except KeyboardInterrupt:
            _cancel(Job.objects.get(pk=session.pk), owner)


def _cancel(job: Job, by: User) -> None:
    """End at once what was played here; what a worker plays is asked to stop."""
    with transaction.atomic():
        job.cancel(by)
        if job.status == Status.PROCESSING and job.worker == worker_name():
            job.session.end(EndReason.CANCELLED, steps=job.current_step)
            job.stop_cancelled(f"Cancelled by Ctrl-C at step {job.current_step:,}.")


# --- From words to a form ---------------------------------------------------------------------------------


def _form(
    owner: User,
    *,
    scenario: str,
    negotiators: list[str],
    params: list[str],
    steps: str,
    seconds: str,
    one_offer_per_step: bool,
    seed: str | None,
    **_: Any,
) -> SessionForm:
    """The form of the page "New session", filled in and found right."""
    chosen = _scenario(owner, scenario)
    seats = [_negotiator(owner, name) for name in negotiators]
    if len(seats) != chosen.n_parties:
        raise CommandError(
            f"{chosen} has {chosen.n_parties} parties and needs as many negotiators; you named {len(seats)}. "
            "Name one with --negotiator for each."
        )
    data = {
        "scenario": str(chosen.pk),
        "n_steps": steps,
        "seconds": seconds,
        "one_offer_per_step": "on" if one_offer_per_step else "",
        "seed": str(new_seed()) if seed is None else seed,
        "pace_ms": "0",
        "offering_is_accepting": "on",
        **{f"party-{index}-negotiator": row.key for index, row in enumerate(seats)},
        **_parameters(params, len(seats)),
    }
    form = SessionForm(data, user=owner)
    _check(form, params)
    return form


def _parameters(params: list[str], parties: int) -> dict[str, str]:
    """PARTY.NAME=VALUE as fields of the form."""
    fields = {}
    for param in params:
        where, equals, value = param.partition("=")
        index, dot, name = where.partition(".")
        if not (equals and dot and name and index.isascii() and index.isdigit() and int(index) < parties):
            raise CommandError(
                f"--param {param}: write PARTY.NAME=VALUE with PARTY from 0 to {parties - 1}, "
                "for example 0.aspiration_type=boulware."
            )
        fields[f"party-{int(index)}-p-{name}"] = value
    return fields


def _check(form: SessionForm, params: list[str]) -> None:
    for field in _parameters(params, len(form.seats)):
        _, index, rest = field.split("-", 2)
        seat, name = form.seats[int(index)], rest.removeprefix("p-")
        known = {parameter.name for parameter in seat.parameters}
        if name not in known:
            raise CommandError(
                f"--param {index}.{name}: {check_parameters(seat.parameters, {name: ''})[name]}"
            )
    if not form.is_valid():
        raise CommandError(" ".join(_errors(form)))


def _errors(form: SessionForm) -> Iterable[str]:
    for name, texts in form.errors.items():
        yield f"{OPTIONS.get(name, name)}: {' '.join(map(str, texts))}"
    for seat in form.seats:
        for name, texts in seat.errors.items():
            option = OPTIONS.get(name) or f"--param {seat.index}.{name.removeprefix('p-')}"
            yield f"{option}: {' '.join(map(str, texts))}"


# --- Names ------------------------------------------------------------------------------------------------


def _scenario(owner: User, name: str) -> Scenario:
    try:
        return scenario_named(owner, name)
    except NotNamed as wrong:
        raise CommandError(str(wrong)) from wrong


def _negotiator(owner: User, name: str) -> Negotiator | ConfiguredNegotiator:
    try:
        return seatable_named(owner, name)
    except NotNamed as wrong:
        raise CommandError(str(wrong)) from wrong


# --- What is told -----------------------------------------------------------------------------------------


def _line(session: Session) -> str:
    told = {
        "id": str(session.pk),
        "status": session.status,
        "end_reason": session.end_reason or None,
        "agreement": session.agreement,
        "utilities": session.utilities,
        "steps": session.steps,
        "offers": session.n_offers,
        "seconds": session.job.seconds,
    }
    return json.dumps(told)


def _told(session: Session) -> str:
    lines = [f"Session {session.pk}: {session.status}. {session.job.message}".rstrip()]
    for issue, value in zip(session.scenario.issues, session.agreement or [], strict=False):
        lines.append(f"  {issue['name']}: {value}")
    for party, utility in zip(session.parties.all(), session.utilities or [], strict=False):
        lines.append(f"  {party.name}: utility {'unknown' if utility is None else format(utility, '.3f')}")
    return "\n".join(lines)
