"""Offers as paths: fixed axes, few points, the same place for the same offer."""

from __future__ import annotations

from negotiations.charts import PLANE, POINTS, SPARK, TIMELINE, plane, spark, timeline
from negotiations.engine.specs import Action
from negotiations.models.offers import evenly

NAMES = ("Boulware", "MiCRO")


def offer(seq: int, *utilities: float | None, step: int | None = None, response: str = "offer") -> Action:
    parties = len(utilities) or 2
    at = (seq - 1) // parties if step is None else step
    return Action(seq, at, 0.0, (seq - 1) % parties, response, ("a",), utilities)


def test_axes_are_fixed_whatever_was_offered() -> None:
    low = timeline([offer(1, 0.4, 0.5), offer(2, 0.4, 0.5)], NAMES, 100, "wide")
    high = timeline([offer(1, 1.0, 0.0), offer(2, 0.0, 1.0)], NAMES, 100, "wide")
    assert low.utilities == high.utilities
    assert low.steps == high.steps
    assert [tick.label for tick in low.steps] == ["step 0", "20", "40", "60", "80", "100"]


def test_a_line_goes_through_the_own_offers_of_its_party() -> None:
    drawn = timeline([offer(1, 1.0, 0.25), offer(2, 0.5, 0.75), offer(3, 0.5, 0.5)], NAMES, 2, "wide")
    frame = TIMELINE["wide"]
    own, other = drawn.lines
    assert own.asked == f"M{frame.x(0.5):g} {frame.y(1.0):g}L{frame.x(1.0):g} {frame.y(0.5):g}"
    assert own.got == f"M{frame.x(0.5):g} {frame.y(0.5):g}"
    assert (other.value, own.value) == (0.75, 0.5)


def test_what_is_not_yet_played_is_shaded() -> None:
    drawn = timeline([offer(1, 1.0, 0.0, step=49)], NAMES, 100, "wide")
    assert drawn.now == drawn.frame.x(0.5)
    assert drawn.now + drawn.future == drawn.frame.x1


def test_labels_keep_apart() -> None:
    one, two = timeline([offer(1, 0.9, 0.1), offer(2, 0.1, 0.9)], NAMES, 100, "wide").lines
    assert abs(one.label_y - two.label_y) > 13.9


def test_utilities_out_of_bounds_stay_in_the_frame() -> None:
    line = timeline([offer(1, 1.7, -0.3)], NAMES, 10, "wide").lines[0]
    assert line.y == TIMELINE["wide"].y1


def test_an_unknown_utility_leaves_a_gap_and_no_error() -> None:
    line = timeline([offer(1, None, 0.5), offer(3, 0.5, 0.5)], NAMES, 10, "wide").lines[0]
    assert line.asked.count("L") == 0


def test_without_offers_there_is_a_frame_and_no_line() -> None:
    drawn = timeline([], NAMES, 10, "phone")
    assert [line.asked for line in drawn.lines] == ["", ""]
    assert drawn.now == drawn.frame.x0


def test_an_offer_has_one_place_on_the_plane() -> None:
    offers = [offer(1, 0.5, 0.25), offer(3, 0.5, 0.25), offer(2, 0.0, 1.0)]
    drawn = plane(offers, NAMES, (0.3, 0.0), None, "wide")
    frame = PLANE["wide"]
    assert "".join(path for _, path in drawn.trails[0].ages).count("M") == 1
    assert drawn.trails[0].ages[-1][1].startswith(f"M{frame.x(0.5):g} {frame.y(0.25):g}")
    assert drawn.reserved == (frame.x(0.3), None)
    assert drawn.agreement is None


def test_the_agreement_is_where_its_utilities_are() -> None:
    drawn = plane([], NAMES, (None, None), (0.625, 0.375), "wide")
    assert drawn.agreement == (drawn.frame.x(0.625), drawn.frame.y(0.375))


def test_only_offers_are_drawn() -> None:
    accept = offer(2, 0.5, 0.5, response="accept")
    assert plane([accept], NAMES, (None, None), None, "wide").trails[1].tail == ""


def test_a_spark_has_a_line_for_each_party() -> None:
    drawn = spark([offer(seq, 0.1, 0.2, 0.3) for seq in (1, 2, 3)], 3, 10)
    assert [bool(line.asked) for line in drawn.lines] == [True] * 3
    assert drawn.lines[2].y == SPARK.y(0.3)


def test_a_sample_is_short_whole_and_ends_with_the_newest() -> None:
    """At most 400 points a party, however long the session is."""
    for last in (0, 1, 2, 799, 801, 5000, 199_999, 200_000):
        for parties in (2, 3, 5):
            chosen = evenly(last, POINTS, parties)
            assert len(chosen) <= POINTS + parties
            assert chosen == sorted(set(chosen))
            assert not chosen or (chosen[0] >= 1 and chosen[-1] == last)


def test_a_sample_misses_no_party() -> None:
    chosen = evenly(99_999, POINTS, 3)
    shares = [sum(1 for seq in chosen if seq % 3 == party) for party in range(3)]
    assert max(shares) - min(shares) <= 1
