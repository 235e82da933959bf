//! The planted outcomes: drawn from the stated hazards and recorded, with the care that follows them.
//!
//! Each outcome has its own sequence of draws and depends on nothing but age, sex, observation and the stated
//! exposure. Nothing else in the population makes these diagnoses.

use super::calendar::{YEAR, month_of};
use super::chronic::{self, Treatment};
use super::codes::{Choice, Code};
use super::communes::Communes;
use super::hazard::{Factor, first_event};
use super::hospital::{nights, rehabilitate};
use super::life::Life;
use super::planted_table as table;
use super::random::{Draw, Subject};
use super::recorder::{Kind, Place, Recorder};
use super::vocabularies::Books;

/// The planted outcomes with their codes numbered.
#[derive(Debug)]
pub(super) struct Planted {
    bladder: Choice,
    in_situ: Code,
    resection: Choice,
    instillation: Choice,
    cystoscopy: Code,
    asthma: Choice,
    asthma_lines: Vec<Treatment>,
    hip: Choice,
    hip_repair: Choice,
    influenza: Choice,
    chest: Code,
    antidiabetic: Vec<bool>,
    pioglitazone: Vec<bool>,
}

/// Room for the days of a person's deliveries, reused.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    days: Vec<i32>,
    factors: Vec<Factor>,
}

impl Planted {
    /// Read last, when all drugs are known.
    pub(super) fn read(books: &mut Books) -> Self {
        Self {
            bladder: books.diagnosis.choice(table::BLADDER),
            in_situ: books.diagnosis.number("D090"),
            resection: books.procedure.choice("JDFE002*4 JDFE001 JDFA001"),
            instillation: books.procedure.choice("JDLD002"),
            cystoscopy: books.procedure.number("JDQE003"),
            asthma: books.diagnosis.choice(table::ASTHMA),
            asthma_lines: chronic::read_lines(books, table::ASTHMA_DRUGS),
            hip: books.diagnosis.choice(table::HIP),
            hip_repair: books.procedure.choice("NBCA005*2 NEKA018*4 NEKA020*2 NBCA010"),
            influenza: books.diagnosis.choice(table::INFLUENZA),
            chest: books.procedure.number("ZBQK002"),
            antidiabetic: books.drug.starting_with(table::ANTIDIABETICS),
            pioglitazone: books.drug.starting_with(table::PIOGLITAZONE),
        }
    }

    /// Draws all planted outcomes of a person; after the deliveries on which the exposures rest.
    pub(super) fn draw(
        &self,
        seed: u64,
        first: i32,
        communes: &Communes,
        life: &Life,
        recorder: &mut Recorder,
        scratch: &mut Scratch,
    ) {
        let sequence = |subject| Draw::new(seed, life.number, subject);
        self.draw_bladder(&mut sequence(Subject::Bladder), life, recorder, scratch);
        self.draw_asthma(&mut sequence(Subject::Asthma), first, communes, life, recorder, scratch);
        self.draw_hip(&mut sequence(Subject::Hip), life, recorder);
        self.draw_influenza(&mut sequence(Subject::Influenza), life, recorder);
    }

    fn draw_bladder(&self, draw: &mut Draw, life: &Life, recorder: &mut Recorder, scratch: &mut Scratch) {
        let factors = &mut scratch.factors;
        factors.clear();
        factors.push((i32::MIN, table::BLADDER_ELSEWHERE));
        if let Some(treated) = recorder.deliveries(&self.antidiabetic).min() {
            factors.push((treated, 1.0));
            scratch.days.clear();
            scratch.days.extend(recorder.deliveries(&self.pioglitazone));
            scratch.days.sort_unstable();
            factors.extend(exposed_from(&scratch.days).map(|day| (day, table::BLADDER_RATIO)));
        }
        let Some(day) = first_event(draw, life, table::BLADDER_HAZARD, factors, i32::MIN) else {
            return;
        };
        let code = self.bladder.pick(draw);
        let length = nights(draw, 4.0);
        if let Some(stay) = recorder.stay(life, Place::Acute, day, length) {
            recorder.diagnosis(stay, code, Kind::Principal);
            recorder.procedure(stay, 0, self.resection.pick(draw));
            if draw.chance(0.1) {
                recorder.diagnosis(stay, self.in_situ, Kind::Associated);
            }
        }
        recorder.long_term(life, day + 15, code);
        // Instillations every week, then cystoscopies, a second resection in some.
        if draw.chance(0.5) {
            for week in 0..6 {
                if let Some(stay) = recorder.stay(life, Place::Acute, day + 40 + 7 * week, 0) {
                    recorder.diagnosis(stay, code, Kind::Principal);
                    recorder.procedure(stay, 0, self.instillation.pick(draw));
                }
            }
        }
        let mut later = day + 90;
        while later <= life.span().1 {
            recorder.visit(life, later, self.cystoscopy);
            if draw.chance(0.12)
                && let Some(stay) = recorder.stay(life, Place::Acute, later + 14, 3)
            {
                recorder.diagnosis(stay, code, Kind::Principal);
                recorder.procedure(stay, 0, self.resection.pick(draw));
            }
            later += 150 + draw.day(0, 60);
        }
    }

