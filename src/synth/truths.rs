//! The planted truths in words and numbers, as JSON: enough to redo each analysis and to know what it must find.

use serde_json::{Value, json};

use super::Config;
use super::communes::Communes;
use super::hazard::Bands;
use super::planted_table as table;

/// The planted truths of a population.
pub(super) fn truths(config: &Config, communes: &Communes, intensity: f64, expected: f64) -> Value {
    json!({
        "population": {
            "persons": config.persons,
            "seed": config.seed,
            "first_year": config.first_year,
            "years": config.years,
            "events_per_person": {"wanted": config.events_per_person, "in_a_pilot": expected},
            "intensity_of_care": intensity,
            "note": "Invented from beginning to end: no person, no commune and no rate is real, although the codes have the \
                     structure of real ones. Drugs are on the market throughout, whatever their real history.",
        },
        "conventions": {
            "rates": "per 1,000 person-years of 365.25 days; on each day at risk the chance of the event is \
                      1 - exp(-rate / 365250)",
            "age": "completed years, counted from the first of the birth month",
            "at_risk": "each observed day, the first and the last of a period included, until the first event; hazards do not \
                        act in gaps of observation, nor does the past before observation count",
            "independence": "each outcome depends on age, sex, observation and its stated exposure, and on nothing else; \
                             it does not change mortality",
        },
        "truths": [bladder(), asthma(communes), hip(), influenza()],
    })
}

fn bladder() -> Value {
    json!({
        "id": "pioglitazone-bladder-cancer",
        "kind": "hazard ratio",
        "value": table::BLADDER_RATIO,
        "statement": "Pioglitazone multiplies the hazard of bladder cancer by 1.22.",
        "exposure": {
            "domain": "drug", "vocabulary": "ATC", "codes": [table::PIOGLITAZONE],
            "deliveries": table::EXPOSING_DELIVERIES,
            "within_days": table::EXPOSING_WINDOW,
            "lag_days": table::EXPOSING_LAG,
            "rule": "exposed for ever from 91 days after the second of the first two successive recorded deliveries that \
                     are at most 183 days apart; not exposed before",
        },
        "outcome": {"domain": "diagnosis", "vocabulary": "ICD10", "codes": ["C67*"], "occurrence": "first"},
        "at_risk_from": "the first recorded delivery of any antidiabetic (A10*)",
        "baseline": baseline(table::BLADDER_HAZARD),
        "elsewhere": {
            "who": "persons without a recorded antidiabetic so far",
            "factor": table::BLADDER_ELSEWHERE,
        },
        "analysis": "Persons with an antidiabetic, from its first delivery; time-dependent exposure by the rule above; \
                     rates stratified by age band and sex, or a Cox model with age as time scale. The crude ratio is higher: \
                     men take pioglitazone more often and have the higher hazard, and exposure comes later in life. \
                     The hazards are some fifteen times the real order of magnitude, so that 200,000 persons suffice. D090 \
                     is only ever recorded in the stay of the first C67.",
    })
}

fn asthma(communes: &Communes) -> Value {
    let codes = communes.dictionary.iter().flatten();
    let exposed: Vec<&str> = codes
        .zip(&communes.exposed)
        .filter(|(_, yes)| **yes)
        .map(|(code, _)| code)
        .collect();
    json!({
        "id": "commune-asthma",
        "kind": "rate ratio",
        "value": table::ASTHMA_RATIO,
        "statement": "Living in an exposed commune multiplies the rate of a first asthma diagnosis by 1.5.",
        "exposure": {
            "rule": "the code of the commune of residence on that day ends in 0 or 5",
            "communes": exposed,
            "share_of_population": communes.exposed_share(),
        },
        "outcome": {"domain": "diagnosis", "vocabulary": "ICD10", "codes": ["J45*"], "occurrence": "first"},
        "baseline": baseline(table::ASTHMA_HAZARD),
        "analysis": "First asthma diagnoses over person-time, by the exposure of the commune of residence on each day. \
                     Exposure is unrelated to age and sex, so the crude ratio is right too.",
    })
}

fn hip() -> Value {
    json!({
        "id": "proton-pump-inhibitors-hip-fracture",
        "kind": "hazard ratio",
        "value": table::HIP_RATIO,
        "statement": "Proton-pump inhibitors do not change the hazard of hip fracture.",
        "exposure": {
            "domain": "drug", "vocabulary": "ATC", "codes": [format!("{}*", table::PROTON_PUMP)],
            "rule": "any definition that looks only at the past",
        },
        "outcome": {"domain": "diagnosis", "vocabulary": "ICD10", "codes": [table::HIP], "occurrence": "first"},
        "baseline": baseline(table::HIP_HAZARD),
        "analysis": "Rates stratified by age band and sex, or a Cox model with age as time scale. The crude ratio is far \
                     above 1, because the old take more of these drugs and fall more often.",
    })
}

fn influenza() -> Value {
    let peak = (1..=12).max_by(|a, b| season(*a).total_cmp(&season(*b)));
    json!({
        "id": "influenza-season",
        "kind": "seasonality",
        "peak_month": peak,
        "statement": "Influenza diagnoses peak in February.",
        "outcome": {"domain": "diagnosis", "vocabulary": "ICD10", "codes": ["J10*", "J11*"], "occurrence": "all"},
        "factor_by_month": table::INFLUENZA_SEASON,
        "baseline": baseline(table::INFLUENZA_HAZARD),
        "immune_days": table::INFLUENZA_IMMUNE,
        "analysis": "Diagnoses by calendar month over observed person-time of that month: proportional to the factors, whose \
                     mean is 1. After an influenza there is none for 30 days.",
    })
}

fn season(month: usize) -> f64 {
    table::INFLUENZA_SEASON[month - 1]
}

fn baseline(bands: Bands) -> Value {
    let rows = bands.iter().enumerate().map(|(place, &(from, men, women))| {
        json!({
            "age_from": from,
            "age_to": bands.get(place + 1).map(|&(next, ..)| next - 1),
            "men_per_1000_person_years": men,
            "women_per_1000_person_years": women,
        })
    });
    Value::Array(rows.collect())
}
