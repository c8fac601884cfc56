//! Live and historical figures, fed by events only.

pub mod core;
