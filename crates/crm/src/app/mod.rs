//! What crm does: one file for each message it takes and each RPC it answers.

pub mod add_note;
pub mod get_customer;
pub mod get_interaction;
pub mod list_interactions;
pub mod on_callback_scheduled;
pub mod on_interaction_started;
pub mod on_message_added;
pub mod on_name_configured;
pub mod on_progress;
pub mod record;
pub mod resolve_case;
pub mod search_customers;
pub mod update_customer;
