//! Code sets: from patterns to the codes of a warehouse, and to positions in a shard's directory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::memo::{Memo, Name, name_of_codes};
use super::plan::{Codes, CodesRef, Events, Match, Part, Pattern, Plan};
use super::scope::{DEATH, unknown_domain};
use crate::error::{Error, Result};
use crate::event::Directory;

/// The vocabulary whose codes are OMOP concept ids: only concepts that its CONCEPT table has are in code sets.
pub const OMOP: &str = "OMOP";

/// A code set whose descents are resolved: what picks codes in any directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matched {
    /// Every code.
    Every,
    /// Codes by name and by beginning.
    Some {
        /// Names that are in and not out again.
        exact: FxHashSet<Box<str>>,
        /// Beginnings that are in.
        prefix: BTreeSet<String>,
        /// Names that are out although they begin so.
        not_exact: FxHashSet<Box<str>>,
        /// Beginnings that are out.
        not_prefix: BTreeSet<String>,
    },
}

impl Matched {
    /// Resolves descents and mappings with the warehouse's vocabulary.
    pub fn new(codes: Option<&Codes>, vocabulary: &dyn Vocabulary) -> Result<Self> {
        let Some(codes) = codes else { return Ok(Self::Every) };
        let name = codes.vocabulary.as_str();
        let gather = |patterns: &[Pattern]| -> Result<(FxHashSet<Box<str>>, BTreeSet<String>)> {
            let (mut exact, mut prefix) = (FxHashSet::default(), BTreeSet::new());
            for pattern in patterns {
                let code = pattern.code.as_str();
                match pattern.kind {
                    Match::Exact if name == OMOP && !vocabulary.knows(name, code)? => {}
                    Match::Exact => _ = exact.insert(code.into()),
                    Match::Prefix => _ = prefix.insert(code.to_owned()),
                    Match::Descendants => {
                        let found = vocabulary.descendants(name, code)?;
                        exact.extend(found.into_iter().map(String::into_boxed_str));
                        if name == OMOP && !vocabulary.knows(name, code)? {
                            exact.remove(code);
                        }
                    }
                    Match::Mapped => {
                        let found = vocabulary.mapped(name, code)?;
                        exact.extend(found.into_iter().map(String::into_boxed_str));
                    }
                    Match::MappedDescendants => {
                        for standard in vocabulary.descendants(name, code)? {
                            let found = vocabulary.mapped(name, &standard)?;
                            exact.extend(found.into_iter().map(String::into_boxed_str));
                        }
                    }
                }
            }
            Ok((exact, prefix))
        };
        let (mut exact, prefix) = gather(&codes.include)?;
        let (not_exact, not_prefix) = gather(&codes.exclude)?;
        exact.retain(|code| !not_exact.contains(code) && !not_prefix.iter().any(|out| code.starts_with(&**out)));
        Ok(Self::Some {
            exact,
            prefix,
            not_exact,
            not_prefix,
        })
    }

    /// Whether a code is in the set.
    pub fn contains(&self, code: &str) -> bool {
        match self {
            Self::Every => true,
            Self::Some {
                exact,
                prefix,
                not_exact,
                not_prefix,
            } => {
                exact.contains(code)
                    || (prefix.iter().any(|begins| code.starts_with(&**begins))
                        && !not_exact.contains(code)
                        && !not_prefix.iter().any(|begins| code.starts_with(&**begins)))
            }
        }
    }

    /// How many bytes the set takes, roughly.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Every => 64,
            Self::Some { exact, not_exact, .. } => 256 + (exact.len() + not_exact.len()) * 48,
        }
    }

    /// The codes of the set, where all are known by name.
    pub(crate) fn names(&self) -> Option<impl Iterator<Item = &str>> {
        match self {
            Self::Some { exact, prefix, .. } if prefix.is_empty() => Some(exact.iter().map(|code| &**code)),
            _ => None,
        }
    }

    /// The sorted positions of the codes in a directory.
    pub fn positions(&self, directory: &Directory) -> Vec<usize> {
        let codes = directory.codes();
        let Self::Some { exact, prefix, .. } = self else {
            return (0..codes.len()).collect();
        };
        // A search costs some comparisons of text, a look-up one.
        if exact.len() * 4 > codes.len() {
            return (0..codes.len())
                .filter(|position| self.contains(&codes[*position]))
                .collect();
        }
        let mut positions: Vec<usize> = exact.iter().filter_map(|code| directory.exact(code)).collect();
        for begins in prefix {
            let found = directory.prefix(begins);
            positions.extend(found.filter(|position| self.contains(&codes[*position])));
        }
        positions.sort_unstable();
        positions.dedup();
        positions
    }
}

/// What a warehouse can say of codes.
pub trait Vocabulary: Sync {
    /// The codes that descend from a code, itself included.
    fn descendants(&self, vocabulary: &str, code: &str) -> Result<Vec<String>>;
    /// The codes that are mapped to a code.
    fn mapped(&self, vocabulary: &str, code: &str) -> Result<Vec<String>>;
    /// Whether the vocabulary's table of concepts has a code.
    fn knows(&self, vocabulary: &str, code: &str) -> Result<bool>;
}

/// What a warehouse can say of a plan's code sets: its domains with their vocabularies, and its vocabulary tables.
pub struct Dictionary<'a> {
    /// The vocabulary of each domain.
    pub domains: &'a BTreeMap<String, String>,
    /// Descents, mappings, concepts.
    pub vocabulary: &'a dyn Vocabulary,
}

