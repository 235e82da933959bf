//! A hierarchy above the values of a sensitive column.

use std::collections::HashMap;

use crate::error::{Error, Result};

/// A tree whose leaves are the values: per level above them, the node that each value belongs to.
#[derive(Clone, Debug)]
pub struct Tree {
    /// The place of each code among the leaves from left to right, if it is not the code itself: nodes are runs of places.
    pub(super) places: Option<Vec<u32>>,
    /// Per level between leaves and root: the node of each place.
    pub(super) nodes: Vec<Vec<u32>>,
    /// Per level between leaves and root: the rows of each node.
    pub(super) rows: Vec<Vec<u64>>,
}

impl Tree {
    /// A tree from the node of each code per level, the level right above the values first, the root last.
    ///
    /// # Errors
    ///
    /// If a level does not cover all codes, a node has two parents, or the last level is not one node.
    pub fn new(counts: &[u64], levels: &[Vec<u32>]) -> Result<Self> {
        let refuse = |reason: &str| Err(Error::Argument(format!("the hierarchy of a sensitive column {reason}")));
        let Some((root, between)) = levels.split_last() else {
            return refuse("has no level above the values: give one at least");
        };
        if levels.iter().any(|level| level.len() != counts.len()) {
            return refuse("must have one node per value at each level");
        }
        if root.iter().any(|node| *node != root[0]) {
            return refuse("must end in a level that has the same value everywhere: add one, for example '*'");
        }
        for pair in levels.windows(2) {
            let mut parents: HashMap<u32, u32> = HashMap::new();
            for (&node, &parent) in pair[0].iter().zip(&pair[1]) {
                if *parents.entry(node).or_insert(parent) != parent {
                    return refuse("must not split at a higher level what a lower level has joined");
                }
            }
        }
        let mut codes: Vec<u32> = (0..counts.len() as u32).collect();
        let path = |&code: &u32| -> Vec<u32> { between.iter().rev().map(|level| level[code as usize]).collect() };
        // Stable: codes that are in the order of the leaves already stay as they are.
        codes.sort_by_cached_key(path);
        let mut places = vec![0; counts.len()];
        for (place, &code) in codes.iter().enumerate() {
            places[code as usize] = place as u32;
        }
        let leaves: Vec<u64> = codes.iter().map(|&code| counts[code as usize]).collect();
        let (mut nodes, mut rows) = (Vec::new(), Vec::new());
        for level in between {
            let mut of_place: Vec<u32> = Vec::with_capacity(codes.len());
            let mut of_node: Vec<u64> = Vec::new();
            let mut last = None;
            for (&code, &count) in codes.iter().zip(&leaves) {
                let node = level[code as usize];
                if last != Some(node) {
                    of_node.push(0);
                    last = Some(node);
                }
                let number = of_node.len() - 1;
                of_place.push(number as u32);
                of_node[number] += count;
            }
            nodes.push(of_place);
            rows.push(of_node);
        }
        let same = codes.iter().enumerate().all(|(place, &code)| place == code as usize);
        Ok(Self {
            places: (!same).then_some(places),
            nodes,
            rows,
        })
    }

    /// The number of levels above the values.
    pub fn height(&self) -> usize {
        self.nodes.len() + 1
    }
}
