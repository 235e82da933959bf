//! Parameters of everyday care outside the hospital: episodes, campaigns and the vaccinations of infants. Invented.

/// Twelve monthly weights, January first.
pub(super) type Season = [f64; 12];

pub(super) const FLAT: Season = [1.0; 12];
pub(super) const WINTER: Season = [2.0, 1.9, 1.5, 1.0, 0.7, 0.5, 0.35, 0.3, 0.6, 0.9, 1.2, 1.7];
const SPRING: Season = [0.3, 0.5, 1.2, 2.2, 2.5, 2.0, 1.0, 0.6, 0.6, 0.4, 0.3, 0.3];
const SUMMER: Season = [0.5, 0.5, 0.7, 0.9, 1.2, 1.7, 2.0, 1.8, 1.1, 0.7, 0.5, 0.5];
const AUTUMN: Season = [0.6, 0.3, 0.1, 0.05, 0.05, 0.0, 0.0, 0.0, 0.3, 4.5, 4.0, 2.0];

/// A reason to see a doctor, and what is dispensed or done that day.
pub(super) struct Episode {
    /// Episodes in a year by age, in bands of ten years.
    pub(super) rate: [f64; 10],
    /// Factor in men and women.
    pub(super) sex: [f64; 2],
    pub(super) season: Season,
    pub(super) drugs: &'static [Item],
    /// Procedures outside the hospital, with their chances.
    pub(super) acts: &'static [(&'static str, f64)],
}

/// (drugs, chance, most boxes, days of supply of a box)
pub(super) type Item = (&'static str, f64, u32, i32);

const fn episode(
    rate: [f64; 10],
    sex: [f64; 2],
    season: Season,
    drugs: &'static [Item],
    acts: &'static [(&'static str, f64)],
) -> Episode {
    Episode {
        rate,
        sex,
        season,
        drugs,
        acts,
    }
}

