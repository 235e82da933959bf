//! Walks a plan for its parts: every query, filter and code set, wherever it is nested.

use super::codes::CodesRef;
use super::criterion::Criterion;
use super::events::Events;
use super::exit::Exit;
use super::filter::Filter;
use super::{Plan, Rule};

/// A part that a visitor may look at.
pub(crate) enum Part<'a> {
    /// A query.
    Events(&'a Events),
    /// A filter, of events or of an index row.
    Filter,
    /// A code set, with the domain whose code it is asked of.
    Codes(Option<&'a str>, &'a CodesRef),
    /// Something that asks for the person's sex, birth or death.
    Person,
}

impl Events {
    pub(crate) fn walk<'a>(&'a self, visit: &mut dyn FnMut(Part<'a>)) {
        visit(Part::Events(self));
        if let Some(codes) = &self.codes {
            visit(Part::Codes(Some(&self.domain), codes));
        }
        if let Some(codes) = &self.source_codes {
            visit(Part::Codes(None, codes));
        }
        self.filters.iter().for_each(|filter| filter.walk(visit));
        if let Some(having) = &self.having {
            having.walk(visit);
        }
    }
}

impl Filter {
    pub(crate) fn walk<'a>(&'a self, visit: &mut dyn FnMut(Part<'a>)) {
        visit(Part::Filter);
        match self {
            Self::Any(any) => any.any.iter().for_each(|filter| filter.walk(visit)),
            Self::Column(test) => {
                if let Some(codes) = &test.codes {
                    visit(Part::Codes(None, codes));
                }
            }
        }
    }
}

impl Criterion {
    pub(crate) fn walk<'a>(&'a self, visit: &mut dyn FnMut(Part<'a>)) {
        match self {
            Self::Events(counted) => {
                counted.events.walk(visit);
            }
            Self::Age { .. } | Self::Sex { .. } => visit(Part::Person),
            Self::Where { filters } => filters.iter().for_each(|filter| filter.walk(visit)),
            Self::All { of } | Self::Any { of } | Self::AtLeast { of, .. } | Self::AtMost { of, .. } => {
                of.iter().for_each(|inner| inner.walk(visit));
            }
            Self::Not { of } => of.walk(visit),
        }
    }
}

impl Plan {
    pub(crate) fn walk<'a>(&'a self, visit: &mut dyn FnMut(Part<'a>)) {
        self.entry.events.iter().for_each(|events| events.walk(visit));
        let rules = self.rules.iter().map(|Rule { when, .. }| when);
        for when in self.qualify.iter().map(|qualify| &qualify.when).chain(rules) {
            when.walk(visit);
        }
        self.censor.iter().for_each(|events| events.walk(visit));
        match &self.exit {
            Exit::EndOfSupply {
                codes: Some(codes),
                domain,
                ..
            }
            | Exit::Era { codes, domain, .. } => visit(Part::Codes(Some(domain), codes)),
            _ => {}
        }
    }
}
