//! Diabetes, hypertension, high cholesterol and the diseases of the heart.

use super::{Condition, Line, condition, line};

pub(super) const CONDITIONS: &[Condition] = &[
    // Type 2 diabetes. Pioglitazone more often in men, who also have the higher hazard of bladder cancer: a confounder.
    Condition {
        scaled: false,
        ..condition(
            [0.27, 0.21],
            (61.0, 7.5),
            0.5,
            ("E119*6 E112 E113 E114 E115 E116", 0.75),
            &[
                line("A10BA02", 0.92, 0.0, 30, 12.0),
                line("A10BB09*5 A10BB12*4 A10BB01 A10BX02*2", 0.35, 3.0, 30, 4.0),
                line(
                    "A10BH01*6 A10BH02*3 A10BH03 A10BH05 A10BH04 A10BD07*4 A10BD08*2",
                    0.40,
                    3.5,
                    30,
                    4.0,
                ),
                Line {
                    share: [0.48, 0.32],
                    ..line("A10BG03", 0.0, 3.0, 30, 4.0)
                },
                line("A10BJ02*3 A10BJ01 A10BJ05*2", 0.08, 7.0, 30, 2.5),
                line("A10BK01 A10BK03", 0.06, 9.0, 30, 3.0),
                line("A10BF01", 0.03, 2.0, 30, 1.5),
                line("A10AE04*5 A10AE05*2 A10AB05 A10AD05", 0.28, 9.0, 35, 8.0),
            ],
        )
    },
    // Type 1 diabetes.
    Condition {
        scaled: false,
        ..condition(
            [0.004, 0.0035],
            (22.0, 8.0),
            0.0,
            ("E109*4 E101 E103", 0.95),
            &[
                line("A10AE04*4 A10AE05*2 A10AC01", 0.98, 0.0, 35, 30.0),
                line("A10AB05*3 A10AB04*2 A10AB01", 0.95, 0.0, 35, 30.0),
            ],
        )
    },
    // Hypertension.
    condition(
        [0.47, 0.47],
        (64.0, 9.0),
        0.4,
        ("I10", 0.03),
        &[
            line(
                "C09AA05*4 C09AA04*5 C09AA02 C09AA01 C09AA03 C09AA06 C09BA04 C09BA05 C09BB04*2",
                0.40,
                0.0,
                30,
                5.0,
            ),
            line(
                "C09CA01*3 C09CA03*3 C09CA04*3 C09CA06*3 C09CA07*2 C09CA08*2 C09DA01 C09DA03 C09DA04*2 C09DA06 C09DB02",
                0.42,
                0.5,
                30,
                6.0,
            ),
            line(
                "C08CA01*7 C08CA13*3 C08CA05 C08CA08 C08CA11 C08DA01 C08DB01",
                0.33,
                1.0,
                30,
                5.0,
            ),
            line(
                "C03AA03*2 C03BA11*4 C03EA01 C02AC06 C02CA06*2 C02AC05",
                0.15,
                2.5,
                30,
                4.0,
            ),
            line(
                "C07AB07*5 C07AB03*4 C07AG02 C07AB12*3 C07AB02 C07AA05 C07BB07",
                0.24,
                1.0,
                30,
                6.0,
            ),
        ],
    ),
    // High cholesterol.
    condition(
        [0.38, 0.34],
        (63.0, 8.0),
        0.5,
        ("E780*3 E782 E785*2", 0.0),
        &[
            line("C10AA05*6 C10AA07*5 C10AA01*3 C10AA03*3 C10AA04", 0.85, 0.0, 30, 4.0),
            line("C10AX09*3 C10AB05*2 C10AB08 C10BA02*2", 0.18, 2.0, 30, 3.0),
        ],
    ),
    // Coronary heart disease.
    condition(
        [0.14, 0.06],
        (69.0, 7.5),
        0.6,
        ("I251*4 I209*2 I252 I255", 0.6),
        &[
            line("B01AC06*8 B01AC30*2", 0.90, 0.0, 30, 10.0),
            line("B01AC04*6 B01AC22 B01AC24*2", 0.35, 0.2, 30, 1.5),
            line("C07AB07*6 C07AB03*3 C07AB04", 0.60, 0.1, 30, 8.0),
            line("C01DA02*2 C01DA08 C01DX12 C01EB17", 0.25, 0.5, 30, 4.0),
        ],
    ),
    // Atrial fibrillation and heart failure.
    condition(
        [0.10, 0.09],
        (76.0, 6.5),
        0.4,
        ("I480*2 I489*4", 0.4),
        &[
            line(
                "B01AA02*2 B01AA12 B01AA03 B01AF01*4 B01AF02*4 B01AE07",
                0.75,
                0.0,
                30,
                8.0,
            ),
            line("C01BD01*4 C01BC04 C01AA05 C07AB07*3", 0.60, 0.1, 30, 4.0),
        ],
    ),
    condition(
        [0.07, 0.07],
        (80.0, 5.5),
        0.4,
        ("I500*3 I501*2 I509*2", 0.4),
        &[
            line("C03CA01*8 C03CA02 C03DA01*2 C03DA04", 0.90, 0.0, 28, 6.0),
            line("C07AB07*3 C07AG02*2 C09AA05*2 C09DX04", 0.55, 0.1, 30, 6.0),
        ],
    ),
];
