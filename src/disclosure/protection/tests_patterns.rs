//! The criterion on random products of hierarchies, found by programs and by patterns, with an attacker of its own; and
//! what earlier releases, sensitive cells and magnitudes add.

use microlp::{ComparisonOp, OptimizationDirection, Problem};
use proptest::prelude::*;

use super::audit::{Proof, unproven};
use super::{Cells, Dimension, Method, Product, Relation, Status, Zeros, audit, protect};
use crate::error::Error;
use crate::stop::Stop;

fn sum(total: usize, parts: &[usize]) -> Relation {
    Relation {
        total,
        parts: parts.to_vec(),
    }
}

/// Leaves with a total, two levels, two hierarchies over the same leaves, or leaves alone.
fn dimension(kind: usize) -> Dimension {
    let (nodes, sums) = match kind {
        0 => (3, vec![sum(2, &[0, 1])]),
        1 => (4, vec![sum(3, &[0, 1, 2])]),
        2 => (8, vec![sum(5, &[0, 1, 2]), sum(6, &[3, 4]), sum(7, &[5, 6])]),
        3 => (
            7,
            vec![
                sum(3, &[0, 1]),
                sum(4, &[1, 2]),
                sum(5, &[0, 1, 2]),
                sum(5, &[3, 2]),
                sum(6, &[5]),
            ],
        ),
        _ => (2, Vec::new()),
    };
    Dimension { nodes, sums }
}

/// A table from what its leaves hold, in turn.
fn table(kinds: &[usize], leaves: &[u64]) -> (Product, Vec<u64>) {
    let product = Product::new(kinds.iter().map(|&kind| dimension(kind)).collect()).unwrap();
    let mut values = vec![0; product.size()];
    let mut next = leaves.iter().cycle();
    for cell in 0..product.size() {
        let nodes: Vec<usize> = (0..kinds.len()).map(|axis| product.node(cell, axis)).collect();
        if nodes
            .iter()
            .enumerate()
            .any(|(axis, &node)| product.axes[axis].holders[node].is_empty())
        {
            continue;
        }
        let value = *next.next().unwrap();
        for other in 0..product.size() {
            let inside =
                |(axis, &node): (usize, &usize)| product.axes[axis].holders[node].contains(&product.node(other, axis));
            if nodes.iter().enumerate().all(inside) {
                values[other] += value;
            }
        }
    }
    (product, values)
}

/// What a solver in absolute values makes of one cell, given what a reader knows.
fn attack(cells: &Cells<'_>, statuses: &[Status], cell: usize) -> (f64, f64) {
    let threshold = cells.threshold as f64;
    let hidden = |i: usize| statuses[i] != Status::Visible;
    let solve = |direction| {
        let mut problem = Problem::new(direction);
        let variables: Vec<_> = (0..cells.values.len())
            .map(|i| {
                let group = |r: &Relation| {
                    r.parts.contains(&i)
                        && matches!(statuses[r.total], Status::Small | Status::Withheld)
                        && r.parts.iter().all(|&p| hidden(p) || cells.values[p] == 0)
                };
                let zero = cells.zeros == Zeros::Hide
                    || cells.values[i] == 0
                    || cells.sensitive.is_some_and(|s| s[i].is_some_and(|(low, _)| low == 0))
                    || cells.relations.iter().any(group)
                    || statuses.iter().all(|status| *status == Status::Withheld);
                let low = if zero { 0.0 } else { 1.0 };
                let bounds = match statuses[i] {
                    Status::Visible => (cells.values[i] as f64, cells.values[i] as f64),
                    Status::Small => (low, threshold - 1.0),
                    Status::Protective => (threshold, f64::INFINITY),
                    Status::Withheld => (low, 1e7),
                };
                problem.add_var(if i == cell { 1.0 } else { 0.0 }, bounds)
            })
            .collect();
        for relation in cells.relations {
            let mut terms = vec![(variables[relation.total], 1.0)];
            terms.extend(relation.parts.iter().map(|&part| (variables[part], -1.0)));
            problem.add_constraint(terms.as_slice(), ComparisonOp::Eq, 0.0);
        }
        let solution = problem.solve().expect("the true table is a solution");
        solution.into_solution().expect("no limits were set").objective()
    };
    (
        solve(OptimizationDirection::Minimize),
        solve(OptimizationDirection::Maximize),
    )
}

