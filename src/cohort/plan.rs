//! The plan: a cohort definition as data, exactly as `docs/plan.md` describes the JSON.
//!
//! Unknown fields are refused. What only a warehouse can tell (does it have the domain, the vocabulary, the codes) is
//! checked at the evaluation.

use serde::{Deserialize, Serialize};

use super::calendar::day;
use super::scope::DEATH;
use crate::error::{Error, Result};
use crate::person::Sex;

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

/// Events of a domain that have certain codes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Events {
    /// The domain.
    pub domain: String,
    /// The codes, or all.
    pub codes: Option<Codes>,
    /// All events, or each person's first.
    pub occurrence: Occurrence,
}

/// All events, or each person's first ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Occurrence {
    /// All.
    All,
    /// The person's first such event in the warehouse, before any other filter.
    First,
}

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
#[serde(rename_all = "lowercase")]
pub enum Match {
    /// The code itself.
    Exact,
    /// Every code that begins so.
    Prefix,
    /// The code and all that descend from it.
    Descendants,
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

/// True or false of an index row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Criterion {
    /// Events in a window, counted.
    Events {
        /// Which events.
        events: Events,
        /// In which days around the index day.
        window: Window,
        /// Only those in the observation period that holds the index day.
        observed: bool,
        /// How many there must be.
        count: Count,
    },
    /// Completed years at the index day, counted from the first of the birth month.
    Age {
        /// At least so many.
        at_least: Option<i32>,
        /// At most so many.
        at_most: Option<i32>,
    },
    /// Administrative sex.
    Sex {
        /// One of these.
        is: Vec<Sex>,
    },
    /// All are true.
    All {
        /// Of these.
        of: Vec<Criterion>,
    },
    /// One at least is true.
    Any {
        /// Of these.
        of: Vec<Criterion>,
    },
    /// So many or more are true.
    AtLeast {
        /// How many.
        n: u32,
        /// Of these.
        of: Vec<Criterion>,
    },
    /// So many or fewer are true.
    AtMost {
        /// How many.
        n: u32,
        /// Of these.
        of: Vec<Criterion>,
    },
    /// It is false.
    Not {
        /// What is false.
        of: Box<Criterion>,
    },
}

/// Days relative to the index day, both ends included; an open end is null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The first day.
    pub from: Option<i32>,
    /// The last day.
    pub to: Option<i32>,
}

/// How many events or days there must be in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// What is counted.
    pub of: Counted,
    /// At least so many.
    pub at_least: Option<u32>,
    /// At most so many.
    pub at_most: Option<u32>,
}

/// What a count counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Counted {
    /// Events.
    Events,
    /// Distinct days on which an event starts.
    Days,
}

/// Which of a person's remaining rows count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Limit {
    /// The earliest.
    First,
    /// The latest.
    Last,
    /// All of them.
    All,
}

/// When a row ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Exit {
    /// With the observation period.
    ObservationEnd,
    /// So many days after the start.
    Fixed {
        /// Days.
        days: u32,
    },
    /// With the era of continuous supply that holds the index day.
    EndOfSupply {
        /// Days without supply that do not end an era.
        gap: u32,
        /// The codes of the deliveries; null for those of the entry events.
        codes: Option<Codes>,
        /// The domain of the deliveries.
        domain: String,
    },
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
        Ok(plan)
    }

    /// Whether the plan asks for more of persons than their observation periods: age, sex or death.
    pub fn asks_for_people(&self) -> bool {
        fn asks(criterion: &Criterion) -> bool {
            match criterion {
                Criterion::Age { .. } | Criterion::Sex { .. } => true,
                Criterion::Events { events, .. } => events.domain == DEATH,
                Criterion::All { of }
                | Criterion::Any { of }
                | Criterion::AtLeast { of, .. }
                | Criterion::AtMost { of, .. } => of.iter().any(asks),
                Criterion::Not { of } => asks(of),
            }
        }
        let deaths = |events: &[Events]| events.iter().any(|events| events.domain == DEATH);
        deaths(&self.entry.events) || deaths(&self.censor) || self.rules.iter().any(|rule| asks(&rule.when))
    }

    /// The calendar window as days since 1970-01-01, open ends as the extremes.
    pub fn calendar(&self) -> Result<(i32, i32)> {
        let (from, to) = &self.entry.between;
        let from = from.as_deref().map_or(Ok(i32::MIN), day)?;
        let to = to.as_deref().map_or(Ok(i32::MAX), day)?;
        if from > to {
            return Err(Error::Definition(
                "the calendar window ends before it begins: swap its dates".into(),
            ));
        }
        Ok((from, to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_fields_are_refused() {
        assert!(Plan::from_json(r#"{"version":1,"name":"x","surprise":1}"#).is_err());
    }
}
