//! The search against a look at every node; a node's classes against a map.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use proptest::prelude::*;

use super::*;
use crate::disclosure::classes;
use crate::disclosure::models::{Requirement, Whole};
use crate::stop::Stop;

/// Rows of small numbers; a value's label at level l is the value divided by 2^l, the top level is one label.
struct Case {
    microdata: Arc<Microdata>,
    columns: Vec<Column>,
    wholes: Vec<Whole>,
    rows: Vec<Vec<i64>>,
}

const VALUES: i64 = 6;
const HEIGHT: u32 = 3;

fn label(value: i64, level: u32) -> i64 {
    value >> level
}

impl Case {
    /// The last column is sensitive.
    fn new(rows: &[Vec<i64>], released: usize) -> Self {
        let width = rows[0].len();
        let names: Vec<String> = (0..width).map(|column| column.to_string()).collect();
        let array =
            |column: usize| -> ArrayRef { Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row[column]))) };
        let batch =
            RecordBatch::try_from_iter(names.iter().enumerate().map(|(column, name)| (name, array(column)))).unwrap();
        let stop = Stop::new();
        let encoded = classes::encode(&[batch], &names, &stop).unwrap();
        let (sensitive, quasi) = encoded.split_last().unwrap();
        let microdata = Microdata::new(quasi, std::slice::from_ref(sensitive), rows.len(), released, &stop).unwrap();
        let column = |column: usize| {
            let leaves: Vec<i64> = microdata
                .representatives(column)
                .iter()
                .map(|row| rows[*row][column])
                .collect();
            let labels = (0..=HEIGHT).map(|level| leaves.iter().map(|leaf| label(*leaf, level) as u32).collect());
            let share = |leaf: &i64, level: u32| {
                let covered = (0..VALUES)
                    .filter(|other| label(*other, level) == label(*leaf, level))
                    .count();
                covered as f64 / VALUES as f64
            };
            let shares = (0..=HEIGHT).map(|level| leaves.iter().map(|leaf| share(leaf, level)).collect());
            Column::new(
                &labels.collect::<Vec<_>>(),
                &shares.collect::<Vec<_>>(),
                VALUES as f64,
                1.0 + column as f64,
            )
            .unwrap()
        };
        let columns = (0..width - 1).map(column).collect();
        let wholes = vec![Whole::new(microdata.sensitive_counts(0))];
        Self {
            microdata: Arc::new(microdata),
            columns,
            wholes,
            rows: rows[..released].to_vec(),
        }
    }

    /// The classes of a node, the slow way: rows and values of the sensitive column.
    fn classes(&self, levels: &[usize]) -> BTreeMap<Vec<i64>, Vec<i64>> {
        let mut classes: BTreeMap<Vec<i64>, Vec<i64>> = BTreeMap::new();
        for row in &self.rows {
            let key = row
                .iter()
                .zip(levels)
                .map(|(value, level)| label(*value, *level as u32))
                .collect();
            classes.entry(key).or_default().push(row[levels.len()]);
        }
        classes
    }

    fn lattice(&self, models: Models, utility: Utility) -> Lattice {
        let microdata = Arc::clone(&self.microdata);
        Lattice::new(microdata, self.columns.clone(), models, self.wholes.clone(), utility).unwrap()
    }

    fn nodes(&self) -> Vec<Vec<usize>> {
        let mut nodes = vec![Vec::new()];
        for _ in &self.columns {
            let longer =
                |node: Vec<usize>| (0..=HEIGHT as usize).map(move |level| [node.clone(), vec![level]].concat());
            nodes = nodes.into_iter().flat_map(longer).collect();
        }
        nodes
    }
}

fn measures() -> impl Strategy<Value = Utility> {
    let measures = vec![
        Measure::Loss,
        Measure::MonotonicEntropy,
        Measure::Entropy,
        Measure::MonotonicPrecision,
        Measure::Precision,
        Measure::Height,
        Measure::Discernibility,
        Measure::MonotonicDiscernibility,
        Measure::AverageClassSize,
        Measure::Ambiguity,
    ];
    let aggregates = vec![
        Aggregate::Sum,
        Aggregate::Maximum,
        Aggregate::ArithmeticMean,
        Aggregate::GeometricMean,
        Aggregate::Rank,
    ];
    let weights = vec![0.0, 0.3, 0.5, 0.8, 1.0];
    (
        prop::sample::select(measures),
        prop::sample::select(aggregates),
        prop::sample::select(weights),
    )
        .prop_map(|(measure, aggregate, suppression_weight)| Utility {
            measure,
            aggregate,
            suppression_weight,
        })
}

fn requirement(json: &str) -> Requirement {
    Requirement::read(&format!("[{json}]")).unwrap().remove(0)
}