/// Checks statuses against the definitions, and every demand against the attacker.
fn check(cells: &Cells<'_>, statuses: &[Status]) -> Result<(), TestCaseError> {
    for (i, &value) in cells.values.iter().enumerate() {
        let small = value > 0 && value < cells.threshold;
        let sensitive = cells.sensitive.and_then(|s| s[i]);
        prop_assert!(statuses[i] != Status::Visible || (!small && sensitive.is_none()));
        prop_assert!(statuses[i] != Status::Protective || value >= cells.threshold);
        let mut demand = sensitive;
        if statuses[i] == Status::Small || (small && statuses[i] == Status::Withheld) {
            let (low, high) = sensitive.unwrap_or((value, value));
            demand = Some((low.min(1), high.max(cells.threshold - 1)));
        }
        let Some((least, most)) = demand else { continue };
        let (low, high) = attack(cells, statuses, i);
        let slack = 1e-4 * (1.0 + most as f64);
        prop_assert!(
            low <= least as f64 + slack && high >= most as f64 - slack,
            "cell {i} within [{low}, {high}]: {statuses:?}"
        );
    }
    Ok(())
}

fn kinds() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![
        prop::collection::vec(0_usize..5, 1..3),
        prop::collection::vec(prop_oneof![Just(0_usize), Just(1), Just(4)], 3..4),
        Just(vec![0, 0, 4, 0]),
    ]
}

fn leaves() -> impl Strategy<Value = Vec<u64>> {
    let cell = prop_oneof![2 => Just(0_u64), 3 => 1_u64..11, 3 => 11_u64..40, 2 => 40_u64..5000];
    prop::collection::vec(cell, 36)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_secret_can_be_narrowed_down(
        kinds in kinds(), leaves in leaves(), threshold in prop_oneof![Just(11_u64), Just(5), Just(2)],
        hide in any::<bool>(), patterns in any::<bool>(), blind in any::<bool>(),
        picks in prop::collection::vec((0_usize..1000, 0.0..1.0_f64, 0.0..2.0_f64), 0..3),
    ) {
        let (product, values) = table(&kinds, &leaves);
        let relations = product.relations();
        let mut sensitive = vec![None; values.len()];
        for (pick, below, above) in picks {
            let at = pick % values.len();
            let value = values[at] as f64;
            if value > 0.0 {
                sensitive[at] = Some(((value * below).ceil().min(value) as u64, (value * (1.0 + above)) as u64));
            }
        }
        let zeros = if hide { Zeros::Hide } else { Zeros::Show };
        let cells = Cells { sensitive: Some(&sensitive), ..Cells::new(&values, &relations, threshold, zeros) };
        let method = if patterns { Method::Patterns } else { Method::Programs };
        let hint = (!blind).then_some(&product);
        let found = protect(&cells, hint, Some(method), &Stop::new());
        // A demand beside shown zeros can be impossible; the attacker is asked about all others.
        let Ok(found) = found else {
            prop_assert!(matches!(found, Err(Error::Argument(m)) if m.contains("demanded")) && sensitive.iter().any(Option::is_some));
            return Ok(());
        };
        prop_assert_eq!(found.method, method);
        check(&cells, &found.statuses)?;
        prop_assert_eq!(audit(&cells, hint, &found.statuses, &Stop::new()).unwrap(), Vec::<usize>::new());
    }

    #[test]
    fn magnitudes_of_any_size(kinds in kinds(), leaves in leaves(), unit in prop_oneof![Just(1_u64), Just(100_000), Just(1_000_000_000_000)], at in 0_usize..1000) {
        // Costs in cents: nothing is small, one cell is dominated and must stay uncertain by a tenth.
        let leaves: Vec<u64> = leaves.iter().map(|n| n * unit / 50).collect();
        let (product, values) = table(&kinds, &leaves);
        let relations = product.relations();
        let mut sensitive = vec![None; values.len()];
        // The largest cell within some of the picked one, so that there is something to protect.
        let at = (at..at + 5).map(|at| at % values.len()).max_by_key(|&at| values[at]).unwrap();
        if values[at] < 10 {
            return Ok(());
        }
        let tenth = values[at] / 10;
        sensitive[at] = Some((values[at] - tenth, values[at] + tenth));
        let cells = Cells { sensitive: Some(&sensitive), ..Cells::new(&values, &relations, 1, Zeros::Show) };
        for method in [Method::Programs, Method::Patterns] {
            let found = protect(&cells, Some(&product), Some(method), &Stop::new()).unwrap();
            prop_assert_eq!(found.statuses[at], Status::Withheld);
            prop_assert!(found.statuses.iter().zip(&values).all(|(s, v)| *s == Status::Visible || *v > 0));
        }
    }
}

#[test]
fn earlier_releases_stand_or_are_named() {
    let (product, values) = table(&[1], &[3, 40, 50]);
    let relations = product.relations();
    for method in [Method::Programs, Method::Patterns] {
        let run = |fixed: &[Option<Status>]| {
            let cells = Cells {
                fixed: Some(fixed),
                ..Cells::new(&values, &relations, 11, Zeros::Show)
            };
            protect(&cells, Some(&product), Some(method), &Stop::new())
        };
        let hidden = run(&[None, Some(Status::Visible), Some(Status::Protective), None])
            .unwrap()
            .statuses;
        assert_eq!(
            hidden,
            [Status::Small, Status::Visible, Status::Protective, Status::Visible]
        );
        let shown = [1, 2, 3].map(|i| (i, Some(Status::Visible)));
        let mut fixed = [None; 4];
        shown.iter().for_each(|&(i, status)| fixed[i] = status);
        let Err(Error::Released { cells, message }) = run(&fixed) else {
            panic!("protected")
        };
        assert!(
            !cells.is_empty() && cells.iter().all(|i| (1..4).contains(i)),
            "{cells:?}"
        );
        assert!(!message.contains("93") && !message.contains("40"), "{message}");
        assert!(
            matches!(run(&[Some(Status::Visible), None, None, None]), Err(Error::Released { cells, .. }) if cells == [0])
        );
    }
}

