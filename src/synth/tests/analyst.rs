//! The planted truths, found again from the tables alone, as an analyst would who knows only `truths()`.

use std::collections::HashMap;
use std::time::Instant;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int32Type, UInt8Type, UInt32Type};

use super::WORLD;
use crate::stop::Stop;
use crate::synth::Tables;
use crate::synth::calendar::{day_of, month_of};

/// Events and person-time by (exposed, stratum of age and sex).
#[derive(Default)]
struct Rates(HashMap<(i32, u8), [(f64, f64); 2]>);

impl Rates {
    /// The crude rate ratio.
    fn crude(&self) -> f64 {
        let sum = |exposed: usize| {
            let cells = self.0.values().map(|cell| cell[exposed]);
            cells.fold((0.0, 0.0), |all, cell| (all.0 + cell.0, all.1 + cell.1))
        };
        let (without, with) = (sum(0), sum(1));
        with.0 / with.1 / (without.0 / without.1)
    }

    /// The rate ratio of Mantel and Haenszel, and the standard error of its logarithm (Greenland and Robins 1985).
    fn adjusted(&self) -> (f64, f64) {
        let (mut above, mut below, mut variance) = (0.0, 0.0, 0.0);
        for [(events0, time0), (events1, time1)] in self.0.values() {
            let time = time0 + time1;
            if time > 0.0 {
                above += events1 * time0 / time;
                below += events0 * time1 / time;
                variance += (events0 + events1) * time0 * time1 / (time * time);
            }
        }
        (above / below, (variance / (above * below)).sqrt())
    }

    /// Adds a person's days at risk from a day to another, exposed from the days of `changes` on (day, exposed).
    fn add(&mut self, sex: u8, birth: i32, (from, to): (i32, i32), changes: &[(i32, bool)], event: Option<i32>) {
        let (year, month) = month_of(birth);
        let mut day = from;
        while day <= to {
            let age = month_of(day).0 - year - i32::from(month_of(day).1 < month);
            let band = age / 5 * 5;
            let birthday = day_of(year + band + 5, month, 1);
            let change = changes
                .iter()
                .map(|change| change.0)
                .find(|change| *change > day)
                .unwrap_or(i32::MAX);
            let next = (to + 1).min(birthday).min(change);
            let exposed = changes
                .iter()
                .rfind(|change| change.0 <= day)
                .is_some_and(|change| change.1);
            let cell = &mut self.0.entry((band, sex)).or_default()[usize::from(exposed)];
            cell.1 += f64::from(next - day);
            if event.is_some_and(|event| (day..next).contains(&event)) {
                cell.0 += 1.0;
            }
            day = next;
        }
    }
}

fn days(batch: &RecordBatch, name: &str) -> Vec<i32> {
    batch
        .column_by_name(name)
        .unwrap()
        .as_primitive::<Date32Type>()
        .values()
        .to_vec()
}

fn persons(batch: &RecordBatch) -> Vec<u32> {
    batch
        .column_by_name("person")
        .unwrap()
        .as_primitive::<UInt32Type>()
        .values()
        .to_vec()
}

fn texts<'a>(batch: &'a RecordBatch, name: &str) -> Vec<&'a str> {
    let column = batch.column_by_name(name).unwrap().as_dictionary::<Int32Type>();
    let values = column.values().as_string::<i32>();
    column
        .keys()
        .values()
        .iter()
        .map(|key| values.value(*key as usize))
        .collect()
}

/// Days of the events whose code starts with one of the prefixes, by person, in order.
fn events(tables: &Tables, domain: &str, prefixes: &[&str]) -> Vec<Vec<i32>> {
    let batch = &tables.domains.iter().find(|found| found.name == domain).unwrap().batch;
    let mut found = vec![Vec::new(); tables.persons.num_rows()];
    for ((person, day), code) in persons(batch)
        .into_iter()
        .zip(days(batch, "start"))
        .zip(texts(batch, "code"))
    {
        if prefixes.iter().any(|prefix| code.starts_with(prefix)) {
            found[person as usize].push(day);
        }
    }
    for days in &mut found {
        days.sort_unstable();
    }
    found
}

/// The three ratios, the influenza diagnoses by month, and the events of all domains.
#[derive(Default)]
struct Study {
    bladder: Rates,
    asthma: Rates,
    hip: Rates,
    influenza: [u32; 12],
    events: usize,
}

