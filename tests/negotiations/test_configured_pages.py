"""Negotiators that people configured: kept, shared, changed, deleted, seated; tried before they are kept."""

from __future__ import annotations

import html
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from negotiations.engine.composition import COMPOSED
from negotiations.exceptions import TooMuch
from negotiations.forms import negotiators as negotiator_forms
from negotiations.models import Component, ConfiguredNegotiator, Negotiator, Party, Session
from negotiations.tryout import Tried, try_out
from tests.factory import ConfiguredFactory, NegotiatorFactory, ScenarioFactory

pytestmark = pytest.mark.django_db

NEW = "/negotiators/own/new/"
PARAMETERS = [
    {
        "name": "exponent",
        "kind": "float",
        "default": 4.0,
        "words": "How late it concedes.",
        "low": 0,
        "high": 9,
    },
    {"name": "weights", "kind": "numbers", "default": None},
    {"name": "eager", "kind": "bool", "default": False},
]
SLOT = {"kind": "choice", "optional": True}
SLOTS = [
    {"name": "offering", "default": "Late", "choices": ["Late", "Never"], **SLOT},
    {"name": "acceptance", "default": "Next", "choices": ["Next", "Micro"], **SLOT},
    {"name": "model", "default": None, "choices": ["Guess"], **SLOT},
]


