//! The world in which all persons live, and the making of persons.

use arrow_array::RecordBatch;
use serde_json::Value;

use super::acute::Everyday;
use super::chronic::{self, Chronic};
use super::codes::Code;
use super::communes::Communes;
use super::courses::{Births, Illness};
use super::hospital::Hospital;
use super::life::{Demography, Life};
use super::planted::{Planted, Scratch};
use super::random::{Draw, Subject};
use super::recorder::Recorder;
use super::tables::{People, Tables};
use super::truths;
use super::vocabularies::{Books, Vocabularies};
use crate::error::{Error, Result};
use crate::stop::Stop;

/// Persons drawn to find the intensity of care that gives the wanted number of events, and how often it is adjusted.
const PILOT: u32 = 4_000;
const ADJUSTMENTS: usize = 4;
/// Persons between two looks at the stop flag.
const CHECK_EVERY: u32 = 256;
/// Bounds of what can be asked for.
const MOST_YEARS: u32 = 100;
const MOST_EVENTS: f64 = 5_000.0;

/// What population to make.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Persons, numbered from 0.
    pub persons: u32,
    /// Populations with different seeds are unrelated.
    pub seed: u64,
    /// First calendar year of observation.
    pub first_year: i32,
    /// Calendar years of observation.
    pub years: u32,
    /// Events per person wanted on average, over all domains. The care of diabetes and the planted outcomes are not thinned out:
    /// over ten years they alone make some 13 events per person.
    pub events_per_person: f64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            persons: 200_000,
            seed: 20_240_131,
            first_year: 2011,
            years: 10,
            events_per_person: 100.0,
        }
    }
}

impl Config {
    /// Refuses what no population can be made of.
    pub fn check(&self) -> Result<()> {
        if !(1..=MOST_YEARS).contains(&self.years) {
            return Err(Error::Argument(format!(
                "a demo population of {} years cannot be made: ask for 1 to {MOST_YEARS} years",
                self.years
            )));
        }
        if !(1800..=2200).contains(&self.first_year) {
            return Err(Error::Argument(format!(
                "a demo population cannot start in the year {}: ask for a year from 1800 to 2200",
                self.first_year
            )));
        }
        if !(self.events_per_person > 0.0 && self.events_per_person <= MOST_EVENTS) {
            return Err(Error::Argument(format!(
                "a demo population cannot have {} events per person: ask for more than 0 and at most {MOST_EVENTS}",
                self.events_per_person
            )));
        }
        if self.persons >= 100_000_000 {
            return Err(Error::Argument(format!(
                "a demo population of {} persons cannot be numbered with eight digits: ask for fewer than 100,000,000",
                self.persons
            )));
        }
        Ok(())
    }
}

/// What all persons of a population share; made once, then used from any thread.
#[derive(Debug)]
pub struct World {
    config: Config,
    demography: Demography,
    communes: Communes,
    care: Care,
    intensity: f64,
    expected: f64,
}

/// All parameters of disease and care with their codes numbered, at one intensity.
#[derive(Debug)]
struct Care {
    chronic: Vec<Chronic>,
    illnesses: Vec<Illness>,
    births: Births,
    hospital: Hospital,
    everyday: Everyday,
    planted: Planted,
    vocabularies: Vocabularies,
}

impl Care {
    fn read(intensity: f64) -> Self {
        let mut books = Books::default();
        let books = &mut books;
        Self {
            chronic: chronic::read(books, intensity),
            illnesses: Illness::read(books, intensity),
            births: Births::read(books),
            hospital: Hospital::read(books, intensity),
            everyday: Everyday::read(books, intensity),
            planted: Planted::read(books),
            vocabularies: std::mem::take(books).close(),
        }
    }
}

/// Room for one person, reused from person to person.
#[derive(Default)]
struct Desk {
    life: Life,
    known: Vec<(Code, i32)>,
    scratch: Scratch,
}

