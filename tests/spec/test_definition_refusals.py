"""What the definition language refuses: each message names the value and the remedy, in one sentence."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import kohort as kh
import pytest
from kohort.errors import DefinitionError, KohortError


def written(text: str) -> Any:
    """Evaluate an expression as a user would write it."""
    return eval(text, {"kh": kh, "date": date, "datetime": datetime, "c": kh.codes("ATC", "A10BA02"), "d": kh.death()})  # noqa: S307


REFUSED = [
    # written, words of the message: the value, then the remedy
    ('kh.codes("ATC")', "ATC", "write one"),
    ('kh.codes("ATC", "")', "''", "write at least one character"),
    ('kh.codes("ATC", "*")', "'*'", "kh.drug()"),
    ('kh.codes("ICD10", ".")', "'.'", "write at least one character"),
    ('kh.codes("ATC", "A*0")', "'A*0'", "write a prefix"),
    ('kh.codes("ATC", "A10 BH")', "'A10 BH'", "remove it"),
    ('kh.codes("ATC", " A10BH")', "' A10BH'", "remove it"),
    ('kh.codes("ICD10", "C67.-")', "'C67.-'", 'as in "C67*"'),
    ('kh.codes("ICD10", "C00-C97")', "'C00-C97'", "one each"),
    ('kh.codes("ATC", 10)', "10", "in quotes"),
    ('kh.codes("OMOP", -1)', "-1", "in quotes"),
    ('kh.codes("OMOP", 1.5)', "1.5", "whole number"),
    ('kh.codes("OMOP", True)', "True", "whole number"),
    ('kh.codes("ATC", ["A10BA02"])', "list", "with a star"),
    ('kh.codes("ATC", "A10*", descendants=True)', "'A10*'", 'drop "*"'),
    ('kh.codes("ATC", "A10", descendants="yes")', "'yes'", "write one of them"),
    ('kh.codes("ATC", "A10", exclude=2.5)', "2.5", "list of patterns"),
    ('kh.codes("", "A10")', "''", "write a few words"),
    ('kh.codes(3, "A10")', "3", "in quotes"),
    ('kh.codes("ATC*", "A10")', "'ATC*'", "write one such as"),
    ('kh.codes("ATC", level=6)', "6", "1, 2, 3, 4 and 5"),
    ('kh.codes("CCAM", level=2)', "'CCAM'", "ATC and ICD10"),
    ('kh.codes("ATC", "A10*", level=4)', "level=4", "drop the patterns"),
    ('c | kh.codes("ICD10", "C67*")', "ATC and ICD10", "hand both to .entry"),
    ('c | "A10BH*"', "'A10BH*'", "kh.codes(...)"),
    ('c or kh.codes("ATC", "A10BH*")', "ATC A10BA02", "join code sets with |"),
    ('kh.codes("ATC", "A10*", exclude="A10BH*") | kh.codes("ATC", "A10BH01")', "A10BH01", "one kh.codes"),
    ('kh.codes("ATC", "A10*") - kh.codes("ATC", "A10B*", exclude="A10BH*")', "A10BH*", "one kh.codes"),
    ('kh.drug("A10BH*")', "'A10BH*'", "kh.codes("),
    ('kh.event("Drug")', "'Drug'", "small letters"),
    ("kh.event(None)", "None", "in quotes"),
    ("kh.drug(c).within(-1, -180)", "-1 to -180", "swap"),
    ("kh.drug(c).within(-1.5, 0)", "-1.5", "write an integer"),
    ("kh.drug(c).within(-99999999, 0)", "-99999999", "choose a number inside"),
    ("kh.drug(c).within(True, 2)", "True", "write an integer"),
    ("kh.drug(c).within(0, 2, observed=1)", "1", "write one of them"),
    ("kh.drug(c).before().count() >= 0", "at least 0", "write .count() >= 1"),
    ("kh.drug(c).before().count() < 0", "0", "choose a number inside"),
    ("kh.drug(c).before().count() >= 1.0", "1.0", "write an integer"),
    ("kh.drug(c).before().count().between(3, 2)", "3 to 2", "swap"),
    ("1 <= kh.drug(c).before().count() <= 2", "a drug record coded ATC A10BA02", ".between(a, b)"),
    ("18 <= kh.age() <= 65", "aged 18 or older", ".between(a, b)"),
    ('(kh.age() >= 18) and (kh.sex() == "F")', "aged 18 or older", "with &, | and ~"),
    ("not (kh.age() >= 18)", "aged 18 or older", "with &, | and ~"),
    ('kh.age() >= 18 & kh.sex() == "F"', "the sex", "in parentheses"),
    ("kh.age() >= 18 & (kh.age() < 65)", "18", "put parentheses around"),
    ("(kh.age() < 65) & kh.drug(c)", "a drug record coded ATC A10BA02", ".before().any()"),
    ("kh.drug(c) & (kh.age() < 65)", "a drug record coded ATC A10BA02", ".before().any()"),
    ("kh.drug(c) or kh.stay()", "a drug record coded ATC A10BA02", ".before().any()"),
    ("kh.drug(c).before() and kh.stay().before()", "before the index day", ".any()"),
    ("kh.drug(c).before().count() and kh.age()", "the number of events", "compare it"),
    ("kh.age() >= 18.5", "18.5", "write an integer"),
    ("kh.age() >= 200", "200", "choose a number inside"),
    ("kh.age() < 0", "0", "choose a number inside"),
    ("kh.age().between(65, 18)", "65 to 18", "swap"),
    ('kh.age() == "old"', "'old'", "write an integer"),
    ("kh.sex() == 1", "1", '"female", "male"'),
    ('kh.sex() == "woman"', "'woman'", '"female", "male"'),
    ('kh.sex().is_in("F")', "'F'", "kh.sex() =="),
    ("kh.sex().is_in([])", "none", "name at least one"),
    ("kh.all_of()", "all_of()", "hand in"),
    ("kh.any_of([kh.age() >= 18])", "list", "with a star"),
    ("kh.at_least(0, kh.age() >= 18)", "at least 0 of 1 criteria is always", "from 1 to 1"),
    ("kh.at_least(2, kh.age() >= 18)", "at least 2 of 1 criteria is never", "from 1 to 1"),
    ("kh.at_most(1, kh.age() >= 18)", "at most 1 of 1 criteria is always", "from 0 to 0"),
    ("kh.at_most(-1, kh.age() >= 18)", "at most -1 of 1 criteria is never", "from 0 to 0"),
    ('kh.drug(kh.codes("ATC", level=4)).before().any()', "ATC by level 4", "name the codes"),
    ('kh.drug(kh.codes("ATC", level=4)).first()', "ATC by level 4", "name the codes"),
    ("kh.fixed_days(-1)", "-1", "choose a number inside"),
    ("kh.end_of_supply(gap=None)", "None", "write an integer"),
    ('kh.end_of_supply(gap=1, codes="A10")', "'A10'", "kh.codes("),
    ('kh.end_of_supply(gap=1, codes=kh.codes("ATC", level=4))', "ATC by level 4", "name the codes"),
    ('kh.cohort(" ")', "' '", "write a few words"),
    ("kh.cohort(7)", "7", "in quotes"),
    (r'kh.cohort("a\nb")', r"'a\nb'", "remove it"),
    (r'kh.cohort("a\ud800")', r"\ud800", "remove it"),
    ('kh.cohort("x").plan()', "'x'", "add .entry(...)"),
    ('kh.cohort("x").entry()', "'x'", "hand in one"),
    ('kh.cohort("x").entry(d).entry(d)', "'x'", "to one .entry(...)"),
    ('kh.cohort("x").observed(before=1).observed(after=1)', "'x'", "in one .observed"),
    ('kh.cohort("x").exit().exit()', "'x'", "in one .exit"),
    ('kh.cohort("x").entry(d, limit="frist")', "'frist'", 'did you mean "first"?'),
    ('kh.cohort("x").entry(d, between="2015")', "'2015'", "write two days"),
    ('kh.cohort("x").entry(d, between=("2015", None))', "'2015'", "as in"),
    ('kh.cohort("x").entry(d, between=("20150101", None))', "'20150101'", "year-month-day"),
    ('kh.cohort("x").entry(d, between=(datetime(2015, 1, 1), None))', "2015-01-01T00", ".date()"),
    ('kh.cohort("x").entry(d, between=("2016-01-01", "2015-01-01"))', "2016-01-01 to 2015-01-01", "swap"),
    ('kh.cohort("x").entry(d.before())', "deaths at any time", "leave the window away"),
    ('kh.cohort("x").entry(kh.drug(kh.codes("ATC", level=4)))', "ATC by level 4", "name the codes"),
    ('kh.cohort("x").entry(c)', "Codes", "kh.drug(codes)"),
    ('kh.cohort("x").observed(before=-1)', "-1", "choose a number inside"),
    ('kh.cohort("x").require("a", kh.drug(c))', "'a' is a drug record", ".before().any()"),
    ('kh.cohort("x").require("a", kh.drug(c).before())', "'a' is drug records", ".any()"),
    ('kh.cohort("x").require("a", kh.age())', "the age", "compare it"),
    ('kh.cohort("x").require("a", lambda: 1)', "function", "kh.age() >= 18"),
    ('kh.cohort("x").require("", kh.age() >= 18)', "''", "write a few words"),
    ('kh.cohort("x").require("a", kh.age() >= 18).exclude("a ", kh.age() < 9)', "'a'", "a name of its own"),
    ('kh.cohort("x").exit(d)', "object of type Events", "as censor="),
    ('kh.cohort("x").exit(censor="death")', "'death'", "kh.drug(codes)"),
    ('kh.cohort("x").entry(kh.stay()).exit(kh.end_of_supply(gap=30)).plan()', "'drug'", "codes=..."),
    ("kh.age_bands(0)", "0", "choose a number inside"),
    ("kh.age_bands([])", "no edges", "write the first age"),
    ("kh.age_bands([0, 18, 18])", "18 to 18", "rising order"),
    ("kh.age_bands([0, 18], last=65)", "edges", "drop them"),
    ("kh.age_bands(10, first=50, last=40)", "50 to 40", "swap"),
    ('kh.age_bands("10")', "'10'", "write an integer"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value", "remedy"), REFUSED, ids=[row[0] for row in REFUSED])
def test_refusals_name_the_value_and_the_remedy(text: str, value: str, remedy: str):
    with pytest.raises(DefinitionError) as caught:
        written(text)
    message = str(caught.value)
    assert value in message
    assert remedy in message
    assert message.endswith(".")
    assert "\n" not in message
    assert isinstance(caught.value, KohortError)
    assert isinstance(caught.value, ValueError)
