//! Laws of the population: what must hold for every person, and how they differ.

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int32Type, Int64Type, UInt8Type, UInt32Type};
use arrow_array::{ArrayRef, RecordBatch, UInt32Array};
use std::sync::Arc;

use super::WORLD;
use crate::error::Error;
use crate::stop::Stop;
use crate::synth::{Config, Tables, World};

fn column<'a>(batch: &'a RecordBatch, name: &str) -> &'a ArrayRef {
    batch.column_by_name(name).expect("the column is there")
}

/// Days as numbers; a missing day is `None`.
fn days(batch: &RecordBatch, name: &str) -> Vec<Option<i32>> {
    column(batch, name).as_primitive::<Date32Type>().iter().collect()
}

fn persons(batch: &RecordBatch) -> Vec<usize> {
    let persons = column(batch, "person").as_primitive::<UInt32Type>();
    persons.values().iter().map(|person| *person as usize).collect()
}

/// The rows of a batch, with the person's number moved.
fn moved(batch: &RecordBatch, by: u32) -> RecordBatch {
    let persons = column(batch, "person").as_primitive::<UInt32Type>();
    let persons = UInt32Array::from_iter_values(persons.values().iter().map(|person| person + by));
    let mut columns = batch.columns().to_vec();
    columns[0] = Arc::new(persons);
    RecordBatch::try_new(batch.schema(), columns).unwrap()
}

/// All tables of a chunk in one list.
fn batches(tables: &Tables) -> Vec<&RecordBatch> {
    let three = [&tables.persons, &tables.observation, &tables.residence];
    three
        .into_iter()
        .chain(tables.domains.iter().map(|domain| &domain.batch))
        .collect()
}

#[test]
fn chunks_do_not_matter() {
    let whole = WORLD.generate(300, 1_000, &Stop::new()).unwrap();
    let (left, right) = std::thread::scope(|scope| {
        let left = scope.spawn(|| WORLD.generate(300, 400, &Stop::new()).unwrap());
        let right = scope.spawn(|| WORLD.generate(700, 600, &Stop::new()).unwrap());
        (left.join().unwrap(), right.join().unwrap())
    });
    for ((whole, left), right) in batches(&whole).into_iter().zip(batches(&left)).zip(batches(&right)) {
        let joined = arrow_select::concat::concat_batches(&whole.schema(), [left, &moved(right, 400)]).unwrap();
        assert_eq!(&joined, whole);
    }
}

#[test]
fn worlds_repeat_by_seed_and_differ_between_seeds() {
    let small = Config {
        persons: 100,
        years: 4,
        events_per_person: 30.0,
        ..Config::default()
    };
    let make = |config: &Config| World::new(config).generate(0, 100, &Stop::new()).unwrap();
    assert_eq!(make(&small), make(&small));
    // How many persons are asked for changes no history.
    assert_eq!(
        make(&small),
        make(&Config {
            persons: 5_000,
            ..small.clone()
        })
    );
    let other = make(&Config {
        seed: 5,
        ..small.clone()
    });
    for (one, two) in batches(&make(&small)).into_iter().zip(batches(&other)) {
        assert_ne!(one, two);
    }
}

