//! The demo population as its users see it: reproducible, consistent, heterogeneous, and true to its planted effects.

mod analyst;
mod hazards;
mod population;

use std::sync::LazyLock;

use super::{Config, World};

/// A world for all tests: making one runs the pilot several times.
static WORLD: LazyLock<World> = LazyLock::new(|| World::new(&Config::default()));
