"""Studies of the GiBleed data, each said twice: to kohort, and in SQL written by hand over the CDM's own tables.

A study's statement gives its rows (person, first day, last day); another one joins the rows that overlap.
"""

from __future__ import annotations

from typing import NamedTuple

import kohort as kh


def concepts(*ids: int, descendants: bool = False) -> kh.definition.Codes:
    return kh.codes("OMOP", *ids, descendants=descendants)


#: Joins the rows of a person that share a day: an island begins where no earlier row reaches.
JOIN_OVERLAPS = """
    with rows (person_id, start, finish) as ({rows}), reached as (
        select *, max(finish) over (
            partition by person_id order by start rows between unbounded preceding and 1 preceding) as so_far
        from rows
    ), islands as (
        select *, sum(case when so_far >= start then 0 else 1 end)
            over (partition by person_id order by start rows unbounded preceding) as island
        from reached
    )
    select person_id, min(start), max(finish) from islands group by person_id, island order by 1, 2
"""


class Study(NamedTuple):
    """A definition and the SQL of the same cohort."""

    cohort: kh.definition.Cohort
    rows: str

    @property
    def sql(self) -> str:
        """The statement that gives the cohort."""
        return JOIN_OVERLAPS.format(rows=self.rows)


CELECOXIB = concepts(1118084, descendants=True)

NEW_USERS = Study(
    kh.cohort("new users of celecoxib").entry(kh.event("drug_era", CELECOXIB).first()).observed(before=365),
    """
    with eras as (
        select person_id, min(drug_era_start_date) as start from drug_era
        where drug_concept_id in (
            select descendant_concept_id from concept_ancestor where ancestor_concept_id = 1118084 union select 1118084
        )
        group by person_id
    )
    select person_id, start, observation_period_end_date
    from eras join observation_period using (person_id)
    where start - 365 >= observation_period_start_date and start <= observation_period_end_date
    """,
)

FIRST_EXPOSURES = Study(
    kh.cohort("first exposures").entry(kh.drug(CELECOXIB).first()).observed(before=365),
    """
    with exposures as (
        select person_id, min(drug_exposure_start_date) as start from drug_exposure
        where drug_concept_id in (
            select descendant_concept_id from concept_ancestor where ancestor_concept_id = 1118084 union select 1118084
        )
        group by person_id
    )
    select person_id, start, observation_period_end_date
    from exposures join observation_period using (person_id)
    where start - 365 >= observation_period_start_date and start <= observation_period_end_date
    """,
)

LOOK_BACK = Study(
    kh.cohort("amoxicillin for an otitis or a bacterial sinusitis")
    .entry(kh.drug(concepts(1713332, descendants=True)), limit="all")
    .require("ill", kh.diagnosis(concepts(372328, 4294548)).within(-7, 0).any())
    .exit(kh.fixed_days(30)),
    """
    select distinct d.person_id, d.drug_exposure_start_date as start,
           least(d.drug_exposure_start_date + 30, o.observation_period_end_date)
    from drug_exposure d
    join observation_period o on o.person_id = d.person_id
         and d.drug_exposure_start_date between o.observation_period_start_date and o.observation_period_end_date
    where d.drug_concept_id in (select descendant_concept_id from concept_ancestor where ancestor_concept_id = 1713332)
      and exists (
        select 1 from condition_occurrence c
        where c.person_id = d.person_id and c.condition_concept_id in (372328, 4294548)
          and c.condition_start_date between d.drug_exposure_start_date - 7 and d.drug_exposure_start_date
          and c.condition_start_date >= o.observation_period_start_date)
    """,
)

