//! Filters: which rows meet conditions on their columns. Null meets no condition.

use rustc_hash::FxHashSet;

use super::calendar::day;
use super::codes::{Matched, Sets};
use super::plan::{Filter, Op, Test, Value};
use crate::error::{Error, Result};
use crate::event::{NO_DAY, NULL};

/// The values of a column, row by row.
#[derive(Debug, Clone)]
pub(crate) enum Column {
    /// Whole numbers; [`NULL`] is null.
    Whole(Vec<i64>),
    /// Floats; not-a-number is null.
    Number(Vec<f64>),
    /// Days; [`NO_DAY`] is null.
    Day(Vec<i32>),
    /// Text.
    Text(Vec<Option<Box<str>>>),
}

/// Whatever has named columns of equally many rows.
pub(crate) trait Columns {
    /// A column; refused by name where there is none.
    fn column(&self, name: &str) -> Result<Column>;
    /// How many rows there are.
    fn rows(&self) -> usize;
}

/// Whether each row meets all of the filters.
pub(crate) fn all(filters: &[Filter], columns: &dyn Columns, sets: &Sets) -> Result<Vec<bool>> {
    let mut mask = vec![true; columns.rows()];
    for filter in filters {
        let holds = one(filter, columns, sets)?;
        mask.iter_mut().zip(holds).for_each(|(mask, holds)| *mask &= holds);
    }
    Ok(mask)
}

fn one(filter: &Filter, columns: &dyn Columns, sets: &Sets) -> Result<Vec<bool>> {
    match filter {
        Filter::Any(any) => {
            let mut mask = vec![false; columns.rows()];
            for filter in &any.any {
                let holds = one(filter, columns, sets)?;
                mask.iter_mut().zip(holds).for_each(|(mask, holds)| *mask |= holds);
            }
            Ok(mask)
        }
        Filter::Column(test) => column(test, columns, sets),
    }
}

fn column(test: &Test, columns: &dyn Columns, sets: &Sets) -> Result<Vec<bool>> {
    let column = read(&test.column, columns)?;
    match test.op {
        Op::Null => return Ok(known(&column).into_iter().map(|known| !known).collect()),
        Op::NotNull => return Ok(known(&column)),
        Op::In | Op::NotIn => return member(test, &column, sets),
        Op::Like | Op::NotLike => return like(test, &column),
        _ => {}
    }
    if let Some(other) = &test.other {
        let (left, right) = (numbers(test, &column)?, numbers(test, &read(other, columns)?)?);
        let pairs = left.into_iter().zip(right);
        return match test.op {
            Op::Lt => Ok(pairs.map(|(left, right)| left < right).collect()),
            Op::Gt => Ok(pairs.map(|(left, right)| left > right).collect()),
            _ => Err(unusable(test, "two columns are compared by lt or gt")),
        };
    }
    let low = test.value.as_ref().ok_or_else(|| unusable(test, "it has no value"))?;
    let high = test.extent.as_ref();
    if matches!(test.op, Op::Between | Op::Outside) && high.is_none() {
        return Err(unusable(test, "it has no extent"));
    }
    let high = high.unwrap_or(low);
    match &column {
        Column::Day(days) => {
            let (low, high) = (date(test, low)?, date(test, high)?);
            let found = days
                .iter()
                .map(|value| *value != NO_DAY && compare(test.op, value, &low, &high));
            Ok(found.collect())
        }
        Column::Text(texts) => {
            let (low, high) = (text(test, low)?, text(test, high)?);
            let holds = |value: &Option<Box<str>>| {
                value
                    .as_deref()
                    .is_some_and(|value| compare(test.op, &value, &low, &high))
            };
            Ok(texts.iter().map(holds).collect())
        }
        Column::Whole(values) => {
            if let (Value::Whole(low), Value::Whole(high)) = (low, high) {
                let holds = |value: &i64| *value != NULL && compare(test.op, value, low, high);
                return Ok(values.iter().map(holds).collect());
            }
            let (low, high) = (number(test, low)?, number(test, high)?);
            let holds = |value: &i64| *value != NULL && compare(test.op, &(*value as f64), &low, &high);
            Ok(values.iter().map(holds).collect())
        }
        Column::Number(values) => {
            let (low, high) = (number(test, low)?, number(test, high)?);
            let holds = |value: &f64| !value.is_nan() && compare(test.op, value, &low, &high);
            Ok(values.iter().map(holds).collect())
        }
    }
}

