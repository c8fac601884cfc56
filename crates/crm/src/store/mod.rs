//! The schema `crm`, one file per table. Statements name the tenant although row-level security does: the first makes
//! the index serve, the second makes a mistake harmless.

pub mod cases;
pub mod customers;
pub mod identities;
pub mod interactions;
pub mod messages;
pub mod names;
pub mod notes;
pub mod timeline;
pub mod words;
