//! Who is behind the counts of curves, prevalences and masks of rules: sets as in [`super::populations`].

use std::collections::BTreeMap;

use rayon::prelude::*;
use roaring::RoaringBitmap;

use super::evaluate::Cohort;
use super::inclusion::best_events;
use super::measure::{Condition, Gregorian, at_risk, presence, with_condition};
use super::plan::{Events, Plan};
use super::populations::{Cells, sizes, together};
use super::query::events_of;
use super::scope::Scope;
use crate::error::Result;
use crate::tally::{By, Rules, Strata, each_present, follow_each};

/// By stratum, and for each of some lengths of follow-up, three sets: the persons followed for longer, those with the
/// outcome by then, those censored by then. A length of -1 is before anybody leaves.
pub fn populations_followed(
    cohort: &Cohort,
    outcome: &Events,
    by: &[By],
    rules: Rules,
    lengths: &[i64],
    scopes: &[Scope<'_>],
) -> Result<Vec<RoaringBitmap>> {
    let strata = &Strata::new(by, &Gregorian)?;
    let parts = scopes
        .par_iter()
        .zip(&cohort.members)
        .map(|(scope, members)| {
            scope.stop.check()?;
            let run = events_of(outcome, scope)?;
            let mut cells = vec![Vec::new(); strata.len() * lengths.len() * 3];
            follow_each(
                at_risk(members),
                (&run.person, &run.start),
                scope.facts,
                strata,
                rules,
                |person, stratum, days, censored| {
                    for (at, length) in lengths.iter().enumerate() {
                        let kind = if i64::from(days) > *length {
                            0
                        } else {
                            1 + usize::from(censored)
                        };
                        cells[(stratum * lengths.len() + at) * 3 + kind].push(person);
                    }
                },
            );
            Ok(cells)
        })
        .collect::<Result<_>>()?;
    Ok(together(parts, sizes(scopes)))
}

/// By stratum, the persons present in a period, and those of them who have a condition.
pub fn populations_present(
    cohort: &Cohort,
    condition: Condition<'_>,
    by: &[By],
    period: (i32, i32),
    scopes: &[Scope<'_>],
) -> Result<(Vec<RoaringBitmap>, Vec<RoaringBitmap>)> {
    let strata = &Strata::new(by, &Gregorian)?;
    let parts: Vec<(Cells, Cells)> = scopes
        .par_iter()
        .enumerate()
        .map(|(shard, scope)| {
            let mut cells = (vec![Vec::new(); strata.len()], vec![Vec::new(); strata.len()]);
            with_condition(condition, shard, scope, |spans| {
                let here = presence(&cohort.members[shard]);
                each_present(here, spans, period, scope.facts, strata, |person, cell, case| {
                    cells.0[cell].push(person);
                    if case {
                        cells.1[cell].push(person);
                    }
                });
            })?;
            Ok(cells)
        })
        .collect::<Result<_>>()?;
    let (persons, cases) = parts.into_iter().unzip();
    Ok((together(persons, sizes(scopes)), together(cases, sizes(scopes))))
}

/// By the mask of the rules that their best event passes, the persons whom `inclusion` counts.
pub fn populations_by_mask(plan: &Plan, scopes: &[Scope<'_>]) -> Result<BTreeMap<u64, RoaringBitmap>> {
    let parts: Vec<Vec<(u32, u64)>> = scopes
        .par_iter()
        .map(|scope| best_events(plan, scope, |_| {}))
        .collect::<Result<_>>()?;
    let masks: BTreeMap<u64, usize> = parts.iter().flatten().map(|(_, mask)| (*mask, 0)).collect();
    let masks: BTreeMap<u64, usize> = masks.into_keys().enumerate().map(|(at, mask)| (mask, at)).collect();
    let cells = parts
        .into_iter()
        .map(|part| {
            let mut cells = vec![Vec::new(); masks.len()];
            part.into_iter()
                .for_each(|(person, mask)| cells[masks[&mask]].push(person));
            cells
        })
        .collect();
    Ok(masks.into_keys().zip(together(cells, sizes(scopes))).collect())
}
