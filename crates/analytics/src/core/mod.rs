//! Figures without I/O: what each KPI means, what the facts of an interaction add up to, how a centre stands now.

pub mod journey;
pub mod kpi;
pub mod live;
pub mod visit;
