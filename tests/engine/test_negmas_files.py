"""The files of our benchmarks are read by NegMAS, and say there what they say here."""

from __future__ import annotations

import contextlib
import io
import warnings
from pathlib import Path

import pytest
from negmas.gb.negotiators.timebased import BoulwareTBNegotiator, ConcederTBNegotiator
from negmas.tournaments.neg.simple.cartesian import SimpleTournamentResults, cartesian_tournament

from benchmarks import negmas_files
from benchmarks.models import Benchmark, Match
from benchmarks.result_files import read_results
from negotiations.engine import scenario_documents
from tests.factory import DOCUMENT, make_result

NAMES = ["Boulware", "Conceder"]
PLACES = ["Bike"]


def match(index: int, rotation: int, seats: str, **ended: object) -> Match:
    told = make_result(index, **ended)
    fields = {
        name: getattr(told, name)
        for name in (
            "end_reason", "steps", "relative_time", "error", "cpu_seconds", "welfare", "nash_optimality",
            "kalai_optimality", "ks_optimality", "max_welfare_optimality", "pareto_optimality",
        )
    }  # fmt: skip
    return Match(
        index=index, scenario=0, rotation=rotation, seats=seats, seed=1, n_steps=20, finished_seq=index + 1,
        status="completed" if told.end_reason in ("agreement", "steps") else "failed", failed_seat=told.failed_party,
        agreement=list(told.agreement) if told.agreement else None, utilities=list(told.utilities),
        reserved=list(told.reserved), best=list(told.best), **fields,
    )  # fmt: skip


MATCHES = [
    match(0, 0, "0,1"),
    match(1, 1, "1,0", utilities=(1.0, 0.25)),
    match(2, 0, "0,0", end_reason="steps", agreement=None, utilities=(0.1, 0.2)),
    match(
        3, 0, "1,1", end_reason="error", agreement=None, utilities=(0.1, 0.2), failed_party=1, error="boom"
    ),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    board = {"rows": [{"competitor": 1, "score": 0.6}, {"competitor": 0, "score": 0.4}]}
    files = {
        "details.csv": negmas_files.details(MATCHES, NAMES, PLACES, ["simulated"]),
        "all_scores.csv": negmas_files.all_scores(MATCHES, NAMES, PLACES, ["simulated"]),
        "type_scores.csv": negmas_files.type_scores(MATCHES, NAMES, PLACES),
        "scores.csv": negmas_files.final_scores(board, NAMES, ["simulated"]),
        "config.yaml": negmas_files.config(Benchmark(steps_high=20), NAMES),
    }
    for name, texts in files.items():
        (tmp_path / name).write_text("".join(texts))
    return tmp_path


def test_negmas_reads_all_of_them(folder: Path) -> None:
    found = SimpleTournamentResults.load(folder, must_have_details=True)
    assert found.final_scores[["strategy", "score"]].to_dict("records") == [
        {"strategy": "Conceder", "score": 0.6},
        {"strategy": "Boulware", "score": 0.4},
    ]
    assert len(found.details) == 4
    assert list(found.details["scenario"]) == ["Bike", "Bike-1", "Bike", "Bike"]
    assert found.config and found.config["n_steps"] == 20


def test_negmas_makes_the_same_scores_of_the_details_as_we_wrote(folder: Path) -> None:
    ours = SimpleTournamentResults.load(folder).scores
    (folder / "all_scores.csv").unlink()
    theirs = SimpleTournamentResults.load(folder).scores
    columns = ["utility", "reserved_value", "advantage", "partner_welfare", "welfare", "nash_optimality"]
    assert theirs[columns].to_numpy() == pytest.approx(ours[columns].to_numpy())
    for name in ("strategy", "scenario", "partners", "has_error", "self_error", "negotiator_id"):
        assert list(theirs[name]) == list(ours[name]), name


def test_negmas_summarises_each_strategy_as_we_wrote(folder: Path) -> None:
    written = SimpleTournamentResults.load(folder).scores_summary
    made = SimpleTournamentResults.from_records(config={}, scores=SimpleTournamentResults.load(folder).scores)
    for statistic in ("count", "mean", "std", "min", "25%", "50%", "75%", "max"):
        for metric in ("utility", "advantage", "welfare"):
            column = (metric, statistic)
            theirs = made.scores_summary[column].sort_index()
            assert written[column].sort_index().to_numpy() == pytest.approx(theirs.to_numpy()), column


@pytest.fixture(scope="module")
def tournament() -> SimpleTournamentResults:
    scenario = scenario_documents.load(DOCUMENT)
    scenario.outcome_space = type(scenario.outcome_space)(issues=scenario.outcome_space.issues, name="bike")
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return cartesian_tournament(
            competitors=[BoulwareTBNegotiator, ConcederTBNegotiator],
            scenarios=[scenario],
            n_steps=10,
            njobs=-1,
            path=None,
            verbosity=0,
        )


@pytest.mark.parametrize("storage", ["csv", "gzip", "parquet"])
def test_what_a_tournament_of_negmas_saved_is_read_as_it_was_played(
    tournament: SimpleTournamentResults, storage: str, tmp_path: Path
) -> None:
    """Each way of saving, NegMAS's own choice among them."""
    tournament._storage_format = storage
    tournament.save(tmp_path)
    (saved,) = tmp_path.glob("details.*")
    found = list(read_results(saved.read_bytes(), saved.name))
    played = tournament.details.to_dict("records")
    assert len(found) == len(played) == 8
    for read, record in zip(found, played, strict=True):
        assert read.competitors == tuple(record["partners"])
        assert read.utilities == pytest.approx(tuple(record["utilities"]))
        assert read.agreement == record["agreement"]
        assert (read.steps, read.n_steps) == (record["step"], 10)
        assert read.success is (True if record["agreement"] else None)
    assert {read.rotation for read in found} == {0, 1}
    assert {read.scenario for read in found} == {"bike"}
