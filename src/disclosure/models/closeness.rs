//! t-closeness: the earth mover's distance between a class and the whole, for three ground distances.
//!
//! N. Li, T. Li, S. Venkatasubramanian, "t-closeness: privacy beyond k-anonymity and l-diversity", ICDE 2007.
//! With `c` and `C` the rows of a value in the class and in the whole, `n` and `N` the sizes, all sums are of the
//! integers `c*N - C*n`; the distance is their sum over `n*N`.

use std::cell::RefCell;

use super::{Class, Whole};

thread_local! {
    /// The class in an order that is not that of its codes; kept, so that no class allocates.
    static ARRANGED: RefCell<Vec<(usize, u64)>> = const { RefCell::new(Vec::new()) };
}

/// Calls `visit` with place and count of the class's values, by ascending place.
fn arranged<T>(
    class: &Class<'_>,
    places: Option<&[u32]>,
    visit: impl FnOnce(&mut dyn Iterator<Item = (usize, u64)>) -> T,
) -> T {
    match places {
        None => visit(&mut class.pairs()),
        Some(places) => ARRANGED.with_borrow_mut(|pairs| {
            pairs.clear();
            pairs.extend(class.pairs().map(|(code, count)| (places[code] as usize, count)));
            pairs.sort_unstable();
            visit(&mut pairs.iter().copied())
        }),
    }
}

/// How far `here` rows of the class are above their share: `here*N - there*n`, or 0.
fn above(here: u64, there: u64, class: &Class<'_>, whole: &Whole) -> u128 {
    let expected = u128::from(there) * u128::from(class.size);
    (u128::from(here) * u128::from(whole.size())).saturating_sub(expected)
}

fn scale(class: &Class<'_>, whole: &Whole) -> f64 {
    (u128::from(class.size) * u128::from(whole.size())) as f64
}

/// Equal ground distance: half the sum of differences, which is the sum of the positive ones.
pub(super) fn equal(class: &Class<'_>, whole: &Whole) -> f64 {
    let moved: u128 = class
        .pairs()
        .map(|(code, count)| above(count, whole.counts()[code], class, whole))
        .sum();
    moved as f64 / scale(class, whole)
}

/// Ground distance by ranks, `|i - j| / (m - 1)`: the sum of the absolute cumulated differences.
///
/// Between two values of the class the cumulated difference only falls, so that its sum is read off from sums of prefixes.
pub(super) fn ordered(class: &Class<'_>, whole: &Whole) -> f64 {
    let Some(order) = whole.order() else { return f64::NAN };
    let domain = order.prefix.len();
    if domain <= 1 {
        return 0.0;
    }
    let size = u128::from(class.size);
    // The sum of |seen*N - n*prefix| over the ranks of a gap, where `level` is seen*N.
    let gap = |level: u128, from: usize, to: usize| {
        let cross = from + order.prefix[from..to].partition_point(|&rows| u128::from(rows) * size <= level);
        let below = level * (cross - from) as u128 - size * (order.sums[cross] - order.sums[from]);
        let over = size * (order.sums[to] - order.sums[cross]) - level * (to - cross) as u128;
        below + over
    };
    let moved = arranged(class, order.ranks.as_deref(), |values| {
        let (mut moved, mut seen, mut from) = (0_u128, 0_u128, 0);
        for (rank, count) in values {
            moved += gap(seen * u128::from(whole.size()), from, rank);
            seen += u128::from(count);
            from = rank;
        }
        moved + gap(seen * u128::from(whole.size()), from, domain)
    });
    moved as f64 / (scale(class, whole) * (domain - 1) as f64)
}

/// Ground distance by the level of the lowest common ancestor, over the height of the tree.
///
/// An edge between two levels is half a level long, so the distance is the mean, over the levels below the root, of
/// the equal distance between the distributions over the nodes of the level.
pub(super) fn hierarchical(class: &Class<'_>, whole: &Whole) -> f64 {
    let Some(tree) = whole.tree() else { return f64::NAN };
    let mut moved = 0;
    for (code, count) in class.pairs() {
        moved += above(count, whole.counts()[code], class, whole);
    }
    for (nodes, rows) in tree.nodes.iter().zip(&tree.rows) {
        moved += arranged(class, tree.places.as_deref(), |values| {
            let (mut moved, mut node, mut here) = (0_u128, 0, 0_u64);
            for (place, count) in values {
                if nodes[place] as usize != node {
                    moved += above(here, rows[node], class, whole);
                    (node, here) = (nodes[place] as usize, 0);
                }
                here += count;
            }
            moved + above(here, rows[node], class, whole)
        });
    }
    moved as f64 / (scale(class, whole) * tree.height() as f64)
}
