//! Postgres: one file per table.

pub(crate) mod closings;
pub(crate) mod history;
pub(crate) mod offers;
pub(crate) mod snapshots;