#[test]
fn zeros_beside_a_sensitive_cell_hide_with_it() {
    // All of a row in one cell: the reader must think a tenth of it possible elsewhere.
    let (product, values) = table(&[0, 1], &[0, 90, 0, 30, 40, 50]);
    let relations = product.relations();
    let mut sensitive = vec![None; values.len()];
    sensitive[1] = Some((81, 90));
    sensitive[0] = Some((0, 9));
    let cells = Cells {
        sensitive: Some(&sensitive),
        ..Cells::new(&values, &relations, 11, Zeros::Show)
    };
    for method in [Method::Programs, Method::Patterns] {
        let found = protect(&cells, Some(&product), Some(method), &Stop::new()).unwrap();
        assert_eq!(found.statuses[..2], [Status::Withheld; 2]);
        assert_eq!(found.statuses[2], Status::Visible);
        let (low, high) = attack(&cells, &found.statuses, 0);
        assert!(low <= 0.0 && high >= 9.0 - 1e-6);
    }
}

#[test]
fn the_auditor_believes_no_one() {
    let (product, values) = table(&[0, 0], &[3, 40, 50, 60]);
    let relations = product.relations();
    let cells = Cells::new(&values, &relations, 11, Zeros::Show);
    let mut statuses = vec![Status::Visible; 9];
    statuses[0] = Status::Small;
    assert_eq!(audit(&cells, Some(&product), &statuses, &Stop::new()).unwrap(), [0]);
    for i in [1, 3, 4] {
        statuses[i] = Status::Protective;
    }
    assert!(audit(&cells, None, &statuses, &Stop::new()).unwrap().is_empty());
    let square = |by: f64| vec![(0, by), (1, -by), (3, -by), (4, by)];
    let proof = |certificates: [Vec<(usize, f64)>; 2]| {
        let mut of = vec![[None; 2]; 9];
        of[0] = [Some(0), Some(1)];
        Proof {
            certificates: certificates.to_vec(),
            of,
        }
    };
    assert!(unproven(&cells, &statuses, &proof([square(-2.0), square(7.0)])).is_empty());
    for wrong in [
        vec![(0, 7.0), (1, -7.0)],
        square(6.0),
        square(60.0),
        vec![(0, 7.0), (2, 7.0), (6, 7.0), (8, 7.0)],
        vec![(0, 3.5), (0, 3.5), (1, -7.0), (3, -7.0), (4, 7.0)],
        square(f64::NAN),
    ] {
        assert_eq!(unproven(&cells, &statuses, &proof([square(-2.0), wrong])), [0]);
    }
    statuses[0] = Status::Visible;
    assert_eq!(unproven(&cells, &statuses, &proof([square(-2.0), square(7.0)])), [0]);
}

#[test]
fn dimensions_that_do_not_add_up_are_refused() {
    let refused = |nodes: usize, sums: Vec<Relation>| Product::new(vec![Dimension { nodes, sums }]).is_err();
    assert!(refused(0, vec![]));
    assert!(refused(2, vec![sum(2, &[0, 1])]));
    assert!(refused(3, vec![sum(2, &[])]));
    assert!(refused(3, vec![sum(2, &[0, 2])]));
    assert!(refused(4, vec![sum(2, &[0, 1]), sum(3, &[2, 0])]));
    assert!(refused(4, vec![sum(3, &[0, 1]), sum(3, &[1, 2])]));
}

#[test]
#[ignore = "prints what patterns cost beside programs"]
#[allow(clippy::print_stdout)]
fn the_cost_of_patterns() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut costs = [0.0; 2];
    for _ in 0..200 {
        let leaves = leaves().new_tree(&mut runner).unwrap().current();
        let kinds = kinds().new_tree(&mut runner).unwrap().current();
        let (product, values) = table(&kinds, &leaves);
        let relations = product.relations();
        let cells = Cells::new(&values, &relations, 11, Zeros::Show);
        for (cost, method) in costs.iter_mut().zip([Method::Programs, Method::Patterns]) {
            *cost += protect(&cells, Some(&product), Some(method), &Stop::new())
                .unwrap()
                .cost;
        }
    }
    println!(
        "programs {:.1}, patterns {:.1}: ratio {:.3}",
        costs[0],
        costs[1],
        costs[1] / costs[0]
    );
}
