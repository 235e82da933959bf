//! The criterion on random tables, by an audit written in absolute values; and cases a reader can check by hand.

use microlp::{ComparisonOp, OptimizationDirection, Problem};
use proptest::prelude::*;

use super::{Cells, Relation, Status, Zeros, protect};
use crate::error::Error;
use crate::stop::Stop;

/// A table of `rows x columns` with margins last: cell `(i, j)` is at `i * (columns + 1) + j`.
fn cross(rows: usize, columns: usize, inner: &[u64]) -> (Vec<u64>, Vec<Relation>) {
    let width = columns + 1;
    let at = |i: usize, j: usize| i * width + j;
    let mut values = vec![0; (rows + 1) * width];
    for i in 0..rows {
        for j in 0..columns {
            let value = inner[i * columns + j];
            for cell in [at(i, j), at(i, columns), at(rows, j), at(rows, columns)] {
                values[cell] += value;
            }
        }
    }
    let mut relations = Vec::new();
    for i in 0..=rows {
        relations.push(Relation {
            total: at(i, columns),
            parts: (0..columns).map(|j| at(i, j)).collect(),
        });
    }
    for j in 0..=columns {
        relations.push(Relation {
            total: at(rows, j),
            parts: (0..rows).map(|i| at(i, j)).collect(),
        });
    }
    (values, relations)
}

fn shield(values: &[u64], relations: &[Relation], threshold: u64, zeros: Zeros) -> Vec<Status> {
    let cells = Cells::new(values, relations, threshold, zeros);
    protect(&cells, None, None, &Stop::new())
        .expect("a valid table")
        .statuses
}

/// The tightest interval for one cell, by a program in absolute values over the whole table.
fn interval(cell: usize, values: &[u64], relations: &[Relation], statuses: &[Status], threshold: u64) -> (f64, f64) {
    let solve = |direction| {
        let mut problem = Problem::new(direction);
        let variables: Vec<_> = (0..values.len())
            .map(|i| {
                let inside = relations.iter().any(|r| {
                    r.parts.contains(&i)
                        && match statuses[r.total] {
                            Status::Small => true,
                            Status::Withheld => r
                                .parts
                                .iter()
                                .all(|&p| statuses[p] != Status::Visible || values[p] == 0),
                            _ => false,
                        }
                });
                let blank = statuses.iter().all(|s| *s == Status::Withheld);
                let low = if inside || blank { 0.0 } else { 1.0 };
                let bounds = match statuses[i] {
                    Status::Visible => (values[i] as f64, values[i] as f64),
                    Status::Small => (low, threshold as f64 - 1.0),
                    Status::Protective => (threshold as f64, f64::INFINITY),
                    Status::Withheld => (low, 1e9),
                };
                problem.add_var(if i == cell { 1.0 } else { 0.0 }, bounds)
            })
            .collect();
        for relation in relations {
            let mut terms = vec![(variables[relation.total], 1.0)];
            terms.extend(relation.parts.iter().map(|&part| (variables[part], -1.0)));
            problem.add_constraint(terms.as_slice(), ComparisonOp::Eq, 0.0);
        }
        problem
            .solve()
            .expect("the true table is a solution")
            .into_solution()
            .expect("no limits were set")
            .objective()
    };
    (
        solve(OptimizationDirection::Minimize),
        solve(OptimizationDirection::Maximize),
    )
}

#[test]
fn nothing_is_hidden_without_small_counts() {
    let (values, relations) = cross(2, 2, &[11, 40, 0, 500]);
    assert!(
        shield(&values, &relations, 11, Zeros::Show)
            .iter()
            .all(|s| *s == Status::Visible)
    );
}

#[test]
fn one_small_cell_hides_a_rectangle_of_four() {
    let (values, relations) = cross(3, 3, &[3, 40, 50, 60, 70, 80, 90, 100, 110]);
    let statuses = shield(&values, &relations, 11, Zeros::Show);
    assert_eq!(statuses[0], Status::Small);
    assert_eq!(statuses.iter().filter(|s| **s == Status::Protective).count(), 3);
    assert_eq!(statuses[15], Status::Visible);
}

#[test]
fn a_neighbor_just_above_the_threshold_is_not_enough() {
    // 15 = 3 + 12: with 12 known to be at least 11 the small cell would be at most 4.
    let relations = [Relation {
        total: 0,
        parts: vec![1, 2],
    }];
    let statuses = shield(&[15, 3, 12], &relations, 11, Zeros::Show);
    assert_eq!(statuses, [Status::Protective, Status::Small, Status::Visible]);
}

#[test]
fn a_small_group_is_not_broken_down() {
    let (values, relations) = cross(2, 3, &[4, 0, 2, 0, 60, 70]);
    let statuses = shield(&values, &relations, 11, Zeros::Show);
    assert_eq!(&statuses[..4], [Status::Small; 4]);
}

#[test]
fn statuses_that_tell_too_much_are_withdrawn() {
    // Both rows hold at least 11 in two small cells each, while the first column is small: 3 could be at most 9.
    let (values, relations) = cross(2, 2, &[3, 9, 4, 8]);
    let statuses = shield(&values, &relations, 11, Zeros::Show);
    assert!(statuses[..2].iter().all(|s| *s == Status::Withheld), "{statuses:?}");
}

