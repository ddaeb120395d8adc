"""A table with a person at it, and all that others left lying about that would tell them what the other party wants."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import Group, User

from benchmarks.models import Benchmark, BenchmarkScenario
from negotiations.engine.analysing import analyse_document
from negotiations.models import Job, JobLog, Preset, Scenario, ScenarioAnalysis, Session
from negotiations.tasks import run_job
from tests.factory import (
    DOCUMENT,
    PREFERENCES,
    ScenarioFactory,
    finish_matches,
    make_benchmark,
    make_completed_session,
    make_result,
    make_seated_session,
)

# Of the buyer: weights, values, reserved value; of the outcome space; of sessions, jobs and matches of others.
SECRETS = (
    "0.8317", "0.83", "0.7391", "0.74", "0.4646", "0.46", "0.7878", "0.79", "61.6", "0.9292", "0.93", "0.6767",
    "0.68", "0.5959", "0.60", "my floor",
)  # fmt: skip
OWN = "0.33"
"""What a value is worth to the seller, whose seat the person has."""


@dataclass(frozen=True)
class Table:
    person: User
    scenario: Scenario
    copy: Scenario
    session: Session
    other: Session
    benchmark: Benchmark
    preset: Preset


def laid(person: User, group: Group, author: User) -> Table:
    """The person sits in the second seat of a session of the author's; all else is the author's, too, and shared with the group."""
    scenario = _scenario(owner=None)
    copy = _scenario(owner=author, group=group, name="A copy", checksum=scenario.checksum)
    for each in (scenario, copy):
        _analysed(each)
    session = make_seated_session(person, 1, job__owner=author, job__group=group, scenario=scenario)
    run_job(str(session.pk))
    other = make_completed_session(job__owner=author, job__group=group, scenario=copy)
    Session.objects.filter(pk=other.pk).update(utilities=[0.6767, 0.3232])
    other.offers.update(utilities=[0.6767, 0.3232])
    Job.objects.filter(pk=other.pk).update(message="Agreement at 0.68 and 0.32.")
    JobLog.objects.say(other.job, "my floor is 0.4646")
    return Table(
        person,
        scenario,
        copy,
        session,
        other,
        _benchmark(author, group, scenario),
        _preset(author, group, copy),
    )


def _scenario(**fields: object) -> Scenario:
    buyer, seller = (
        {**PREFERENCES[0], "weights": {"price": 0.8317, "lock": 0.1683}, "reserved_value": 0.4646},
        dict(PREFERENCES[1]),
    )
    buyer["values"] = {**buyer["values"], "price": {**buyer["values"]["price"], "fair": 0.7391}}
    seller["values"] = {**seller["values"], "price": {**seller["values"]["price"], "fair": 0.3311}}
    document = DOCUMENT.replace("[0.75, 0.25]", "[0.8317, 0.1683]", 1).replace("fair: 0.75", "fair: 0.7391")
    document = document.replace("reserved_value: 0.1", "reserved_value: 0.4646").replace(
        "fair: 0.25", "fair: 0.3311"
    )
    found: Scenario = ScenarioFactory(document=document, preferences=[buyer, seller], **fields)
    return found


def _analysed(scenario: Scenario) -> None:
    analysis = ScenarioAnalysis.objects.keep(scenario, next(iter(analyse_document(scenario.document))))
    nash = {"utilities": [0.9292, 0.1212], "outcome": ["low", "yes"], "n": 1}
    kept = ScenarioAnalysis.objects.filter(pk=analysis.pk)
    kept.update(opposition=0.7878, rational_fraction=0.6161, points={**analysis.points, "nash": nash})


def _benchmark(author: User, group: Group, scenario: Scenario) -> Benchmark:
    benchmark = make_benchmark(author, group=group)
    BenchmarkScenario.objects.filter(benchmark=benchmark).update(scenario=scenario)
    finish_matches(benchmark, make_result(0, utilities=(0.5959, 0.4141)))
    return benchmark


def _preset(author: User, group: Group, scenario: Scenario) -> Preset:
    found: Preset = Preset.objects.create(
        owner=author, group=group, name="Usual", n_steps=50, scenario=scenario
    )
    return found
