//! A life: sex, birth, death, the periods in which a person is observed, and the communes lived in.

use super::calendar::{YEAR, day_of, month_of};
use super::communes::Communes;
use super::random::{Alias, Draw, Subject};

/// Population at the first day by age, in bands of five years from 0 to 99: the shape of France's pyramid.
const PYRAMID: [f64; 20] = [
    6.1, 6.2, 6.1, 6.2, 6.2, 6.2, 6.2, 6.1, 6.8, 6.7, 6.7, 6.4, 6.3, 5.0, 3.9, 3.7, 2.9, 1.8, 0.5, 0.2,
];
/// Share of men by age, in the same bands.
const MEN: [f64; 20] = [
    0.512, 0.512, 0.512, 0.511, 0.503, 0.495, 0.493, 0.494, 0.497, 0.495, 0.492, 0.488, 0.485, 0.478, 0.460, 0.430,
    0.390, 0.330, 0.260, 0.180,
];
/// Births in a year per person present at the start.
const BIRTHS: f64 = 0.0112;
/// Gompertz mortality, men and women: hazard per year at age 0, and its growth with each year of age.
const MORTALITY: [(f64, f64); 2] = [(2.0e-5, 0.0994), (2.6e-6, 0.119)];
/// Chance to be seen only from a later day, to leave for good, and to leave and come back.
const LATE: f64 = 0.10;
const LEAVES: f64 = 0.04;
const GAP: f64 = 0.07;
/// Moves in a year by age, in bands of ten years.
const MOVES: [f64; 10] = [0.05, 0.06, 0.12, 0.08, 0.05, 0.03, 0.03, 0.02, 0.03, 0.03];
/// Share of the moves that stay in the département.
const NEAR: f64 = 0.6;
/// Spread of the logarithm of the factor by which persons differ in their use of care.
const FRAILTY: f64 = 1.0;

/// What is the same for all lives.
#[derive(Debug)]
pub(super) struct Demography {
    seed: u64,
    pub(super) first: i32,
    pub(super) last: i32,
    born_during: f64,
    pyramid: Alias,
}

/// One person's life, reused from person to person.
#[derive(Debug, Default)]
pub(super) struct Life {
    /// Number among all persons of the population.
    pub(super) number: u32,
    /// 0 man, 1 woman.
    pub(super) sex: usize,
    pub(super) birth_year: i32,
    pub(super) birth_month: i32,
    pub(super) birth: i32,
    pub(super) death: Option<i32>,
    /// Closed periods of observation in order, at least one.
    pub(super) periods: Vec<(i32, i32)>,
    /// (commune, from, to) in order, from the first to the last observed day.
    pub(super) residence: Vec<(u32, i32, i32)>,
    /// Factor of the use of care, with mean 1.
    pub(super) frailty: f64,
    /// What the metabolic and vascular conditions of a person have in common: standard normal.
    pub(super) liability: f64,
}

impl Life {
    /// Whether a day lies in an observation period.
    pub(super) fn observed(&self, day: i32) -> bool {
        self.periods.iter().any(|&(from, to)| from <= day && day <= to)
    }

    /// The last day of the observation period that holds a day.
    pub(super) fn period_end(&self, day: i32) -> Option<i32> {
        let holds = |&&(from, to): &&(i32, i32)| from <= day && day <= to;
        self.periods.iter().find(holds).map(|&(_, to)| to)
    }

    /// First and last observed day.
    pub(super) fn span(&self) -> (i32, i32) {
        match (self.periods.first(), self.periods.last()) {
            (Some(&(from, _)), Some(&(_, to))) => (from, to),
            _ => (self.birth, self.birth),
        }
    }

    /// Day on which an age is reached, counted from the first of the birth month.
    pub(super) fn birthday(&self, age: i32) -> i32 {
        day_of(self.birth_year + age, self.birth_month, 1)
    }

