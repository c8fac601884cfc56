//! What the gateway does itself; everything else is passed on by [`forward`].

pub mod forward;
pub mod get_status;
pub mod hub;
pub mod list_dead_letters;
pub mod refresh_session;
pub mod replay_dead_letters;
pub mod sessions;
pub mod sign_in;
pub mod sign_out;
pub mod watch;
