"""Unicity of the demo warehouse: what it says, how it looks, and what it refuses."""

import re
import signal
import threading

import kohort as kh
import pytest


@pytest.fixture(scope="module")
def wh(tmp_path_factory):
    return kh.demo(5_000, path=tmp_path_factory.mktemp("unicity") / "wh", progress=False)


@pytest.fixture(scope="module")
def found(wh):
    return wh.unicity(samples=1_000, progress=False)


def test_more_events_and_finer_days_single_out_more(found):
    frame = found.frame
    assert frame.height == 30
    shares = {row.coarsening: [] for row in found.rows}
    for row in found.rows:
        shares[row.coarsening].append(row.share)
    assert list(shares) == ["day", "week", "month", "quarter", "year"]
    for six in shares.values():
        assert six[5] > six[0]
    assert shares["day"][3] > 0.95
    for finer, coarser in zip(list(shares)[:-1], list(shares)[1:], strict=True):
        # Samples differ a little where persons have few distinct events.
        assert all(a >= b - 0.02 for a, b in zip(shares[finer], shares[coarser], strict=True))
    assert found.share(4, "day") == shares["day"][3]
    with pytest.raises(kh.ArgumentError, match="not asked for"):
        found.share(7, "day")


def test_the_same_seed_gives_the_same(wh, found):
    assert wh.unicity(samples=1_000, progress=False) == found
    assert wh.unicity(samples=1_000, seed=1, progress=False) != found


def test_the_domains_are_all_by_default(wh, found):
    assert wh.unicity(*wh.domains, samples=1_000, progress=False) == found
    narrow = wh.unicity(kh.drug(kh.codes("ATC", "A10*")), points=[1], coarsening="day", progress=False)
    assert "A10*" in repr(narrow)


def test_a_place_singles_out_more(wh):
    known = {"points": [2], "coarsening": ["month"], "progress": False}
    without, within = wh.unicity("stay", **known), wh.unicity("stay", hospital="stay_id", **known)
    assert within.share(2, "month") == 1.0 > without.share(2, "month")
    assert "stay_id" in repr(within)


def test_few_persons_are_hidden(tmp_path):
    tiny = kh.demo(8, path=tmp_path / "wh", progress=False)
    found = tiny.unicity("drug", progress=False)
    assert found.frame["share"].null_count() == found.frame.height
    assert found.frame["persons"].sum() == 0
    assert "hidden" in repr(found)


def test_it_is_shown_in_whole_percents(found):
    for text in (repr(found), re.sub(r"<style>.*?</style>", "", found._repr_html_(), flags=re.DOTALL)):
        assert "100%" in text
        assert not re.search(r"\d\.\d", text)
        assert "person_id" not in text


def test_the_plot_has_a_line_per_coarsening(found):
    axes = found.plot().axes[0]
    assert len(axes.get_lines()) == 5
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "to the day",
        "to the week",
        "to the month",
        "to the quarter",
        "to the year",
    ]
    assert found.plot()._repr_png_().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("events", "options", "error", "says"),
    [
        (("nowhere",), {}, kh.DefinitionError, "no domain 'nowhere'"),
        ((3,), {}, kh.DefinitionError, "a int names no events"),
        ((kh.drug().first(),), {}, kh.DefinitionError, "codes alone"),
        ((kh.drug(kh.codes("ATC", level=3)),), {}, kh.DefinitionError, "groups codes"),
        ((kh.death(),), {}, kh.DefinitionError, "deaths"),
        ((kh.drug(kh.codes("ICD10", "I10")),), {}, kh.DefinitionError, "coded in ATC"),
        (("drug",), {"hospital": "finess"}, kh.DefinitionError, "no column 'finess'"),
        ((), {"hospital": 3}, kh.ArgumentError, "hospital must be"),
        ((), {"points": []}, kh.ArgumentError, "must not be empty"),
        ((), {"points": [0]}, kh.ArgumentError, "from 1 to 50, got 0"),
        ((), {"points": 3}, kh.ArgumentError, "points must be several"),
        ((), {"coarsening": ["decade"]}, kh.ArgumentError, "got 'decade'"),
        ((), {"samples": 0}, kh.ArgumentError, "samples must be"),
        ((), {"seed": -1}, kh.ArgumentError, "seed must be"),
    ],
)
def test_what_is_refused(wh, events, options, error, says):
    with pytest.raises(error, match=says):
        wh.unicity(*events, progress=False, **options)


def test_an_unmatched_pattern_is_warned_of(wh):
    with pytest.warns(kh.KohortWarning, match="matches no drug event"):
        found = wh.unicity(kh.drug(kh.codes("ATC", "Z99*")), progress=False)
    assert found.frame["share"].null_count() == 30


def test_it_stops_on_request(wh):
    def for_long():
        timer.start()
        for _ in range(10_000):
            wh.unicity(samples=5_000, points=range(1, 51), progress=False)

    main = threading.main_thread().ident
    timer = threading.Timer(0.15, lambda: signal.pthread_kill(main, signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        for_long()