/// A column by its name, or the ratio of two.
fn read(name: &str, columns: &dyn Columns) -> Result<Column> {
    let Some((over, under)) = name.strip_prefix("ratio:").and_then(|pair| pair.split_once('/')) else {
        return columns.column(name);
    };
    let floats = |name: &str| match columns.column(name)? {
        Column::Number(values) => Ok(values),
        Column::Whole(values) => Ok(values
            .into_iter()
            .map(|value| if value == NULL { f64::NAN } else { value as f64 })
            .collect()),
        Column::Day(_) | Column::Text(_) => Err(Error::Definition(format!(
            "column '{name}' has no numbers: a ratio needs two columns of numbers"
        ))),
    };
    let (over, under): (Vec<f64>, Vec<f64>) = (floats(over)?, floats(under)?);
    let ratio = |(over, under): (f64, f64)| if under == 0.0 { f64::NAN } else { over / under };
    Ok(Column::Number(over.into_iter().zip(under).map(ratio).collect()))
}

#[inline]
fn compare<T: PartialOrd>(op: Op, value: &T, low: &T, high: &T) -> bool {
    match op {
        Op::Lt => value < low,
        Op::Le => value <= low,
        Op::Eq => value == low,
        Op::Ne => value != low,
        Op::Ge => value >= low,
        Op::Gt => value > low,
        Op::Between => value >= low && value <= high,
        Op::Outside => !(value >= low && value <= high),
        Op::In | Op::NotIn | Op::Null | Op::NotNull | Op::Like | Op::NotLike => false,
    }
}

fn known(column: &Column) -> Vec<bool> {
    match column {
        Column::Whole(values) => values.iter().map(|value| *value != NULL).collect(),
        Column::Number(values) => values.iter().map(|value| !value.is_nan()).collect(),
        Column::Day(days) => days.iter().map(|day| *day != NO_DAY).collect(),
        Column::Text(texts) => texts.iter().map(Option::is_some).collect(),
    }
}

fn member(test: &Test, column: &Column, sets: &Sets) -> Result<Vec<bool>> {
    let wanted = test.op == Op::In;
    let (mut whole, mut texts): (FxHashSet<i64>, FxHashSet<Box<str>>) = (FxHashSet::default(), FxHashSet::default());
    let matched = test.codes.as_ref().map(|codes| sets.of(Some(codes))).transpose()?;
    match (&test.values, matched.as_deref()) {
        (Some(values), None) => {
            for value in values {
                match value {
                    Value::Whole(value) => {
                        whole.insert(*value);
                        texts.insert(value.to_string().into());
                    }
                    Value::Text(value) => {
                        whole.extend(value.parse::<i64>());
                        texts.insert(value.as_str().into());
                    }
                    Value::Number(_) => {
                        return Err(unusable(test, "floats are not listed, since they are rarely equal"));
                    }
                }
            }
        }
        (None, Some(matched)) => match matched.names() {
            Some(names) => {
                for name in names {
                    whole.extend(name.parse::<i64>());
                    texts.insert(name.into());
                }
            }
            None => return Ok(by_pattern(column, matched, wanted)),
        },
        _ => return Err(unusable(test, "it needs either values or codes")),
    }
    // As in SQL, nothing is in an empty list, and everything, even what is not known, is not in it.
    if texts.is_empty() {
        return Ok(vec![!wanted; known(column).len()]);
    }
    match column {
        Column::Whole(values) => {
            let holds = |value: &i64| *value != NULL && whole.contains(value) == wanted;
            Ok(values.iter().map(holds).collect())
        }
        Column::Text(values) => {
            let holds = |value: &Option<Box<str>>| value.as_ref().is_some_and(|value| texts.contains(value) == wanted);
            Ok(values.iter().map(holds).collect())
        }
        Column::Number(_) | Column::Day(_) => Err(unusable(test, "lists are for text and whole numbers")),
    }
}

