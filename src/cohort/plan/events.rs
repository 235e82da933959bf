//! Events as the plan asks for them: a domain, codes, and what must hold of each.

use serde::{Deserialize, Serialize};

use super::codes::CodesRef;
use super::criterion::Criterion;
use super::filter::Filter;
use super::is_default;

/// Events of a domain that have certain codes and of which certain things hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Events {
    /// The domain.
    pub domain: String,
    /// The codes, or all.
    pub codes: Option<CodesRef>,
    /// All events, or each person's first.
    pub occurrence: Occurrence,
    /// What the column `source_concept_id` must be, too.
    #[serde(default, skip_serializing_if = "is_default")]
    pub source_codes: Option<CodesRef>,
    /// What must hold of each event.
    #[serde(default, rename = "where", skip_serializing_if = "is_default")]
    pub filters: Vec<Filter>,
    /// A criterion asked of each event as if it were the index.
    #[serde(default, skip_serializing_if = "is_default")]
    pub having: Option<Box<Criterion>>,
    /// Which day ends an event.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ends: Ends,
    /// Where an event begins and ends instead.
    #[serde(default, skip_serializing_if = "is_default")]
    pub shift: Option<Shift>,
    /// Calendar days on which it begins and ends instead, if it holds them.
    #[serde(default, skip_serializing_if = "is_default")]
    pub fixed: Option<(Option<String>, Option<String>)>,
}

impl Events {
    /// Events of certain codes, all of them, of which nothing else is asked.
    pub fn plain(domain: &str, codes: Option<CodesRef>) -> Self {
        Self {
            domain: domain.to_owned(),
            codes,
            occurrence: Occurrence::All,
            source_codes: None,
            filters: Vec::new(),
            having: None,
            ends: Ends::Recorded,
            shift: None,
            fixed: None,
        }
    }

    /// Whether nothing is asked but codes and occurrence: person and first day say it all.
    pub fn is_plain(&self) -> bool {
        self.source_codes.is_none()
            && self.filters.is_empty()
            && self.having.is_none()
            && self.shift.is_none()
            && self.fixed.is_none()
    }
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

/// Which day ends an event: see "the last day of an event" in `docs/plan.md`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ends {
    /// Its end, else its supply's last day, else its first day.
    #[default]
    Recorded,
    /// Its end, else its days of supply after the start, else the day after the start.
    NextDayIfNone,
    /// The day after the start.
    NextDay,
    /// Its end, or none.
    Stored,
}

/// Where an event begins and ends instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shift {
    /// Its new first day.
    pub start: Shifted,
    /// Its new last day.
    pub end: Shifted,
}

/// So many days after a day of the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shifted {
    /// Which day.
    pub of: Anchor,
    /// Days after it; before it, where negative.
    pub days: i32,
}

/// The first or the last day of an event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Anchor {
    /// The first.
    #[default]
    Start,
    /// The last.
    End,
}
