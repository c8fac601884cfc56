//! Journeys, faults and the rules of the house.

pub mod support;
