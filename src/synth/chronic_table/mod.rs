//! Parameters of the long-term conditions: who gets them, when, and how they are treated. Invented, of plausible size.

mod metabolic;
mod other;

/// The conditions, by group.
pub(in crate::synth) const CONDITIONS: [&[Condition]; 2] = [metabolic::CONDITIONS, other::CONDITIONS];

/// A condition that starts at some age and is treated from then on.
pub(in crate::synth) struct Condition {
    /// Share of men and women who ever get it.
    pub(in crate::synth) ever: [f64; 2],
    /// Age at onset, logistic: median and scale in years.
    pub(in crate::synth) onset: (f64, f64),
    /// Age at which its treatment ends.
    pub(in crate::synth) until: f64,
    /// How much it depends on what metabolic and vascular conditions have in common.
    pub(in crate::synth) liability: f64,
    /// Diagnoses by which it appears in stays and, with the given chance, as a registered long-term disease; none for
    /// what is no disease.
    pub(in crate::synth) diagnoses: &'static str,
    pub(in crate::synth) registered: f64,
    /// Whether its frequency follows the wanted number of events. False where a planted truth rests on it.
    pub(in crate::synth) scaled: bool,
    pub(in crate::synth) lines: &'static [Line],
}

/// One line of treatment, added to the others.
pub(in crate::synth) struct Line {
    pub(in crate::synth) drugs: &'static str,
    /// Share of the men and women with the condition who come to it.
    pub(in crate::synth) share: [f64; 2],
    /// Years from onset to the line, exponential.
    pub(in crate::synth) delay: f64,
    /// Days between deliveries, boxes and days of supply of each.
    pub(in crate::synth) interval: i32,
    pub(in crate::synth) boxes: i32,
    /// Years on treatment before an interruption, exponential.
    pub(in crate::synth) persistence: f64,
}

pub(in crate::synth) const fn line(
    drugs: &'static str,
    share: f64,
    delay: f64,
    interval: i32,
    persistence: f64,
) -> Line {
    Line {
        drugs,
        share: [share, share],
        delay,
        interval,
        boxes: if interval > 60 { 3 } else { 1 },
        persistence,
    }
}

pub(in crate::synth) const fn condition(
    ever: [f64; 2],
    onset: (f64, f64),
    liability: f64,
    (diagnoses, registered): (&'static str, f64),
    lines: &'static [Line],
) -> Condition {
    Condition {
        ever,
        onset,
        until: 120.0,
        liability,
        diagnoses,
        registered,
        scaled: true,
        lines,
    }
}
