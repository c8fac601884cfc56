//! Journeys, faults and the rules of the house.

#[path = "phones/driver.rs"]
pub mod phones;
pub mod support;