pub(super) const EPISODES: &[Episode] = &[
    // Infections of the airways.
    episode(
        [0.80, 0.30, 0.28, 0.32, 0.28, 0.27, 0.28, 0.30, 0.32, 0.30],
        [0.9, 1.1],
        WINTER,
        &[
            (
                "J01CA04*7 J01CR02*4 J01FA10*2 J01FA09 J01FG01*2 J01DD08*2 J01DD13 J01DC02 J01MA14 J01FA06 J01CA01 J01FA01",
                0.42,
                2,
                6,
            ),
            ("N02BE01", 0.70, 3, 5),
            (
                "R05CB03*2 R05CB01*2 R05CB06 R05DA09 R05DA20 R05CA10 R05FA02",
                0.30,
                1,
                8,
            ),
            ("R01AD05*2 R01AD09*3 R01AD12 R01AX10 R01AD58", 0.30, 1, 15),
            ("H02AB06*5 H02AB04 H02AB01 H02AB07*2", 0.18, 2, 5),
            ("M01AE01*3 M01AE03 M01AE11", 0.14, 1, 5),
        ],
        &[("ZBQK002", 0.05)],
    ),
    // Bronchitis with wheeze: short-acting drugs of the airways, no diagnosis of asthma.
    episode(
        [0.22, 0.07, 0.03, 0.03, 0.03, 0.03, 0.04, 0.05, 0.05, 0.04],
        [1.0, 1.0],
        WINTER,
        &[
            ("R03AC02*5 R03AC03", 0.80, 1, 30),
            ("R03BA02*2 R03BA01*2 R03BA05", 0.40, 1, 30),
            ("H02AB06", 0.40, 1, 5),
        ],
        &[],
    ),
    // Pain.
    episode(
        [0.12, 0.28, 0.42, 0.55, 0.68, 0.80, 0.85, 0.95, 1.05, 1.05],
        [0.85, 1.15],
        FLAT,
        &[
            ("N02BE01*8 N02BE51 N02AJ06*3 N02AX02*2 N02AJ13*2 N02BE71", 0.85, 4, 7),
            (
                "M01AE01*5 M01AE02*2 M01AE03*3 M01AB05*3 M01AC06 M01AB01 M01AC01 M01AE11",
                0.40,
                2,
                8,
            ),
            ("A02BC01*3 A02BC05*3 A02BC02*2 A02BC03", 0.22, 1, 14),
            ("M02AA15*3 M02AA10*2", 0.25, 1, 10),
            ("M03BX05*2 M03BX07 N05BA01", 0.12, 1, 10),
            ("N02AA01*2 N02AA05 N02AB03", 0.03, 1, 14),
        ],
        &[
            ("NFQK001 NEQK010 LDQK001 LFQK002 NDQK001 NCQK001 MAQK003 MDQK001", 0.22),
            ("ZCQM004", 0.02),
            ("LHQN001", 0.02),
        ],
    ),
    // Digestive complaints.
    episode(
        [0.30, 0.20, 0.22, 0.22, 0.22, 0.24, 0.28, 0.34, 0.42, 0.45],
        [0.9, 1.1],
        FLAT,
        &[
            ("A03AX12*3 A03AA05*3 A03AX04 A03AA04*2 A03AX13*2 A03AB06", 0.45, 2, 7),
            ("A03FA03*3 A03FA01 A04AA01", 0.28, 1, 5),
            ("A06AD65*3 A06AD15*2 A06AD11*2 A06AC01*2 A06AB02 A06AX01", 0.35, 2, 10),
            ("A07AX03 A07DA03 A07BC05*2 A07FA02*2 A07XA04", 0.25, 1, 5),
            ("A02BC01 A02BC02 A02BC05*2", 0.15, 1, 28),
        ],
        &[("ZCQM008", 0.06)],
    ),
    // Skin.
    episode(
        [0.34, 0.30, 0.24, 0.20, 0.20, 0.22, 0.26, 0.30, 0.32, 0.30],
        [0.95, 1.05],
        FLAT,
        &[
            ("D07AC01*4 D07AC03 D07AC14 D07AB08 D07CC01 D07AD01", 0.40, 1, 14),
            (
                "D01AC03 D01AC08*3 D01AC10 D01AE14*2 D01AE16 D01BA02 D01AC20",
                0.28,
                1,
                21,
            ),
            ("D06AX01*4 D06AX09*2 D06BB03 D06BX01", 0.20, 1, 7),
            ("D08AC02*2 D08AG02 D08AC04", 0.25, 1, 10),
            ("D10AF02 D10AE01 D10AD03*2 D10BA01 D10AD53*2", 0.06, 1, 30),
            ("D05AX52 D11AH01", 0.03, 1, 30),
        ],
        &[("QZNP005", 0.05), ("QZFA036", 0.04)],
    ),
    // Allergy.
    episode(
        [0.16, 0.26, 0.24, 0.22, 0.18, 0.16, 0.14, 0.12, 0.10, 0.08],
        [0.95, 1.05],
        SPRING,
        &[
            (
                "R06AE07*3 R06AX27*5 R06AX13*2 R06AE09*2 R06AX28 R06AX22 R06AX29 R06AX26",
                0.85,
                2,
                28,
            ),
            ("R01AD09*3 R01AD12*2 R01AD08", 0.45, 1, 30),
            ("S01GX09 S01GX01 S01GX08", 0.22, 1, 15),
        ],
        &[],
    ),
    // Eyes.
    episode(
        [0.18, 0.08, 0.07, 0.08, 0.10, 0.14, 0.20, 0.28, 0.32, 0.30],
        [0.9, 1.1],
        FLAT,
        &[
            ("S01AA12*2 S01AX08 S01AA26*3 S01AA30 S01CA01*2", 0.40, 1, 7),
            ("S01XA20*4 S01XA02", 0.50, 2, 30),
        ],
        &[("BZQK001", 0.10), ("BGQP002", 0.10)],
    ),
    // Urine and genital infections.
    episode(
        [0.03, 0.07, 0.16, 0.15, 0.14, 0.15, 0.18, 0.22, 0.28, 0.32],
        [0.25, 1.75],
        SUMMER,
        &[
            (
                "J01XX01*6 J01XE01 J01CA08*2 J01MA06*2 J01MA01*2 J01MA02*2 J01DD08*2 J01EE01",
                0.80,
                1,
                5,
            ),
            ("G01AF05*3 G01AF12 G01AF15 J02AC01", 0.25, 1, 3),
        ],
        &[("ZCQM005", 0.05)],
    ),
    // Sleep and nerves.
    episode(
        [0.01, 0.03, 0.08, 0.12, 0.16, 0.20, 0.20, 0.24, 0.30, 0.32],
        [0.7, 1.3],
        FLAT,
        &[
            (
                "N05BA12*4 N05BA04*2 N05BA06*2 N05BA08*2 N05BA01 N05BB01*2 N05BA05",
                0.60,
                1,
                28,
            ),
            ("N05CF02*4 N05CF01*3 R06AD01", 0.40, 1, 14),
        ],
        &[],
    ),
    // Deficiencies.
    episode(
        [0.35, 0.08, 0.12, 0.14, 0.14, 0.16, 0.20, 0.28, 0.36, 0.38],
        [0.7, 1.3],
        FLAT,
        &[
            ("A11CC05*7 A11HA03 A11GA01 A11CC04", 0.60, 1, 90),
            ("B03AA07*3 B03BB01*2 B03AA01 B03BA01", 0.40, 1, 30),
            ("A12BA01*3 A12AA04 A12CC08", 0.20, 1, 30),
        ],
        &[],
    ),
    // Veins and hemorrhoids; erectile function; smoking.
    episode(
        [0.0, 0.01, 0.04, 0.07, 0.10, 0.12, 0.14, 0.14, 0.12, 0.08],
        [0.6, 1.4],
        SUMMER,
        &[
            ("C05CA03*4 C05CA04 C05AE03 C05AX03*2 C05AD01*2", 0.90, 1, 15),
            ("B01AB05*3 B01AB10 B01AX05", 0.15, 1, 10),
        ],
        &[("EJQM003", 0.12)],
    ),
    episode(
        [0.0, 0.0, 0.03, 0.04, 0.05, 0.06, 0.05, 0.03, 0.01, 0.0],
        [1.3, 0.7],
        FLAT,
        &[("N07BA01*4 N07BA03 N07BB03 G04BE03 G04BE08", 0.90, 1, 28)],
        &[],
    ),
    // Tests and examinations only.
    episode(
        [0.02, 0.06, 0.08, 0.11, 0.17, 0.25, 0.35, 0.42, 0.38, 0.25],
        [1.0, 1.0],
        FLAT,
        &[],
        &[
            ("DEQP003*6 DZQM006*2 DEQP005", 0.60),
            (
                "ZCQM008*2 ACQN001 ZCQK004 ZBQK001 ACQK001 EBQM001*2 GLQP012 KCQM001",
                0.45,
            ),
        ],
    ),
    episode(
        [0.05, 0.42, 0.30, 0.32, 0.34, 0.36, 0.34, 0.28, 0.18, 0.08],
        [0.95, 1.05],
        FLAT,
        &[
            ("J01CA04*2 J01RA04*3", 0.20, 1, 6),
            ("A01AB11 A01AA01 A01AB03*3", 0.20, 1, 10),
        ],
        &[("HBJD001*4 HBMD058*2 HBMD053*2 HBGD036 HBFD008 HBQK002*2 HBLD036", 0.95)],
    ),
    episode(
        [0.0, 0.0, 0.05, 0.10, 0.17, 0.30, 0.28, 0.10, 0.02, 0.0],
        [0.0, 1.0],
        FLAT,
        &[],
        &[("QEQK004*4 QEQK001*2 QEQM001", 1.0)],
    ),
    episode(
        [0.0, 0.03, 0.24, 0.28, 0.22, 0.16, 0.08, 0.02, 0.01, 0.0],
        [0.0, 1.0],
        FLAT,
        &[("G03DA04 G03DB04 G03CA04 G02BA03", 0.20, 1, 30)],
        &[("JKHD001*3 ZCQJ003*2 JKQX001", 0.90)],
    ),
    // Travel and boosters.
    episode(
        [0.10, 0.12, 0.06, 0.05, 0.05, 0.05, 0.06, 0.04, 0.02, 0.01],
        [1.0, 1.0],
        SUMMER,
        &[(
            "J07CA02*3 J07CA01*3 J07BC02*2 J07BC01 J07AL02 P01BB51 J07AJ52",
            0.95,
            1,
            1,
        )],
        &[],
    ),
    episode(
        [0.05, 0.03, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.0],
        [1.0, 1.0],
        FLAT,
        &[("P02CA01 P02CA03*3 P03AC04 P02CX01", 0.95, 1, 3)],
        &[],
    ),
];

