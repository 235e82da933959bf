//! Code sets: from patterns to the codes of a warehouse, and to positions in a shard's directory.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::{Codes, Criterion, Events, Exit, Match, Pattern, Plan};
use super::scope::{DEATH, unknown_domain};
use crate::error::{Error, Result};
use crate::event::Directory;

/// A code set whose descents are resolved: what picks codes in any directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matched {
    /// Every code.
    Every,
    /// Codes by name and by beginning, in and out.
    Some {
        /// Names that are in.
        exact: BTreeSet<String>,
        /// Beginnings that are in.
        prefix: BTreeSet<String>,
        /// Names that are out.
        not_exact: BTreeSet<String>,
        /// Beginnings that are out.
        not_prefix: BTreeSet<String>,
    },
}

impl Matched {
    /// Resolves descents with the warehouse's vocabulary.
    pub fn new(codes: Option<&Codes>, descendants: &dyn Fn(&str, &str) -> Result<Vec<String>>) -> Result<Self> {
        let Some(codes) = codes else { return Ok(Self::Every) };
        let gather = |patterns: &[Pattern]| -> Result<(BTreeSet<String>, BTreeSet<String>)> {
            let (mut exact, mut prefix) = (BTreeSet::new(), BTreeSet::new());
            for pattern in patterns {
                match pattern.kind {
                    Match::Exact => _ = exact.insert(pattern.code.clone()),
                    Match::Prefix => _ = prefix.insert(pattern.code.clone()),
                    Match::Descendants => exact.extend(descendants(&codes.vocabulary, &pattern.code)?),
                }
            }
            Ok((exact, prefix))
        };
        let (exact, prefix) = gather(&codes.include)?;
        let (not_exact, not_prefix) = gather(&codes.exclude)?;
        Ok(Self::Some {
            exact,
            prefix,
            not_exact,
            not_prefix,
        })
    }

    /// The sorted positions of the codes in a directory.
    pub fn positions(&self, directory: &Directory) -> Vec<usize> {
        let Self::Some {
            exact,
            prefix,
            not_exact,
            not_prefix,
        } = self
        else {
            return (0..directory.codes().len()).collect();
        };
        let mut positions: BTreeSet<usize> = exact.iter().filter_map(|code| directory.exact(code)).collect();
        positions.extend(prefix.iter().flat_map(|prefix| directory.prefix(prefix)));
        for out in not_exact.iter().filter_map(|code| directory.exact(code)) {
            positions.remove(&out);
        }
        for out in not_prefix.iter().flat_map(|prefix| directory.prefix(prefix)) {
            positions.remove(&out);
        }
        positions.into_iter().collect()
    }
}

/// What a warehouse can say of a plan's code sets: its domains with their vocabularies, and descents.
pub struct Dictionary<'a> {
    /// The vocabulary of each domain.
    pub domains: &'a BTreeMap<String, String>,
    /// The codes that descend from a code of a vocabulary, itself included.
    pub descendants: &'a dyn Fn(&str, &str) -> Result<Vec<String>>,
}

/// Resolves one query against what the warehouse has; refuses unknown domains and foreign vocabularies by name.
pub fn resolve(events: &Events, dictionary: &Dictionary<'_>) -> Result<Matched> {
    resolve_codes(&events.domain, events.codes.as_ref(), dictionary)
}

pub(crate) fn resolve_codes(domain: &str, codes: Option<&Codes>, dictionary: &Dictionary<'_>) -> Result<Matched> {
    if domain == DEATH {
        return match codes {
            None => Ok(Matched::Every),
            Some(_) => Err(Error::Definition(
                "deaths have no codes here: use kohort.death() without any".into(),
            )),
        };
    }
    let Some(vocabulary) = dictionary.domains.get(domain) else {
        let mut there: Vec<&str> = dictionary.domains.keys().map(String::as_str).collect();
        there.push(DEATH);
        return Err(unknown_domain(domain, &there));
    };
    if let Some(codes) = codes
        && codes.vocabulary != *vocabulary
    {
        return Err(Error::Definition(format!(
            "domain '{domain}' is coded in {vocabulary}, not in {}: give codes of {vocabulary}",
            codes.vocabulary
        )));
    }
    Matched::new(codes, dictionary.descendants)
}

/// Every query of a plan, in order: entry, rules, censoring, and the deliveries of the exit.
pub fn queries(plan: &Plan) -> Vec<Events> {
    fn of(criterion: &Criterion, found: &mut Vec<Events>) {
        match criterion {
            Criterion::Events { events, .. } => found.push(events.clone()),
            Criterion::Age { .. } | Criterion::Sex { .. } => {}
            Criterion::All { of: inner }
            | Criterion::Any { of: inner }
            | Criterion::AtLeast { of: inner, .. }
            | Criterion::AtMost { of: inner, .. } => inner.iter().for_each(|c| of(c, found)),
            Criterion::Not { of: inner } => of(inner, found),
        }
    }
    let mut found = plan.entry.events.clone();
    for rule in &plan.rules {
        of(&rule.when, &mut found);
    }
    found.extend(plan.censor.iter().cloned());
    if let Exit::EndOfSupply {
        codes: Some(codes),
        domain,
        ..
    } = &plan.exit
    {
        found.push(Events {
            domain: domain.clone(),
            codes: Some(codes.clone()),
            occurrence: super::plan::Occurrence::All,
        });
    }
    found
}