    fn draw_asthma(
        &self,
        draw: &mut Draw,
        first: i32,
        communes: &Communes,
        life: &Life,
        recorder: &mut Recorder,
        scratch: &mut Scratch,
    ) {
        scratch.factors.clear();
        scratch.factors.extend(life.residence.iter().map(|&(commune, from, _)| {
            let exposed = communes.exposed[commune as usize];
            (from, if exposed { table::ASTHMA_RATIO } else { 1.0 })
        }));
        let mut day = i32::MIN;
        let Some(onset) = first_event(draw, life, table::ASTHMA_HAZARD, &scratch.factors, day) else {
            return;
        };
        let code = self.asthma.pick(draw);
        if draw.chance(0.15) {
            recorder.long_term(life, onset, code);
        }
        for line in &self.asthma_lines {
            line.draw(draw, first, life, recorder, onset, i32::MAX);
        }
        // The first stay, then one in four years.
        day = onset;
        while day <= life.span().1 {
            let length = nights(draw, 2.0);
            if let Some(stay) = recorder.stay(life, Place::Acute, day, length) {
                recorder.diagnosis(stay, code, Kind::Principal);
                recorder.procedure(stay, 0, self.chest);
            }
            day += 14 + (draw.exponential() * 4.0 * YEAR).min(40_000.0) as i32;
        }
    }

    fn draw_hip(&self, draw: &mut Draw, life: &Life, recorder: &mut Recorder) {
        let Some(day) = first_event(draw, life, table::HIP_HAZARD, &[], i32::MIN) else {
            return;
        };
        let code = self.hip.pick(draw);
        let length = 3 + nights(draw, 7.0);
        let Some(stay) = recorder.stay(life, Place::Acute, day, length) else {
            return;
        };
        recorder.diagnosis(stay, code, Kind::Principal);
        recorder.procedure(stay, 1, self.hip_repair.pick(draw));
        if draw.chance(0.5) {
            rehabilitate(draw, life, recorder, &[], (stay.end, code));
        }
    }

    fn draw_influenza(&self, draw: &mut Draw, life: &Life, recorder: &mut Recorder) {
        let highest = table::INFLUENZA_SEASON
            .iter()
            .fold(0.0, |most: f64, month| most.max(*month));
        let mut from = i32::MIN;
        // Candidates at the hazard of the worst month, kept in proportion to their own month: thinning, exact
        // but for two candidates on one day.
        while let Some(day) = first_event(draw, life, table::INFLUENZA_HAZARD, &[(i32::MIN, highest)], from) {
            let (_, month) = month_of(day);
            from = day + 1;
            if draw.chance(table::INFLUENZA_SEASON[month as usize - 1] / highest) {
                let length = nights(draw, 3.0);
                if let Some(stay) = recorder.stay(life, Place::Acute, day, length) {
                    recorder.diagnosis(stay, self.influenza.pick(draw), Kind::Principal);
                    recorder.procedure(stay, 0, self.chest);
                }
                from = day + table::INFLUENZA_IMMUNE;
            }
        }
    }
}

/// The day from which deliveries, in order, count as exposure: after enough of them within the window, and the lag.
pub(super) fn exposed_from(days: &[i32]) -> Option<i32> {
    let enough = |group: &&[i32]| group[group.len() - 1] - group[0] <= table::EXPOSING_WINDOW;
    let group = days.windows(table::EXPOSING_DELIVERIES).find(enough)?;
    group.last().map(|day| day + table::EXPOSING_LAG)
}
