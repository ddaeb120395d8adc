"""Which characters of a text people may be shown, whoever wrote it."""

from __future__ import annotations

import re

_BREAKS = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_UNSEEN = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\ud800-\udfff\U000e0000-\U000e0fff]"
)


def readable(text: str) -> str:
    """Without what nobody sees, what turns the order of others round, and what no database takes.

    Every break of a line is a line feed. Joiners stay, since names and emojis are made with them.
    """
    return _UNSEEN.sub("", _BREAKS.sub("\n", text))
