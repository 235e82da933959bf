//! The sampler of first events, against the distribution it claims to draw from.

use crate::synth::calendar::day_of;
use crate::synth::hazard::{Bands, first_event};
use crate::synth::life::Life;
use crate::synth::planted::exposed_from;
use crate::synth::random::{Draw, Subject};

/// High rates, so that few draws suffice.
const BANDS: Bands = &[(0, 50.0, 20.0), (40, 100.0, 60.0), (60, 300.0, 150.0)];

fn woman_born_in_april_1955() -> Life {
    Life {
        sex: 1,
        birth_year: 1955,
        birth_month: 4,
        birth: day_of(1955, 4, 20),
        periods: vec![
            (day_of(2011, 1, 1), day_of(2013, 6, 30)),
            (day_of(2014, 3, 1), day_of(2020, 12, 31)),
        ],
        ..Life::default()
    }
}

/// The rate per 1,000 person-years on a day, written down the slow way; `None` where not observed.
fn rate(life: &Life, factors: &[(i32, f64)], day: i32) -> Option<f64> {
    life.periods.iter().find(|(from, to)| (from..=to).contains(&&day))?;
    let band = BANDS.iter().rfind(|(age, ..)| life.birthday(*age) <= day)?;
    let factor = factors
        .iter()
        .rfind(|(since, _)| *since <= day)
        .map_or(1.0, |(_, factor)| *factor);
    Some(factor * if life.sex == 0 { band.1 } else { band.2 })
}

#[test]
fn the_first_event_follows_the_stated_hazard_on_every_stretch() {
    let life = woman_born_in_april_1955();
    let factors = [(i32::MIN, 0.5), (day_of(2012, 2, 3), 1.0), (day_of(2016, 9, 9), 2.5)];
    let (first, last) = (day_of(2011, 1, 1), day_of(2020, 12, 31));
    // The oracle: the chance of the event on each day, by the definition.
    let mut survival = 1.0;
    let mut chances = Vec::new();
    for day in first..=last {
        let spent = rate(&life, &factors, day).map_or(0.0, |rate| rate / 365_250.0);
        chances.push(survival * (1.0 - f64::exp(-spent)));
        survival *= f64::exp(-spent);
    }
    let draws = 400_000;
    let mut counts = vec![0_u32; chances.len()];
    let mut none = 0;
    for number in 0..draws {
        let draw = &mut Draw::new(11, number, Subject::Hip);
        match first_event(draw, &life, BANDS, &factors, i32::MIN) {
            Some(day) => counts[(day - first) as usize] += 1,
            None => none += 1,
        }
    }
    let near = |seen: u32, chance: f64| {
        let expected = f64::from(draws) * chance;
        (f64::from(seen) - expected).abs() <= 4.5 * expected.sqrt() + 1e-9
    };
    assert!(near(none, survival), "{none} without an event");
    // By stretches of 61 days: changes of band, factor and observation fall inside them.
    for (seen, expected) in counts.chunks(61).zip(chances.chunks(61)) {
        assert!(near(seen.iter().sum(), expected.iter().sum()));
    }
}

#[test]
fn a_planted_ratio_comes_out_of_person_time() {
    let life = woman_born_in_april_1955();
    let exposed = day_of(2017, 1, 1);
    let (mut events, mut days) = ([0.0_f64; 2], [0.0_f64; 2]);
    // Within one band of age the rates of exposed and unexposed time can be compared as they are.
    let from = life.birthday(60);
    for number in 0..300_000 {
        let draw = &mut Draw::new(12, number, Subject::Bladder);
        let event = first_event(draw, &life, BANDS, &[(exposed, 1.22)], from);
        let end = event.unwrap_or(day_of(2020, 12, 31));
        days[0] += f64::from((end + 1).min(exposed) - from);
        days[1] += f64::from((end + 1 - exposed).max(0));
        if event.is_some() {
            events[usize::from(end >= exposed)] += 1.0;
        }
    }
    let ratio = events[1] / days[1] / (events[0] / days[0]);
    assert!((ratio - 1.22).abs() < 0.02, "{ratio}");
}

#[test]
fn no_event_outside_observation_or_before_its_time() {
    let life = woman_born_in_april_1955();
    let from = day_of(2013, 6, 1);
    for number in 0..20_000 {
        if let Some(day) = first_event(&mut Draw::new(13, number, Subject::Asthma), &life, BANDS, &[], from) {
            assert!(day >= from && life.observed(day));
        }
    }
}

#[test]
fn exposure_starts_after_the_second_close_delivery_and_the_lag() {
    assert_eq!(exposed_from(&[]), None);
    assert_eq!(exposed_from(&[100]), None);
    assert_eq!(exposed_from(&[100, 284, 600]), None);
    assert_eq!(exposed_from(&[100, 283]), Some(283 + 91));
    assert_eq!(exposed_from(&[100, 400, 430, 460]), Some(430 + 91));
}
