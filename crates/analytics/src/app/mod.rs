//! What analytics does: one file for each kind of message it takes and each RPC it answers.

pub mod board;
pub mod day;
pub mod on_agent_state_changed;
pub mod on_configured;
pub mod on_flow_step_taken;
pub mod on_progress;
pub mod record;
pub mod report_flows;
pub mod time_zones;
pub mod watch_live;