fn model() -> impl Strategy<Value = Model> {
    let sensitive = |json: &str| Model::Sensitive {
        column: 0,
        requirement: requirement(json),
    };
    prop::sample::select(vec![
        Model::KAnonymity { k: 1 },
        Model::KAnonymity { k: 3 },
        Model::KAnonymity { k: 8 },
        Model::KMap { k: 4 },
        Model::DeltaPresence { lower: 0.2, upper: 0.9 },
        Model::AverageRisk { threshold: 0.3 },
        sensitive(r#"{"measure": "distinct", "threshold": 2}"#),
        sensitive(r#"{"measure": "shannon_entropy", "threshold": 1.5}"#),
        sensitive(r#"{"measure": "recursive", "l": 2, "threshold": 2.0}"#),
        sensitive(r#"{"measure": "t_equal", "threshold": 0.3}"#),
        sensitive(r#"{"measure": "basic_beta", "threshold": 1.0}"#),
        sensitive(r#"{"measure": "grassberger_entropy", "threshold": 1.7}"#),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_search_finds_what_a_look_at_every_node_finds(
        rows in prop::collection::vec(prop::collection::vec(0..VALUES, 4), 1..60),
        others in prop::collection::vec(prop::collection::vec(0..VALUES, 4), 0..40),
        models in prop::collection::vec(model(), 1..3),
        utility in measures(),
        share in 0.0..0.6,
    ) {
        let released = rows.len();
        let population = models.iter().any(|model| matches!(model, Model::KMap { .. } | Model::DeltaPresence { .. }));
        // The population has the released rows, and others.
        let all = if population { [rows.clone(), rows, others].concat() } else { rows };
        let case = Case::new(&all, released);
        let models = Models { models, budget: (share * released as f64) as u64 };
        let lattice = case.lattice(models, utility);
        let mut best: Option<Node> = None;
        for levels in case.nodes() {
            let node = lattice.node(&levels).unwrap();
            let mut sizes: BTreeMap<u64, u64> = BTreeMap::new();
            for class in case.classes(&levels).values() {
                *sizes.entry(class.len() as u64).or_default() += 1;
            }
            prop_assert_eq!(&node.sizes, &sizes.into_iter().collect::<Vec<_>>());
            if node.safe && best.as_ref().is_none_or(|best| node.score.compare(&best.score).is_lt()) {
                best = Some(node);
            }
        }
        let found = lattice.search(Limits::default(), &Stop::new()).unwrap();
        prop_assert_eq!(found.best.is_some(), best.is_some());
        prop_assert!(found.bound.is_none());
        // Climbing first changes nothing but the way there.
        let climbed = Limits { time: Some(std::time::Duration::from_secs(600)) };
        let climbed = lattice.search(climbed, &Stop::new()).unwrap();
        prop_assert_eq!(climbed.best.map(|node| node.levels), found.best.as_ref().map(|node| node.levels.clone()));
        // Without time, what is left is bounded.
        let hurried = lattice.search(Limits { time: Some(std::time::Duration::ZERO) }, &Stop::new()).unwrap();
        if let (Some(bound), Some(best)) = (&hurried.bound, &best) {
            prop_assert!(!bound.exceeds(&best.score), "{:?} is above {:?}", bound, best.score);
        }
        if let (Some(found), Some(best)) = (found.best, best) {
            for (found, best) in found.score.total.iter().zip(&best.score.total) {
                let same = found.total_cmp(best).is_eq() || (found - best).abs() <= 1e-9 * best.abs().max(1.0);
                prop_assert!(same, "{} is not {}", found, best);
            }
            let recoded = lattice.recode(&found.levels).unwrap();
            prop_assert_eq!(recoded.suppressed.iter().filter(|lost| **lost).count() as u64, found.suppressed);
        }
    }

    #[test]
    fn classes_have_the_values_of_their_rows(
        rows in prop::collection::vec(prop::collection::vec(0..VALUES, 3), 1..60),
        levels in prop::collection::vec(0..=HEIGHT as usize, 2),
    ) {
        let released = rows.len();
        let case = Case::new(&rows, released);
        let requirement = requirement(r#"{"measure": "distinct", "threshold": 2}"#);
        let of_one_value = |values: &&Vec<i64>| values.iter().all(|value| *value == values[0]);
        let slow: u64 = case.classes(&levels).values().filter(of_one_value).map(|values| values.len() as u64).sum();
        let models = Models { models: vec![Model::Sensitive { column: 0, requirement }], budget: 0 };
        let utility = Utility { measure: Measure::Height, aggregate: Aggregate::Sum, suppression_weight: 0.5 };
        let lattice = case.lattice(models, utility);
        prop_assert_eq!(lattice.node(&levels).unwrap().suppressed, slow);
    }
}

#[test]
fn hierarchies_must_nest() {
    let shares = vec![vec![0.5; 2]; 3];
    assert!(Column::new(&[vec![0, 1], vec![0, 0], vec![0, 1]], &shares, 2.0, 1.0).is_err());
    assert!(Column::new(&[vec![0, 1], vec![0, 0]], &shares, 2.0, 1.0).is_err());
    assert!(Column::new(&[vec![0, 1], vec![0, 1], vec![0, 0]], &shares, 2.0, 1.0).is_ok());
}
