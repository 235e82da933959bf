//! Criteria as the plan writes them: true or false of an index row.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::events::{Anchor, Events};
use super::filter::Filter;
use super::is_default;
use crate::person::Sex;

/// True or false of an index row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Criterion {
    /// Events in a window, counted.
    Events(Box<Counted>),
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
    /// Conditions on the index event's days and on the person.
    Where {
        /// All of them.
        #[serde(rename = "where")]
        filters: Vec<Filter>,
    },
    /// All are true.
    All {
        /// Of these.
        of: Vec<Criterion>,
    },
    /// Any is true.
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

/// Events in a window, counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counted {
    /// Which events.
    pub events: Events,
    /// In which days around the index day.
    pub window: Window,
    /// Only those in the observation period that holds the index day.
    pub observed: bool,
    /// How many there must be.
    pub count: Count,
    /// A second window that must hold too.
    #[serde(default, skip_serializing_if = "is_default")]
    pub end_window: Option<Window>,
    /// Only those of the index event's stay.
    #[serde(default, skip_serializing_if = "is_default")]
    pub same_stay: bool,
}

impl Counted {
    /// Whether only the first days of events and of the index event matter.
    pub fn is_plain(&self) -> bool {
        self.events.is_plain()
            && self.end_window.is_none()
            && !self.same_stay
            && self.window.is_plain()
            && !matches!(self.count.of, What::Distinct(_))
    }
}

/// Days around the index day, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The first day.
    pub from: Bound,
    /// The last day.
    pub to: Bound,
    /// Which day of the event must lie in it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub of: Anchor,
    /// Around which day of the index event.
    #[serde(default, skip_serializing_if = "is_default")]
    pub index: Anchor,
}

impl Window {
    fn is_plain(self) -> bool {
        let plain = |bound| matches!(bound, Bound::Days(_) | Bound::Open);
        self.of == Anchor::Start && self.index == Anchor::Start && plain(self.from) && plain(self.to)
    }
}

/// One end of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// So many days after the index day.
    Days(i32),
    /// No end.
    Open,
    /// The first day of the observation period that holds the index day.
    PeriodStart,
    /// Its last day.
    PeriodEnd,
}

impl Bound {
    /// The day that it means around an index day; `open` where it is open.
    #[inline]
    pub(crate) fn day(self, index: i32, period: (i32, i32), open: i32) -> i32 {
        match self {
            Self::Days(days) => index.saturating_add(days),
            Self::Open => open,
            Self::PeriodStart => period.0,
            Self::PeriodEnd => period.1,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum BoundText {
    Days(Option<i32>),
    Word(String),
}

impl Serialize for Bound {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Days(days) => serializer.serialize_some(days),
            Self::Open => serializer.serialize_none(),
            Self::PeriodStart => serializer.serialize_str("period_start"),
            Self::PeriodEnd => serializer.serialize_str("period_end"),
        }
    }
}

impl<'de> Deserialize<'de> for Bound {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match BoundText::deserialize(deserializer)? {
            BoundText::Days(Some(days)) => Ok(Self::Days(days)),
            BoundText::Days(None) => Ok(Self::Open),
            BoundText::Word(word) if word == "period_start" => Ok(Self::PeriodStart),
            BoundText::Word(word) if word == "period_end" => Ok(Self::PeriodEnd),
            BoundText::Word(word) => Err(D::Error::custom(format!(
                "'{word}' is not the end of a window: write days, null, period_start or period_end"
            ))),
        }
    }
}

/// How many events, days or values there must be in a window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// What is counted.
    pub of: What,
    /// At least so many.
    pub at_least: Option<u32>,
    /// At most so many.
    pub at_most: Option<u32>,
}

/// What a count counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// Events.
    Events,
    /// Distinct days on which an event starts.
    Days,
    /// Distinct values of a column; null is none.
    Distinct(String),
}
