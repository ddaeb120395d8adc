"""Scenarios and negotiators as people name them in commands and files, and what is close to a name that nobody has."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from django.db.models import Q

from negotiations.models import ConfiguredNegotiator, Negotiator, Scenario
from negotiations.models.owned import Visitor

CANDIDATES = 5
OWN = "own/"
"""Before the name of a configured negotiator, where one of the catalogue has the same."""
_KEY = re.compile(r"own-(\d{1,9})", re.ASCII)


class NotNamed(Exception):
    """Nothing, or more than one, is called so; the text says which there are."""


def scenario_named(user: Visitor, name: str) -> Scenario:
    """By its name, or source/name, among those that this person knows of: a form says where it may not be used. Raises NotNamed."""
    known = Scenario.objects.known_to(user).defer("document")
    found: list[Scenario] = list(known.named(name))
    if len(found) == 1:
        return found[0]
    names = [f"{row.source}/{row.name}" for row in (found or known)]
    if found:
        # A source may hold two of one name; then only their numbers tell them apart.
        raise NotNamed(f"{len(found)} scenarios are called {name!r}. Name one of: {', '.join(names)}.")
    raise NotNamed(unknown("scenario", name, names, "Run: manage.py import_scenarios"))


def negotiator_named(name: str) -> Negotiator:
    """By its short name, or source/name, among those that can be given a seat. Raises NotNamed."""
    usable = Negotiator.objects.usable()
    source, _, short_name = name.rpartition("/")
    found: list[Negotiator] = list(
        usable.filter(short_name=short_name, **({"source": source} if source else {}))
    )
    if len(found) == 1:
        return found[0]
    if found:
        names = [f"{row.source}/{row.short_name}" for row in found]
        raise NotNamed(f"{len(found)} negotiators are called {name!r}. Name one of: {', '.join(names)}.")
    names = list(usable.values_list("short_name", flat=True))
    raise NotNamed(unknown("negotiator", name, names, "Run: manage.py sync_negotiators"))


def seatable_named(user: Visitor, name: str) -> Negotiator | ConfiguredNegotiator:
    """As `negotiator_named`, or a configured one that this person may see: by its name, own/name or key. Raises NotNamed."""
    visible = ConfiguredNegotiator.objects.visible_to(user).seatable()
    found = _theirs(user, list(visible.filter(_called(name))))
    listed = list(Negotiator.objects.usable().filter(short_name=name).values_list("source", flat=True))
    if len(found) == 1 and not listed:
        return found[0]
    if found:
        kept = [OWN + found[0].name] if len(found) == 1 else [f"{each.key} of {each.owner}" for each in found]
        names = ", ".join([*(f"{source}/{name}" for source in listed), *kept])
        raise NotNamed(f"{len(found) + len(listed)} negotiators are called {name!r}. Name one of: {names}.")
    if name.startswith(OWN):
        theirs = [OWN + kept for kept in visible.values_list("name", flat=True)]
        raise NotNamed(
            unknown("configured negotiator", name, theirs, "Save one in the library of negotiators.")
        )
    return negotiator_named(name)


def _called(name: str) -> Q:
    key = _KEY.fullmatch(name)
    return Q(name=name.removeprefix(OWN)) | Q(pk=key[1] if key else None)


def _theirs(user: Visitor, found: list[ConfiguredNegotiator]) -> list[ConfiguredNegotiator]:
    """Their own, where they have one of that name."""
    return [each for each in found if each.owner_id == user.pk] or found


def unknown(what: str, name: str, names: Sequence[str], where_from: str) -> str:
    """Says so, and names the closest there are."""
    if not names:
        return f"There is no {what} yet. {where_from}"
    if close := nearest(name, names):
        return f"There is no {what} called {name!r}. Did you mean {', '.join(close)}?"
    more = ", ..." if len(names) > CANDIDATES else "."
    return f"There is no {what} called {name!r}. There are {', '.join(sorted(names)[:CANDIDATES])}{more}"


def nearest(name: str, names: Sequence[str]) -> list[str]:
    """The closest names, the closest first; none where all are far."""
    short = {each.rpartition("/")[2].lower(): each for each in names}
    wanted = name.rpartition("/")[2].lower()
    close = [short[each] for each in difflib.get_close_matches(wanted, short, CANDIDATES, cutoff=0.6)]
    close += [each for each in names if wanted and wanted in each.lower() and each not in close]
    return close[:CANDIDATES]
