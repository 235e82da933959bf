//! Stays in hospital: admissions year by year, with the long-term conditions of the person among the diagnoses.

use super::acute::{Mix, day_in, months, years};
use super::codes::{Choice, Code};
use super::hospital_table::{ADMISSIONS, Admission, Ward};
use super::life::Life;
use super::random::{Alias, Draw};
use super::recorder::{Kind, Place, Recorder, Stay};
use super::vocabularies::Books;

/// Chance that a long-term condition is written down in a stay.
const MENTIONED: f64 = 0.45;
/// Nights of rehabilitation on average.
const REHABILITATION: f64 = 30.0;

/// Admissions with their codes numbered.
#[derive(Debug)]
pub(super) struct Hospital {
    reasons: Vec<Reason>,
    mix: Mix,
}

#[derive(Debug)]
struct Reason {
    months: Alias,
    principal: Choice,
    related: Choice,
    associated: Vec<(Choice, f64)>,
    acts: Vec<(Choice, f64)>,
    nights: f64,
    place: Place,
    rehabilitation: f64,
}

impl Hospital {
    pub(super) fn read(books: &mut Books, intensity: f64) -> Self {
        let rates: Vec<_> = ADMISSIONS
            .iter()
            .map(|admission| (admission.rate, admission.sex))
            .collect();
        Self {
            reasons: ADMISSIONS
                .iter()
                .map(|admission| Reason::read(books, admission))
                .collect(),
            mix: Mix::new(&rates, intensity / 1_000.0),
        }
    }

    /// Draws a person's stays; `known` are the long-term conditions with their onset.
    pub(super) fn draw(&self, draw: &mut Draw, life: &Life, recorder: &mut Recorder, known: &[(Code, i32)]) {
        for year in years(life) {
            self.mix.year(draw, life, year, |draw, kind| {
                let reason = &self.reasons[kind];
                let day = day_in(draw, year, &reason.months);
                reason.admit(draw, life, recorder, known, day);
            });
        }
    }
}

impl Reason {
    fn read(books: &mut Books, admission: &Admission) -> Self {
        Self {
            months: months(&admission.season),
            principal: books.diagnosis.choice(admission.principal),
            related: books.diagnosis.choice(admission.related),
            associated: admission
                .associated
                .iter()
                .map(|&(codes, chance)| (books.diagnosis.choice(codes), chance))
                .collect(),
            acts: admission
                .acts
                .iter()
                .map(|&(acts, chance)| (books.procedure.choice(acts), chance))
                .collect(),
            nights: admission.nights,
            place: match admission.place {
                Ward::Acute => Place::Acute,
                Ward::Psychiatric => Place::Psychiatric,
                Ward::Home => Place::Home,
            },
            rehabilitation: admission.rehabilitation,
        }
    }

    fn admit(&self, draw: &mut Draw, life: &Life, recorder: &mut Recorder, known: &[(Code, i32)], day: i32) {
        let length = nights(draw, self.nights);
        let Some(stay) = recorder.stay(life, self.place, day, length) else {
            return;
        };
        recorder.diagnosis(stay, self.principal.pick(draw), Kind::Principal);
        if !self.related.is_empty() {
            recorder.diagnosis(stay, self.related.pick(draw), Kind::Related);
        }
        for (codes, chance) in &self.associated {
            if draw.chance(*chance) {
                recorder.diagnosis(stay, codes.pick(draw), Kind::Associated);
            }
        }
        for (acts, chance) in &self.acts {
            if draw.chance(*chance) {
                recorder.procedure(stay, i32::from(length > 1), acts.pick(draw));
            }
        }
        mention(draw, recorder, stay, known);
        if draw.chance(self.rehabilitation * (life.decade(day) as f64 / 8.0).min(1.0)) {
            let code = self.principal.pick(draw);
            rehabilitate(draw, life, recorder, known, (stay.end, code));
        }
    }
}

/// Writes down some of the long-term conditions a person has by then.
pub(super) fn mention(draw: &mut Draw, recorder: &mut Recorder, stay: Stay, known: &[(Code, i32)]) {
    for &(code, onset) in known {
        if onset <= stay.start && draw.chance(MENTIONED) {
            recorder.diagnosis(stay, code, Kind::Associated);
        }
    }
}

/// A stay in rehabilitation from a day on, for a reason.
pub(super) fn rehabilitate(
    draw: &mut Draw,
    life: &Life,
    recorder: &mut Recorder,
    known: &[(Code, i32)],
    (day, code): (i32, Code),
) {
    let length = 5 + nights(draw, REHABILITATION - 5.0);
    if let Some(stay) = recorder.stay(life, Place::Rehabilitation, day, length) {
        recorder.diagnosis(stay, code, Kind::Principal);
        mention(draw, recorder, stay, known);
    }
}

/// A number of nights with this mean: skewed, as lengths of stay are.
pub(super) fn nights(draw: &mut Draw, mean: f64) -> i32 {
    let spread = draw.exponential() * 0.6 + draw.exponential() * 0.4;
    (mean * spread + 0.5).min(365.0) as i32
}