impl Study {
    fn add(&mut self, tables: &Tables) {
        self.events += tables
            .domains
            .iter()
            .map(|domain| domain.batch.num_rows())
            .sum::<usize>();
        let antidiabetics = events(tables, "drug", &["A10"]);
        let pioglitazone = events(tables, "drug", &["A10BG03"]);
        let proton_pump = events(tables, "drug", &["A02BC"]);
        let bladder = events(tables, "diagnosis", &["C67"]);
        let asthma = events(tables, "diagnosis", &["J45"]);
        let hip = events(tables, "diagnosis", &["S720"]);
        for day in events(tables, "diagnosis", &["J10", "J11"]).into_iter().flatten() {
            self.influenza[month_of(day).1 as usize - 1] += 1;
        }
        let mut homes: Vec<Vec<(i32, bool)>> = vec![Vec::new(); tables.persons.num_rows()];
        let residence = &tables.residence;
        for ((person, from), code) in persons(residence)
            .into_iter()
            .zip(days(residence, "start"))
            .zip(texts(residence, "commune"))
        {
            homes[person as usize].push((from, code.ends_with(['0', '5'])));
        }
        let sexes = tables
            .persons
            .column_by_name("sex")
            .unwrap()
            .as_primitive::<UInt8Type>()
            .values()
            .to_vec();
        let births = days(&tables.persons, "birth_month");
        let observation = &tables.observation;
        let periods = days(observation, "start").into_iter().zip(days(observation, "end"));
        for (person, (start, end)) in persons(observation).into_iter().zip(periods) {
            let person = person as usize;
            let count = |rates: &mut Rates, from: i32, changes: &[(i32, bool)], outcome: &[Vec<i32>]| {
                let event = outcome[person].first().copied();
                let to = event.map_or(end, |event| end.min(event));
                rates.add(sexes[person], births[person], (start.max(from), to), changes, event);
            };
            if let Some(&treated) = antidiabetics[person].first() {
                let mut pairs = pioglitazone[person].windows(2);
                let exposed = pairs
                    .find(|pair| pair[1] - pair[0] <= 183)
                    .map(|pair| (pair[1] + 91, true));
                count(&mut self.bladder, treated, exposed.as_slice(), &bladder);
            }
            count(&mut self.asthma, start, &homes[person], &asthma);
            let delivered = proton_pump[person].first().map(|day| (*day, true));
            count(&mut self.hip, start, delivered.as_slice(), &hip);
        }
    }

    /// Whether an adjusted ratio is compatible with the truth.
    fn agrees(rates: &Rates, truth: f64) -> bool {
        let (ratio, error) = rates.adjusted();
        (ratio / truth).ln().abs() < 3.5 * error
    }
}

#[test]
fn the_truths_are_told_with_their_values_and_hazards() {
    let truths = WORLD.truths();
    let told: Vec<(&str, Option<f64>)> = truths["truths"]
        .as_array()
        .unwrap()
        .iter()
        .map(|truth| (truth["id"].as_str().unwrap(), truth["value"].as_f64()))
        .collect();
    let expected = [
        ("pioglitazone-bladder-cancer", Some(1.22)),
        ("commune-asthma", Some(1.5)),
        ("proton-pump-inhibitors-hip-fracture", Some(1.0)),
        ("influenza-season", None),
    ];
    assert_eq!(told, expected);
    assert_eq!(truths["truths"][3]["peak_month"], 2);
    for truth in truths["truths"].as_array().unwrap() {
        let bands = truth["baseline"].as_array().unwrap();
        assert_eq!(bands[0]["age_from"], 0);
        for pair in bands.windows(2) {
            assert_eq!(
                pair[0]["age_to"].as_i64().unwrap() + 1,
                pair[1]["age_from"].as_i64().unwrap()
            );
        }
    }
    let exposed = truths["truths"][1]["exposure"]["communes"].as_array().unwrap();
    assert!(exposed.len() > 500 && exposed.iter().all(|code| code.as_str().unwrap().ends_with(['0', '5'])));
    let season = crate::synth::planted_table::INFLUENZA_SEASON;
    assert!(
        (season.iter().sum::<f64>() - 12.0).abs() < 1e-9,
        "the factors are 1 on average"
    );
}

#[test]
fn the_truths_are_compatible_with_a_small_population() {
    let mut study = Study::default();
    study.add(&WORLD.generate(0, 12_000, &Stop::new()).unwrap());
    assert!(Study::agrees(&study.bladder, 1.22));
    assert!(Study::agrees(&study.asthma, 1.5));
    assert!(Study::agrees(&study.hip, 1.0));
    let winter: u32 = study.influenza[..2].iter().sum();
    let summer: u32 = study.influenza[5..8].iter().sum();
    assert!(winter > 20 * summer.max(1), "{:?}", study.influenza);
}

/// The full demo population: run with `cargo test --release synth -- --ignored --nocapture` to see the figures.
#[test]
#[ignore = "makes 200,000 persons; meant for a release build"]
#[expect(clippy::print_stderr, reason = "the figures are what it is run for")]
fn the_truths_are_found_in_the_whole_population() {
    let begun = Instant::now();
    let world = &*WORLD;
    eprintln!("world: {:.2} s", begun.elapsed().as_secs_f64());
    let mut study = Study::default();
    let mut seconds = 0.0;
    for first in (0..200_000).step_by(50_000) {
        let begun = Instant::now();
        let tables = world.generate(first, 50_000, &Stop::new()).unwrap();
        seconds += begun.elapsed().as_secs_f64();
        study.add(&tables);
    }
    let million = study.events as f64 / 1e6;
    eprintln!(
        "{million:.2} million events in {seconds:.2} s: {:.2} million per second",
        million / seconds
    );
    for (name, rates, truth) in [
        ("bladder", &study.bladder, 1.22),
        ("asthma", &study.asthma, 1.5),
        ("hip", &study.hip, 1.0),
    ] {
        let (ratio, error) = rates.adjusted();
        let (low, high) = (ratio * (-1.96 * error).exp(), ratio * (1.96 * error).exp());
        let cells = rates.0.values().fold([(0.0, 0.0); 2], |mut all, cell| {
            for exposed in 0..2 {
                all[exposed].0 += cell[exposed].0;
                all[exposed].1 += cell[exposed].1 / 365.25;
            }
            all
        });
        eprintln!(
            "{name}: truth {truth}, crude {:.3}, adjusted {ratio:.3} [{low:.3}, {high:.3}]; events and years {cells:.0?}",
            rates.crude()
        );
        assert!(Study::agrees(rates, truth), "{name}");
    }
    eprintln!("influenza by month: {:?}", study.influenza);
    assert_eq!((0..12).max_by_key(|month| study.influenza[*month]), Some(1));
}