/// A vaccination offered to some every autumn.
pub(super) struct Campaign {
    pub(super) drug: &'static str,
    pub(super) from_age: i32,
    /// Share of the persons who take it up, and chance of each year among them.
    pub(super) share: f64,
    pub(super) yearly: f64,
    pub(super) season: Season,
}

pub(super) const CAMPAIGNS: &[Campaign] = &[
    Campaign {
        drug: "J07BB02",
        from_age: 65,
        share: 0.60,
        yearly: 0.85,
        season: AUTUMN,
    },
    Campaign {
        drug: "J07BB02",
        from_age: 0,
        share: 0.06,
        yearly: 0.60,
        season: AUTUMN,
    },
    Campaign {
        drug: "J07AL01",
        from_age: 65,
        share: 0.05,
        yearly: 0.25,
        season: FLAT,
    },
];

/// Vaccinations by age in months: (vaccine, months, chance of each).
pub(super) const INFANTS: &[(&str, &[i32], f64)] = &[
    ("J07CA09*8 J07CA06*2", &[2, 4, 11], 0.96),
    ("J07AL02", &[2, 4, 11], 0.95),
    ("J07BD52", &[12, 17], 0.92),
    ("J07AH07", &[5, 12], 0.70),
    ("J07CA02", &[72], 0.85),
    ("J07BM01 J07BM03", &[138, 144], 0.20),
];
