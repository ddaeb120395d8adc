"""The outcome space as two parties see it: marks, edge, solution points and their labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from negotiations.charts.counts import MOST_VALUES, Made, count_pairs, count_values
from negotiations.charts.frames import PLANE
from negotiations.charts.marks import by_age, shape
from negotiations.charts.spaces import MOST_MARKS, Solution, place_solutions, solutions_of, space_of, upper


class Known:
    """An analysis of two outcomes."""

    frontier_utilities = ((1.0, 0.2), (0.4, 0.9))
    words = "exact"
    n_sampled = 0
    points: Mapping[str, Mapping[str, Any]] = {
        "nash": {"utilities": [0.4, 0.9]},
        "kalai": {"utilities": [0.4, 0.9]},
        "ks": {"utilities": [1.0, 0.2]},
        "welfare": {"utilities": [0.4, 0.9]},
        "relative_welfare": {"utilities": [0.4, 0.9]},
    }

    def cloud(self, i: int, j: int) -> Sequence[Sequence[float]]:
        return [(each[i], each[j]) for each in self.frontier_utilities]

    def distances(self, utilities: Sequence[float]) -> dict[str, float | None]:
        return {}

    def optimality(self, utilities: Sequence[float]) -> dict[str, float | None]:
        return {}


def test_points_that_coincide_are_one_mark_with_one_label() -> None:
    found = solutions_of(Known.points, (0, 1))
    assert [(each.kind, each.label) for each in found] == [("nash", "Nash, Kalai, max welfare"), ("ks", "KS")]


def test_marks_up_to_five_thousand_outcomes_and_a_picture_above() -> None:
    few, many = space_of(Known(), MOST_MARKS, (0, 1)), space_of(Known(), MOST_MARKS + 1, (0, 1))
    assert (len(few.cloud), few.is_image) == (2, False)
    assert (len(many.cloud), many.is_image) == (0, True)
    assert space_of(Known(), None, (1, 0)).is_image


def test_what_is_drawn_by_chance_says_so_though_its_frontier_is_exact() -> None:
    known = Known()
    assert space_of(known, 2, (0, 1)).words == "exact"
    known.words, known.n_sampled = "frontier exact", 200_000
    assert space_of(known, None, (0, 1)).words == "frontier exact, 200,000 outcomes by chance"
    known.words = "sampled 200,000"
    assert space_of(known, None, (0, 1)).words == "sampled 200,000"


def test_the_axes_may_be_turned() -> None:
    assert space_of(Known(), 2, (1, 0)).cloud == ((0.2, 1.0), (0.9, 0.4))


def test_two_parties_see_the_upper_edge_of_a_frontier_of_more() -> None:
    assert upper({(0.2, 0.9), (0.5, 0.5), (0.4, 0.4), (0.9, 0.1)}) == ((0.2, 0.9), (0.5, 0.5), (0.9, 0.1))


def test_labels_keep_apart_and_off_the_star() -> None:
    frame = PLANE["wide"]
    near = [Solution("nash", "Nash", 0.5, 0.5), Solution("ks", "KS", 0.51, 0.5)]
    one, other = place_solutions(frame, near)
    assert abs(one.label_y - other.label_y) >= 14
    star = (one.label_x + 5, one.label_y)
    assert abs(place_solutions(frame, near[:1], star)[0].label_y - star[1]) >= 14


def test_a_long_label_ends_inside_the_frame() -> None:
    placed = place_solutions(PLANE["phone"], [Solution("nash", "Nash, Kalai, KS, max welfare", 0.8, 0.8)])[0]
    assert placed.anchor == "end"
    assert placed.label_x < PLANE["phone"].width


def test_offers_fade_with_age_and_each_place_stands_once() -> None:
    ages = by_age([(1, 1), (2, 2), (3, 3), (1, 1), (4, 4)], shape(0, 3.6))
    assert [path.count("M") for _, path in ages] == [1, 1, 1, 1]
    assert [opacity for opacity, _ in ages] == sorted(opacity for opacity, _ in ages)
    assert ages[2][1].startswith("M1 1")  # offered again after 3 3


def test_six_parties_have_six_shapes() -> None:
    assert len({shape(party, 3.6) for party in range(6)}) == 6


def test_values_are_counted_by_party_in_the_order_of_the_issue() -> None:
    made: list[Made] = [(0, ["b", 2]), (1, ["a", 10]), (0, ["b", 10])]
    letters, numbers = count_values(made, [("letter", ["a", "b", "c"]), ("number", [])], 2)
    assert [(row.value, row.by_party) for row in letters.values] == [
        ("a", (0, 1)),
        ("b", (2, 0)),
        ("c", (0, 0)),
    ]
    assert [row.value for row in numbers.values] == ["2", "10"]


def test_of_many_values_the_most_offered_are_kept() -> None:
    made: list[Made] = [(0, [number]) for number in [*range(100), 99]]
    issue = count_values(made, [("number", [])], 1)[0]
    assert len(issue.values) == MOST_VALUES
    assert issue.left_out == 100 - MOST_VALUES
    assert issue.values[-1].value == "99"


def test_pairs_are_counted_the_most_offered_first() -> None:
    pairs = count_pairs([(0, ["a", "x"]), (1, ["a", "y"]), (1, ["a", "y"]), (0, None)], 0, 1, 2)
    assert [(row.one, row.other, row.by_party) for row in pairs] == [("a", "y", (0, 2)), ("a", "x", (1, 0))]
