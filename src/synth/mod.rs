//! The demo population: a synthetic, heterogeneous population with planted truths.
