//! The plan: a cohort definition as data, exactly as `docs/plan.md` describes the JSON.
//!
//! Unknown fields are refused. What only a warehouse can tell (does it have the domain, the vocabulary, the codes, the
//! columns) is checked at the evaluation.

mod codes;
mod criterion;
mod events;
mod exit;
mod filter;
mod walk;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use codes::{Codes, CodesRef, Match, Named, Pattern};
pub use criterion::{Bound, Count, Counted, Criterion, What, Window};
pub use events::{Anchor, Ends, Events, Occurrence, Shift, Shifted};
pub use exit::Exit;
pub(crate) use filter::SOURCE;
pub use filter::{AnyOf, Filter, Op, Test, Value};
pub(crate) use walk::Part;

use super::calendar::day;
use crate::error::{Error, Result};

/// Whether a field says its default and is left out of the canonical form.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A cohort definition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The version of the plan format: 1.
    pub version: u32,
    /// The cohort's name.
    pub name: String,
    /// Who may enter, and when.
    pub entry: Entry,
    /// The inclusion rules, in order.
    pub rules: Vec<Rule>,
    /// Which of a person's remaining rows count.
    pub limit: Limit,
    /// When a row ends.
    pub exit: Exit,
    /// Events that end a row earlier.
    pub censor: Vec<Events>,
    /// Code sets that several parts share, by name.
    #[serde(default, skip_serializing_if = "is_default")]
    pub code_sets: BTreeMap<String, Codes>,
    /// What must hold before the rules are asked.
    #[serde(default, skip_serializing_if = "is_default")]
    pub qualify: Option<Qualify>,
    /// Days between rows of a person that are joined nevertheless.
    #[serde(default, skip_serializing_if = "is_default")]
    pub collapse: u32,
    /// The calendar days to which rows are cut.
    #[serde(default, skip_serializing_if = "is_default")]
    pub window: Option<(Option<String>, Option<String>)>,
}

/// Entry events and what must hold around them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Each event of these is an index row.
    pub events: Vec<Events>,
    /// The calendar window of the index day, ISO dates, both ends included.
    pub between: (Option<String>, Option<String>),
    /// Days under observation around the index day.
    pub observed: Observed,
    /// Whether each event is a row, or each day.
    #[serde(default, skip_serializing_if = "is_default")]
    pub each: Each,
    /// Which of a person's observed entry events are taken.
    #[serde(default, skip_serializing_if = "is_default")]
    pub limit: Limit,
}

/// What an entry makes a row of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Each {
    /// Each day of a person on which an entry event begins.
    #[default]
    Day,
    /// Each entry event.
    Event,
}

/// Days under observation before and after the index day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observed {
    /// Days back.
    pub before: u32,
    /// Days ahead.
    pub after: u32,
}

/// A criterion that rows must meet before the rules are asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Qualify {
    /// The criterion.
    pub when: Criterion,
    /// Which of a person's rows that meet it are taken.
    pub limit: Limit,
}

/// A named inclusion rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The name shown in the attrition.
    pub name: String,
    /// Whether the criterion must be true or false.
    pub kind: RuleKind,
    /// The criterion.
    pub when: Criterion,
}

/// Whether a rule's criterion must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleKind {
    /// It must hold.
    Require,
    /// It must not hold.
    Exclude,
}

/// Which of a person's rows count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Limit {
    /// The earliest.
    First,
    /// The latest.
    Last,
    /// All of them.
    #[default]
    All,
}

impl Plan {
    /// Reads a plan from JSON and checks what can be checked without data.
    pub fn from_json(text: &str) -> Result<Self> {
        let plan: Self = serde_json::from_str(text)
            .map_err(|error| Error::Definition(format!("the plan is not as docs/plan.md says: {error}")))?;
        if plan.version != 1 {
            return Err(Error::Definition(format!(
                "the plan has version {}, this version of kohort reads version 1: use the version that wrote it",
                plan.version
            )));
        }
        if plan.entry.events.is_empty() {
            return Err(Error::Definition(
                "the plan has no entry events: say which events let a person in".into(),
            ));
        }
        plan.calendar()?;
        plan.cut()?;
        Ok(plan)
    }

    /// The calendar window as days since 1970-01-01, open ends as the extremes.
    pub fn calendar(&self) -> Result<(i32, i32)> {
        span("calendar window", &self.entry.between)
    }

    /// The days to which rows are cut, open ends as the extremes.
    pub fn cut(&self) -> Result<(i32, i32)> {
        self.window
            .as_ref()
            .map_or(Ok((i32::MIN, i32::MAX)), |window| span("window of rows", window))
    }
}

/// Two ISO dates as days since 1970-01-01, open ends as the extremes.
pub(crate) fn span(name: &str, (from, to): &(Option<String>, Option<String>)) -> Result<(i32, i32)> {
    let from = from.as_deref().map_or(Ok(i32::MIN), day)?;
    let to = to.as_deref().map_or(Ok(i32::MAX), day)?;
    if from > to {
        return Err(Error::Definition(format!(
            "the {name} ends before it begins: swap its dates"
        )));
    }
    Ok((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = r#"{"version":1,"name":"x","entry":{"events":[{"domain":"drug","codes":null,"occurrence":"all"}],
        "between":[null,null],"observed":{"before":0,"after":0}},"rules":[{"name":"r","kind":"require","when":{"kind":"events",
        "events":{"domain":"drug","codes":null,"occurrence":"all"},"window":{"from":-3,"to":null},"observed":true,
        "count":{"of":"events","at_least":1,"at_most":null}}}],"limit":"first","exit":{"kind":"fixed","days":3},"censor":[]}"#;

    #[test]
    fn unknown_fields_are_refused() {
        assert!(Plan::from_json(r#"{"version":1,"name":"x","surprise":1}"#).is_err());
        let with = |from: &str, to: &str| Plan::from_json(&PLAIN.replace(from, to));
        assert!(with("", "").is_ok());
        assert!(with(r#""observed":true"#, r#""observed":true,"surprise":1"#).is_err());
        assert!(with(r#"{"from":-3"#, r#"{"from":"period_start""#).is_ok());
        assert!(with(r#"{"from":-3"#, r#"{"from":"yesterday""#).is_err());
        assert!(with(r#""of":"events""#, r#""of":{"distinct":"code"}"#).is_ok());
        assert!(with(r#""codes":null"#, r#""codes":{"set":"a"}"#).is_ok());
        assert!(with(r#""codes":null"#, r#""codes":{"set":"a","surprise":1}"#).is_err());
    }

    #[test]
    fn what_says_its_default_is_not_written() {
        let plan = Plan::from_json(PLAIN).unwrap();
        let written = serde_json::to_value(&plan).unwrap();
        let read: serde_json::Value = serde_json::from_str(PLAIN).unwrap();
        assert_eq!(written, read);
    }
}
