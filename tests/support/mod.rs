//! The people of the journeys: visitors with a chat window, agents at a desk, callers with a telephone.

mod agent;
mod eventually;
mod processes;
mod visitor;

pub use agent::Agent;
pub use eventually::{eventually, never};
pub use processes::{children, kill};
pub use visitor::Visitor;
