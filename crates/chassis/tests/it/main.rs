//! The chassis against real servers: nothing lost, nothing doubled, order kept, whoever is killed.

mod consumers;
mod leases;
mod outbox;
mod processes;
mod support;
mod tails;
mod traces;
