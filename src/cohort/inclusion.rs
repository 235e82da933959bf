//! Which combinations of rules the qualified events pass: the masks of OHDSI's attrition.
//!
//! Unlike the attrition step by step, every rule is asked of every qualified event. Bit `i` of a mask is rule `i`. Events
//! are counted, and each person's best event: the one that passes most rules, then the one whose first passed rule comes
//! first, then the earliest.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::evaluate::{passes, qualified};
use super::plan::Plan;
use super::scope::Scope;
use crate::error::{Error, Result};

/// How many events, and how many persons' best events, pass which rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inclusion {
    /// Events by mask.
    pub events: BTreeMap<u64, u64>,
    /// Persons by the mask of their best event.
    pub persons: BTreeMap<u64, u64>,
}

/// Asks every rule of every qualified event.
pub fn inclusion(plan: &Plan, scopes: &[Scope<'_>]) -> Result<Inclusion> {
    if plan.rules.len() > 63 {
        return Err(Error::Definition(format!(
            "the definition has {} rules: masks are made of at most 63",
            plan.rules.len()
        )));
    }
    let parts: Vec<Inclusion> = scopes
        .par_iter()
        .map(|scope| one_shard(plan, scope))
        .collect::<Result<_>>()?;
    let mut sum = Inclusion::default();
    for part in parts {
        for (mask, count) in part.events {
            *sum.events.entry(mask).or_default() += count;
        }
        for (mask, count) in part.persons {
            *sum.persons.entry(mask).or_default() += count;
        }
    }
    Ok(sum)
}

fn one_shard(plan: &Plan, scope: &Scope<'_>) -> Result<Inclusion> {
    let mut found = Inclusion::default();
    for (_, mask) in best_events(plan, scope, |mask| *found.events.entry(mask).or_default() += 1)? {
        *found.persons.entry(mask).or_default() += 1;
    }
    Ok(found)
}

/// The persons of a shard in order, each with the mask of the best event; every event is told.
pub(super) fn best_events(plan: &Plan, scope: &Scope<'_>, mut event: impl FnMut(u64)) -> Result<Vec<(u32, u64)>> {
    let reached = qualified(plan, scope)?;
    let rows = &reached.0;
    let mut masks = vec![0_u64; rows.len()];
    for (bit, rule) in plan.rules.iter().enumerate() {
        for (mask, passed) in masks.iter_mut().zip(passes(rule, rows, scope)?) {
            *mask |= u64::from(passed) << bit;
        }
    }
    // The first rule that is passed; none counts as the first of all, as in OHDSI's SQL.
    let rank = |mask: u64| {
        (
            64 - mask.count_ones(),
            if mask == 0 { 0 } else { mask.trailing_zeros() },
        )
    };
    let mut best: Vec<(u32, u64)> = Vec::new();
    for (person, mask) in rows.person.iter().zip(masks) {
        event(mask);
        match best.last_mut() {
            Some((last, kept)) if last == person => {
                // Rows are in order of days: a later one must be better to count.
                if rank(mask) < rank(*kept) {
                    *kept = mask;
                }
            }
            _ => best.push((*person, mask)),
        }
    }
    Ok(best)
}