impl Dictionary<'_> {
    /// Refuses domains that the warehouse lacks, and code sets of other vocabularies than a domain's, by name.
    fn check(&self, domain: &str, codes: Option<&Codes>) -> Result<()> {
        if domain == DEATH {
            return match codes {
                None => Ok(()),
                Some(_) => Err(Error::Definition(
                    "deaths have no codes here: use kohort.death() without any".into(),
                )),
            };
        }
        let Some(vocabulary) = self.domains.get(domain) else {
            let mut there: Vec<&str> = self.domains.keys().map(String::as_str).collect();
            there.push(DEATH);
            return Err(unknown_domain(domain, &there));
        };
        match codes {
            Some(codes) if codes.vocabulary != *vocabulary => Err(Error::Definition(format!(
                "domain '{domain}' is coded in {vocabulary}, not in {}: give codes of {vocabulary}",
                codes.vocabulary
            ))),
            _ => Ok(()),
        }
    }
}

/// The code sets of a plan, or of a few queries, resolved against a warehouse.
#[derive(Debug, Default, Clone)]
pub struct Sets {
    /// What names the content of each shared set.
    pub(crate) contents: BTreeMap<String, Name>,
    named: FxHashMap<String, Set>,
    inline: FxHashMap<Codes, Set>,
}

/// A code set: what names its content, and what it is.
pub(crate) type Set = (Name, Arc<Matched>);

impl Sets {
    /// Resolves every code set of a plan.
    pub fn new(plan: &Plan, dictionary: &Dictionary<'_>, memo: Option<&Memo>) -> Result<Self> {
        let contents = plan.code_sets.iter();
        let mut sets = Self {
            contents: contents
                .map(|(set, codes)| (set.clone(), name_of_codes(codes)))
                .collect(),
            ..Self::default()
        };
        let mut resolved = Ok(());
        plan.walk(&mut |part| {
            if resolved.is_ok() {
                resolved = sets.add(&part, &plan.code_sets, dictionary, memo);
            }
        });
        resolved.map(|()| sets)
    }

    /// Resolves the code sets of queries that belong to no plan.
    pub fn of_events(events: &[Events], dictionary: &Dictionary<'_>) -> Result<Self> {
        let (mut sets, shared) = (Self::default(), BTreeMap::new());
        let mut resolved = Ok(());
        for query in events {
            query.walk(&mut |part| {
                if resolved.is_ok() {
                    resolved = sets.add(&part, &shared, dictionary, None);
                }
            });
        }
        resolved.map(|()| sets)
    }

    fn add(
        &mut self,
        part: &Part<'_>,
        shared: &BTreeMap<String, Codes>,
        dictionary: &Dictionary<'_>,
        memo: Option<&Memo>,
    ) -> Result<()> {
        match part {
            Part::Events(events) if events.codes.is_none() => dictionary.check(&events.domain, None),
            Part::Codes(domain, reference) => {
                let codes = match reference {
                    CodesRef::Inline(codes) => codes,
                    CodesRef::Named(name) => shared.get(&name.set).ok_or_else(|| {
                        let there: Vec<&str> = shared.keys().map(String::as_str).collect();
                        Error::Definition(format!(
                            "the plan has no code set '{}': it has {}",
                            name.set,
                            if there.is_empty() {
                                "none".to_owned()
                            } else {
                                there.join(", ")
                            }
                        ))
                    })?,
                };
                if let Some(domain) = domain {
                    dictionary.check(domain, Some(codes))?;
                }
                match reference {
                    CodesRef::Named(name) if !self.named.contains_key(&name.set) => {
                        let content = self.contents.get(&name.set).copied();
                        let set = resolve(content.unwrap_or_else(|| name_of_codes(codes)), codes, dictionary, memo)?;
                        self.named.insert(name.set.clone(), set);
                    }
                    CodesRef::Inline(codes) if !self.inline.contains_key(codes) => {
                        let set = resolve(name_of_codes(codes), codes, dictionary, memo)?;
                        self.inline.insert(codes.clone(), set);
                    }
                    _ => {}
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// A code set, resolved; every code where there is none.
    pub fn of(&self, codes: Option<&CodesRef>) -> Result<Arc<Matched>> {
        Ok(self.set(codes)?.1)
    }

    /// A code set with the name of its content.
    pub(crate) fn set(&self, codes: Option<&CodesRef>) -> Result<Set> {
        let found = match codes {
            None => return Ok((0, Arc::new(Matched::Every))),
            Some(CodesRef::Named(name)) => self.named.get(&name.set),
            Some(CodesRef::Inline(codes)) => self.inline.get(codes),
        };
        found
            .cloned()
            .ok_or_else(|| Error::Definition("a code set of the plan was not resolved: please report it".into()))
    }
}

fn resolve(content: Name, codes: &Codes, dictionary: &Dictionary<'_>, memo: Option<&Memo>) -> Result<Set> {
    if let Some(set) = memo.and_then(|memo| memo.set(content)) {
        return Ok((content, set));
    }
    let set = Arc::new(Matched::new(Some(codes), dictionary.vocabulary)?);
    if let Some(memo) = memo {
        memo.put_set(content, &set);
    }
    Ok((content, set))
}