@pytest.fixture(autouse=True)
def tried(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """What was tried; all of it does well."""
    asked: list[tuple[str, dict[str, Any]]] = []

    def well(kind: str, parameters: dict[str, Any]) -> Tried:
        asked.append((kind, parameters))
        return Tried("", 3)

    monkeypatch.setattr(negotiator_forms, "try_out", well)
    return asked


@pytest.fixture
def negotiator() -> Negotiator:
    return NegotiatorFactory(parameters=PARAMETERS, version="negmas 0.16")


@pytest.fixture
def composed() -> Negotiator:
    late = [{"name": "e", "kind": "float", "default": 0.2}]
    Component.objects.create(slot="offering", name="Late", parameters=late)
    Component.objects.create(slot="offering", name="Never")
    Component.objects.create(
        slot="acceptance", name="Next", parameters=[{"name": "a", "kind": "float", "default": 1.0}]
    )
    Component.objects.create(slot="acceptance", name="Micro", needs=["Never"])
    Component.objects.create(slot="model", name="Guess")
    return NegotiatorFactory(
        source="parley", type=COMPOSED, short_name="Composed", family="Composed", parameters=SLOTS
    )


def read(response: Any) -> str:
    assert response.status_code == 200
    return html.unescape(response.content.decode())


# --- Keeping ---------------------------------------------------------------------------------------------------


def test_it_is_kept_with_its_parameters_after_a_trial(
    as_owner: Client, owner: User, group: Group, negotiator: Negotiator, tried: list[Any]
) -> None:
    data = {
        "name": " Slow  one ", "group": str(group.pk), "negotiator": negotiator.key,
        "p-exponent": "2.5", "p-weights": "0.5, 2", "p-eager": "",
    }  # fmt: skip
    response = as_owner.post(NEW, data)
    kept = ConfiguredNegotiator.objects.get()
    assert response.headers["Location"] == f"/negotiators/own/{kept.pk}/"
    assert (kept.name, kept.owner, kept.group) == ("Slow one", owner, group)
    assert kept.parameters == {"exponent": 2.5, "weights": [0.5, 2.0]}
    assert (kept.stands_parties, kept.tried_version) == (3, "negmas 0.16")
    assert tried == [(negotiator.type, kept.parameters)]


def test_one_that_fails_in_its_trial_is_not_kept(
    as_owner: Client, negotiator: Negotiator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(negotiator_forms, "try_out", lambda *_: Tried("ValueError: no", 0))
    page = read(as_owner.post(NEW, {"name": "Bad", "negotiator": negotiator.key, "p-exponent": "3"}))
    assert "It failed in a trial, so it is not saved: ValueError: no" in page
    assert 'value="3"' in page and not ConfiguredNegotiator.objects.exists()


def test_while_others_are_tried_it_waits(
    as_owner: Client, negotiator: Negotiator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: Any) -> Tried:
        raise TooMuch("Other negotiators are being tried.")

    monkeypatch.setattr(negotiator_forms, "try_out", busy)
    response = as_owner.post(NEW, {"name": "Later", "negotiator": negotiator.key})
    assert response.status_code == 429 and not ConfiguredNegotiator.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("name", "", "Give it a name."),
        ("name", "x" * 61, "A name has at most 60 characters."),
        ("name", "Taken", "There is a negotiator “Taken” already. Choose another name."),
        ("name", "nul\0", "Null characters are not allowed."),
        ("negotiator", "999999", "This negotiator is not one of the available choices. Choose another."),
        ("negotiator", "os.system", "This negotiator is not one of the available choices. Choose another."),
        ("p-exponent", "9.5", "Has to lie between 0 and 9. Leave it empty for the default (4.0)."),
        ("p-exponent", "nan", "Has to be a finite number. Leave it empty for the default (4.0)."),
        (
            "p-weights",
            "1, x",
            "Has to be a number. Write them with commas between. Leave it empty to go without.",
        ),
        ("p-eager", "maybe", "Has to be true or false. Leave it empty for the default (False)."),
        (
            "group",
            "999999",
            "This group is not one of the available choices. Choose one of yours, or nobody.",
        ),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(
    as_owner: Client, owner: User, negotiator: Negotiator, field: str, value: str, text: str
) -> None:
    ConfiguredFactory(owner=owner, name="Taken", negotiator=negotiator)
    data = {"name": "New", "negotiator": negotiator.key, field: value}
    assert text in read(as_owner.post(NEW, data))
    assert ConfiguredNegotiator.objects.count() == 1


def test_a_name_is_taken_by_its_owner_alone(as_stranger: Client, negotiator: Negotiator) -> None:
    ConfiguredFactory(name="Taken", negotiator=negotiator)
    assert as_stranger.post(NEW, {"name": "Taken", "negotiator": negotiator.key}).status_code == 302


# --- Composing -------------------------------------------------------------------------------------------------


def test_the_fields_are_those_of_the_chosen_components(as_owner: Client, composed: Negotiator) -> None:
    given = {"negotiator": composed.key, "p-acceptance": "Next"}
    page = read(as_owner.get(NEW, given | {"p-offering": "Late"}))
    assert 'name="p-offering.e"' in page and 'name="p-acceptance.a"' in page
    page = read(as_owner.get(NEW, given | {"p-offering": "Never"}))
    assert 'name="p-offering.e"' not in page


def test_a_composed_one_is_kept_as_plain_data(
    as_owner: Client, composed: Negotiator, tried: list[Any]
) -> None:
    data = {
        "name": "Mine",
        "negotiator": composed.key,
        "p-offering": "Late",
        "p-offering.e": "0.5",
        "p-model": "Guess",
    }
    assert as_owner.post(NEW, data).status_code == 302
    given = {"offering": "Late", "model": "Guess", "offering.e": 0.5}
    assert ConfiguredNegotiator.objects.get().parameters == given
    assert tried == [(COMPOSED, given)]


@pytest.mark.parametrize("name", ["os.system", "Next", "__class__", "Late\0", "Late.e"])
def test_nothing_off_the_list_can_be_named(
    as_owner: Client, composed: Negotiator, name: str, tried: list[Any]
) -> None:
    page = read(as_owner.post(NEW, {"name": "Mine", "negotiator": composed.key, "p-offering": name}))
    assert "Has to be one of Late, Never." in page or "Null characters" in page
    assert tried == [] and not ConfiguredNegotiator.objects.exists()


def test_components_that_do_not_go_together_are_refused(as_owner: Client, composed: Negotiator) -> None:
    page = read(
        as_owner.post(
            NEW, {"name": "Mine", "negotiator": composed.key, "p-offering": "Late", "p-acceptance": "Micro"}
        )
    )
    assert "Micro works with Never only, not with Late." in page


def test_a_trial_is_really_played() -> None:
    """In a process of its own: it takes seconds."""
    assert try_out(COMPOSED, {"offering": "GBoulwareOffering", "offering.e": 0.3}) == Tried("", 3)
    assert "There is no offering component" in try_out(COMPOSED, {"offering": "os.system"}).how


# --- Who may ---------------------------------------------------------------------------------------------------


def test_a_colleague_uses_it_and_the_owner_alone_changes_it(
    as_owner: Client, as_colleague: Client, as_stranger: Client, client: Client, owner: User, group: Group,
    negotiator: Negotiator,
) -> None:  # fmt: skip
    kept = ConfiguredFactory(owner=owner, group=group, name="Shared", negotiator=negotiator)
    url = f"/negotiators/own/{kept.pk}/"
    assert "Edit" in read(as_owner.get(url))
    assert "Save your own from it" in read(as_colleague.get(url))
    for change in (f"{url}edit/", f"{url}delete/"):
        data = {"name": "Stolen", "negotiator": negotiator.key}
        assert as_colleague.post(change, data).status_code == 403
        assert as_stranger.post(change, data).status_code == 404
        assert client.post(change, data).status_code == 302
    assert as_stranger.get(url).status_code == 404
    assert ConfiguredNegotiator.objects.get().name == "Shared"


def test_a_copy_begins_with_what_is_seen_only(
    as_colleague: Client, as_stranger: Client, owner: User, group: Group, negotiator: Negotiator
) -> None:
    kept = ConfiguredFactory(owner=owner, group=group, negotiator=negotiator, parameters={"exponent": 7.25})
    assert 'value="7.25"' in read(as_colleague.get(NEW, {"negotiator": kept.key}))
    assert "7.25" not in read(as_stranger.get(NEW, {"negotiator": kept.key}))


@pytest.mark.parametrize("key", ["own-", "own-x", "own-99999999999999999999", "own-1;2", "-1", "x" * 500])
def test_a_strange_key_gives_the_empty_form(as_owner: Client, key: str) -> None:
    read(as_owner.get(NEW, {"negotiator": key}))


def test_an_edit_is_for_later_sessions(as_owner: Client, owner: User, negotiator: Negotiator) -> None:
    kept = ConfiguredFactory(owner=owner, name="Mine", negotiator=negotiator, parameters={"exponent": 2.0})
    page = read(as_owner.get(f"/negotiators/own/{kept.pk}/edit/"))
    assert "Sessions have a copy: what was played stays as it was." in page and 'value="2.0"' in page
    data = {"name": "Mine", "negotiator": negotiator.key, "p-exponent": "3"}
    as_owner.post(f"/negotiators/own/{kept.pk}/edit/", data)
    kept.refresh_from_db()
    assert (kept.name, kept.parameters) == ("Mine", {"exponent": 3.0})
    as_owner.post(f"/negotiators/own/{kept.pk}/delete/")
    assert not ConfiguredNegotiator.objects.exists()


# --- In seats and in the library ---------------------------------------------------------------------------------


def new_session(kept: ConfiguredNegotiator, other: Negotiator) -> dict[str, str]:
    return {
        "scenario": str(ScenarioFactory().pk), "n_steps": "50", "pace_ms": "0", "seed": "7",
        "party-0-negotiator": kept.key, "party-1-negotiator": other.key,
    }  # fmt: skip


def test_a_seat_takes_it_and_copies_name_type_and_parameters(
    as_owner: Client, owner: User, negotiator: Negotiator
) -> None:
    kept = ConfiguredFactory(
        owner=owner, name="Mine", negotiator=negotiator, parameters={"exponent": 2.0, "eager": True}
    )
    response = as_owner.post("/sessions/new/", new_session(kept, negotiator) | {"party-0-p-exponent": "5"})
    assert response.status_code == 302
    first, second = Party.objects.order_by("index")
    assert (first.name, first.type, first.parameters) == (
        "Mine",
        negotiator.type,
        {"exponent": 5.0, "eager": True},
    )
    assert (second.name, second.parameters) == (negotiator.short_name, {})
    kept.delete()
    again = Session.objects.get().again(by=owner)
    assert [party.name for party in again.parties.all()] == ["Mine", negotiator.short_name]


def test_a_stranger_cannot_seat_it(as_stranger: Client, owner: User, negotiator: Negotiator) -> None:
    kept = ConfiguredFactory(owner=owner, name="Mine", negotiator=negotiator)
    page = read(as_stranger.post("/sessions/new/", new_session(kept, negotiator)))
    assert "This negotiator is not one of the available choices. Choose another." in page
    assert "Mine" not in page and not Session.objects.exists()


def test_one_that_failed_with_three_parties_is_refused_there(
    as_owner: Client, owner: User, negotiator: Negotiator
) -> None:
    kept = ConfiguredFactory(owner=owner, name="Mine", negotiator=negotiator, stands_parties=2)
    assert kept.misfit(ScenarioFactory()) == ""
    three = ScenarioFactory(name="Three", n_parties=3)
    assert kept.misfit(three) == "Mine failed in a trial with three parties; Three has 3."


def test_from_a_seat_and_back(as_owner: Client, owner: User, negotiator: Negotiator) -> None:
    """What was filled in waits while the negotiator gets its name, then it sits in its seat."""
    other = ConfiguredFactory(owner=owner, name="Other", negotiator=negotiator)
    sent = new_session(other, negotiator) | {
        "seat": "1",
        "party-1-p-exponent": "6",
        "csrfmiddlewaretoken": "secret",
    }
    location = as_owner.post("/negotiators/own/seat/", sent).headers["Location"]
    assert "secret" not in location
    query = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
    assert 'value="6"' in read(as_owner.get(location))
    data = {
        "name": "Six",
        "negotiator": negotiator.key,
        "p-exponent": "6",
        "back": query["back"],
        "seat": query["seat"],
    }
    back = as_owner.post(NEW, data).headers["Location"]
    six = ConfiguredNegotiator.objects.get(name="Six")
    fields = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    assert urlsplit(back).path == "/sessions/new/" and not urlsplit(back).netloc
    assert fields["party-1-negotiator"] == six.key and fields["party-0-negotiator"] == other.key
    assert fields["n_steps"] == "50" and "party-1-p-exponent" not in fields


def test_the_library_lists_ones_own_and_the_shared(
    as_owner: Client,
    as_colleague: Client,
    as_stranger: Client,
    owner: User,
    group: Group,
    negotiator: Negotiator,
) -> None:
    ConfiguredFactory(owner=owner, name="Private one", negotiator=negotiator)
    ConfiguredFactory(owner=owner, group=group, name="Shared one", negotiator=negotiator)
    for client, names in (
        (as_owner, ["Private one", "Shared one"]),
        (as_colleague, ["Shared one"]),
        (as_stranger, []),
    ):
        response = client.get("/negotiators/", {"source": "own"})
        assert [row.name for row in response.context["configured"]] == names
        assert list(response.context["page"]) == []
    assert "No negotiator of your own" in read(as_stranger.get("/negotiators/", {"source": "own"}))
    assert as_owner.get("/negotiators/", {"source": "negmas"}).context["configured"] == []
