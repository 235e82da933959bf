use super::*;
use proptest::prelude::*;

/// The rank of rows of small whole numbers, by exact rational elimination (fraction-free, Bareiss).
fn rank(rows: &[Vec<i128>]) -> usize {
    let mut rows = rows.to_vec();
    let (mut rank, mut previous) = (0, 1);
    for column in 0..rows.first().map_or(0, Vec::len) {
        let Some(pivot) = (rank..rows.len()).find(|row| rows[*row][column] != 0) else {
            continue;
        };
        rows.swap(rank, pivot);
        for row in rank + 1..rows.len() {
            for other in (0..rows[row].len()).rev() {
                rows[row][other] =
                    (rows[rank][column] * rows[row][other] - rows[row][column] * rows[rank][other]) / previous;
            }
        }
        previous = rows[rank][column];
        rank += 1;
    }
    rank
}

/// Whether some combination of the sets is not zero on at least one and fewer than `threshold` of `persons` persons.
fn exposes(sets: &[u32], persons: u32, threshold: u64) -> bool {
    let row = |set: u32, without: u32| -> Vec<i128> {
        (0..persons)
            .filter(|person| without >> person & 1 == 0)
            .map(|person| i128::from(set >> person & 1))
            .collect()
    };
    let of = |without: u32| rank(&sets.iter().map(|set| row(*set, without)).collect::<Vec<_>>());
    let whole = of(0);
    // A function on the group alone is one that the others do not see.
    (1..1_u32 << persons).any(|group| u64::from(group.count_ones()) < threshold && of(group) < whole)
}

fn released(set: u32) -> Released {
    let set = (0..32).filter(|person| set >> person & 1 == 1).collect();
    Released::new(Arc::new(set))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Of a sequence of batches exactly those are refused that make a small group's number known.
    #[test]
    fn exactly_what_exposes_is_refused(
        persons in 4_u32..11,
        threshold in 1_u64..5,
        sequence in prop::collection::vec(prop::collection::vec(any::<u32>(), 1..3), 1..9),
    ) {
        let mut history = History::new(threshold).unwrap();
        let mut accepted: Vec<u32> = Vec::new();
        let stop = Stop::new();
        for batch in sequence {
            let masks: Vec<u32> = batch.iter().map(|set| set & ((1 << persons) - 1)).collect();
            let sets: Vec<Released> = masks.iter().map(|set| released(*set)).collect();
            let verdict = history.check(&sets, &stop).unwrap();
            let together: Vec<u32> = accepted.iter().chain(&masks).copied().collect();
            prop_assert_eq!(verdict != Verdict::Clear, exposes(&together, persons, threshold), "{:?}", verdict);
            if verdict == Verdict::Clear {
                history.add(&sets, &stop).unwrap();
                accepted = together;
            }
        }
    }

    /// What was released in spite of a check does not make later releases collide that have no part in it.
    #[test]
    fn old_faults_are_not_charged_to_new_sets(
        earlier in prop::collection::vec(0_u32..1 << 6, 1..6),
        later in 0_u32..1 << 6,
    ) {
        let mut history = History::new(3).unwrap();
        let stop = Stop::new();
        history.add(&earlier.iter().map(|set| released(*set)).collect::<Vec<_>>(), &stop).unwrap();
        let new = later << 8 | 0b111 << 20;
        let verdict = history.check(&[released(new)], &stop).unwrap();
        prop_assert_eq!(verdict == Verdict::Clear, !exposes_with(&earlier, new, 3));
    }
}

/// Whether a combination in which the new set takes part stands on few persons.
fn exposes_with(earlier: &[u32], new: u32, threshold: u64) -> bool {
    let places: Vec<u32> = (0..23).collect();
    let row = |set: u32, without: u32| -> Vec<i128> {
        let seen = places.iter().filter(|person| without >> **person & 1 == 0);
        seen.map(|person| i128::from(set >> person & 1)).collect()
    };
    let of = |with: bool, without: u32| {
        let sets = earlier.iter().copied().chain(with.then_some(new));
        rank(&sets.map(|set| row(set, without)).collect::<Vec<_>>())
    };
    if of(true, 0) == of(false, 0) {
        return false;
    }
    let mut groups = vec![0_u32];
    groups.extend(places.iter().map(|a| 1_u32 << a));
    groups.extend(places.iter().flat_map(|a| (0..*a).map(move |b| 1 << a | 1 << b)));
    // The new set is a combination of the earlier ones on all but a small group.
    groups
        .into_iter()
        .any(|group| u64::from(group.count_ones()) < threshold && of(true, group) == of(false, group))
}

#[test]
fn inclusion_and_exclusion_of_four_sets_is_found_and_named() {
    let of = |ranges: &[(u32, u32)]| {
        let set: RoaringBitmap = ranges.iter().flat_map(|(from, to)| *from..*to).collect();
        Released::new(Arc::new(set))
    };
    let stop = Stop::new();
    let mut history = History::new(11).unwrap();
    // A and B overlap in five persons; both and their union are large: |A| + |B| - |A or B| tells the five.
    let unrelated = of(&[(5_000, 6_000)]);
    let (a, b) = (of(&[(0, 105)]), of(&[(100, 300)]));
    for set in [unrelated, a, b] {
        assert_eq!(
            history.check(std::slice::from_ref(&set), &stop).unwrap(),
            Verdict::Clear
        );
        history.add(&[set], &stop).unwrap();
    }
    let union = of(&[(0, 300)]);
    let verdict = history.check(&[union], &stop).unwrap();
    assert_eq!(
        verdict,
        Verdict::Combination {
            set: 3,
            others: vec![1, 2, 3]
        }
    );
}
