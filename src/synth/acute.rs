//! Everyday care of a person: episodes year by year, campaigns in autumn, vaccinations in infancy.

use super::acute_table::{CAMPAIGNS, EPISODES, Episode, INFANTS, Season};
use super::calendar::{YEAR, day_of, month_of};
use super::codes::{Choice, Code};
use super::life::Life;
use super::random::{Alias, Draw};
use super::recorder::{Amount, Recorder};
use super::vocabularies::Books;

/// Everyday care with its codes numbered.
#[derive(Debug)]
pub(super) struct Everyday {
    episodes: Vec<Reason>,
    mix: Mix,
    campaigns: Vec<Offer>,
    infants: Vec<(Choice, &'static [i32], f64)>,
}

/// How many of several kinds of things happen in a year, by band of age and sex, and which of them one is.
#[derive(Debug)]
pub(super) struct Mix {
    total: [[f64; 2]; 10],
    which: [[Alias; 2]; 10],
}

impl Mix {
    /// From the rate of each kind in each band of age, and its factor in each sex.
    pub(super) fn new(kinds: &[([f64; 10], [f64; 2])], times: f64) -> Self {
        let rates = |band: usize, sex: usize| -> Vec<f64> {
            kinds
                .iter()
                .map(|(rate, factor)| times * rate[band] * factor[sex])
                .collect()
        };
        let each = std::array::from_fn(|band| std::array::from_fn(|sex| rates(band, sex)));
        let each: [[Vec<f64>; 2]; 10] = each;
        Self {
            total: std::array::from_fn(|band| std::array::from_fn(|sex| each[band][sex].iter().sum())),
            which: std::array::from_fn(|band| std::array::from_fn(|sex| Alias::new(&each[band][sex]))),
        }
    }

    /// Calls `event` with the kind of each event of a calendar year.
    pub(super) fn year(&self, draw: &mut Draw, life: &Life, year: i32, mut event: impl FnMut(&mut Draw, usize)) {
        let band = life.decade(day_of(year, 7, 1));
        for _ in 0..draw.poisson(self.total[band][life.sex] * life.frailty) {
            let kind = self.which[band][life.sex].pick(draw);
            event(draw, kind);
        }
    }
}

/// The calendar years of a person's observation.
pub(super) fn years(life: &Life) -> std::ops::RangeInclusive<i32> {
    let (from, to) = life.span();
    month_of(from).0..=month_of(to).0
}

/// Months in proportion to their weights.
pub(super) fn months(season: &Season) -> Alias {
    Alias::new(season)
}

/// A day of a year, by a season. Drawn over the whole year; who is not observed on it has no event: an exact thinning.
pub(super) fn day_in(draw: &mut Draw, year: i32, months: &Alias) -> i32 {
    let month = months.pick(draw) as i32 + 1;
    let first = day_of(year, month, 1);
    draw.day(first, day_of(year, month + 1, 1) - 1)
}

#[derive(Debug)]
struct Reason {
    months: Alias,
    drugs: Vec<(Choice, f64, u32, i32)>,
    acts: Vec<(Choice, f64)>,
}

#[derive(Debug)]
struct Offer {
    drug: Code,
    from_age: i32,
    share: f64,
    yearly: f64,
    months: Alias,
}

impl Everyday {
    pub(super) fn read(books: &mut Books, intensity: f64) -> Self {
        let rates: Vec<_> = EPISODES.iter().map(|episode| (episode.rate, episode.sex)).collect();
        Self {
            episodes: EPISODES.iter().map(|episode| Reason::read(books, episode)).collect(),
            mix: Mix::new(&rates, intensity),
            campaigns: CAMPAIGNS
                .iter()
                .map(|campaign| Offer {
                    drug: books.drug.number(campaign.drug),
                    from_age: campaign.from_age,
                    share: campaign.share,
                    yearly: campaign.yearly,
                    months: months(&campaign.season),
                })
                .collect(),
            infants: INFANTS
                .iter()
                .map(|&(drug, ages, share)| (books.drug.choice(drug), ages, share))
                .collect(),
        }
    }

    /// Draws a person's everyday care.
    pub(super) fn draw(&self, draw: &mut Draw, life: &Life, recorder: &mut Recorder) {
        for year in years(life) {
            self.mix.year(draw, life, year, |draw, kind| {
                self.episodes[kind].draw(draw, life, recorder, year);
            });
        }
        for offer in &self.campaigns {
            offer.draw(draw, life, recorder);
        }
        let (from, _) = life.span();
        for (drugs, ages, share) in &self.infants {
            for months in ages.iter().filter(|months| life.birth + *months * 30 + 60 > from) {
                if draw.chance(*share) {
                    let day = life.birth + (f64::from(*months) * YEAR / 12.0) as i32 + draw.day(0, 25);
                    recorder.drug(life, day, drugs.pick(draw), Amount { boxes: 1, supply: 1 });
                }
            }
        }
    }
}

impl Reason {
    fn read(books: &mut Books, episode: &Episode) -> Self {
        Self {
            months: months(&episode.season),
            drugs: episode
                .drugs
                .iter()
                .map(|&(drugs, chance, boxes, supply)| (books.drug.choice(drugs), chance, boxes, supply))
                .collect(),
            acts: episode
                .acts
                .iter()
                .map(|&(acts, chance)| (books.procedure.choice(acts), chance))
                .collect(),
        }
    }

    fn draw(&self, draw: &mut Draw, life: &Life, recorder: &mut Recorder, year: i32) {
        let day = day_in(draw, year, &self.months);
        if !life.observed(day) {
            return;
        }
        for (drugs, chance, most, supply) in &self.drugs {
            if draw.chance(*chance) {
                let boxes = 1 + draw.below(*most) as i32;
                recorder.drug(
                    life,
                    day,
                    drugs.pick(draw),
                    Amount {
                        boxes,
                        supply: boxes * supply,
                    },
                );
            }
        }
        for (acts, chance) in &self.acts {
            if draw.chance(*chance) {
                recorder.visit(life, day + draw.day(0, 10), acts.pick(draw));
            }
        }
    }
}

impl Offer {
    fn draw(&self, draw: &mut Draw, life: &Life, recorder: &mut Recorder) {
        if life.age(life.span().1) < self.from_age || !draw.chance(self.share) {
            return;
        }
        for year in years(life) {
            if draw.chance(self.yearly) {
                let day = day_in(draw, year, &self.months);
                if life.age(day) >= self.from_age {
                    recorder.drug(life, day, self.drug, Amount { boxes: 1, supply: 1 });
                }
            }
        }
    }
}