#[test]
fn every_event_lies_in_observation_and_in_life() {
    let count = 3_000;
    let tables = WORLD.generate(0, count, &Stop::new()).unwrap();
    let births = days(&tables.persons, "birth_month");
    let deaths = days(&tables.persons, "death");
    let mut periods: Vec<Vec<(i32, i32)>> = vec![Vec::new(); count as usize];
    let (starts, ends) = (days(&tables.observation, "start"), days(&tables.observation, "end"));
    for ((person, start), end) in persons(&tables.observation).into_iter().zip(starts).zip(ends) {
        let (start, end) = (start.unwrap(), end.unwrap());
        assert!(start <= end && births[person].unwrap() <= start);
        assert!(deaths[person].is_none_or(|death| end <= death));
        assert!(
            periods[person].last().is_none_or(|&(_, before)| before < start),
            "sorted, not overlapping"
        );
        periods[person].push((start, end));
    }
    assert!(persons(&tables.observation).is_sorted());
    assert!(periods.iter().all(|periods| !periods.is_empty()));
    assert!(
        periods.iter().any(|periods| periods.len() > 1),
        "somebody leaves and comes back"
    );
    for domain in &tables.domains {
        let starts = days(&domain.batch, "start");
        let ends = domain.batch.column_by_name("end").map(|_| days(&domain.batch, "end"));
        for (row, person) in persons(&domain.batch).into_iter().enumerate() {
            let start = starts[row].unwrap();
            let end = ends.as_ref().and_then(|ends| ends[row]).unwrap_or(start);
            let inside = periods[person]
                .iter()
                .any(|&(from, to)| from <= start && start <= end && end <= to);
            assert!(inside, "{}: {start} to {end} of person {person}", domain.name);
        }
    }
}

#[test]
fn residence_covers_observation_without_overlap() {
    let tables = WORLD.generate(0, 3_000, &Stop::new()).unwrap();
    let rows = persons(&tables.residence);
    let (starts, ends) = (days(&tables.residence, "start"), days(&tables.residence, "end"));
    assert!(rows.is_sorted());
    for row in 1..rows.len() {
        if rows[row] == rows[row - 1] {
            assert_eq!(ends[row - 1].unwrap() + 1, starts[row].unwrap());
        }
    }
    assert!(rows.len() > 3_300, "people move: {}", rows.len());
    let observed = persons(&tables.observation);
    let (from, to) = (days(&tables.observation, "start"), days(&tables.observation, "end"));
    for person in 0..3_000 {
        let first = observed.iter().position(|row| *row == person).unwrap();
        let last = observed.iter().rposition(|row| *row == person).unwrap();
        let home = rows.iter().position(|row| *row == person).unwrap();
        let left = rows.iter().rposition(|row| *row == person).unwrap();
        assert_eq!((starts[home], ends[left]), (from[first], to[last]));
    }
}

#[test]
fn codes_are_sorted_and_belong_to_the_concepts() {
    let tables = WORLD.generate(0, 50, &Stop::new()).unwrap();
    let concepts = WORLD.concepts().unwrap();
    let known: Vec<(&str, &str)> = column(&concepts, "vocabulary")
        .as_string::<i32>()
        .iter()
        .zip(column(&concepts, "code").as_string::<i32>())
        .filter_map(|(vocabulary, code)| vocabulary.zip(code))
        .collect();
    let mut seen = 0;
    for domain in &tables.domains {
        let codes = column(&domain.batch, "code").as_dictionary::<Int32Type>();
        let values: Vec<&str> = codes.values().as_string::<i32>().iter().flatten().collect();
        assert!(values.is_sorted_by(|a, b| a < b), "{}", domain.name);
        assert!(values.iter().all(|code| known.contains(&(domain.vocabulary, code))));
        seen += values.len();
        let fit = match domain.vocabulary {
            "ATC" => |code: &str| code.len() == 7,
            "ICD10" => |code: &str| (3..=5).contains(&code.len()) && !code.contains('.'),
            "CCAM" => |code: &str| code.len() == 7 && code[4..].parse::<u16>().is_ok(),
            _ => |code: &str| code.len() == 3,
        };
        assert!(values.into_iter().all(fit), "{}", domain.name);
    }
    assert_eq!(seen, known.len());
    let communes = column(&tables.residence, "commune").as_dictionary::<Int32Type>();
    assert!(communes.values().as_string::<i32>().iter().flatten().is_sorted());
}

