//! The people of the journeys: visitors with a chat window, agents at a desk, callers with a telephone.

mod agent;
mod browsers;
mod eventually;
mod history;
mod outside;
mod processes;

pub use actors::Visitor;
pub use agent::Agent;
pub use browsers::{browsers, browsers_by};
pub use eventually::{eventually, never};
pub use history::{assert_times_in_order, interactions, only_interaction, queue, verdicts};
pub use outside::Outside;
pub use processes::{children, kill};
