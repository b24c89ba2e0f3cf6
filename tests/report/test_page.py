"""Pages that are whole, safe and plain to programs that read them aloud."""

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from engine import Result
from engine.calling.instants import Instant
from engine.reading.names import visible
from engine.report.charts import share_bars
from engine.report.comparison import comparison_page
from engine.report.run import run_page
from engine.report.sizing import sizing_page
from engine.scenario.document import Goal
from engine.whatif.capacity import Lines
from engine.whatif.hindrances import Hindrance
from engine.whatif.sizing import SizePoint, Sizing, Unreachable
from engine.wording.runs import run_headline
from tests.report.parsed import Element, charts_of, parsed
from tests.report.samples import (
    BASE,
    GOAL,
    HOSTILE,
    ODD,
    band,
    comparison,
    few,
    hostile,
    played,
    result_of,
    result_of_few,
    sizing,
    three_variants,
    variant,
)

PAGES: dict[str, Callable[[], str]] = {
    "run": lambda: run_page(result_of_few(), band()),
    "comparison": lambda: comparison_page(three_variants()),
    "sizing": lambda: sizing_page(sizing()),
    "sizing by date": lambda: sizing_page(sizing("finish", 1_772_409_603, start=1_772_409_600)),
}


@pytest.fixture(scope="module", params=PAGES)
def page(request: pytest.FixtureRequest) -> Element:
    return parsed(PAGES[request.param]())


def test_every_chart_has_words_and_a_table_behind_it(page: Element) -> None:
    figures = page.find("figure")
    ids = {each.attributes["id"]: each for each in page.inside if "id" in each.attributes}
    assert figures
    for figure in figures:
        charts = [each for each in figure.find("div") if each.attributes.get("role") == "img"]
        assert charts
        for chart in charts:
            assert chart.attributes["aria-label"] == ids[figure.attributes["aria-labelledby"]].text
            assert ids[chart.attributes["aria-describedby"]].text
        assert len(figure.find("details")) == len(figure.find("table")) == 1


def test_every_table_has_a_caption_and_says_what_its_headers_are_for(page: Element) -> None:
    for table in page.find("table"):
        assert table.find("caption")[0].text
        head, body = table.find("thead")[0], table.find("tbody")[0]
        assert {each.attributes["scope"] for each in head.find("th")} == {"col"}
        assert {each.attributes["scope"] for each in body.find("th")} == {"row"}
        assert {len([*row.find("th"), *row.find("td")]) for row in body.find("tr")} == {len(head.find("th"))}


