//! Tenants, users and agents, skills, teams, queues, routing profiles, hours and entry points: who works here, on what,
//! when, and where customers arrive.

pub mod core;
