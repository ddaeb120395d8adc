"""Words that people give to sessions to find them by."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import models, transaction

MOST_TAGS = 10
MOST_CHARACTERS = 40


def tidy(words: str) -> list[str]:
    """The tags in a text with commas between them, each once and so that two spellings of one are one."""
    tags = (_tidy_one(word) for word in words.split(","))
    return list(dict.fromkeys(tag for tag in tags if tag))


def _tidy_one(word: str) -> str:
    """Small letters, one space between words, and nothing that cannot be seen."""
    seen = "".join(" " if sign.isspace() else sign for sign in unicodedata.normalize("NFKC", word))
    kept = "".join(sign for sign in seen if unicodedata.category(sign) not in ("Cc", "Cf", "Cs"))
    return " ".join(kept.lower().split())


class SessionTagQuerySet(models.QuerySet[Any]):
    def names_of(self, sessions: models.QuerySet[Any]) -> defaultdict[Any, set[str]]:
        """By the key of each session, empty for those that have none."""
        found: defaultdict[Any, set[str]] = defaultdict(set)
        for pk, name in self.filter(session__in=sessions.order_by().values("pk")).values_list(
            "session", "name"
        ):
            found[pk].add(name)
        return found

    def add(self, session_ids: Iterable[Any], names: Iterable[str]) -> None:
        """Give all of these sessions all of these tags; who has one already keeps it."""
        names = list(names)
        rows = [self.model(session_id=pk, name=name) for pk in session_ids for name in names]
        self.bulk_create(rows, ignore_conflicts=True)

    def replace(self, session: models.Model, names: Iterable[str]) -> None:
        with transaction.atomic():
            self.filter(session=session.pk).exclude(name__in=(kept := list(names))).delete()
            self.add([session.pk], kept)


class SessionTag(models.Model):
    session = models.ForeignKey(
        "negotiations.Session", on_delete=models.CASCADE, related_name="tags", db_index=False
    )
    name = models.CharField(max_length=MOST_CHARACTERS)

    objects = SessionTagQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["session", "name"]
        indexes: ClassVar = [models.Index(fields=["name"], name="tag_by_name")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "name"], name="tag_once_a_session")
        ]

    def __str__(self) -> str:
        return self.name
