//! Parameters of courses of hospital treatment: cancers, dialysis, and pregnancies. Invented.

use super::chronic_table::Line;

/// A serious disease that starts at some age with a stay, then sessions, drugs and follow-up.
pub(super) struct Course {
    /// Share of men and women who ever get it, and age at onset (logistic: median and scale in years).
    pub(super) ever: [f64; 2],
    pub(super) onset: (f64, f64),
    pub(super) diagnoses: &'static str,
    /// What is done in the first stay, and its nights on average.
    pub(super) surgery: &'static str,
    pub(super) nights: f64,
    /// Share with sessions, their mean number (geometric), days between them; the reason and the act of a session.
    pub(super) sessions: (f64, f64, i32),
    pub(super) session: (&'static str, &'static str),
    pub(super) lines: &'static [Line],
    /// Later stays in a year.
    pub(super) relapse: f64,
}

const CHEMOTHERAPY: (&str, &str) = ("Z511", "EBLA003");
const RADIOTHERAPY: (&str, &str) = ("Z5101", "ZZNL053*2 ZZNL054");

const fn drug(drugs: &'static str, share: f64, delay: f64, interval: i32, persistence: f64) -> Line {
    Line {
        drugs,
        share: [share, share],
        delay,
        interval,
        boxes: 1,
        persistence,
    }
}

const SUPPORT: Line = drug("A04AA01*3 A04AA02 N02AA01*2 N02AB03 A02BC01", 0.6, 0.2, 21, 0.4);

pub(super) const COURSES: &[Course] = &[
    Course {
        ever: [0.0, 0.13],
        onset: (62.0, 9.0),
        diagnoses: "C504*4 C502 C508 C509*3 C501",
        surgery: "QEFA004*4 QEFA005 QEFA019",
        nights: 2.0,
        sessions: (0.55, 14.0, 10),
        session: RADIOTHERAPY,
        lines: &[
            drug("L02BA01*2 L02BG03*3 L02BG04*3 L02BG06*2", 0.75, 0.5, 30, 4.5),
            SUPPORT,
            drug("L03AA02 L03AA13", 0.3, 0.2, 21, 0.3),
        ],
        relapse: 0.10,
    },
    Course {
        ever: [0.15, 0.0],
        onset: (69.0, 6.0),
        diagnoses: "C61",
        surgery: "JGFA006*3 JGHJ001*2",
        nights: 4.0,
        sessions: (0.35, 25.0, 3),
        session: RADIOTHERAPY,
        lines: &[drug("L02AE03*2 L02AE02*3 L02AE04 L02BB03", 0.35, 0.5, 91, 4.0)],
        relapse: 0.08,
    },
    Course {
        ever: [0.055, 0.045],
        onset: (71.0, 7.0),
        diagnoses: "C187*3 C182*2 C180 C189 C20*2 C19",
        surgery: "HHFA009 HHFA006*2 HHFA008 HJFA004",
        nights: 9.0,
        sessions: (0.45, 10.0, 15),
        session: CHEMOTHERAPY,
        lines: &[drug("L01BC06", 0.2, 0.2, 21, 0.5), SUPPORT],
        relapse: 0.20,
    },
    Course {
        ever: [0.065, 0.025],
        onset: (67.0, 7.0),
        diagnoses: "C341*3 C343*2 C349*3 C340 C33",
        surgery: "GEQE007*3 GFFA009",
        nights: 7.0,
        sessions: (0.7, 9.0, 21),
        session: CHEMOTHERAPY,
        lines: &[drug("L01XE03 L01XE02", 0.12, 0.5, 30, 1.0), SUPPORT],
        relapse: 0.5,
    },
    Course {
        ever: [0.012, 0.002],
        onset: (63.0, 6.0),
        diagnoses: "C320*2 C321 C329*2",
        surgery: "GAQE001*2 GDFA012",
        nights: 8.0,
        sessions: (0.6, 28.0, 2),
        session: RADIOTHERAPY,
        lines: &[SUPPORT],
        relapse: 0.3,
    },
    Course {
        ever: [0.017, 0.014],
        onset: (67.0, 10.0),
        diagnoses: "C833*2 C859 C900*2 C911 C819 C920",
        surgery: "FEHB001",
        nights: 6.0,
        sessions: (0.7, 12.0, 21),
        session: CHEMOTHERAPY,
        lines: &[drug("L01XE01*2 L04AX04*2", 0.3, 0.5, 28, 2.0), SUPPORT],
        relapse: 0.4,
    },
    Course {
        ever: [0.012, 0.012],
        onset: (60.0, 10.0),
        diagnoses: "C439*3 C435 C437",
        surgery: "QZFA003 QZFA036*2",
        nights: 0.5,
        sessions: (0.1, 8.0, 21),
        session: CHEMOTHERAPY,
        lines: &[],
        relapse: 0.08,
    },
    Course {
        ever: [0.022, 0.016],
        onset: (72.0, 7.0),
        diagnoses: "C259*2 C250 C220 C169 C159 C64*2 C56",
        surgery: "HEQE002*2 ZCQH001*2 JAFA016",
        nights: 9.0,
        sessions: (0.5, 8.0, 15),
        session: CHEMOTHERAPY,
        lines: &[SUPPORT],
        relapse: 0.6,
    },
    // End-stage kidney disease: dialysis three times a week, the heaviest use of care there is.
    Course {
        ever: [0.0045, 0.003],
        onset: (68.0, 9.0),
        diagnoses: "N185*5 N184 N180",
        surgery: "EZMA001",
        nights: 8.0,
        sessions: (0.8, 420.0, 2),
        session: ("Z491", "JVJF004*4 JVJF008"),
        lines: &[
            drug("B03XA01*2 B03XA02*2 B03XA03", 0.9, 0.1, 30, 8.0),
            drug("V03AE02*2 V03AE03 A11CC03*2 H05BX01", 0.8, 0.2, 30, 8.0),
        ],
        relapse: 0.5,
    },
];

/// Deliveries of a child in a year per 1,000 women by age, in bands of five years from 15 to 49.
pub(super) const FERTILITY: [f64; 7] = [9.0, 50.0, 115.0, 125.0, 62.0, 14.0, 0.8];
/// Diagnoses and acts of a birth, by the natural way and by cesarean section, and the share of the latter.
pub(super) const BIRTH: [(&str, &str); 2] = [
    ("O800*8 O809 O700*2 O814", "JQGD010*4 JQGD012*5 JQGD003"),
    ("O820*3 O821*2", "JQGA002*2 JQGA003*2 JQGA004"),
];
pub(super) const CESAREAN: f64 = 0.20;
/// Associated with a birth, with its chance.
pub(super) const WITH_BIRTH: [(&str, f64); 4] = [
    ("Z370", 0.98),
    ("O244", 0.07),
    ("O990*2 D500", 0.06),
    ("O140 O13", 0.03),
];
/// Drugs and acts of a pregnancy: (codes, chance in each month).
pub(super) const PREGNANCY_DRUGS: [(&str, f64); 3] = [
    ("B03BB01 B03AA07*4 B03AA01", 0.35),
    ("A03AX12*3 A03AX13 N02BE01*3", 0.25),
    ("A11CC05", 0.11),
];
pub(super) const PREGNANCY_ACTS: (&str, f64) = ("JQQM010*2 JQQM018*2 JQQM016*2 JQQM001", 0.40);