#[test]
fn structural_zeros_stay_shown() {
    let (values, relations) = cross(2, 2, &[0, 5, 200, 300]);
    let structural: Vec<bool> = (0..values.len()).map(|i| i == 0).collect();
    let cells = Cells {
        structural: Some(&structural),
        ..Cells::new(&values, &relations, 11, Zeros::Hide)
    };
    assert_eq!(
        protect(&cells, None, None, &Stop::new()).unwrap().statuses[0],
        Status::Visible
    );
}

#[test]
fn reluctance_moves_the_choice() {
    let relations = [Relation {
        total: 0,
        parts: vec![1, 2, 3],
    }];
    let values = [203, 3, 100, 100];
    for (dear, cheap) in [(2, 3), (3, 2)] {
        let mut reluctance = [50.0, 1.0, 1.0, 1.0];
        reluctance[dear] = 10.0;
        let cells = Cells {
            reluctance: Some(&reluctance),
            ..Cells::new(&values, &relations, 11, Zeros::Show)
        };
        let statuses = protect(&cells, None, None, &Stop::new()).unwrap().statuses;
        assert_eq!((statuses[dear], statuses[cheap]), (Status::Visible, Status::Protective));
    }
}

#[test]
fn tables_that_do_not_add_up_are_refused_without_their_numbers() {
    let relations = [Relation {
        total: 0,
        parts: vec![1, 2],
    }];
    let cells = Cells::new(&[70, 7, 64], &relations, 11, Zeros::Show);
    let Err(Error::Argument(message)) = protect(&cells, None, None, &Stop::new()) else {
        panic!("accepted")
    };
    assert!(message.contains("does not hold") && !message.contains('7'), "{message}");
}

#[test]
fn implied_steps_are_protected_and_say_nothing() {
    // Cumulative counts 45, 50 and 65, with the steps 5 and 15 implied.
    let sum = |total, parts: [usize; 2]| Relation {
        total,
        parts: parts.to_vec(),
    };
    let relations = [sum(1, [0, 3]), sum(2, [1, 4])];
    let cells = Cells {
        reluctance: Some(&[4.0, 1.0, 4.0, 1.0, 1.0]),
        implied: Some(&[false, false, false, true, true]),
        ..Cells::new(&[45, 50, 65, 5, 15], &relations, 11, Zeros::Show)
    };
    let found = protect(&cells, None, None, &Stop::new()).unwrap().statuses;
    assert_eq!(found[1], Status::Protective, "without it the step is unknown");
    assert_eq!((found[0], found[2]), (Status::Visible, Status::Visible));
    assert_eq!(
        (found[3], found[4]),
        (Status::Small, Status::Visible),
        "what was to be protected"
    );
}

#[test]
fn the_stop_flag_ends_the_search() {
    let (values, relations) = cross(2, 2, &[3, 90, 80, 70]);
    let cells = Cells::new(&values, &relations, 11, Zeros::Show);
    let stop = Stop::new();
    stop.stop();
    assert!(matches!(protect(&cells, None, None, &stop), Err(Error::Stopped)));
}

fn counts() -> impl Strategy<Value = (usize, usize, Vec<u64>)> {
    (1_usize..5, 1_usize..5).prop_flat_map(|(rows, columns)| {
        let cell = prop_oneof![2 => Just(0_u64), 3 => 1_u64..11, 2 => 11_u64..30, 2 => 30_u64..5000];
        (Just(rows), Just(columns), prop::collection::vec(cell, rows * columns))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_small_cell_can_be_narrowed_down((rows, columns, inner) in counts(), threshold in prop_oneof![Just(11_u64), Just(5_u64)]) {
        let (values, relations) = cross(rows, columns, &inner);
        let statuses = shield(&values, &relations, threshold, Zeros::Show);
        for (i, &value) in values.iter().enumerate() {
            let small = (1..threshold).contains(&value);
            prop_assert!(!small || statuses[i] != Status::Visible);
            prop_assert!(statuses[i] != Status::Protective || value >= threshold);
            if statuses[i] == Status::Small || (small && statuses[i] == Status::Withheld) {
                let (low, high) = interval(i, &values, &relations, &statuses, threshold);
                prop_assert!(low <= 1.0 + 1e-5 && high >= threshold as f64 - 1.0 - 1e-5,
                    "cell {} in [{}, {}]: {:?}", i, low, high, statuses);
            }
        }
    }

    #[test]
    fn hidden_zeros_keep_the_criterion((rows, columns, inner) in counts()) {
        let (values, relations) = cross(rows, columns, &inner);
        let statuses = shield(&values, &relations, 11, Zeros::Hide);
        prop_assert!(values.iter().zip(&statuses).all(|(&v, s)| v >= 11 || *s != Status::Visible));
        prop_assert!(values.iter().zip(&statuses).all(|(&v, s)| v >= 11 || *s != Status::Protective));
    }
}
