//! Courses of hospital treatment: a serious disease with its sessions and follow-up, and the births of children.

use super::calendar::YEAR;
use super::chronic::{self, Treatment};
use super::codes::{Choice, Code};
use super::course_table::{BIRTH, CESAREAN, COURSES, Course, FERTILITY, PREGNANCY_ACTS, PREGNANCY_DRUGS, WITH_BIRTH};
use super::hospital::{mention, nights};
use super::life::{Demography, Life};
use super::random::Draw;
use super::recorder::{Amount, Kind, Place, Recorder};
use super::vocabularies::Books;

/// Years of sessions and follow-up before observation that are not drawn, because nothing of them would be seen.
const UNSEEN: i32 = 6 * 365;

/// A course with its codes numbered.
#[derive(Debug)]
pub(super) struct Illness {
    ever: [f64; 2],
    onset: (f64, f64),
    diagnoses: Choice,
    surgery: Choice,
    nights: f64,
    sessions: (f64, f64, i32),
    session: (Choice, Choice),
    lines: Vec<Treatment>,
    relapse: f64,
}

impl Illness {
    pub(super) fn read(books: &mut Books, intensity: f64) -> Vec<Self> {
        let read = |course: &Course| Self {
            ever: course.ever.map(|share| chronic::scaled(share, intensity)),
            onset: course.onset,
            diagnoses: books.diagnosis.choice(course.diagnoses),
            surgery: books.procedure.choice(course.surgery),
            nights: course.nights,
            sessions: course.sessions,
            session: (
                books.diagnosis.choice(course.session.0),
                books.procedure.choice(course.session.1),
            ),
            lines: chronic::read_lines(books, course.lines),
            relapse: course.relapse,
        };
        COURSES.iter().map(read).collect()
    }

    /// Draws whether and when a person falls ill, and what follows; the diagnosis joins `known`.
    pub(super) fn draw(
        &self,
        draw: &mut Draw,
        demography: &Demography,
        life: &Life,
        recorder: &mut Recorder,
        known: &mut Vec<(Code, i32)>,
    ) {
        let ever = self.ever[life.sex].min(0.97);
        let Some(onset) = chronic::draw_onset(draw, life, ever, self.onset) else {
            return;
        };
        if onset > life.span().1 || onset < demography.first - UNSEEN {
            return;
        }
        let code = self.diagnoses.pick(draw);
        let length = nights(draw, self.nights);
        if let Some(stay) = recorder.stay(life, Place::Acute, onset, length) {
            recorder.diagnosis(stay, code, Kind::Principal);
            recorder.procedure(stay, 1, self.surgery.pick(draw));
            mention(draw, recorder, stay, known);
        }
        recorder.long_term(life, onset + 10, code);
        self.draw_sessions(draw, life, recorder, onset, code);
        for line in &self.lines {
            line.draw(draw, demography.first, life, recorder, onset, i32::MAX);
        }
        let mut day = onset;
        loop {
            day += 30 + (draw.exponential() * YEAR / self.relapse).min(40_000.0) as i32;
            if day > life.span().1 {
                break;
            }
            let length = nights(draw, self.nights);
            if let Some(stay) = recorder.stay(life, Place::Acute, day, length) {
                recorder.diagnosis(stay, code, Kind::Principal);
                mention(draw, recorder, stay, known);
            }
        }
        known.push((code, onset));
    }

    fn draw_sessions(&self, draw: &mut Draw, life: &Life, recorder: &mut Recorder, onset: i32, code: Code) {
        let (share, mean, interval) = self.sessions;
        if !draw.chance(share) {
            return;
        }
        let mut left = 1 + (draw.exponential() * mean) as i32;
        let mut day = onset + 25 + draw.day(0, 20);
        while left > 0 && day <= life.span().1 {
            if let Some(stay) = recorder.stay(life, Place::Acute, day, 0) {
                recorder.diagnosis(stay, self.session.0.pick(draw), Kind::Principal);
                recorder.diagnosis(stay, code, Kind::Related);
                recorder.procedure(stay, 0, self.session.1.pick(draw));
            }
            left -= 1;
            day += interval + draw.day(0, 1);
        }
    }
}

/// Births with their codes numbered.
#[derive(Debug)]
pub(super) struct Births {
    ways: Vec<(Choice, Choice)>,
    associated: Vec<(Choice, f64)>,
    drugs: Vec<(Choice, f64)>,
    acts: (Choice, f64),
}

impl Births {
    pub(super) fn read(books: &mut Books) -> Self {
        Self {
            ways: BIRTH
                .iter()
                .map(|&(why, act)| (books.diagnosis.choice(why), books.procedure.choice(act)))
                .collect(),
            associated: WITH_BIRTH
                .iter()
                .map(|&(codes, chance)| (books.diagnosis.choice(codes), chance))
                .collect(),
            drugs: PREGNANCY_DRUGS
                .iter()
                .map(|&(codes, chance)| (books.drug.choice(codes), chance))
                .collect(),
            acts: (books.procedure.choice(PREGNANCY_ACTS.0), PREGNANCY_ACTS.1),
        }
    }

    /// Draws the children a woman gives birth to; at least 300 days lie between two births.
    pub(super) fn draw(&self, draw: &mut Draw, life: &Life, recorder: &mut Recorder) {
        let (from, to) = life.span();
        if life.sex == 0 || life.birthday(15) > to || life.birthday(50) < from {
            return;
        }
        let highest = FERTILITY.iter().fold(0.0, |most: f64, rate| most.max(*rate)) / 1_000.0;
        let mut day = from.max(life.birthday(15));
        loop {
            // Thinning of the highest rate: a candidate is kept in proportion to the rate at its age.
            day += (draw.exponential() / highest * YEAR).min(20_000.0) as i32;
            let age = life.age(day);
            if day > to || age > 49 {
                return;
            }
            if draw.chance(FERTILITY[(age - 15).clamp(0, 34) as usize / 5] / 1_000.0 / highest) {
                self.give_birth(draw, life, recorder, day);
                day += 300;
            }
        }
    }

    fn give_birth(&self, draw: &mut Draw, life: &Life, recorder: &mut Recorder, day: i32) {
        for month in 1..8 {
            let visit = day - 250 + 30 * month + draw.day(0, 9);
            for (drugs, chance) in &self.drugs {
                if draw.chance(*chance) {
                    recorder.drug(life, visit, drugs.pick(draw), Amount { boxes: 1, supply: 30 });
                }
            }
            if draw.chance(self.acts.1) {
                recorder.visit(life, visit, self.acts.0.pick(draw));
            }
        }
        let cesarean = draw.chance(CESAREAN);
        let length = 3 + 2 * i32::from(cesarean) + draw.day(0, 1);
        let Some(stay) = recorder.stay(life, Place::Acute, day, length) else {
            return;
        };
        let (reasons, acts) = &self.ways[usize::from(cesarean)];
        recorder.diagnosis(stay, reasons.pick(draw), Kind::Principal);
        recorder.procedure(stay, 0, acts.pick(draw));
        for (codes, chance) in &self.associated {
            if draw.chance(*chance) {
                recorder.diagnosis(stay, codes.pick(draw), Kind::Associated);
            }
        }
    }
}
