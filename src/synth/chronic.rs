//! Long-term conditions of a person: onset, registration, and deliveries for as long as treatment lasts.

use super::calendar::YEAR;
use super::chronic_table::{CONDITIONS, Condition, Line};
use super::codes::{Choice, Code};
use super::life::{Demography, Life};
use super::random::Draw;
use super::recorder::{Amount, Recorder};
use super::vocabularies::Books;

/// Years of an interruption on average, and the chance that treatment comes back after it.
const INTERRUPTION: f64 = 0.5;
const RETURNS: f64 = 0.8;
/// Chance that a delivery is late by up to three weeks.
const LATE: f64 = 0.10;

/// A condition with its codes numbered.
#[derive(Debug)]
pub(super) struct Chronic {
    ever: [f64; 2],
    onset: (f64, f64),
    until: f64,
    liability: f64,
    diagnoses: Choice,
    registered: f64,
    lines: Vec<Treatment>,
}

/// A line of treatment with its codes numbered.
#[derive(Debug)]
pub(super) struct Treatment {
    drugs: Choice,
    share: [f64; 2],
    delay: f64,
    interval: i32,
    amount: Amount,
    persistence: f64,
}

/// All conditions, at a given intensity of care.
pub(super) fn read(books: &mut Books, intensity: f64) -> Vec<Chronic> {
    CONDITIONS
        .into_iter()
        .flatten()
        .map(|condition| read_condition(books, condition, intensity))
        .collect()
}

fn read_condition(books: &mut Books, condition: &Condition, intensity: f64) -> Chronic {
    let exponent = if condition.scaled { intensity } else { 1.0 };
    Chronic {
        ever: condition.ever.map(|share| scaled(share, exponent)),
        onset: condition.onset,
        until: condition.until,
        liability: condition.liability,
        diagnoses: books.diagnosis.choice(condition.diagnoses),
        registered: condition.registered,
        lines: read_lines(books, condition.lines),
    }
}

/// A share that tends to 1 as the intensity of care grows, and to 0 as it falls.
pub(super) fn scaled(share: f64, intensity: f64) -> f64 {
    1.0 - (1.0 - share).powf(intensity)
}

pub(super) fn read_lines(books: &mut Books, lines: &[Line]) -> Vec<Treatment> {
    lines
        .iter()
        .map(|line| Treatment {
            drugs: books.drug.choice(line.drugs),
            share: line.share,
            delay: line.delay,
            interval: line.interval,
            amount: Amount {
                boxes: line.boxes,
                supply: if line.boxes > 1 {
                    30 * line.boxes
                } else {
                    line.interval.min(30)
                },
            },
            persistence: line.persistence,
        })
        .collect()
}

impl Chronic {
    /// Draws whether and when a person gets the condition, its registration and its deliveries.
    ///
    /// Pushes the diagnosis with its onset onto `known` for the stays that follow.
    pub(super) fn draw(
        &self,
        draw: &mut Draw,
        demography: &Demography,
        life: &Life,
        recorder: &mut Recorder,
        known: &mut Vec<(Code, i32)>,
    ) {
        let tilt = (self.liability * (life.liability - self.liability / 2.0)).exp();
        let ever = (self.ever[life.sex] * tilt).min(0.97);
        let Some(onset) = draw_onset(draw, life, ever, self.onset) else {
            return;
        };
        if onset > life.span().1 {
            return;
        }
        if !self.diagnoses.is_empty() {
            let code = self.diagnoses.pick(draw);
            known.push((code, onset));
            if draw.chance(self.registered) {
                // A disease that began before observation is registered at some later day, as renewals are.
                let (from, to) = life.span();
                let seen = draw.day(from, (from + 1_800).min(to));
                recorder.long_term(life, if onset < from { seen } else { onset }, code);
            }
        }
        let until = life.birth.saturating_add((self.until * YEAR) as i32);
        for line in &self.lines {
            line.draw(draw, demography.first, life, recorder, onset, until);
        }
    }
}

/// The day of onset, in those who ever get the condition.
pub(super) fn draw_onset(draw: &mut Draw, life: &Life, ever: f64, (median, scale): (f64, f64)) -> Option<i32> {
    let rank = draw.uniform();
    if rank >= ever {
        return None;
    }
    let quantile = (rank / ever).clamp(1e-9, 1.0 - 1e-9);
    let age = (median + scale * (quantile / (1.0 - quantile)).ln()).max(0.3);
    Some(life.birth + (age * YEAR) as i32)
}

impl Treatment {
    /// Draws the deliveries of this line, if the person comes to it.
    pub(super) fn draw(
        &self,
        draw: &mut Draw,
        first: i32,
        life: &Life,
        recorder: &mut Recorder,
        onset: i32,
        until: i32,
    ) {
        if !draw.chance(self.share[life.sex]) {
            return;
        }
        let begin = onset.saturating_add(days(self.delay, draw));
        let last = life.span().1.min(until);
        let mut day = begin;
        let mut treated = true;
        if begin < first {
            // Long under way: given up for good, in treatment, or between two, with the chances of the long run. Without
            // this, deliveries would fall from year to year of the population.
            let cycle = self.persistence + INTERRUPTION;
            let years = f64::from(first - begin) / YEAR;
            if !draw.chance((-(1.0 - RETURNS) * years / cycle).exp()) {
                return;
            }
            day = first - draw.day(0, self.interval);
            treated = draw.chance(self.persistence / cycle);
        }
        while day <= last {
            if !treated {
                day = day.saturating_add(days(INTERRUPTION, draw));
                treated = true;
                continue;
            }
            let stop = day.saturating_add(days(self.persistence, draw)).min(last);
            let code = self.drugs.pick(draw);
            day = self.deliver(draw, life, recorder, code, (day, stop));
            treated = false;
            if !draw.chance(RETURNS) {
                return;
            }
        }
    }

    /// Deliveries of one drug from a day to another; the day after the last.
    fn deliver(
        &self,
        draw: &mut Draw,
        life: &Life,
        recorder: &mut Recorder,
        code: Code,
        (from, to): (i32, i32),
    ) -> i32 {
        let mut day = from;
        while day <= to {
            recorder.drug(life, day, code, self.amount);
            let bits = draw.bits();
            // Three days early to five late; one in ten up to three weeks later still.
            let mut wait = self.interval - 3 + (((bits >> 32) * 9) >> 32) as i32;
            if f64::from(bits as u32) < LATE * f64::from(u32::MAX) {
                wait += 1 + (bits & 0xff) as i32 % 21;
            }
            day += wait.max(1);
        }
        day
    }
}

/// An exponential number of days with this mean in years.
fn days(mean: f64, draw: &mut Draw) -> i32 {
    (draw.exponential() * mean * YEAR).min(100_000.0) as i32
}
