//! What must be known of index events besides their first day, so that nothing is read in vain.

use super::plan::{Anchor, Criterion, Events, Exit, Filter, Plan, Window};
use super::table::Need;

/// Columns of index events that some part of a plan asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct IndexNeeds {
    /// Their last days.
    pub(crate) ends: bool,
    /// Their stays.
    pub(crate) stay: bool,
}

impl IndexNeeds {
    fn and(self, other: Self) -> Self {
        Self {
            ends: self.ends || other.ends,
            stay: self.stay || other.stay,
        }
    }
}

/// What a criterion asks of its own index events; what is nested in its events has index events of its own.
pub(crate) fn index_needs(criterion: &Criterion) -> IndexNeeds {
    match criterion {
        Criterion::Events(counted) => {
            let at_end = |window: &Window| window.index == Anchor::End;
            IndexNeeds {
                ends: at_end(&counted.window) || counted.end_window.as_ref().is_some_and(at_end),
                stay: counted.same_stay,
            }
        }
        Criterion::Where { filters } => IndexNeeds {
            ends: filters.iter().any(names_end),
            stay: false,
        },
        Criterion::Age { .. } | Criterion::Sex { .. } => IndexNeeds::default(),
        Criterion::All { of }
        | Criterion::Any { of }
        | Criterion::AtLeast { of, .. }
        | Criterion::AtMost { of, .. } => of.iter().map(index_needs).fold(IndexNeeds::default(), IndexNeeds::and),
        Criterion::Not { of } => index_needs(of),
    }
}

/// Whether a filter names a column that is made of last days.
fn names_end(filter: &Filter) -> bool {
    match filter {
        Filter::Any(any) => any.any.iter().any(names_end),
        Filter::Column(test) => is_of_end(&test.column) || test.other.as_deref().is_some_and(is_of_end),
    }
}

/// Whether a column, or one of the two of a ratio, is made of last days.
fn is_of_end(name: &str) -> bool {
    let mut parts = name.strip_prefix("ratio:").unwrap_or(name).split('/');
    parts.any(|part| matches!(part, "end" | "length" | "birth_years_at_end"))
}

impl Events {
    /// Whether the last days of events must be known, to answer what is needed of them or to tell which they are.
    pub(crate) fn asks_for_ends(&self, need: Need<'_>) -> bool {
        need.ends
            || need.value.is_some_and(is_of_end)
            || self.shift.is_some()
            || self.fixed.is_some()
            || self.filters.iter().any(names_end)
            || self.having.as_deref().is_some_and(|having| index_needs(having).ends)
    }
}

impl Plan {
    /// What the plan asks of its entry events.
    pub(crate) fn index_needs(&self) -> IndexNeeds {
        let exit = IndexNeeds {
            ends: matches!(self.exit, Exit::Fixed { of: Anchor::End, .. }),
            stay: false,
        };
        let rules = self.rules.iter().map(|rule| &rule.when);
        let asked = self.qualify.iter().map(|qualify| &qualify.when).chain(rules);
        asked.map(index_needs).fold(exit, IndexNeeds::and)
    }

    /// Whether the plan asks for more of persons than their observation periods: age, sex or death.
    pub fn asks_for_people(&self) -> bool {
        use super::plan::Part;
        let mut asks = false;
        self.walk(&mut |part| {
            asks |= match part {
                Part::Person | Part::Filter => true,
                Part::Events(events) => events.domain == super::scope::DEATH,
                Part::Codes(..) => false,
            };
        });
        asks
    }
}
