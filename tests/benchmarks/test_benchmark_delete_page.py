"""The page that asks before a benchmark is deleted."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from benchmarks.models import Benchmark, BenchmarkDeletion
from negotiations.models import Job, Kind
from tests.benchmarks.benchmark_pages import address, ended, read
from tests.conftest import client_of
from tests.factory import finish_matches, make_benchmark

pytestmark = pytest.mark.django_db


@pytest.fixture
def played(owner: User) -> Benchmark:
    benchmark = make_benchmark(owner)
    finish_matches(benchmark)
    ended(benchmark)
    return Benchmark.objects.get(pk=benchmark.pk)


def test_its_own_page_leads_there_once_it_is_over(as_owner: Client, owner: User, played: Benchmark) -> None:
    assert f'href="{address(played, "delete/")}"' in read(as_owner, played)
    running = make_benchmark(owner)
    assert "delete/" not in read(as_owner, running)


def test_what_will_go_is_shown_before_it_goes(as_owner: Client, played: Benchmark) -> None:
    page = as_owner.get(address(played, "delete/")).content.decode()
    assert "Delete this benchmark?" in page
    assert "8 matches with all actions" in page
    assert "This cannot be undone" in page
    assert not BenchmarkDeletion.objects.exists()


def test_a_press_starts_a_job_and_says_so(as_owner: Client, played: Benchmark) -> None:
    answer = as_owner.post(address(played, "delete/"), follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain[-1][0] == "/benchmarks/"
    assert "Autumn cup is being deleted by a worker." in page
    assert address(played) not in page
    assert Job.objects.get(kind=Kind.BENCHMARK_DELETION).benchmark_deletion.key == played.pk
    for rest in ("", "delete/", "live/", "matches/0/", "export/csv/"):
        assert as_owner.get(address(played, rest)).status_code == 404
    assert "Autumn cup" in as_owner.get("/jobs/").content.decode()


def test_what_is_in_progress_is_said_to_stay(as_owner: Client, owner: User) -> None:
    benchmark = make_benchmark(owner)
    page = as_owner.get(address(benchmark, "delete/")).content.decode()
    assert "It is in progress and stays." in page
    assert "Delete benchmark</button>" not in page
    answer = as_owner.post(address(benchmark, "delete/"))
    assert answer.status_code == 409
    assert "Cancel it first, then delete it." in answer.content.decode()


def test_who_it_is_shared_with_looks_on(played: Benchmark, colleague: User, group: Group) -> None:
    Job.objects.filter(pk=played.job_id).update(group=group)
    client = client_of(colleague)
    assert "delete/" not in read(client, played)
    for answer in (client.get(address(played, "delete/")), client.post(address(played, "delete/"))):
        assert answer.status_code == 403
        assert "Only its owner can delete it" in answer.content.decode()
    assert not BenchmarkDeletion.objects.exists()


def test_strangers_find_nothing_and_others_have_to_sign_in(
    played: Benchmark, stranger: User, client: Client
) -> None:
    assert client_of(stranger).get(address(played, "delete/")).status_code == 404
    assert client_of(stranger).post(address(played, "delete/")).status_code == 404
    assert client.post(address(played, "delete/")).status_code == 302
    assert not BenchmarkDeletion.objects.exists()


def test_a_superuser_may(played: Benchmark, superuser: User) -> None:
    assert client_of(superuser).post(address(played, "delete/")).status_code == 302
    assert BenchmarkDeletion.objects.get().job.owner == superuser
