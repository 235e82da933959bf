//! Parameters of hospital care: admissions for a reason, and courses of treatment that follow a diagnosis. Invented.
//!
//! The diagnoses of the planted truths (C67, J45, J10, J11, S720) are not here: they come from `planted` alone.

use super::acute_table::{FLAT, Season, WINTER};

/// A reason for a stay in hospital.
pub(super) struct Admission {
    /// Stays in a year per 1,000 persons by age, in bands of ten years.
    pub(super) rate: [f64; 10],
    /// Factor in men and women.
    pub(super) sex: [f64; 2],
    pub(super) season: Season,
    pub(super) principal: &'static str,
    /// A related diagnosis, where the table names one, and associated ones with their chances.
    pub(super) related: &'static str,
    pub(super) associated: &'static [(&'static str, f64)],
    /// Procedures with their chances.
    pub(super) acts: &'static [(&'static str, f64)],
    /// Nights on average; 0 is a day case.
    pub(super) nights: f64,
    pub(super) place: Ward,
    /// Chance of rehabilitation afterwards, at the age of 80; less before.
    pub(super) rehabilitation: f64,
}

/// Where a stay is.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Ward {
    Acute,
    Psychiatric,
    Home,
}

type Chances = &'static [(&'static str, f64)];

const fn admission(
    rate: [f64; 10],
    principal: &'static str,
    nights: f64,
    associated: Chances,
    acts: Chances,
) -> Admission {
    Admission {
        rate,
        sex: [1.0, 1.0],
        season: FLAT,
        principal,
        related: "",
        associated,
        acts,
        nights,
        place: Ward::Acute,
        rehabilitation: 0.0,
    }
}

