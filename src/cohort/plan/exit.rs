//! When a row ends, as the plan writes it.

use serde::{Deserialize, Serialize};

use super::codes::CodesRef;
use super::events::Anchor;
use super::is_default;

/// When a row ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Exit {
    /// With the observation period.
    ObservationEnd,
    /// So many days after a day of the entry event.
    Fixed {
        /// Days.
        days: i32,
        /// After which day.
        #[serde(default, skip_serializing_if = "is_default")]
        of: Anchor,
    },
    /// With the era of continuous supply that holds the index day.
    EndOfSupply {
        /// Days without supply that do not end an era.
        gap: u32,
        /// The codes of the deliveries; null for those of the entry events.
        codes: Option<CodesRef>,
        /// The domain of the deliveries.
        domain: String,
    },
    /// With the era of deliveries that holds the index day, as OHDSI's tools make eras.
    Era {
        /// The domain of the deliveries.
        domain: String,
        /// Their codes; source concepts count too.
        codes: CodesRef,
        /// Days between deliveries that do not end an era.
        gap: i32,
        /// Days that an era lasts beyond its last delivery.
        offset: i32,
        /// How long each delivery lasts, whatever it says itself.
        days_supply: Option<i32>,
    },
}