EXCLUSION = Study(
    kh.cohort("naproxen without a bleeding or an ulcer before")
    .entry(kh.drug(concepts(1115008, descendants=True)).first(), between=("1970-01-01", None))
    .observed(before=180)
    .exclude("bleeding", kh.diagnosis(concepts(192671)).before().any())
    .exclude("ulcer", kh.diagnosis(concepts(4027663)).before(observed=False).any())
    .exclude("sinusitis of a month", kh.diagnosis(concepts(4283893, descendants=True)).within(-30, 0).any()),
    """
    with first_naproxen as (
        select person_id, min(drug_exposure_start_date) as start from drug_exposure
        where drug_concept_id in (
            select descendant_concept_id from concept_ancestor where ancestor_concept_id = 1115008)
        group by person_id
    )
    select n.person_id, n.start, o.observation_period_end_date
    from first_naproxen n join observation_period o on o.person_id = n.person_id
         and n.start - 180 >= o.observation_period_start_date and n.start <= o.observation_period_end_date
    where n.start >= date '1970-01-01'
      and not exists (
        select 1 from condition_occurrence c where c.person_id = n.person_id and c.condition_concept_id = 192671
          and c.condition_start_date >= o.observation_period_start_date and c.condition_start_date < n.start)
      and not exists (
        select 1 from condition_occurrence c where c.person_id = n.person_id and c.condition_concept_id = 4027663
          and c.condition_start_date < n.start)
      and not exists (
        select 1 from condition_occurrence c join concept_ancestor a on a.descendant_concept_id = c.condition_concept_id
        where a.ancestor_concept_id = 4283893 and c.person_id = n.person_id
          and c.condition_start_date >= o.observation_period_start_date
          and c.condition_start_date between n.start - 30 and n.start)
    """,
)

COUNTING = Study(
    kh.cohort("bronchitis after at most one in two years, and three sinusitides in ten")
    .entry(kh.diagnosis(concepts(260139)), limit="first")
    .observed(before=365)
    .require("seldom", kh.diagnosis(concepts(260139)).within(-730, -1).count() <= 1)
    .require("sinusitides", kh.diagnosis(concepts(40481087)).within(-3650, -1).count() >= 3),
    """
    with rows as (
        select distinct c.person_id, c.condition_start_date as start,
               o.observation_period_start_date as since, o.observation_period_end_date as until
        from condition_occurrence c join observation_period o on o.person_id = c.person_id
        where c.condition_concept_id = 260139 and c.condition_start_date <= o.observation_period_end_date
          and c.condition_start_date - 365 >= o.observation_period_start_date
    ), counted as (
        select r.person_id, r.start, r.until,
            (select count(*) from condition_occurrence c
              where c.person_id = r.person_id and c.condition_concept_id = 260139
              and c.condition_start_date between greatest(r.start - 730, r.since) and r.start - 1) as bronchitides,
            (select count(*) from condition_occurrence c
              where c.person_id = r.person_id and c.condition_concept_id = 40481087
              and c.condition_start_date between greatest(r.start - 3650, r.since) and r.start - 1) as sinusitides
        from rows r
    )
    select person_id, min(start), any_value(until) from counted
    where bronchitides <= 1 and sinusitides >= 3 group by person_id
    """,
)

DISTINCT_DAYS = Study(
    kh.cohort("measured on two to five days in the ten years after the first aspirin")
    .entry(kh.drug(concepts(1112807, descendants=True)).first())
    .observed(after=3650)
    .require("measured", kh.measurement().within(0, 3650).distinct_days().between(2, 5))
    .exit(kh.fixed_days(3650)),
    """
    with first_aspirin as (
        select person_id, min(drug_exposure_start_date) as start from drug_exposure
        where drug_concept_id in (
            select descendant_concept_id from concept_ancestor where ancestor_concept_id = 1112807)
        group by person_id
    )
    select a.person_id, a.start, a.start + 3650
    from first_aspirin a join observation_period o on o.person_id = a.person_id
         and a.start >= o.observation_period_start_date and a.start + 3650 <= o.observation_period_end_date
    join measurement m on m.person_id = a.person_id and m.measurement_date between a.start and a.start + 3650
    group by a.person_id, a.start
    having count(distinct m.measurement_date) between 2 and 5
    """,
)