pub(super) const ADMISSIONS: &[Admission] = &[
    // Airways.
    Admission {
        season: WINTER,
        rehabilitation: 0.15,
        ..admission(
            [3.0, 0.5, 0.5, 0.7, 1.0, 2.0, 4.0, 9.0, 24.0, 40.0],
            "J189*5 J181*2 J159 J180*2 J13 J151 J158",
            8.0,
            &[("J960*2 J961", 0.3), ("R509 R060", 0.1), ("E86", 0.12)],
            &[("ZBQK002*4 ZBQK001", 0.8), ("GLLD012", 0.04)],
        )
    },
    Admission {
        season: WINTER,
        sex: [1.2, 0.8],
        ..admission(
            [9.0, 0.2, 0.1, 0.1, 0.2, 0.5, 1.0, 1.5, 2.0, 2.0],
            "J210*2 J219 J209*2 J22",
            3.0,
            &[],
            &[("ZBQK002", 0.5)],
        )
    },
    admission(
        [6.0, 3.0, 1.0, 0.6, 0.4, 0.3, 0.2, 0.1, 0.1, 0.0],
        "J353*2 J350 H652 H653",
        0.3,
        &[],
        &[("FAFA002*2 CBGA001*2 FAFA001", 0.95)],
    ),
    // Digestive tract.
    admission(
        [1.2, 3.5, 2.2, 1.2, 0.9, 0.8, 0.7, 0.6, 0.6, 0.5],
        "K358*4 K352 K353*2 K37",
        3.0,
        &[("K650", 0.08)],
        &[("HHFA016*4 HHFA011 HHFA001 HHFA025", 0.96)],
    ),
    Admission {
        sex: [0.7, 1.3],
        ..admission(
            [0.0, 0.3, 1.5, 2.2, 2.5, 3.0, 3.6, 4.0, 4.5, 4.0],
            "K802*3 K800*2 K801 K810*2 K805",
            3.5,
            &[("K851", 0.06)],
            &[("HMFC004*6 HMFA007", 0.85)],
        )
    },
    Admission {
        sex: [1.6, 0.4],
        ..admission(
            [1.5, 0.5, 0.8, 1.5, 2.5, 3.5, 4.5, 5.0, 4.0, 2.0],
            "K409*5 K429*2 K439",
            0.8,
            &[],
            &[("LMMA012*2 LMMC002*2 LMMA006", 0.98)],
        )
    },
    admission(
        [0.1, 0.5, 4.0, 7.0, 12.0, 22.0, 27.0, 22.0, 8.0, 2.0],
        "Z121*3 K635*3 D126*3 R194 K573 K921",
        0.1,
        &[("K573", 0.1)],
        &[("HHQE002*4 HHQE005 HHFE002*2 HHQE004", 0.97), ("HEQE002", 0.3)],
    ),
    admission(
        [0.8, 0.5, 0.7, 0.8, 1.2, 1.8, 2.5, 4.0, 8.0, 12.0],
        "K566*2 K565 K922*2 K572 K859 K590",
        5.0,
        &[("D62 D649", 0.2), ("E876", 0.1)],
        &[("ZCQH001 ZCQK004", 0.6), ("HEQE002", 0.2)],
    ),
    // Heart and vessels.
    Admission {
        sex: [1.5, 0.6],
        rehabilitation: 0.15,
        ..admission(
            [0.0, 0.0, 0.1, 0.5, 1.6, 3.0, 4.5, 6.5, 9.0, 10.0],
            "I214*4 I219 I210 I211 I200*3",
            5.0,
            &[("Z955", 0.2), ("F171 F172", 0.2)],
            &[
                ("DDQH012*2 DDQH009*3", 0.7),
                ("DDAF006*3 DDAF008 DDAF001", 0.5),
                ("DEQP003", 0.6),
            ],
        )
    },
    Admission {
        season: WINTER,
        rehabilitation: 0.2,
        ..admission(
            [0.0, 0.0, 0.0, 0.1, 0.4, 1.2, 3.5, 10.0, 30.0, 55.0],
            "I500*2 I501*3 I509",
            9.0,
            &[("J960", 0.1), ("N179 N189", 0.25), ("I340 I350", 0.1)],
            &[("DZQM006", 0.6), ("DEQP003", 0.6)],
        )
    },
    admission(
        [0.0, 0.1, 0.1, 0.3, 0.8, 1.8, 4.0, 7.0, 9.0, 8.0],
        "I489*3 I480 I471 I442 I495",
        3.0,
        &[],
        &[("DEQP003", 0.6), ("DELF005*2 DEPF033 DERP003", 0.4)],
    ),
    Admission {
        rehabilitation: 0.45,
        ..admission(
            [0.0, 0.0, 0.1, 0.3, 0.8, 1.7, 3.5, 7.5, 17.0, 24.0],
            "I639*3 I634*2 I633 I619 I609 I620 I64",
            10.0,
            &[("G819", 0.3), ("R470", 0.2), ("R13", 0.1)],
            &[("ACQN001 ACQJ002 ACQK001*2", 0.95), ("EBQM001", 0.5)],
        )
    },
    admission(
        [0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.2, 2.2, 4.0, 5.0],
        "I269*3 I260 I802*2",
        6.0,
        &[],
        &[("ZBQH001", 0.8), ("EJQM003", 0.5)],
    ),
    admission(
        [0.0, 0.0, 0.5, 1.5, 2.5, 3.5, 4.0, 3.5, 1.0, 0.2],
        "I839*3 I830 K641*2",
        0.2,
        &[],
        &[("EJFA004*2 EJNF002*2", 0.9)],
    ),
    // Bones; the hip fracture S720 is planted.
    Admission {
        rehabilitation: 0.5,
        ..admission(
            [0.0, 0.0, 0.0, 0.1, 0.6, 2.5, 7.0, 12.0, 7.0, 2.0],
            "M170*2 M171*3 M160*2 M161*2",
            6.0,
            &[("E669", 0.15)],
            &[("NFKA007*2 NFKA008 NEKA020*3", 0.98)],
        )
    },
    Admission {
        rehabilitation: 0.3,
        ..admission(
            [4.0, 5.0, 3.5, 2.5, 2.5, 3.0, 3.5, 5.0, 10.0, 15.0],
            "S525*3 S422*2 S826*2 S821 S835 S721 S320 S270",
            3.0,
            &[("W19*3 V499", 0.4)],
            &[("MCCA005*2 NCCA017 NBCA010 NZMP014", 0.7)],
        )
    },
    admission(
        [0.2, 1.5, 3.5, 4.0, 4.5, 4.5, 3.0, 1.5, 0.4, 0.1],
        "M232*3 M751*2 M511*2 G560*3 M201",
        0.4,
        &[],
        &[("NFFC003*2 MJEC001 LFFA002 AHPA009*2 NDPA004", 0.95)],
    ),
    // Eyes.
    admission(
        [0.1, 0.1, 0.2, 0.3, 1.0, 4.5, 20.0, 50.0, 48.0, 20.0],
        "H251*3 H259 H269*2",
        0.05,
        &[],
        &[("BFGA004*9 BFGA002", 0.98)],
    ),
    // Kidneys, urinary tract; bladder cancer is planted.
    admission(
        [1.2, 0.8, 1.2, 1.2, 1.2, 1.5, 2.2, 4.0, 9.0, 14.0],
        "N10*2 N390*4 N12 N201 N23 N200*2",
        4.0,
        &[("B962*3 A415", 0.35)],
        &[("ZCQM008 ZCQK004", 0.6), ("JCAE001", 0.2)],
    ),
    Admission {
        sex: [1.8, 0.0],
        ..admission(
            [0.0, 0.0, 0.0, 0.0, 0.1, 1.0, 4.0, 6.0, 4.0, 2.0],
            "N40",
            3.0,
            &[("R33", 0.3)],
            &[("JGFE023*3 JGFA009", 0.9)],
        )
    },
    // Women.
    Admission {
        sex: [0.0, 1.0],
        ..admission(
            [0.0, 1.5, 7.0, 7.5, 6.5, 4.5, 2.5, 2.5, 1.5, 0.3],
            "D259*2 N920 N840 N801 N814 N832",
            1.2,
            &[],
            &[("JKFA018 JKFC005 JKFD001 JKQE001*2", 0.85)],
        )
    },
    Admission {
        sex: [0.0, 1.0],
        ..admission(
            [0.0, 6.0, 16.0, 10.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            "O049*4 O021 O039",
            0.1,
            &[],
            &[("JNMD001*2 JNJD002*3", 0.95)],
        )
    },
    // Mind.
    Admission {
        place: Ward::Psychiatric,
        ..admission(
            [0.1, 2.5, 4.0, 4.5, 5.0, 4.0, 2.5, 2.0, 2.0, 1.5],
            "F322*3 F329*2 F200*2 F319*2 F102*2 F609 F432",
            24.0,
            &[("Z915", 0.1)],
            &[],
        )
    },
    admission(
        [0.0, 1.5, 2.0, 2.0, 2.5, 2.0, 1.0, 0.5, 0.4, 0.2],
        "F100*3 F102*2 T424*2 T391 T436",
        1.6,
        &[("Z915", 0.25)],
        &[],
    ),
    // Other internal medicine.
    admission(
        [3.0, 1.0, 1.0, 1.0, 1.2, 1.6, 2.5, 5.0, 14.0, 24.0],
        "A419*2 A46 A099*2 E86 D649*2 R55*2 R42 E871",
        6.0,
        &[("E876", 0.1), ("L89", 0.08)],
        &[("DEQP003", 0.4), ("ZBQK002", 0.4)],
    ),
    Admission {
        rehabilitation: 0.2,
        ..admission(
            [0.0, 0.0, 0.0, 0.1, 0.2, 0.5, 1.0, 4.0, 18.0, 35.0],
            "R296*2 F059*2 R54 G309 Z515",
            9.0,
            &[("W19", 0.3), ("E46", 0.3), ("R15", 0.1)],
            &[("ACQK001", 0.5)],
        )
    },
    Admission {
        place: Ward::Home,
        related: "Z515 Z501 L97",
        ..admission(
            [0.2, 0.1, 0.3, 0.4, 0.6, 1.0, 1.6, 2.6, 4.5, 5.5],
            "Z515*2 Z480*2 Z452",
            18.0,
            &[("L89", 0.2)],
            &[],
        )
    },
    admission(
        [12.0, 4.0, 3.0, 3.0, 4.0, 6.0, 8.0, 11.0, 12.0, 9.0],
        "Z098 R104*3 R074*3 R51 R11 R002 Z040",
        0.8,
        &[],
        &[("DEQP003", 0.3), ("ZCQK004 ZCQM008", 0.3), ("ACQK001", 0.1)],
    ),
    admission(
        [0.3, 3.0, 6.0, 2.0, 0.6, 0.4, 0.3, 0.2, 0.1, 0.0],
        "K011*4 K010 K029",
        0.05,
        &[],
        &[("HBGD025*2 HBGD038*3", 0.97)],
    ),
];
