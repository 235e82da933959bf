//! Code sets as the plan writes them: patterns of one vocabulary, inline or by the name of a shared set.

use serde::{Deserialize, Serialize};

/// A set of codes of one vocabulary.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Codes {
    /// The vocabulary.
    pub vocabulary: String,
    /// What is in.
    pub include: Vec<Pattern>,
    /// What is out again.
    pub exclude: Vec<Pattern>,
}

/// A code set, or the name of one that the plan shares among its parts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum CodesRef {
    /// One of the plan's `code_sets`.
    Named(Named),
    /// The set itself.
    Inline(Codes),
}

/// The name of a shared code set.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// The name.
    pub set: String,
}

/// Codes by name, by beginning, or by descent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// The code, or how codes begin.
    pub code: String,
    /// How it is meant.
    #[serde(rename = "match")]
    pub kind: Match,
}

/// How a pattern picks codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Match {
    /// The code itself.
    Exact,
    /// Every code that begins so.
    Prefix,
    /// The code and all that descend from it.
    Descendants,
    /// The codes that the vocabulary maps to it.
    Mapped,
    /// The codes that the vocabulary maps to it or to one that descends from it.
    MappedDescendants,
}