def test_headings_go_down_a_step_at_a_time_and_landmarks_are_there(page: Element) -> None:
    levels = [int(each.tag[1]) for each in page.inside if re.fullmatch(r"h\d", each.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert [len(page.find(tag)) for tag in ("header", "nav", "main", "footer")] == [1, 1, 1, 1]
    assert page.find("html")[0].attributes["lang"] == "en"


def test_a_page_refers_to_nothing_but_itself(page: Element) -> None:
    ids = [each.attributes["id"] for each in page.inside if "id" in each.attributes]
    links = [value for each in page.inside for name, value in each.attributes.items() if name in ("href", "src")]
    assert len(ids) == len(set(ids))
    assert all(link == "data:," or link.removeprefix("#") in ids for link in links)
    policy = next(each for each in page.find("meta") if "http-equiv" in each.attributes).attributes["content"]
    assert policy.startswith("default-src 'none';")
    assert "connect" not in policy
    assert "http" not in policy


def test_every_chart_is_one_that_plotly_knows(page: Element) -> None:
    from plotly import graph_objects

    charts = charts_of(page)
    assert len(charts) == len([each for each in page.find("div") if each.attributes.get("role") == "img"])
    for chart in charts:
        traces = [trace if "x" in trace else trace | {"x": chart["x"]} for trace in chart["data"]]
        figure = graph_objects.Figure(traces, chart["layout"])
        assert all(len(trace.x) == len(trace.y) for trace in figure.data if trace.type != "heatmap")


def test_every_axis_says_what_it_measures(page: Element) -> None:
    for chart in charts_of(page):
        axes = [value for name, value in chart["layout"].items() if name.endswith("axis")]
        shown = [each for each in axes if each.get("visible", True) and each.get("autorange") != "reversed"]
        assert shown
        assert all(each["title"]["text"] for each in shown)


def test_every_colour_has_another_where_it_is_dark(page: Element) -> None:
    from engine.report.charts import DARK

    def colours(value: Any, key: str = "") -> set[str]:
        if isinstance(value, dict):
            return {found for name, each in value.items() for found in colours(each, name)}
        if isinstance(value, list):
            return {found for each in value for found in colours(each, key)}
        return {value} if isinstance(value, str) and "color" in key else set()

    assert colours(charts_of(page)) <= set(DARK)
    assert len(set(DARK.values())) == len(DARK)


HOSTILE_PAGES: dict[str, Callable[[], str]] = {
    "run": lambda: run_page(played(hostile()), band()),
    "comparison": lambda: comparison_page(
        comparison(variant(HOSTILE, 0.2, beyond_doubt=True, changes={HOSTILE: {HOSTILE: HOSTILE}}), name=HOSTILE)
    ),
    "sizing": lambda: sizing_page(sizing(name=HOSTILE)),
}


@pytest.mark.parametrize("kind", HOSTILE_PAGES)
def test_a_hostile_name_is_text_wherever_it_stands(kind: str) -> None:
    page = parsed(HOSTILE_PAGES[kind]())
    assert page.find("h1")[0].text == visible(HOSTILE).strip()
    assert not page.find("img")
    assert not page.find("b")
    assert len(page.find("script")) == 3
    assert not [name for each in page.inside for name in each.attributes if name.startswith("on")]
    for chart in charts_of(page):
        words = [*(trace.get("name", "") for trace in chart["data"]), *_annotations(chart)]
        assert not [each for each in words if re.search(r"<(?!/?b>|br>)", each)]


def _annotations(chart: dict[str, Any]) -> list[str]:
    return [each["text"] for each in chart["layout"].get("annotations", ())]


@pytest.mark.parametrize("case", ODD)
def test_every_scenario_has_a_page(case: str) -> None:
    page = run_page(result_of(case))
    found = parsed(page)
    assert found.find("h2")[0].text == "Reached"
    assert found.find("table")
    assert len(page.encode()) < 6_000_000


def test_half_a_surrogate_pair_in_a_name_does_not_keep_a_page_from_being_written() -> None:
    page = run_page(played(few(name="half \ud800 of a pair")))
    assert parsed(page).find("h1")[0].text == "half \\ud800 of a pair"
    assert page.encode()


def test_the_first_sentence_is_the_answer() -> None:
    page = parsed(PAGES["run"]())
    answer = next(each for each in page.find("p") if each.attributes.get("class") == "answer").text
    assert answer == run_headline(result_of_few()).answer
    assert answer.startswith("Goal met: ")


def chart_of(measured: str, page: str) -> dict[str, Any]:
    """The chart whose vertical axis measures this."""
    titles = ((chart["layout"]["yaxis"].get("title", {}).get("text", ""), chart) for chart in charts_of(parsed(page)))
    return next(chart for title, chart in titles if title.startswith(measured))


def test_what_is_drawn_adds_up_to_the_calls_of_the_run() -> None:
    result = result_of_few()
    charts = charts_of(parsed(run_page(result)))
    drawn = next(
        chart for chart in charts if "calls begun" in chart["layout"]["yaxis"].get("title", {}).get("text", "")
    )
    assert {trace["name"]: sum(trace["y"][:-1]) for trace in drawn["data"]} == result.figures.calls.outcome


def test_reached_over_time_ends_at_the_share_of_the_summary() -> None:
    result = result_of_few()
    chart = charts_of(parsed(run_page(result)))[0]
    line = next(trace for trace in chart["data"] if trace["name"] == "reached")
    assert line["y"][-1] == pytest.approx(result.figures.numbers.reached_share, abs=1e-5)
    assert line["y"] == sorted(line["y"])


def spread(finish: str) -> Result:
    """What comes of numbers that are added all the time."""
    added = {"from": "2026-03-02T00:00:00Z", "to": finish}
    return played(few(finish=finish, numbers=[{"generate": {"count": 200}, "added": added}], goal=None))


def test_the_band_of_the_replications_is_in_the_table_as_well() -> None:
    table = parsed(run_page(result_of_few(), band(0.5))).find("table")[0]
    assert [each.text for each in table.find("thead")[0].find("th")][-2:] == [
        "mean of the replications",
        "95 % of them",
    ]
    first = [cell.text for cell in table.find("tbody")[0].find("tr")[0].find("td")]
    # 10:00 to 11:00 in New York ends 16 hours after the band's start, of 72 in which it rises to a half
    assert first[-2:] == ["11.1 %", "10.0 % to 12.2 %"]


@pytest.mark.parametrize(
    ("result", "step"),
    [
        (result_of_few, "quarter-hour"),
        (lambda: spread("2026-04-01T00:00:00Z"), "hour"),
        (lambda: spread("2026-12-27T00:00:00Z"), "day"),
        (lambda: result_of("20 years of calls"), "week"),
    ],
    ids=["days", "a month", "a year", "decades"],
)
def test_a_long_simulation_is_drawn_in_longer_steps_and_says_so(result: Callable[[], Result], step: str) -> None:
    page = parsed(run_page(result()))
    about = next(each.text for each in page.find("p") if each.text.startswith("Calls begun each"))
    assert about.startswith(f"Calls begun each {step}, by outcome.")
    assert all(len(chart["x"]) <= 1_600 for chart in charts_of(page))


def test_many_outcomes_are_drawn_in_as_many_colours_as_can_be_told_apart() -> None:
    result = result_of("many outcomes")
    charts = charts_of(parsed(run_page(result)))
    drawn = next(
        chart for chart in charts if "calls begun" in chart["layout"]["yaxis"].get("title", {}).get("text", "")
    )
    assert drawn["data"][-1]["name"] == "all others"
    assert len({trace["fillcolor"] for trace in drawn["data"]}) == len(drawn["data"]) == 9
    assert sum(sum(trace["y"][:-1]) for trace in drawn["data"]) == result.figures.calls.total


def sentences_of(page: str) -> str:
    paragraphs = parsed(page).find("p")
    answer = next(place for place, each in enumerate(paragraphs) if each.attributes.get("class") == "answer")
    return " ".join(each.text for each in paragraphs[answer : answer + 3])


def test_a_comparison_names_the_variant_that_has_the_most_beyond_doubt() -> None:
    doubtful = variant("luck", 0.1, beyond_doubt=False)
    page = comparison_page(comparison(doubtful, variant("evenings", 0.2, beyond_doubt=True)))
    words = "“evenings” has the most: share of the list reached in the end 60.00 %, 10.00 points more than “base”"
    assert words in sentences_of(page)


def test_a_comparison_says_when_chance_may_choose_the_most() -> None:
    worse = variant("fewer lines", -0.2, beyond_doubt=True)
    page = comparison_page(comparison(worse, variant("luck", 0.5, beyond_doubt=False)))
    words = "Which variant has the most may be chance: share of the list reached in the end 40.00 % to 75.00 %"
    assert words in sentences_of(page)
    titles = [each.text for each in parsed(page).find("h3")]
    assert not [title for title in titles if "luck" in title]
    assert "Share of the list reached over time, by variant" in titles


def test_a_comparison_with_a_thousand_variants_stays_small() -> None:
    variants = [variant(f"campaign.lines={lines}", lines / 1e4, beyond_doubt=True) for lines in range(1_000)]
    page = comparison_page(comparison(*variants))
    assert len(page.encode()) < 6_000_000
    assert "980 variants that differ less are not drawn." not in page
    assert "981 variants that differ less are not drawn." in page


def test_the_variant_that_the_headline_names_is_always_in_the_table() -> None:
    worse = [variant(f"worse {place}", -0.5, beyond_doubt=True) for place in range(100)]
    page = comparison_page(comparison(*worse, variant("evenings", 0.2, beyond_doubt=True)))
    assert "“evenings” has the most" in sentences_of(page)
    assert "evenings" in [row.find("th")[0].text for row in parsed(page).find("table")[1].find("tr")]


def test_variants_that_have_much_less_do_not_hide_those_that_have_more() -> None:
    worse = [variant(f"worse {place}", -0.4, beyond_doubt=True) for place in range(30)]
    better = [variant(f"better {place}", 0.01 * place, beyond_doubt=True) for place in range(1, 7)]
    page = parsed(comparison_page(comparison(*worse, *better)))
    cards = [each.text for each in page.find("dt")]
    assert cards == ["base", "worse 0", "worse 1", "better 4", "better 5", "better 6"]


def test_words_above_a_bar_are_broken_where_a_phone_would_cut_them() -> None:
    words = "lines were busy with higher priorities before the simulation ends"
    chart = share_bars("the list", {words: 0.25, "cancelled": 0.1}, ["25.0 %", "10.0 %"], ["", ""])
    first, second = (label["text"] for label in chart.layout["annotations"])
    assert first == "<b>25.0 %</b>  lines were busy with higher priorities<br>before the simulation ends"
    assert second == "<b>10.0 %</b>  cancelled"


def test_the_title_of_a_sizing_says_where_more_lines_do_not_meet_the_goal() -> None:
    found = sizing()
    open_still = msgspec.structs.replace(found.points[3], met=0, replications=1)
    points = (*found.points[:3], open_still, msgspec.structs.replace(found.points[4], met=2))
    missed = parsed(sizing_page(msgspec.structs.replace(found, points=points)))
    titles = [[each.text for each in page.find("h3")] for page in (parsed(sizing_page(found)), missed)]
    assert "The goal is met from 3 lines on" in titles[0]
    assert "The goal is met with 3 lines, but not with 1 of the larger sizes that were tried" in titles[1]


def rows_of(table: Element) -> list[list[str]]:
    """The texts of a table's cells."""
    return [[cell.text for cell in (*row.find("th"), *row.find("td"))] for row in table.find("tbody")[0].find("tr")]


def test_the_changes_of_a_variant_are_told_as_what_changed() -> None:
    table = parsed(comparison_page(three_variants())).find("table")[0]
    assert rows_of(table) == [
        ["more lines", "campaign.lines: 4 → 8"],
        ["fewer lines", "campaign.lines: 4 → 3"],
    ]


def test_all_figures_are_folded_into_a_table_for_each_group() -> None:
    page = parsed(comparison_page(three_variants()))
    folded = [each for each in page.find("details") if each.attributes.get("class", "").startswith("exhibit")]
    assert [each.find("h3")[0].text for each in folded] == ["Numbers", "Calls", "Lines", "Waiting", "Moments", "Goal"]
    assert sum(len(rows_of(each.find("table")[0])) for each in folded) == len(BASE)
    [row] = rows_of(folded[2].find("table")[0])
    assert row[:2] == ["occupancy while calling", "90.00 %\n(89.10 % to 90.90 %)"]
    assert row[2].split("\n") == [
        "108.00 %",
        "(106.92 % to 109.08 %)",
        "✓ +18.00 points",
        "(+17.10 points to +18.90 points)",
    ]


def goals_of(page: str) -> list[dict[str, Any]]:
    """The lines of goals in the chart of the share reached."""
    traces = chart_of("reached, share of the list", page)["data"]
    return [trace for trace in traces if "goal" in "".join(trace.get("text", ""))]


def test_the_goal_of_all_variants_is_a_line_until_it_is_to_be_met() -> None:
    [goal] = goals_of(comparison_page(three_variants()))
    assert goal["y"] == [0.55, 0.55]
    assert goal["x"] == ["2026-03-02 00:00", "2026-03-04 04:53"]
    assert goal["text"][0] == "goal: 55.0 %"


def test_goals_that_differ_say_whose_they_are() -> None:
    higher = variant("higher", 0.2, beyond_doubt=True, goal=Goal(reached=0.6, by=GOAL.by))
    none = variant("none", 0.2, beyond_doubt=True, goal=None)
    texts = [goal["text"][0] for goal in goals_of(comparison_page(comparison(higher, none)))]
    assert texts == ["goal of “base”: 55.0 %", "goal of “higher”: 60.0 %"]


def test_a_comparison_without_a_goal_draws_none() -> None:
    found = three_variants()
    variants = (msgspec.structs.replace(each, goal=None) for each in found.variants)
    assert goals_of(comparison_page(msgspec.structs.replace(found, variants=tuple(variants)))) == []


def test_a_sizing_marks_its_answer() -> None:
    page = parsed(sizing_page(sizing()))
    rows = [[cell.text for cell in (*row.find("th"), *row.find("td"))] for row in page.find("tbody")[0].find("tr")]
    assert [row[0] for row in rows if row[-1] == "yes"] == ["3"]
    dots = charts_of(page)[0]["data"][-1]
    assert [colour == dots["marker"]["color"][2] for colour in dots["marker"]["color"]].count(True) == 1


def test_a_sizing_shows_what_each_size_reaches_and_which_were_stopped() -> None:
    page = parsed(sizing_page(sizing()))
    rows = [[cell.text for cell in (*row.find("th"), *row.find("td"))] for row in page.find("tbody")[0].find("tr")]
    assert rows[2] == ["3", "12", "20", "60.0 %", "50.0 to 60.0 %", "30.0 % (28.0 to 32.0 %)", "yes"]
    assert rows[3] == ["4", "12", "13", "92.3 %", "stopped", "40.0 % (38.0 to 42.0 %)", ""]
    met, reached = charts_of(page)[:2]
    assert [len(chart["data"][-1]["x"]) for chart in (met, reached)] == [5, 5]
    assert reached["data"][-1]["y"] == [0.1, 0.2, 0.3, 0.4, 0.5]
    # a curve, the line that is wanted, an interval for each that has one, the dots
    assert [len(chart["data"]) for chart in (met, reached)] == [7, 8]
    assert "7 of 100 runs were spared" in page.find("figure")[0].text


@pytest.mark.parametrize(("last", "kind"), [(20, None), (200, "log")])
def test_a_sizing_whose_sizes_span_decades_has_a_logarithmic_axis(last: int, kind: str | None) -> None:
    points = tuple(SizePoint(Lines(lines), 10 * (lines == last), 10, 0.0, 1.0, 10) for lines in (10, 15, last))
    found = Sizing("A few", Goal(reached=0.6), "lines", Lines(15), points, Lines(15), Lines(last))
    [chart] = charts_of(parsed(sizing_page(found)))
    assert chart["layout"]["xaxis"].get("type") == kind


def test_a_sizing_without_an_answer_says_what_stands_in_the_way() -> None:
    why = Unreachable(0.45, (Hindrance("exhausted", "attempts", 0.55),), 0.1)
    page = parsed(sizing_page(Sizing("A few", Goal(reached=0.6), "lines", None, (), unreachable=why)))
    assert page.find("h3")[0].text == "Without any limit 45.0 % of the list are reached in time"
    assert [[cell.text for cell in (*row.find("th"), *row.find("td"))] for row in page.find("tbody")[0].find("tr")] == [
        ["reached in time", "45.0 %"],
        ["called, not reached, no attempts left", "55.0 %"],
    ]


def test_a_sizing_names_the_limit_that_was_lifted() -> None:
    why = Unreachable(0.45, (Hindrance("expired_never_called", "lines", 0.55),), 0, other_limit="lines")
    page = parsed(sizing_page(Sizing("A few", Goal(reached=0.6), "callsPerSecond", None, (), unreachable=why)))
    assert page.find("h3")[0].text == "Without a limit to the pace 45.0 % of the list are reached in time"


def test_the_day_of_an_answer_is_that_of_its_date_which_is_rounded_up() -> None:
    last_minute = Instant(1_772_495_941)  # a second after 23:59
    found = Sizing("A few", Goal(reached=0.6), "finish", last_minute, (SizePoint(last_minute, 9, 10, 0.5, 1, 10),))
    figures = " ".join(" ".join(parsed(sizing_page(found, "Z")).find("body")[0].texts).split())
    assert "Tue 03 Mar" in figures
    assert "Tue 2026-03-03 00:00" in figures


def test_a_sizing_of_many_dates_draws_some_of_them_and_lists_all() -> None:
    points = tuple(SizePoint(Instant(1_772_409_600 + 60 * place), place, 5_000, 0.1, 0.2) for place in range(5_000))
    answer = points[1_234].value
    page = sizing_page(Sizing("A few", Goal(reached=0.6), "finish", answer, points, answer, answer))
    rows = parsed(page).find("tbody")[0].find("tr")
    assert len(rows) == 5_000
    assert [row.find("td")[-1].text for row in rows].count("yes") == 1


def test_instants_are_told_by_the_clock_of_the_zone() -> None:
    utc, there = (comparison_page(three_variants(), zone_name) for zone_name in ("Z", "Asia/Kolkata"))
    assert "2026-03-04 04:53" in utc
    assert "2026-03-04 10:23" in there
    assert "Times are those of Asia/Kolkata." in there
