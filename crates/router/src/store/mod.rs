//! Postgres: one file per table.

pub(crate) mod offers;
pub(crate) mod snapshots;
