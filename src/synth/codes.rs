//! Vocabularies: the codes that the parameter tables name, numbered while the tables are read, then sorted.
//!
//! The tables write a weighted choice of codes as text, `"A10BH01*3 A10BH02"`: a code, with its weight where
//! that is not 1.

use std::sync::Arc;

use arrow_array::StringArray;
use rustc_hash::FxHashMap;

use super::labels;
use super::random::{Alias, Draw};

/// A code's number: its first appearance in the tables, not its place in the sorted dictionary.
pub(super) type Code = u16;

/// The codes of one vocabulary, in order of first appearance.
#[derive(Debug, Default)]
pub(super) struct Book {
    codes: Vec<&'static str>,
    numbers: FxHashMap<&'static str, Code>,
}

impl Book {
    /// The number of a code, given now if it is new.
    pub(super) fn number(&mut self, code: &'static str) -> Code {
        *self.numbers.entry(code).or_insert_with(|| {
            self.codes.push(code);
            (self.codes.len() - 1) as Code
        })
    }

    /// Reads a weighted choice.
    pub(super) fn choice(&mut self, text: &'static str) -> Choice {
        let (codes, weights): (Vec<Code>, Vec<f64>) = text
            .split_whitespace()
            .map(|item| {
                let (code, weight) = item.split_once('*').unwrap_or((item, "1"));
                let weight: f64 = weight
                    .parse()
                    .expect("the tables of this module give weights as numbers");
                (self.number(code), weight)
            })
            .unzip();
        let alias = Alias::new(&weights);
        Choice { codes, alias }
    }

    /// The numbers of the codes known so far that start with a prefix.
    pub(super) fn starting_with(&self, prefix: &str) -> Vec<bool> {
        self.codes.iter().map(|code| code.starts_with(prefix)).collect()
    }

    /// Sorts the codes; no code can be added afterwards.
    pub(super) fn close(self, name: &'static str) -> Vocabulary {
        let mut order: Vec<usize> = (0..self.codes.len()).collect();
        order.sort_unstable_by_key(|&number| self.codes[number]);
        let mut keys = vec![0; order.len()];
        for (key, &number) in order.iter().enumerate() {
            keys[number] = key as i32;
        }
        let sorted = order.iter().map(|&number| self.codes[number]);
        Vocabulary {
            name,
            dictionary: Arc::new(sorted.collect::<Vec<_>>().into()),
            keys,
        }
    }
}

/// A weighted choice among codes; possibly among none.
#[derive(Debug)]
pub(super) struct Choice {
    codes: Vec<Code>,
    alias: Alias,
}

impl Choice {
    pub(super) fn pick(&self, draw: &mut Draw) -> Code {
        self.codes[self.alias.pick(draw)]
    }

    pub(super) fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }
}

/// A closed vocabulary: its codes sorted, in one dictionary that all shards share.
#[derive(Debug)]
pub(super) struct Vocabulary {
    pub(super) name: &'static str,
    pub(super) dictionary: Arc<StringArray>,
    /// Place in the dictionary of each code number.
    keys: Vec<i32>,
}

impl Vocabulary {
    pub(super) fn key(&self, code: Code) -> i32 {
        self.keys[usize::from(code)]
    }

    /// The rows (vocabulary, code, label) of this vocabulary; a code without a label of ours is its own label.
    pub(super) fn concepts(&self) -> impl Iterator<Item = (&'static str, &str, &str)> {
        let rows = self.dictionary.iter().flatten();
        rows.map(|code| (self.name, code, labels::label(code).unwrap_or(code)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::random::Subject;

    #[test]
    fn a_choice_is_read_numbered_and_sorted() {
        let mut book = Book::default();
        let choice = book.choice("C10AA05*3 A10BA02");
        assert_eq!(book.number("A10BA02"), 1);
        let vocabulary = book.close("ATC");
        assert_eq!((vocabulary.key(0), vocabulary.key(1)), (1, 0));
        let mut draw = Draw::new(1, 1, Subject::Acute);
        let heavier = (0..4_000).filter(|_| choice.pick(&mut draw) == 0).count();
        assert!((2_850..3_150).contains(&heavier), "{heavier}");
    }
}
