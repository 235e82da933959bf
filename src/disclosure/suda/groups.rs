//! Groups of classes that share the values of some columns, refined by one more column.

/// Classes, group after group; groups of one class, which have no company left or never lose it, are gone.
pub(super) struct Groups {
    members: Vec<u32>,
    /// Where each group ends.
    ends: Vec<u32>,
}

/// Counts by code, all zero between uses, and the codes that are in use.
pub(super) struct Scratch {
    counts: Vec<u32>,
    used: Vec<u32>,
}

impl Scratch {
    pub(super) fn new(widths: &[u32]) -> Self {
        let widest = widths.iter().copied().max().unwrap_or(0);
        Self {
            counts: vec![0; widest as usize],
            used: Vec::new(),
        }
    }

    fn count(&mut self, members: &[u32], codes: &[u32]) {
        for &class in members {
            let code = codes[class as usize];
            let count = &mut self.counts[code as usize];
            if *count == 0 {
                self.used.push(code);
            }
            *count += 1;
        }
    }

    fn clear(&mut self) {
        for code in self.used.drain(..) {
            self.counts[code as usize] = 0;
        }
    }
}

impl Groups {
    /// One group of all classes.
    pub(super) fn whole(classes: usize) -> Self {
        Self {
            members: (0..classes as u32).collect(),
            ends: vec![classes as u32],
        }
    }

    fn each(&self) -> impl Iterator<Item = &[u32]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .map(|(from, &to)| &self.members[from as usize..to as usize])
    }

    /// The groups by one more column.
    pub(super) fn refine(&self, codes: &[u32], scratch: &mut Scratch) -> Self {
        let mut refined = Self {
            members: Vec::with_capacity(self.members.len()),
            ends: Vec::new(),
        };
        for group in self.each() {
            scratch.count(group, codes);
            let from = refined.members.len() as u32;
            let mut next = from;
            for &code in &scratch.used {
                let count = &mut scratch.counts[code as usize];
                if *count >= 2 {
                    let size = *count;
                    *count = next;
                    next += size;
                    refined.ends.push(next);
                } else {
                    *count = u32::MAX;
                }
            }
            refined.members.resize(next as usize, 0);
            for &class in group {
                let place = &mut scratch.counts[codes[class as usize] as usize];
                if *place != u32::MAX {
                    refined.members[*place as usize] = class;
                    *place += 1;
                }
            }
            scratch.clear();
        }
        refined
    }

    /// Calls `alone` with each class that has a group of its own by one more column.
    pub(super) fn each_alone(&self, codes: &[u32], scratch: &mut Scratch, mut alone: impl FnMut(u32)) {
        for group in self.each() {
            scratch.count(group, codes);
            for &class in group {
                if scratch.counts[codes[class as usize] as usize] == 1 {
                    alone(class);
                }
            }
            scratch.clear();
        }
    }
}