AFTERWARDS = Study(
    kh.cohort("sprains with acetaminophen within a month and without a fracture's immobilization")
    .entry(kh.diagnosis(concepts(81151, 78272)), limit="all")
    .observed(after=30)
    .require("acetaminophen", kh.drug(concepts(1125315, descendants=True)).within(0, 30).any())
    .require("no immobilization", kh.procedure(concepts(4170947)).within(0, 3650).none())
    .exit(kh.fixed_days(3650)),
    """
    with rows as (
        select distinct c.person_id, c.condition_start_date as start, o.observation_period_end_date as until
        from condition_occurrence c join observation_period o on o.person_id = c.person_id
        where c.condition_concept_id in (81151, 78272) and c.condition_start_date >= o.observation_period_start_date
          and c.condition_start_date + 30 <= o.observation_period_end_date
    ), kept as (
        select r.person_id, r.start, least(r.start + 3650, r.until) as finish from rows r
        where exists (
            select 1 from drug_exposure d join concept_ancestor a on a.descendant_concept_id = d.drug_concept_id
            where a.ancestor_concept_id = 1125315 and d.person_id = r.person_id
              and d.drug_exposure_start_date between r.start and r.start + 30)
          and not exists (
            select 1 from procedure_occurrence p where p.person_id = r.person_id and p.procedure_concept_id = 4170947
              and p.procedure_date between r.start and least(r.start + 3650, r.until))
    )
    select person_id, start, finish from kept
    """,
)

DEMOGRAPHY = Study(
    kh.cohort("osteoarthritis of women from 40 to 59, and of men below 40")
    .entry(kh.diagnosis(concepts(80180)).first())
    .require("who", (kh.age().between(40, 59) & (kh.sex() == "female")) | ((kh.age() < 40) & (kh.sex() == "male"))),
    """
    with first_event as (
        select person_id, min(condition_start_date) as start from condition_occurrence
        where condition_concept_id = 80180 group by person_id
    ), aged as (
        select person_id, start, gender_concept_id,
               year(start) - year_of_birth - (case when month(start) < month_of_birth then 1 else 0 end) as years
        from first_event join person using (person_id)
    )
    select a.person_id, a.start, o.observation_period_end_date
    from aged a join observation_period o on o.person_id = a.person_id
         and a.start between o.observation_period_start_date and o.observation_period_end_date
    where (years between 40 and 59 and gender_concept_id = 8532) or (years < 40 and gender_concept_id = 8507)
    """,
)

SUPPLY = Study(
    kh.cohort("spells of anti-inflammatory drugs, to the first sore throat")
    .entry(kh.drug(concepts(1177480, 1115008, 1118084, descendants=True)), limit="all")
    .exit(kh.end_of_supply(gap=60), censor=kh.diagnosis(concepts(28060, 4112343))),
    """
    with deliveries as (
        select person_id, drug_exposure_start_date as start,
               coalesce(drug_exposure_end_date, drug_exposure_start_date) as last
        from drug_exposure where drug_concept_id in (
            select descendant_concept_id from concept_ancestor where ancestor_concept_id in (1177480, 1115008, 1118084))
    ), reached as (
        select *, max(last) over (
            partition by person_id order by start, last rows between unbounded preceding and 1 preceding) as so_far
        from deliveries
    ), numbered as (
        select *, sum(case when start - so_far - 1 <= 60 then 0 else 1 end)
            over (partition by person_id order by start, last rows unbounded preceding) as era from reached
    ), eras as (
        select person_id, min(start) as since, max(last) as last from numbered group by person_id, era
    ), rows as (
        select distinct d.person_id, d.start, least(e.last, o.observation_period_end_date) as finish
        from deliveries d
        join eras e on e.person_id = d.person_id and d.start between e.since and e.last
        join observation_period o on o.person_id = d.person_id
             and d.start between o.observation_period_start_date and o.observation_period_end_date
    ), censored as (
        select r.person_id, r.start, least(r.finish, coalesce(
            (select min(condition_start_date) from condition_occurrence c where c.person_id = r.person_id
             and c.condition_concept_id in (28060, 4112343) and c.condition_start_date >= r.start), r.finish)) as finish
        from rows r
    )
    select person_id, start, finish from censored
    """,
)

