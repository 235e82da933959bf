//! All other long-term conditions, and treatments that end at some age.

use super::{Condition, condition, line};

pub(super) const CONDITIONS: &[Condition] = &[
    // Chronic obstructive disease of the airways; asthma is planted and comes from nowhere else.
    condition(
        [0.08, 0.05],
        (66.0, 8.0),
        0.1,
        ("J449*4 J441*2 J440 J439", 0.3),
        &[
            line("R03BB04*4 R03BB06 R03AC18 R03AC12", 0.70, 0.0, 30, 3.0),
            line("R03AK06*3 R03AK07*3 R03AC13", 0.50, 0.5, 30, 2.5),
            line("R03AC02*4 R03AL01", 0.50, 0.2, 60, 2.0),
        ],
    ),
    // Hypothyroidism.
    condition(
        [0.02, 0.10],
        (54.0, 12.0),
        0.0,
        ("E039*3 E063 E890", 0.02),
        &[line("H03AA01", 0.98, 0.0, 30, 15.0)],
    ),
    // Depression and anxiety.
    condition(
        [0.12, 0.23],
        (47.0, 14.0),
        0.0,
        ("F329*3 F321 F322 F331 F339", 0.08),
        &[
            line(
                "N06AB10*5 N06AB06*3 N06AB05*3 N06AB04*2 N06AB03*2 N06AX16*3 N06AX11*2 N06AA09 N06AX21",
                0.75,
                0.0,
                30,
                0.9,
            ),
            line("N05BA12*4 N05BA06*2 N05BA04*3 N05BA08*3 N05BB01*2", 0.50, 0.2, 32, 0.8),
            line("N05CF02*4 N05CF01*3 N05CD02", 0.35, 0.5, 30, 1.0),
        ],
    ),
    // Psychoses.
    condition(
        [0.012, 0.010],
        (32.0, 9.0),
        0.0,
        ("F200*3 F209 F250 F319*2", 0.8),
        &[
            line(
                "N05AX08*3 N05AH03*3 N05AX12*2 N05AD01 N05AH04*2 N05AL05 N05AH02",
                0.95,
                0.0,
                28,
                4.0,
            ),
            line("N05AN01 N03AG01*2 N04AA04", 0.40, 0.5, 30, 4.0),
        ],
    ),
    // Alzheimer's, Parkinson's, epilepsy, migraine, multiple sclerosis.
    condition(
        [0.06, 0.09],
        (84.0, 4.5),
        0.0,
        ("G309*4 G301 F009", 0.5),
        &[line("N06DA02*3 N06DX01*2 N06DA04 N06DA03", 0.5, 0.3, 30, 2.5)],
    ),
    condition(
        [0.018, 0.014],
        (74.0, 6.0),
        0.0,
        ("G20", 0.7),
        &[
            line("N04BA02*5 N04BA03", 0.85, 0.0, 30, 9.0),
            line("N04BC05*2 N04BC04 N04BD02 N04BD01", 0.45, 1.0, 30, 4.0),
        ],
    ),
    condition(
        [0.013, 0.011],
        (38.0, 18.0),
        0.0,
        ("G409*3 G403 G402", 0.4),
        &[line(
            "N03AX14*4 N03AX09*3 N03AG01*3 N03AF01*2 N03AX11 N03AA02",
            0.95,
            0.0,
            30,
            8.0,
        )],
    ),
    condition(
        [0.02, 0.07],
        (32.0, 9.0),
        0.0,
        ("G430*2 G439", 0.0),
        &[line("N02CC01*2 N02CC03*2 N02CC04*2 N02CC07 N02CC05", 0.7, 0.0, 60, 2.5)],
    ),
    condition(
        [0.0012, 0.003],
        (36.0, 8.0),
        0.0,
        ("G35", 0.95),
        &[line("L03AB07*2 L03AB08 L03AX13*2 L04AA27 L04AA31", 0.8, 0.3, 28, 4.0)],
    ),
    // Reflux: proton-pump inhibitors, the exposure of the planted null effect.
    condition(
        [0.26, 0.30],
        (56.0, 13.0),
        0.0,
        ("K219*2 K210", 0.0),
        &[
            line("A02BC01*4 A02BC05*5 A02BC03*2 A02BC02*3 A02BC04", 0.95, 0.0, 30, 1.2),
            line("A02BX13*3 A02AD01 A02BA02", 0.25, 0.3, 45, 0.8),
        ],
    ),
    // Inflammatory diseases.
    condition(
        [0.006, 0.014],
        (52.0, 10.0),
        0.0,
        ("M069*3 M059 M060", 0.7),
        &[
            line("L04AX03*4 L01BA01*2 L04AA13 A07EC01", 0.8, 0.0, 30, 5.0),
            line("L04AB01*3 L04AB04*4 L04AC07 L04AB05", 0.28, 2.0, 28, 3.5),
            line("H02AB06*3 H02AB07*2", 0.5, 0.1, 30, 1.5),
        ],
    ),
    condition(
        [0.006, 0.006],
        (34.0, 9.0),
        0.0,
        ("K509*2 K519*2", 0.8),
        &[
            line("A07EC02*4 L04AX01*3", 0.8, 0.0, 30, 4.0),
            line("L04AB04*2 L04AB02*2", 0.25, 2.0, 56, 4.0),
        ],
    ),
    // Gout, osteoporosis, prostate, glaucoma, osteoarthritis, anemia, kidney transplantation.
    condition(
        [0.07, 0.02],
        (64.0, 8.0),
        0.3,
        ("M109", 0.0),
        &[
            line("M04AA01*5 M04AA03", 0.7, 0.1, 30, 4.0),
            line("M04AC01", 0.4, 0.0, 60, 0.8),
        ],
    ),
    condition(
        [0.01, 0.10],
        (73.0, 6.5),
        0.0,
        ("M810*2 M819", 0.0),
        &[
            line("M05BA04*2 M05BA07*3 M05BX04 G03XC01 M05BB03", 0.6, 0.0, 28, 2.0),
            line("A11CC05*5 A12AA04", 0.8, 0.0, 60, 3.0),
        ],
    ),
    condition(
        [0.28, 0.0],
        (69.0, 6.0),
        0.0,
        ("N40", 0.0),
        &[
            line("G04CA01*3 G04CA02*4 G04CA03 G04CA04 G04CX02*2", 0.75, 0.0, 30, 4.0),
            line("G04CB01*2 G04CB02", 0.2, 1.5, 30, 4.0),
        ],
    ),
    condition(
        [0.06, 0.065],
        (71.0, 7.0),
        0.0,
        ("H401*2 H409", 0.02),
        &[line(
            "S01EE01*4 S01ED51*4 S01ED01*2 S01EC04 S01EE03",
            0.95,
            0.0,
            30,
            10.0,
        )],
    ),
    condition(
        [0.20, 0.32],
        (63.0, 10.0),
        0.0,
        ("M179*3 M169*2 M159", 0.0),
        &[
            line("N02BE01*6 N02BE51 N02AX02*2", 0.8, 0.0, 35, 1.5),
            line("M01AE01*2 M01AE02*2 M01AB05*3 M01AH01*2 M01AC06", 0.5, 0.0, 60, 1.0),
            line("M01AX21 M01AX25", 0.15, 1.0, 30, 1.5),
        ],
    ),
    condition(
        [0.0012, 0.0008],
        (48.0, 9.0),
        0.0,
        ("Z940*3 Z944", 0.95),
        &[
            line("L04AD02*4 L04AD01", 0.95, 0.0, 30, 30.0),
            line("L04AA06", 0.8, 0.0, 30, 20.0),
        ],
    ),
    condition(
        [0.003, 0.001],
        (38.0, 7.0),
        0.0,
        ("B24", 0.9),
        &[line("J05AR03*2 J05AR02 J05AR06 J05AR09", 0.97, 0.2, 30, 20.0)],
    ),
    // Opioid dependence and contraception end at some age.
    Condition {
        until: 58.0,
        ..condition(
            [0.009, 0.003],
            (29.0, 5.0),
            0.0,
            ("F112", 0.1),
            &[line("N07BC01*3 N07BC02*2", 0.95, 0.0, 21, 3.0)],
        )
    },
    Condition {
        until: 46.0,
        ..condition(
            [0.0, 0.62],
            (20.0, 2.5),
            0.0,
            ("", 0.0),
            &[line("G03AA07*5 G03AB03*2 G03AC09*3 G03AA09 G03HB01", 1.0, 0.0, 91, 3.0)],
        )
    },
    Condition {
        until: 64.0,
        ..condition(
            [0.0, 0.10],
            (52.0, 2.0),
            0.0,
            ("N951", 0.0),
            &[line("G03CA03*4 G03DA04*3 G03FA01", 1.0, 0.0, 30, 3.0)],
        )
    },
];
