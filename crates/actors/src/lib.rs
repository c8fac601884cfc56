//! Synthetic people for demos, load and journeys, through the same doors that real ones use.
//!
//! - [`phone`]: a telephone over SIP with audio over RTP, for callers and agents;
//! - [`Visitor`]: a chat window, speaking the widget's protocol;
//! - [`Desk`]: a signed-in agent, doing what the desktop does;
//! - [`living`]: a population of them that keeps a demo alive: seeded, bounded, until it is told to stop.

mod desk;
pub mod living;
pub mod phone;
mod visitor;

pub use desk::Desk;
pub use visitor::Visitor;