LAST = Study(
    kh.cohort("the last sore throat of the eighties")
    .entry(kh.diagnosis(concepts(28060, 4112343)), between=("1980-01-01", "1989-12-31"), limit="last")
    .observed(before=365, after=365)
    .exclude("penicillin at once", kh.drug(concepts(1729720, descendants=True)).on_index().any()),
    """
    select c.person_id, max(c.condition_start_date), any_value(o.observation_period_end_date)
    from condition_occurrence c join observation_period o on o.person_id = c.person_id
    where c.condition_concept_id in (28060, 4112343)
      and c.condition_start_date between date '1980-01-01' and date '1989-12-31'
      and c.condition_start_date - 365 >= o.observation_period_start_date
      and c.condition_start_date + 365 <= o.observation_period_end_date
      and not exists (
        select 1 from drug_exposure d join concept_ancestor a on a.descendant_concept_id = d.drug_concept_id
        where a.ancestor_concept_id = 1729720 and d.person_id = c.person_id
          and d.drug_exposure_start_date = c.condition_start_date)
    group by c.person_id
    """,
)

STAYS = Study(
    kh.cohort("stays with two of three reasons")
    .entry(kh.stay(concepts(9201)), limit="all")
    .require(
        "two of three",
        kh.at_least(
            2,
            kh.age() >= 40,
            kh.diagnosis().within(-30, 0).count() >= 2,
            ~kh.procedure().within(-3650, -1).any(),
        ),
    )
    .exit(kh.fixed_days(30)),
    """
    with rows as (
        select distinct v.person_id, v.visit_start_date as start,
               o.observation_period_start_date as since, o.observation_period_end_date as until
        from visit_occurrence v join observation_period o on o.person_id = v.person_id
             and v.visit_start_date between o.observation_period_start_date and o.observation_period_end_date
        where v.visit_concept_id = 9201
    ), reasons as (
        select r.person_id, r.start, least(r.start + 30, r.until) as finish,
            (select year(r.start) - p.year_of_birth - (case when month(r.start) < p.month_of_birth then 1 else 0 end)
             from person p where p.person_id = r.person_id) >= 40 as old,
            (select count(*) from condition_occurrence c where c.person_id = r.person_id
             and c.condition_start_date between greatest(r.start - 30, r.since) and r.start) >= 2 as ill,
            not exists (select 1 from procedure_occurrence p where p.person_id = r.person_id
             and p.procedure_date between greatest(r.start - 3650, r.since) and r.start - 1) as untreated
        from rows r
    ), kept as (
        select * from reasons where old::int + ill::int + untreated::int >= 2
    )
    select person_id, start, finish from kept
    """,
)

UNOBSERVED = Study(
    kh.cohort("concussions of persons with few vaccinations, observed or not")
    .entry(kh.event("condition_era", concepts(378001)), kh.event("condition_era", concepts(4218389)), limit="first")
    .require("few", kh.drug(concepts(40213160, 40213227)).within(None, -1, observed=False).count() < 5)
    .require("not both", kh.at_most(1, kh.sex() == "male", kh.observation().before().any())),
    """
    with rows as (
        select distinct c.person_id, c.condition_era_start_date as start,
               o.observation_period_start_date as since, o.observation_period_end_date as until
        from condition_era c join observation_period o on o.person_id = c.person_id
             and c.condition_era_start_date between o.observation_period_start_date and o.observation_period_end_date
        where c.condition_concept_id in (378001, 4218389)
    )
    select r.person_id, min(r.start), any_value(r.until)
    from rows r join person p using (person_id)
    where (select count(*) from drug_exposure d where d.person_id = r.person_id
           and d.drug_concept_id in (40213160, 40213227) and d.drug_exposure_start_date < r.start) < 5
      and not (p.gender_concept_id = 8507 and exists (
        select 1 from observation b
        where b.person_id = r.person_id and b.observation_date between r.since and r.start - 1))
    group by r.person_id
    """,
)

STUDIES = {
    "new users": NEW_USERS,
    "first exposures": FIRST_EXPOSURES,
    "look-back": LOOK_BACK,
    "exclusion": EXCLUSION,
    "counting": COUNTING,
    "distinct days": DISTINCT_DAYS,
    "windows after": AFTERWARDS,
    "age and sex": DEMOGRAPHY,
    "end of supply": SUPPLY,
    "last entry": LAST,
    "two of three": STAYS,
    "observed or not": UNOBSERVED,
}