impl World {
    /// Makes the world of a configuration. One that [`Config::check`] refuses gives a world that refuses to generate.
    ///
    /// The intensity of care is adjusted on a pilot of the first persons until they have the wanted number of events;
    /// it depends on the configuration, but not on how many persons are asked for.
    pub fn new(config: &Config) -> Self {
        let usable = config.check().is_ok();
        let config = config.clone();
        let (first_year, years) = if usable {
            (config.first_year, config.years)
        } else {
            (2011, 1)
        };
        let mut world = Self {
            demography: Demography::new(config.seed, first_year, years),
            communes: Communes::new(config.seed),
            care: Care::read(1.0),
            config,
            intensity: 1.0,
            expected: 0.0,
        };
        if usable {
            world.adjust();
        }
        world
    }

    /// Seeks the intensity of care at which the pilot has the wanted number of events: regula falsi on a function that grows.
    fn adjust(&mut self) {
        let wanted = self.config.events_per_person;
        let (mut below, mut above) = ((0.0, 0.0), (f64::INFINITY, f64::INFINITY));
        self.expected = self.pilot();
        let mut best = (self.intensity, self.expected);
        for _ in 0..ADJUSTMENTS {
            if (self.expected / wanted - 1.0).abs() < 0.005 {
                break;
            }
            if self.expected < wanted {
                below = (self.intensity, self.expected);
            } else {
                above = (self.intensity, self.expected);
            }
            self.intensity = if above.0.is_finite() {
                let share = ((wanted - below.1) / (above.1 - below.1)).clamp(0.02, 0.98);
                below.0 + share * (above.0 - below.0)
            } else {
                self.intensity * (wanted / self.expected).clamp(1.02, 20.0)
            };
            self.care = Care::read(self.intensity);
            self.expected = self.pilot();
            if (self.expected - wanted).abs() < (best.1 - wanted).abs() {
                best = (self.intensity, self.expected);
            }
        }
        (self.intensity, self.expected) = best;
        self.care = Care::read(self.intensity);
    }

    /// Events per person among the first persons.
    fn pilot(&self) -> f64 {
        let mut desk = Desk::default();
        let mut recorder = Recorder::default();
        for number in 0..PILOT {
            self.live(number, number, &mut desk, &mut recorder);
        }
        recorder.len() as f64 / f64::from(PILOT)
    }

    /// Persons `first` to `first + count - 1` with all their events; `person` counts from 0 in the tables.
    pub fn generate(&self, first: u32, count: u32, stop: &Stop) -> Result<Tables> {
        self.config.check()?;
        if u64::from(first) + u64::from(count) > u64::from(self.config.persons) {
            return Err(Error::Argument(format!(
                "persons {first} to {} were asked for, but this demo population has {}: ask for fewer, or make a larger one",
                u64::from(first) + u64::from(count),
                self.config.persons
            )));
        }
        let mut desk = Desk::default();
        let mut recorder = Recorder::default();
        let mut people = People::default();
        for row in 0..count {
            if row % CHECK_EVERY == 0 {
                stop.check()?;
            }
            self.live(first + row, row, &mut desk, &mut recorder);
            people.add(&desk.life);
        }
        people.into_tables(recorder, &self.communes.dictionary, &self.care.vocabularies)
    }

    /// Draws one person with all events.
    fn live(&self, number: u32, row: u32, desk: &mut Desk, recorder: &mut Recorder) {
        let Desk { life, known, scratch } = desk;
        let (seed, care, first) = (self.config.seed, &self.care, self.demography.first);
        self.demography.draw(number, &self.communes, life);
        recorder.begin(row, life);
        known.clear();
        let draw = &mut Draw::new(seed, number, Subject::Chronic);
        for condition in &care.chronic {
            condition.draw(draw, &self.demography, life, recorder, known);
        }
        care.planted.draw(seed, first, &self.communes, life, recorder, scratch);
        let draw = &mut Draw::new(seed, number, Subject::Hospital);
        for illness in &care.illnesses {
            illness.draw(draw, &self.demography, life, recorder, known);
        }
        care.births.draw(draw, life, recorder);
        care.hospital.draw(draw, life, recorder, known);
        care.everyday
            .draw(&mut Draw::new(seed, number, Subject::Acute), life, recorder);
    }

    /// The planted truths: what an analysis of this population must find, with the rules to redo it.
    pub fn truths(&self) -> Value {
        truths::truths(&self.config, &self.communes, self.intensity, self.expected)
    }

    /// The concepts of all vocabularies: vocabulary, code, label.
    pub fn concepts(&self) -> Result<RecordBatch> {
        self.care.vocabularies.concepts()
    }
}
