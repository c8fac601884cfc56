//! Customers, cases and the history of every interaction.

pub mod core;