#[test]
fn events_are_as_many_as_wanted_with_a_heavy_tail() {
    // Not the persons on whom the intensity of care was adjusted.
    let (first, count) = (100_000, 6_000_u32);
    let tables = WORLD.generate(first, count, &Stop::new()).unwrap();
    let mut events = vec![0_u32; count as usize];
    for domain in &tables.domains {
        for person in persons(&domain.batch) {
            events[person] += 1;
        }
    }
    let mean = f64::from(events.iter().sum::<u32>()) / f64::from(count);
    assert!((92.0..108.0).contains(&mean), "{mean} events per person");
    events.sort_unstable();
    let (median, high) = (events[events.len() / 2], events[events.len() * 99 / 100]);
    assert!(high > 5 * median, "99 % below {high}, median {median}");
}

#[test]
fn the_wanted_number_of_events_is_found_elsewhere_too() {
    for wanted in [40.0, 250.0] {
        let world = World::new(&Config {
            events_per_person: wanted,
            persons: 60_000,
            ..Config::default()
        });
        let tables = world.generate(50_000, 2_000, &Stop::new()).unwrap();
        let events: usize = tables.domains.iter().map(|domain| domain.batch.num_rows()).sum();
        let mean = events as f64 / 2_000.0;
        assert!((mean / wanted - 1.0).abs() < 0.15, "{mean} for {wanted}");
    }
}

#[test]
fn stays_are_named_once_and_what_is_in_them_names_them() {
    let tables = WORLD.generate(0, 2_000, &Stop::new()).unwrap();
    let ids = |name: &str| -> Vec<(usize, Option<i64>)> {
        let domain = tables.domains.iter().find(|domain| domain.name == name).unwrap();
        let stays = column(&domain.batch, "stay_id").as_primitive::<Int64Type>();
        persons(&domain.batch).into_iter().zip(stays).collect()
    };
    let stays = ids("stay");
    let named: std::collections::HashMap<i64, usize> =
        stays.iter().map(|&(person, stay)| (stay.unwrap(), person)).collect();
    assert_eq!(named.len(), stays.len());
    for (person, stay) in ids("diagnosis").into_iter().chain(ids("procedure")) {
        if let Some(stay) = stay {
            assert_eq!(named.get(&stay), Some(&person));
        }
    }
}

#[test]
fn men_and_women_ages_and_deaths_are_plausible() {
    let tables = WORLD.generate(0, 20_000, &Stop::new()).unwrap();
    let sexes = column(&tables.persons, "sex").as_primitive::<UInt8Type>();
    assert!(sexes.values().iter().all(|sex| (1..=2).contains(sex)));
    let women: u32 = sexes.values().iter().map(|sex| u32::from(*sex == 2)).sum();
    let women = f64::from(women) / 20_000.0;
    assert!((0.50..0.54).contains(&women), "{women}");
    let deaths = days(&tables.persons, "death").into_iter().flatten().count() as f64 / 20_000.0;
    assert!((0.06..0.12).contains(&deaths), "{deaths}");
    let ids = column(&tables.persons, "person_id").as_string::<i32>();
    assert_eq!(ids.value(1_234), "D00001234");
}

#[test]
fn impossible_wishes_are_refused_and_a_stop_is_obeyed() {
    for config in [
        Config {
            years: 0,
            ..Config::default()
        },
        Config {
            first_year: -40_000,
            ..Config::default()
        },
        Config {
            events_per_person: f64::NAN,
            ..Config::default()
        },
        Config {
            persons: u32::MAX,
            ..Config::default()
        },
    ] {
        assert!(matches!(
            World::new(&config).generate(0, 1, &Stop::new()),
            Err(Error::Argument(_))
        ));
    }
    assert!(matches!(
        WORLD.generate(199_999, 2, &Stop::new()),
        Err(Error::Argument(_))
    ));
    let stop = Stop::new();
    stop.stop();
    assert!(matches!(WORLD.generate(0, 10, &stop), Err(Error::Stopped)));
    assert_eq!(WORLD.generate(5, 0, &Stop::new()).unwrap().persons.num_rows(), 0);
}
