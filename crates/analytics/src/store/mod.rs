//! The schema `analytics`, one file per table. Statements name the tenant although row-level security does: the first
//! makes the index serve, the second makes a mistake harmless.

pub mod agents;
pub mod flow_steps;
pub mod interactions;
pub mod profiles;
pub mod queues;
