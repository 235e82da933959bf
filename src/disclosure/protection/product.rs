//! Tables that are a product of dimensions: how cells are numbered, and the relations that follow.
//!
//! A **dimension** has nodes; a node is a leaf, or the sum of other nodes. One node may be several sums: districts and
//! catchment areas both add up to the region. A cell is one node of each dimension, numbered row by row with the last
//! dimension fastest. What is searched in such a table is not here.

use super::Relation;
use crate::error::{Error, Result};

/// The nodes of one dimension and how they add up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dimension {
    /// How many nodes there are, leaves and sums together.
    pub nodes: usize,
    /// Nodes that are sums of others; the numbers are nodes of this dimension.
    pub sums: Vec<Relation>,
}

/// One dimension with what follows from its sums.
#[derive(Debug)]
pub(super) struct Axis {
    pub(super) nodes: usize,
    pub(super) stride: usize,
    sums: Vec<Relation>,
    /// The leaves that each node holds, ascending; a leaf holds itself.
    pub(super) leaves: Vec<Vec<usize>>,
    /// The nodes that hold each leaf, ascending; empty for other nodes.
    pub(super) holders: Vec<Vec<usize>>,
}

/// A table with a cell for each combination of nodes.
#[derive(Debug)]
pub struct Product {
    pub(super) axes: Vec<Axis>,
    size: usize,
}

impl Product {
    /// Refuses dimensions whose nodes do not add up to leaves, each leaf once.
    pub fn new(dimensions: Vec<Dimension>) -> Result<Self> {
        let mut size = 1_usize;
        let mut axes = Vec::with_capacity(dimensions.len());
        for (d, dimension) in dimensions.into_iter().enumerate().rev() {
            let leaves = leaves(d, &dimension)?;
            let mut holders = vec![Vec::new(); dimension.nodes];
            for (node, inside) in leaves.iter().enumerate() {
                for &leaf in inside {
                    holders[leaf].push(node);
                }
            }
            let stride = size;
            size = size
                .checked_mul(dimension.nodes)
                .filter(|&size| (1..1 << 31).contains(&size))
                .ok_or_else(|| {
                    Error::Argument(format!(
                        "dimension {d} leaves the table without cells, or with too many"
                    ))
                })?;
            axes.push(Axis {
                nodes: dimension.nodes,
                stride,
                sums: dimension.sums,
                leaves,
                holders,
            });
        }
        axes.reverse();
        Ok(Self { axes, size })
    }

    /// How many cells there are.
    pub fn size(&self) -> usize {
        self.size
    }

    /// How many relations there are.
    pub(super) fn relation_count(&self) -> usize {
        self.axes
            .iter()
            .map(|axis| axis.sums.len() * (self.size / axis.nodes))
            .sum()
    }

    /// Every relation of the table: each sum of a dimension at each combination of the others.
    pub fn relations(&self) -> Vec<Relation> {
        let mut answer = Vec::new();
        for axis in &self.axes {
            for sum in &axis.sums {
                for start in (0..self.size).filter(|cell| (cell / axis.stride).is_multiple_of(axis.nodes)) {
                    answer.push(Relation {
                        total: start + sum.total * axis.stride,
                        parts: sum.parts.iter().map(|part| start + part * axis.stride).collect(),
                    });
                }
            }
        }
        answer
    }

    /// The node of a cell in one dimension.
    pub(super) fn node(&self, cell: usize, axis: usize) -> usize {
        cell / self.axes[axis].stride % self.axes[axis].nodes
    }
}

/// The leaves of each node.
fn leaves(d: usize, dimension: &Dimension) -> Result<Vec<Vec<usize>>> {
    let refuse = |message: String| Err(Error::Argument(format!("dimension {d}: {message}")));
    let nodes = dimension.nodes;
    let mut is_sum = vec![false; nodes];
    for sum in &dimension.sums {
        if let Some(node) = sum.parts.iter().chain([&sum.total]).find(|node| **node >= nodes) {
            return refuse(format!("a sum names node {node}, but there are {nodes} nodes"));
        }
        if sum.parts.is_empty() {
            return refuse(format!("node {} is a sum without parts", sum.total));
        }
        is_sum[sum.total] = true;
    }
    let mut found: Vec<Option<Vec<usize>>> = (0..nodes).map(|node| (!is_sum[node]).then(|| vec![node])).collect();
    let mut waiting: Vec<&Relation> = dimension.sums.iter().collect();
    while !waiting.is_empty() {
        let before = waiting.len();
        let mut still = Vec::new();
        for sum in waiting {
            let parts: Option<Vec<&Vec<usize>>> = sum.parts.iter().map(|&part| found[part].as_ref()).collect();
            let Some(parts) = parts else {
                still.push(sum);
                continue;
            };
            let mut union: Vec<usize> = parts.into_iter().flatten().copied().collect();
            union.sort_unstable();
            if union.windows(2).any(|pair| pair[0] == pair[1]) {
                return refuse(format!("the parts of node {} overlap", sum.total));
            }
            match &found[sum.total] {
                Some(known) if *known != union => {
                    return refuse(format!("node {} is two sums of different leaves", sum.total));
                }
                Some(_) => {}
                None => found[sum.total] = Some(union),
            }
        }
        if still.len() == before {
            return refuse(format!("node {} is a part of itself", still[0].total));
        }
        waiting = still;
    }
    Ok(found.into_iter().flatten().collect())
}
