//! How the bindings ask a warehouse: shards made ready, vocabulary tables at hand, a plan evaluated.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use serde::de::DeserializeOwned;

use super::cohort::Cohort;
use crate::cohort::{self, Dictionary, Memo, Plan, Scope, Sets, Vocabulary};
use crate::error::{Error, Result};
use crate::event::Reads;
use crate::stop::Stop;
use crate::store;

/// Evaluates a plan; sub-results are looked up and kept.
pub(super) fn evaluate(warehouse: &Arc<store::Warehouse>, memo: &Arc<Memo>, plan: Plan, stop: &Stop) -> Result<Cohort> {
    let sets = with_dictionary(warehouse, |dictionary| Sets::new(&plan, dictionary, Some(memo)))?;
    let reads = Reads::default();
    let (found, unmatched) = on_shards(
        warehouse,
        &sets,
        plan.asks_for_people(),
        &reads,
        Some(memo),
        stop,
        |scopes| Ok((cohort::evaluate(&plan, scopes)?, cohort::unmatched(&plan, scopes)?)),
    )?;
    warehouse.reads().add(&reads);
    Ok(Cohort {
        warehouse: Arc::clone(warehouse),
        memo: Arc::clone(memo),
        plan,
        found,
        unmatched,
        reads: (reads.rows.into_inner(), reads.bytes.into_inner()),
    })
}

pub(super) fn parse<T: DeserializeOwned>(json: &str) -> Result<T> {
    serde_json::from_str(json).map_err(|error| Error::Definition(format!("not as docs/plan.md says: {error}")))
}

/// Hands the warehouse's shards to `work`, ready to be asked; with `people`, of sex, birth and death too.
pub(super) fn on_shards<T>(
    warehouse: &store::Warehouse,
    sets: &Sets,
    people: bool,
    reads: &Reads,
    memo: Option<&Memo>,
    stop: &Stop,
    work: impl FnOnce(&[Scope<'_>]) -> Result<T>,
) -> Result<T> {
    let shards = warehouse.shards();
    shards.par_iter().try_for_each(|shard| {
        stop.check()?;
        shard.facts(people).map(|_| ())
    })?;
    let mut scopes = Vec::with_capacity(shards.len());
    for (number, shard) in shards.iter().enumerate() {
        let scope = Scope::new(shard.facts(people)?, shard, sets, warehouse.cache(), reads, stop);
        scopes.push(match memo {
            Some(memo) => scope.with_memo(memo, number as u32),
            None => scope,
        });
    }
    work(&scopes)
}

fn vocabularies(warehouse: &store::Warehouse) -> BTreeMap<String, String> {
    let domains = &warehouse.manifest().domains;
    domains
        .iter()
        .map(|(name, entry)| (name.clone(), entry.vocabulary.clone()))
        .collect()
}

/// Calls `work` with what the warehouse says of codes.
pub(super) fn with_dictionary<T>(
    warehouse: &store::Warehouse,
    work: impl FnOnce(&Dictionary<'_>) -> Result<T>,
) -> Result<T> {
    work(&Dictionary {
        domains: &vocabularies(warehouse),
        vocabulary: &Tables(warehouse),
    })
}

/// What the warehouse's vocabulary tables say.
pub(super) struct Tables<'a>(pub(super) &'a store::Warehouse);

impl Vocabulary for Tables<'_> {
    fn descendants(&self, vocabulary: &str, code: &str) -> Result<Vec<String>> {
        self.0.descendants(vocabulary, code)
    }

    fn mapped(&self, vocabulary: &str, code: &str) -> Result<Vec<String>> {
        self.0.mapped(vocabulary, code)
    }

    fn knows(&self, vocabulary: &str, code: &str) -> Result<bool> {
        self.0.knows(vocabulary, code)
    }
}
