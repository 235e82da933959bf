//! The planted truths in numbers: hazards, exposures, effects and seasons. What is here is what an analysis must find.

use super::acute_table::Season;
use super::chronic_table::Line;
use super::hazard::Bands;

/// Truth 1. Drug, outcome, effect; deliveries needed within so many days, and the lag from the last of them.
pub(super) const PIOGLITAZONE: &str = "A10BG03";
pub(super) const ANTIDIABETICS: &str = "A10";
pub(super) const BLADDER: &str = "C679*4 C672*2 C674 C678 C670 C673";
pub(super) const BLADDER_RATIO: f64 = 1.22;
/// Deliveries needed, days between the first and the last of them at most (six months), and days of lag (three months).
pub(super) const EXPOSING_DELIVERIES: usize = 2;
pub(super) const EXPOSING_WINDOW: i32 = 183;
pub(super) const EXPOSING_LAG: i32 = 91;
/// In persons with a recorded antidiabetic; some fifteen times the real order of magnitude, so that 200,000 persons suffice.
pub(super) const BLADDER_HAZARD: Bands = &[
    (0, 0.15, 0.08),
    (40, 3.0, 0.9),
    (50, 7.5, 2.3),
    (60, 18.0, 5.3),
    (70, 27.0, 7.5),
    (80, 33.0, 10.5),
];
/// Factor in persons without a recorded antidiabetic so far.
pub(super) const BLADDER_ELSEWHERE: f64 = 0.07;

/// Truth 2. Ratio of the rates in exposed and other communes.
pub(super) const ASTHMA: &str = "J459*4 J450*3 J451 J458";
pub(super) const ASTHMA_RATIO: f64 = 1.5;
pub(super) const ASTHMA_HAZARD: Bands = &[
    (0, 6.0, 4.0),
    (10, 4.0, 3.5),
    (20, 1.8, 2.6),
    (50, 1.8, 2.4),
    (70, 2.0, 2.2),
];
pub(super) const ASTHMA_DRUGS: &[Line] = &[
    Line {
        drugs: "R03AK06*3 R03AK07*3 R03BA02*2 R03BA01 R03BA05 R03DC03",
        share: [0.8, 0.8],
        delay: 0.05,
        interval: 32,
        boxes: 1,
        persistence: 1.2,
    },
    Line {
        drugs: "R03AC02*5 R03AC03",
        share: [0.8, 0.8],
        delay: 0.02,
        interval: 60,
        boxes: 1,
        persistence: 1.5,
    },
];

/// Truth 3. The outcome that proton-pump inhibitors do not cause.
pub(super) const PROTON_PUMP: &str = "A02BC";
pub(super) const HIP: &str = "S720";
pub(super) const HIP_RATIO: f64 = 1.0;
pub(super) const HIP_HAZARD: Bands = &[
    (0, 0.03, 0.02),
    (50, 0.5, 0.8),
    (65, 1.5, 3.0),
    (75, 5.0, 10.0),
    (85, 15.0, 28.0),
];

/// Truth 4. The season of influenza: factors of the hazard by month, 1 on average over the months.
pub(super) const INFLUENZA: &str = "J111*4 J101*3 J110*2 J100 J118*2 J108";
pub(super) const INFLUENZA_HAZARD: Bands = &[(0, 4.0, 3.6), (5, 0.6, 0.6), (65, 2.5, 2.2), (80, 8.0, 7.0)];
pub(super) const INFLUENZA_SEASON: Season = [3.2, 4.0, 1.9, 0.6, 0.15, 0.05, 0.03, 0.03, 0.07, 0.2, 0.5, 1.27];
/// Days after an influenza in which there is no other.
pub(super) const INFLUENZA_IMMUNE: i32 = 30;
