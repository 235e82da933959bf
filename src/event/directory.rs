//! Where each code's run lies in a domain file.

use std::ops::Range;

/// The codes of one domain, sorted, with the rows of each among all events and among each person's first.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    codes: Vec<Box<str>>,
    /// One more than codes: the rows of code `i` are `offsets[i]..offsets[i + 1]`.
    offsets: Vec<u64>,
    /// The same for the file of first events.
    first: Vec<u64>,
}

impl Directory {
    /// A directory from sorted codes, how many events each has, and how many persons have it.
    pub fn new(codes: Vec<Box<str>>, rows: &[u64], persons: &[u64]) -> Self {
        let offsets = |counts: &[u64]| {
            let mut end = 0;
            let ends = counts.iter().map(|count| {
                end += count;
                end
            });
            std::iter::once(0).chain(ends).collect()
        };
        Self {
            codes,
            offsets: offsets(rows),
            first: offsets(persons),
        }
    }

    /// The sorted codes.
    pub fn codes(&self) -> &[Box<str>] {
        &self.codes
    }

    /// The rows of a code among all events; the code is given by its position.
    pub fn rows(&self, position: usize) -> Range<u64> {
        self.offsets[position]..self.offsets[position + 1]
    }

    /// The rows of a code among first events.
    pub fn first_rows(&self, position: usize) -> Range<u64> {
        self.first[position]..self.first[position + 1]
    }

    /// The position of a code.
    pub fn exact(&self, code: &str) -> Option<usize> {
        self.codes.binary_search_by(|probe| (**probe).cmp(code)).ok()
    }

    /// The positions of the codes that begin so; in a sorted list they are neighbors.
    pub fn prefix(&self, prefix: &str) -> Range<usize> {
        let from = self.codes.partition_point(|code| **code < *prefix);
        let len = self.codes[from..].partition_point(|code| code.starts_with(prefix));
        from..from + len
    }

    /// How many rows the file holds.
    pub fn total(&self) -> u64 {
        self.offsets.last().copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_ranges() {
        let codes = ["A10", "A10BA02", "A10BH", "A10BH01", "A11", "B"]
            .map(Box::from)
            .to_vec();
        let directory = Directory::new(codes, &[1, 2, 3, 4, 5, 6], &[1, 1, 1, 2, 2, 2]);
        assert_eq!(directory.prefix("A10B"), 1..4);
        assert_eq!(directory.prefix("A10BH"), 2..4);
        assert_eq!(directory.prefix("C"), 6..6);
        assert_eq!(directory.prefix(""), 0..6);
        assert_eq!(directory.exact("A10BH"), Some(2));
        assert_eq!(directory.exact("A1"), None);
        assert_eq!(directory.rows(2), 3..6);
        assert_eq!(directory.first_rows(3), 3..5);
        assert_eq!(directory.total(), 21);
    }
}
