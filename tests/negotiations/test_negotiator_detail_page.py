from __future__ import annotations

from django.contrib.auth.models import User
from django.test import Client

from tests.factory import NegotiatorFactory, SessionFactory

PARAMETERS = [
    {"name": "presort", "kind": "bool", "default": True, "choices": [], "optional": True},
    {
        "name": "curve",
        "kind": "choice",
        "default": "boulware",
        "choices": ["boulware", "linear"],
        "optional": True,
    },
    {"name": "limit", "kind": "int", "default": None, "choices": [], "optional": False},
]


def test_it_shows_text_parameters_limits_and_tags(as_stranger: Client) -> None:
    """P-06."""
    row = NegotiatorFactory(parameters=PARAMETERS, description="Concedes late.", tags=["anac"], max_parties=2)
    page = as_stranger.get(f"/negotiators/{row.pk}/").content.decode()
    for text in (
        "Concedes late.",
        "presort",
        "True",
        "one of boulware, linear",
        "must be given",
        "up to 1,000,000",
        "anac",
    ):
        assert text in page
    assert f"/sessions/new/?negotiator={row.pk}" in page


def test_one_without_parameters_says_so(as_owner: Client) -> None:
    row = NegotiatorFactory(parameters=[])
    assert "No parameters" in as_owner.get(f"/negotiators/{row.pk}/").content.decode()


def test_one_whose_package_has_gone_keeps_its_page_and_cannot_be_used(as_owner: Client) -> None:
    row = NegotiatorFactory(is_present=False)
    page = as_owner.get(f"/negotiators/{row.pk}/").content.decode()
    assert "no longer installed" in page
    assert "Use in a session" not in page


def test_a_part_of_others_cannot_be_used_by_itself(as_owner: Client) -> None:
    row = NegotiatorFactory(runs_alone=False)
    page = as_owner.get(f"/negotiators/{row.pk}/").content.decode()
    assert "cannot take a seat by itself" in page
    assert "Use in a session" not in page


def test_an_unknown_one_is_not_found_and_the_anonymous_signs_in(as_owner: Client, client: Client) -> None:
    assert as_owner.get("/negotiators/999999/").status_code == 404
    assert client.get(f"/negotiators/{NegotiatorFactory().pk}/").status_code == 302


def test_sessions_of_the_reader_with_it_are_listed_once(
    as_owner: Client, as_stranger: Client, owner: User
) -> None:
    row = NegotiatorFactory()
    session = SessionFactory(job__owner=owner)
    session.parties.update(negotiator=row)
    assert as_owner.get(f"/negotiators/{row.pk}/").content.decode().count(f"/sessions/{session.pk}/") == 1
    assert f"/sessions/{session.pk}/" not in as_stranger.get(f"/negotiators/{row.pk}/").content.decode()


def test_texts_of_agent_packages_are_escaped(as_owner: Client) -> None:
    row = NegotiatorFactory(short_name="<script>x</script>", description="<script>y</script>")
    assert "<script>" not in as_owner.get(f"/negotiators/{row.pk}/").content.decode().split("<body")[1]