fn by_pattern(column: &Column, matched: &Matched, wanted: bool) -> Vec<bool> {
    match column {
        Column::Whole(values) => {
            let holds = |value: &i64| *value != NULL && matched.contains(&value.to_string()) == wanted;
            values.iter().map(holds).collect()
        }
        Column::Text(values) => {
            let holds =
                |value: &Option<Box<str>>| value.as_ref().is_some_and(|value| matched.contains(value) == wanted);
            values.iter().map(holds).collect()
        }
        Column::Number(values) => vec![false; values.len()],
        Column::Day(values) => vec![false; values.len()],
    }
}

fn like(test: &Test, column: &Column) -> Result<Vec<bool>> {
    let Column::Text(texts) = column else {
        return Err(unusable(test, "like is for text"));
    };
    let pattern: Vec<char> = match &test.value {
        Some(Value::Text(pattern)) => pattern.chars().collect(),
        _ => return Err(unusable(test, "like needs a text")),
    };
    let wanted = test.op == Op::Like;
    let holds = |text: &Option<Box<str>>| {
        let text = text.as_deref().map(|text| text.chars().collect::<Vec<_>>());
        text.is_some_and(|text| is_like(&text, &pattern) == wanted)
    };
    Ok(texts.iter().map(holds).collect())
}

/// SQL's `like`: `%` stands for any text, `_` for any one character. A wrong guess for `%` is taken back to it.
fn is_like(text: &[char], pattern: &[char]) -> bool {
    let (mut t, mut p) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && pattern[p] == '%' {
            retry = Some((t, p));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == '_' || pattern[p] == text[t]) {
            t += 1;
            p += 1;
        } else if let Some((from, percent)) = retry {
            retry = Some((from + 1, percent));
            t = from + 1;
            p = percent + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|rest| *rest == '%')
}

fn numbers(test: &Test, column: &Column) -> Result<Vec<f64>> {
    match column {
        Column::Whole(values) => Ok(values
            .iter()
            .map(|v| if *v == NULL { f64::NAN } else { *v as f64 })
            .collect()),
        Column::Number(values) => Ok(values.clone()),
        Column::Day(days) => Ok(days
            .iter()
            .map(|d| if *d == NO_DAY { f64::NAN } else { f64::from(*d) })
            .collect()),
        Column::Text(_) => Err(unusable(test, "text is not compared with another column")),
    }
}

fn number(test: &Test, value: &Value) -> Result<f64> {
    match value {
        Value::Whole(value) => Ok(*value as f64),
        Value::Number(value) => Ok(*value),
        Value::Text(_) => Err(unusable(test, "the column has numbers and the value is text")),
    }
}

fn date(test: &Test, value: &Value) -> Result<i32> {
    match value {
        Value::Text(text) => day(text),
        Value::Whole(_) | Value::Number(_) => Err(unusable(test, "the column has days: write a date as 2015-01-31")),
    }
}

fn text<'a>(test: &Test, value: &'a Value) -> Result<&'a str> {
    match value {
        Value::Text(text) => Ok(text),
        Value::Whole(_) | Value::Number(_) => Err(unusable(test, "the column has text and the value is a number")),
    }
}

fn unusable(test: &Test, why: &str) -> Error {
    let op = serde_json::to_value(test.op).ok();
    let op = op
        .as_ref()
        .and_then(serde_json::Value::as_str)
        .unwrap_or_default()
        .to_owned();
    Error::Definition(format!(
        "the filter '{op}' of column '{}' cannot be used: {why}",
        test.column
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_is_sql_like() {
        let like = |text: &str, pattern: &str| {
            is_like(&text.chars().collect::<Vec<_>>(), &pattern.chars().collect::<Vec<_>>())
        };
        for (text, pattern) in [
            ("abc", "a%"),
            ("abc", "%c"),
            ("abc", "%b%"),
            ("abc", "_b_"),
            ("", "%"),
            ("aXbXc", "a%X%c"),
            ("aab", "%ab"),
            ("é", "_"),
        ] {
            assert!(like(text, pattern), "{text} {pattern}");
        }
        for (text, pattern) in [
            ("abc", "b%"),
            ("abc", "ABC"),
            ("abc", "_b"),
            ("", "_"),
            ("abc", ""),
            ("abc", "%d%"),
        ] {
            assert!(!like(text, pattern), "{text} {pattern}");
        }
    }
}
