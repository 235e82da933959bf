//! Filters as the plan writes them: what must hold of a column of an event, or of a person.

use serde::{Deserialize, Serialize};

use super::codes::CodesRef;

/// The column of source concepts.
pub(crate) const SOURCE: &str = "source_concept_id";

/// A condition on columns; null meets none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Filter {
    /// Any of these holds.
    Any(AnyOf),
    /// A column against something.
    Column(Test),
}

impl Filter {
    /// That the source concept is one of some codes.
    pub fn of_source(codes: &CodesRef) -> Self {
        Self::Column(Test {
            column: SOURCE.into(),
            op: Op::In,
            value: None,
            extent: None,
            values: None,
            codes: Some(codes.clone()),
            other: None,
        })
    }
}

/// Any of some conditions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnyOf {
    /// The conditions.
    pub any: Vec<Filter>,
}

/// A column against a value, values, a code set or another column; which of these goes with which operation is
/// checked where the filter is compiled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// The column.
    pub column: String,
    /// The operation.
    pub op: Op,
    /// What it is compared with, or the lower end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// The upper end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extent: Option<Value>,
    /// One of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<Value>>,
    /// One of these codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codes: Option<CodesRef>,
    /// Another column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<String>,
}

/// What is asked of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Less than.
    Lt,
    /// At most.
    Le,
    /// Equal.
    Eq,
    /// Different.
    Ne,
    /// At least.
    Ge,
    /// Greater than.
    Gt,
    /// Within, both ends included.
    Between,
    /// Not within.
    Outside,
    /// One of.
    In,
    /// None of.
    NotIn,
    /// Not known.
    Null,
    /// Known.
    NotNull,
    /// As SQL's `like`.
    Like,
    /// As SQL's `not like`.
    NotLike,
}

/// A number, a text, or a date as text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A whole number.
    Whole(i64),
    /// Any number.
    Number(f64),
    /// A text or a date.
    Text(String),
}
