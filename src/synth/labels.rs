//! Short labels, in our own words, of the codes that the demonstrations name. Other codes are their own label.

/// The label of a code, if it has one of ours; a longer code takes the label of the shorter one it begins with.
pub(super) fn label(code: &str) -> Option<&'static str> {
    LABELS
        .iter()
        .rev()
        .find(|(prefix, _)| code.starts_with(prefix))
        .map(|(_, label)| *label)
}

/// (code or its beginning, label); where two fit, the later one is taken.
const LABELS: &[(&str, &str)] = &[
    ("A02BC", "proton-pump inhibitor"),
    ("A02BC01", "omeprazole"),
    ("A02BC02", "pantoprazole"),
    ("A02BC03", "lansoprazole"),
    ("A02BC04", "rabeprazole"),
    ("A02BC05", "esomeprazole"),
    ("A10A", "insulin"),
    ("A10BA02", "metformin"),
    ("A10BB", "sulfonylurea"),
    ("A10BB09", "gliclazide"),
    ("A10BB12", "glimepiride"),
    ("A10BD07", "metformin and sitagliptin"),
    ("A10BD08", "metformin and vildagliptin"),
    ("A10BG03", "pioglitazone"),
    ("A10BH", "DPP-4 inhibitor"),
    ("A10BH01", "sitagliptin"),
    ("A10BH02", "vildagliptin"),
    ("A10BH03", "saxagliptin"),
    ("A10BH04", "alogliptin"),
    ("A10BH05", "linagliptin"),
    ("A10BJ", "GLP-1 analogue"),
    ("A10BK", "SGLT2 inhibitor"),
    ("B01AC06", "acetylsalicylic acid, antiplatelet"),
    ("B01AF", "direct factor Xa inhibitor"),
    ("C07", "beta blocker"),
    ("C08", "calcium channel blocker"),
    ("C09A", "ACE inhibitor"),
    ("C09C", "angiotensin receptor blocker"),
    ("C10AA", "statin"),
    ("H03AA01", "levothyroxine"),
    ("J01CA04", "amoxicillin"),
    ("J07BB02", "influenza vaccine"),
    ("M01A", "nonsteroidal anti-inflammatory drug"),
    ("N02BE01", "paracetamol"),
    ("N05B", "anxiolytic"),
    ("N06A", "antidepressant"),
    ("R03", "drug for obstructive airway diseases"),
    ("R03AC02", "salbutamol, inhaled"),
    ("C504", "breast cancer"),
    ("C61", "prostate cancer"),
    ("C67", "bladder cancer"),
    ("D090", "bladder carcinoma in situ"),
    ("E10", "type 1 diabetes"),
    ("E11", "type 2 diabetes"),
    ("F32", "depressive episode"),
    ("G30", "Alzheimer's disease"),
    ("I10", "essential hypertension"),
    ("I21", "acute myocardial infarction"),
    ("I50", "heart failure"),
    ("I63", "ischemic stroke"),
    ("J10", "influenza, virus identified"),
    ("J11", "influenza, virus not identified"),
    ("J18", "pneumonia"),
    ("J44", "chronic obstructive pulmonary disease"),
    ("J45", "asthma"),
    ("N185", "end-stage kidney disease"),
    ("O80", "spontaneous delivery of a single child"),
    ("S720", "fracture of the neck of the femur"),
    ("Z491", "hemodialysis session"),
    ("Z5101", "radiotherapy session"),
    ("Z511", "chemotherapy session"),
    ("HHFA016", "appendectomy, laparoscopic"),
    ("HHQE002", "colonoscopy"),
    ("JDFE002", "endoscopic resection of bladder tumors"),
    ("JDQE003", "cystoscopy"),
    ("JVJF004", "hemodialysis session"),
    ("NEKA020", "total hip replacement"),
    ("QEQK004", "screening mammography"),
    ("HAD", "hospital care at home"),
    ("MCO", "acute hospital stay"),
    ("RIP", "psychiatric stay"),
    ("SSR", "rehabilitation stay"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_precise_label_wins() {
        assert_eq!(label("A10BH05"), Some("linagliptin"));
        assert_eq!(label("C674"), Some("bladder cancer"));
        assert_eq!(label("D07AC01"), None);
    }

    #[test]
    fn a_longer_beginning_follows_the_shorter_one() {
        for (place, (code, _)) in LABELS.iter().enumerate() {
            assert!(
                LABELS[..place].iter().all(|(earlier, _)| !earlier.starts_with(code)),
                "{code}"
            );
        }
    }
}
