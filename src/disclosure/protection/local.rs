//! The program for one cell of a large table: only its neighborhood may deviate.
//!
//! Cells are gathered along relations, hidden ones before visible ones and cheap before dear. All others stay as they
//! are, so that a solution here is a solution of the whole table.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use microlp::{ComparisonOp, OptimizationDirection, Problem, Variable};

use super::Status;
use super::knowledge::Layout;
use super::patterns::{Board, Leave, Spot};
use super::program::NOISE;

/// What withholding costs in a program, relative to hiding: only where nothing else helps.
const SILENCE: f64 = 20.0;

/// Deviations that take a cell to its goal, with the statuses that they need.
pub(super) type Answer = Vec<(usize, f64, Status)>;

/// The cheapest deviations that take one cell to `goal`, among about `limit` cells around it.
pub(super) fn solve(
    layout: &Layout<'_>,
    board: &Board,
    cell: usize,
    goal: i64,
    leave: Leave,
    limit: usize,
) -> Option<Answer> {
    let members = neighborhood(layout, board, cell, leave, limit);
    let scale = (goal.abs() as f64 / 10.0).max(1.0);
    let mut problem = Problem::new(OptimizationDirection::Minimize);
    let mut variables: Vec<Vec<(Variable, f64)>> = Vec::with_capacity(members.len());
    for &i in &members {
        let goal = (i == cell).then_some(goal as f64 / scale);
        variables.push(
            pieces(&board.spots[i], board.threshold, leave)
                .into_iter()
                .map(|(low, high, price)| {
                    let sign = if high <= 0.0 { -1.0 } else { 1.0 };
                    let (low, high) = if sign < 0.0 { (-high, -low) } else { (low, high) };
                    (problem.add_var(price, (low / scale, high / scale)), sign)
                })
                .collect(),
        );
        if let Some(goal) = goal {
            problem.add_constraint(variables[variables.len() - 1].as_slice(), ComparisonOp::Eq, goal);
        }
    }
    let mut relations: Vec<usize> = members
        .iter()
        .flat_map(|&i| layout.relations_of[i].iter().copied())
        .collect();
    relations.sort_unstable();
    relations.dedup();
    for r in relations {
        let relation = layout.relation(r);
        let mut terms: Vec<(Variable, f64)> = Vec::new();
        for (i, turn) in relation
            .parts
            .iter()
            .map(|&part| (part, -1.0))
            .chain([(relation.total, 1.0)])
        {
            if let Ok(at) = members.binary_search(&i) {
                terms.extend(variables[at].iter().map(|&(variable, sign)| (variable, sign * turn)));
            }
        }
        if !terms.is_empty() {
            problem.add_constraint(terms.as_slice(), ComparisonOp::Eq, 0.0);
        }
    }
    let solution = problem.solve().ok()?.into_solution().ok()?;
    let mut answer = Vec::new();
    for (&i, terms) in members.iter().zip(&variables) {
        let by: f64 = terms
            .iter()
            .map(|&(variable, sign)| sign * solution.var_value(variable))
            .sum();
        if by.abs() >= NOISE {
            answer.push((i, by * scale, status_for(&board.spots[i], by * scale, board.threshold)));
        }
    }
    Some(answer)
}

/// How a cell may deviate: intervals side by side, each with a price per unit.
fn pieces(spot: &Spot, threshold: i64, leave: Leave) -> Vec<(f64, f64, f64)> {
    const ALL: f64 = f64::INFINITY;
    let to = |target: i64| (target - spot.value) as f64;
    let (floor, top) = (to(spot.floor as i64).min(0.0), to(threshold - 1));
    let silent = leave == Leave::Withhold && spot.open;
    let dear = spot.price * SILENCE;
    let mut answer = match spot.status {
        Status::Visible => {
            let least = to(threshold).min(0.0);
            let mut answer = vec![(0.0, ALL, if spot.value >= threshold { spot.price } else { dear })];
            if least < 0.0 {
                answer.push((least, 0.0, spot.price));
            }
            if silent && floor < least {
                answer.push((floor - least, 0.0, dear));
            }
            answer
        }
        Status::Small => vec![(0.0, top.max(0.0), 0.0), (floor, 0.0, 0.0)],
        Status::Protective => vec![(0.0, ALL, 0.0), (to(threshold).min(0.0), 0.0, 0.0)],
        Status::Withheld => vec![(0.0, ALL, 0.0), (floor, 0.0, 0.0)],
    };
    match spot.status {
        Status::Small if silent => answer.push((0.0, ALL, dear)),
        Status::Protective if silent => answer.push((floor - to(threshold).min(0.0), 0.0, dear)),
        _ => {}
    }
    answer.retain(|&(low, high, _)| low < high);
    answer
}

/// The status in which a cell may deviate so far.
fn status_for(spot: &Spot, by: f64, threshold: i64) -> Status {
    let reached = spot.value as f64 + by;
    let slack = 1e-6 * (1.0 + by.abs());
    match spot.status {
        Status::Small if reached > threshold as f64 - 1.0 + slack => Status::Withheld,
        Status::Visible if spot.value >= threshold && reached >= threshold as f64 - slack => Status::Protective,
        Status::Protective if reached >= threshold as f64 - slack => Status::Protective,
        Status::Visible | Status::Protective => Status::Withheld,
        same => same,
    }
}

/// The cells nearest to one, ascending.
fn neighborhood(layout: &Layout<'_>, board: &Board, start: usize, leave: Leave, limit: usize) -> Vec<usize> {
    let may_move = |i: usize| {
        let spot = &board.spots[i];
        let hideable = spot.open && spot.value > 0 && leave >= Leave::Hide;
        let hideable = hideable && (spot.value >= board.threshold || leave == Leave::Withhold);
        spot.movable && (spot.status != Status::Visible || hideable)
    };
    // Whole thousandths order exactly; price and distance alike make a cell remote.
    let step = |i: usize| match board.spots[i].status {
        Status::Visible => 1_000 + (board.spots[i].price.min(1e6) * 1_000.0) as u64,
        _ => 300,
    };
    let mut queue = BinaryHeap::from([Reverse((0_u64, start))]);
    let mut taken = std::collections::BTreeSet::new();
    let mut used = std::collections::HashSet::new();
    while let Some(Reverse((distance, i))) = queue.pop() {
        if taken.len() >= limit || !taken.insert(i) {
            continue;
        }
        for &r in &layout.relations_of[i] {
            if !used.insert(r) {
                continue;
            }
            let relation = layout.relation(r);
            for &other in relation.parts.iter().chain([&relation.total]) {
                if !taken.contains(&other) && may_move(other) {
                    queue.push(Reverse((distance + step(other), other)));
                }
            }
        }
    }
    taken.into_iter().collect()
}
