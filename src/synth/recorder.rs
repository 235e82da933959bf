//! The events of persons while they are drawn, column by column; nothing outside observation gets in.

use super::codes::Code;
use super::life::Life;

/// In place of a missing day and of a missing stay.
pub(super) const NO_DAY: i32 = i32::MIN;
pub(super) const NO_STAY: i64 = -1;
/// Room for the stays of one person: a stay's number is the person's number times this, plus its place.
const STAYS_PER_PERSON: i64 = 1 << 20;

/// Which kind of hospital a stay was in; the place in the sorted dictionary of the domain "stay".
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Home = 0,
    Acute = 1,
    Psychiatric = 2,
    Rehabilitation = 3,
}

/// What a diagnosis is in its stay; the place in the sorted dictionary of the column "kind".
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Associated = 0,
    LongTerm = 1,
    Principal = 2,
    Related = 3,
}

#[derive(Debug, Default)]
pub(super) struct Drugs {
    pub(super) person: Vec<u32>,
    pub(super) start: Vec<i32>,
    pub(super) code: Vec<Code>,
    pub(super) quantity: Vec<i32>,
    pub(super) supply: Vec<i32>,
}

#[derive(Debug, Default)]
pub(super) struct Diagnoses {
    pub(super) person: Vec<u32>,
    pub(super) start: Vec<i32>,
    pub(super) end: Vec<i32>,
    pub(super) code: Vec<Code>,
    pub(super) stay: Vec<i64>,
    pub(super) kind: Vec<i32>,
}

#[derive(Debug, Default)]
pub(super) struct Procedures {
    pub(super) person: Vec<u32>,
    pub(super) start: Vec<i32>,
    pub(super) code: Vec<Code>,
    pub(super) stay: Vec<i64>,
}

#[derive(Debug, Default)]
pub(super) struct Stays {
    pub(super) person: Vec<u32>,
    pub(super) start: Vec<i32>,
    pub(super) end: Vec<i32>,
    pub(super) code: Vec<i32>,
    pub(super) stay: Vec<i64>,
}

/// A delivery's amount.
#[derive(Clone, Copy, Debug)]
pub(super) struct Amount {
    pub(super) boxes: i32,
    pub(super) supply: i32,
}

/// A stay in which diagnoses and procedures can be recorded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stay {
    pub(super) start: i32,
    pub(super) end: i32,
    id: i64,
}

/// The events of the persons drawn so far.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    pub(super) drugs: Drugs,
    pub(super) diagnoses: Diagnoses,
    pub(super) procedures: Procedures,
    pub(super) stays: Stays,
    row: u32,
    next_stay: i64,
    /// Where the deliveries of the current person begin.
    first_drug: usize,
}

impl Recorder {
    /// Turns to the next person.
    pub(super) fn begin(&mut self, row: u32, life: &Life) {
        self.row = row;
        self.next_stay = i64::from(life.number) * STAYS_PER_PERSON;
        self.first_drug = self.drugs.code.len();
    }

    /// All events so far.
    pub(super) fn len(&self) -> usize {
        self.drugs.code.len() + self.diagnoses.code.len() + self.procedures.code.len() + self.stays.code.len()
    }

    /// A delivery, if the day is observed.
    pub(super) fn drug(&mut self, life: &Life, day: i32, code: Code, amount: Amount) {
        if life.observed(day) {
            let drugs = &mut self.drugs;
            drugs.person.push(self.row);
            drugs.start.push(day);
            drugs.code.push(code);
            drugs.quantity.push(amount.boxes);
            drugs.supply.push(amount.supply);
        }
    }

    /// The days on which the current person was delivered certain drugs so far; unsorted.
    pub(super) fn deliveries<'a>(&'a self, wanted: &'a [bool]) -> impl Iterator<Item = i32> + 'a {
        let codes = &self.drugs.code[self.first_drug..];
        let days = &self.drugs.start[self.first_drug..];
        let pairs = codes.iter().zip(days);
        pairs
            .filter(|(code, _)| wanted[usize::from(**code)])
            .map(|(_, day)| *day)
    }

    /// A stay from a day on, cut at the end of observation; nothing if the day is not observed.
    pub(super) fn stay(&mut self, life: &Life, place: Place, day: i32, nights: i32) -> Option<Stay> {
        let end = life.period_end(day)?.min(day + nights);
        let id = self.next_stay;
        self.next_stay += 1;
        let stays = &mut self.stays;
        stays.person.push(self.row);
        stays.start.push(day);
        stays.end.push(end);
        stays.code.push(place as i32);
        stays.stay.push(id);
        Some(Stay { start: day, end, id })
    }

    /// A diagnosis made in a stay.
    pub(super) fn diagnosis(&mut self, stay: Stay, code: Code, kind: Kind) {
        self.push_diagnosis((stay.start, stay.end), code, stay.id, kind);
    }

    /// The registration of a long-term disease, if the day is observed.
    pub(super) fn long_term(&mut self, life: &Life, day: i32, code: Code) {
        if life.observed(day) {
            self.push_diagnosis((day, NO_DAY), code, NO_STAY, Kind::LongTerm);
        }
    }

    fn push_diagnosis(&mut self, (start, end): (i32, i32), code: Code, stay: i64, kind: Kind) {
        let diagnoses = &mut self.diagnoses;
        diagnoses.person.push(self.row);
        diagnoses.start.push(start);
        diagnoses.end.push(end);
        diagnoses.code.push(code);
        diagnoses.stay.push(stay);
        diagnoses.kind.push(kind as i32);
    }

    /// A procedure some days into a stay.
    pub(super) fn procedure(&mut self, stay: Stay, after: i32, code: Code) {
        self.push_procedure((stay.start + after).min(stay.end), code, stay.id);
    }

    /// A procedure outside the hospital, if the day is observed.
    pub(super) fn visit(&mut self, life: &Life, day: i32, code: Code) {
        if life.observed(day) {
            self.push_procedure(day, code, NO_STAY);
        }
    }

    fn push_procedure(&mut self, day: i32, code: Code, stay: i64) {
        let procedures = &mut self.procedures;
        procedures.person.push(self.row);
        procedures.start.push(day);
        procedures.code.push(code);
        procedures.stay.push(stay);
    }
}
