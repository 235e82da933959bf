//! The linear program behind the audit, in deviations from the true table.
//!
//! Written in deviations, the true table is the origin and every relation is homogeneous: numbers stay small
//! whatever the counts are. What is asked of the program, and what follows from the answer, is not here.

use microlp::{ComparisonOp, OptimizationDirection, Problem, Variable};

use super::Relation;

/// Deviations below it are noise of the solver: all data are whole numbers.
pub(super) const NOISE: f64 = 1e-6;

/// How far a cell may deviate from its true value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Freedom {
    /// Not at all.
    Fixed,
    /// Between two deviations.
    Free(f64, f64),
    /// Between two deviations, at a price per person in either direction.
    Priced(f64, f64, f64),
}

/// Minimizes `sum of weights * deviations + prices paid`; `None` without a solution, or when the solver gives up.
///
/// Deviations are of the order of `scale`, which keeps the program's numbers near one for magnitudes too.
pub(super) fn minimize(
    relations: &[Relation],
    freedom: &[Freedom],
    weights: &[(usize, f64)],
    scale: f64,
) -> Option<Vec<f64>> {
    let mut problem = Problem::new(OptimizationDirection::Minimize);
    let mut weight = vec![0.0; freedom.len()];
    for &(cell, value) in weights {
        weight[cell] = value;
    }
    let variables: Vec<Vec<(Variable, f64)>> = freedom
        .iter()
        .zip(&weight)
        .map(|(freedom, &weight)| match *freedom {
            Freedom::Fixed => Vec::new(),
            Freedom::Free(low, high) => vec![(problem.add_var(weight, (low / scale, high / scale)), 1.0)],
            Freedom::Priced(low, high, price) => {
                let mut pair = Vec::with_capacity(2);
                if high > 0.0 {
                    pair.push((problem.add_var(price + weight, (0.0, high / scale)), 1.0));
                }
                if low < 0.0 {
                    pair.push((problem.add_var(price - weight, (0.0, -low / scale)), -1.0));
                }
                pair
            }
        })
        .collect();
    for relation in relations {
        let mut terms: Vec<(Variable, f64)> = variables[relation.total].clone();
        for &part in &relation.parts {
            terms.extend(variables[part].iter().map(|&(variable, sign)| (variable, -sign)));
        }
        if !terms.is_empty() {
            problem.add_constraint(terms.as_slice(), ComparisonOp::Eq, 0.0);
        }
    }
    let solution = problem.solve().ok()?.into_solution().ok()?;
    Some(
        variables
            .iter()
            .map(|terms| {
                let deviation: f64 = terms
                    .iter()
                    .map(|&(variable, sign)| sign * solution.var_value(variable))
                    .sum();
                if deviation.abs() < NOISE {
                    0.0
                } else {
                    deviation * scale
                }
            })
            .collect(),
    )
}

/// Whether deviations keep every relation and stay within bounds: the check by substitution.
pub(super) fn holds(relations: &[Relation], values: &[u64], bounds: &[(f64, f64)], deviations: &[f64]) -> bool {
    let within = deviations
        .iter()
        .zip(values)
        .zip(bounds)
        .all(|((deviation, &value), &(low, high))| {
            let slack = NOISE * (1.0 + deviation.abs());
            *deviation >= low - value as f64 - slack && *deviation <= high - value as f64 + slack
        });
    within
        && relations.iter().all(|relation| {
            let (sum, size) = relation.parts.iter().fold((0.0_f64, 1.0_f64), |(sum, size), &part| {
                (sum + deviations[part], size + deviations[part].abs())
            });
            (deviations[relation.total] - sum).abs() <= NOISE * size
        })
}
