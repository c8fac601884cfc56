//! Live and historical figures, fed by events only.