    /// Completed years on a day, counted from the first of the birth month.
    pub(super) fn age(&self, day: i32) -> i32 {
        let (year, month) = month_of(day);
        year - self.birth_year - i32::from(month < self.birth_month)
    }

    /// Band of ten years of age on a day, from 0 to 9 (90 and over).
    pub(super) fn decade(&self, day: i32) -> usize {
        ((day - self.birth).max(0) / 3_653).min(9) as usize
    }
}

impl Demography {
    pub(super) fn new(seed: u64, first_year: i32, years: u32) -> Self {
        let births = BIRTHS * f64::from(years);
        Self {
            seed,
            first: day_of(first_year, 1, 1),
            last: day_of(first_year + years as i32, 1, 1) - 1,
            born_during: births / (1.0 + births),
            pyramid: Alias::new(&PYRAMID),
        }
    }

    /// Draws the life of a person.
    pub(super) fn draw(&self, number: u32, communes: &Communes, life: &mut Life) {
        let draw = &mut Draw::new(self.seed, number, Subject::Life);
        life.number = number;
        self.draw_birth(draw, life);
        let alive_from = life.birth.max(self.first);
        let (level, growth) = MORTALITY[life.sex];
        let hazard = level * (growth * f64::from(alive_from - life.birth) / YEAR).exp();
        let left = (growth * draw.exponential() / hazard).ln_1p() / growth;
        let death = alive_from + (left * YEAR).min(80_000.0) as i32;
        life.death = (death <= self.last).then_some(death);
        draw_periods(draw, alive_from, death.min(self.last), &mut life.periods);
        draw_residence(draw, communes, life);
        life.frailty = (FRAILTY * draw.normal() - FRAILTY * FRAILTY / 2.0).exp();
        life.liability = draw.normal();
    }

    fn draw_birth(&self, draw: &mut Draw, life: &mut Life) {
        let band = if draw.chance(self.born_during) {
            life.birth = draw.day(self.first, self.last);
            0
        } else {
            let band = self.pyramid.pick(draw);
            let age = 5.0 * (band as f64 + draw.uniform());
            life.birth = self.first - 1 - (age * YEAR) as i32;
            band
        };
        life.sex = usize::from(!draw.chance(MEN[band]));
        (life.birth_year, life.birth_month) = month_of(life.birth);
    }
}

/// Observation from entry to exit, with late entries, early exits and one gap in some.
fn draw_periods(draw: &mut Draw, alive_from: i32, end: i32, periods: &mut Vec<(i32, i32)>) {
    periods.clear();
    let from = if draw.chance(LATE) {
        draw.day(alive_from, end)
    } else {
        alive_from
    };
    let to = if draw.chance(LEAVES) { draw.day(from, end) } else { end };
    if draw.chance(GAP) && to - from > 400 {
        let gone = draw.day(from + 30, to - 30);
        let back = gone + 60 + (250.0 * draw.exponential()).min(10_000.0) as i32;
        periods.push((from, gone));
        if back <= to {
            periods.push((back, to));
        }
    } else {
        periods.push((from, to));
    }
}

/// Communes lived in from the first to the last observed day.
fn draw_residence(draw: &mut Draw, communes: &Communes, life: &mut Life) {
    let (mut from, end) = life.span();
    let mut commune = communes.pick(draw);
    let mut moved = from;
    life.residence.clear();
    loop {
        let years = draw.exponential() / MOVES[life.decade(moved)];
        moved += 30 + (years * YEAR).min(80_000.0) as i32;
        if moved > end {
            life.residence.push((commune, from, end));
            return;
        }
        let near = draw.chance(NEAR);
        let next = if near {
            communes.pick_near(commune, draw)
        } else {
            communes.pick(draw)
        };
        // A move within the commune changes the address, not the row.
        if next != commune {
            life.residence.push((commune, from, moved - 1));
            (commune, from) = (next, moved);
        }
    }
}
