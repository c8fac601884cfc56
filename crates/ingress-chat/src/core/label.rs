//! Words the centre itself says about a conversation.

use contract::interaction::v1::EndReason;

/// Said when the queue says farewell and has no words of its own.
pub(super) const NOBODY: &str = "Sorry, nobody can help you right now. Please try again later";
/// Said when nobody of the queue is there, before the form.
pub(super) const LEAVE_A_MESSAGE: &str =
    "Sorry, nobody can help you right now. Leave your name and a message and we will be in touch";
/// Said after the form.
pub(super) const THANKS: &str = "Thank you. We will be in touch";
/// Said when an agent or a supervisor gives the conversation to somebody else.
pub(super) const MOVED: &str = "You are being transferred. One moment, please";

/// What agents see in an offer: the name, else the address, else a short mark of the visitor.
pub(super) fn customer_label(name: &str, email: &str, visitor_id: &str) -> String {
    match (name, email) {
        ("", "") => {
            format!("Visitor {}", visitor_id.get(visitor_id.len().saturating_sub(4)..).unwrap_or(visitor_id))
        }
        ("", email) => email.to_owned(),
        (name, _) => name.to_owned(),
    }
}

/// What is written when a conversation ends; nothing when the flow has said its own last words.
pub(super) fn farewell(reason: EndReason, agent_name: &str, customer_name: &str) -> Option<String> {
    match reason {
        EndReason::AgentEnded => Some(format!("{} has ended the chat", or(agent_name, "The agent"))),
        EndReason::CustomerLeft | EndReason::Abandoned | EndReason::LeftInFlow => {
            Some(format!("{} has left the chat", or(customer_name, "The visitor")))
        }
        EndReason::Inactive => Some("The chat was closed because nothing was written for a while".to_owned()),
        EndReason::Failed => Some("Something went wrong on our side. Please try again later".to_owned()),
        _ => None,
    }
}

/// What is written when an agent comes in.
pub(super) fn joined(agent_name: &str) -> String {
    format!("{} has joined the chat", or(agent_name, "An agent"))
}

fn or<'a>(name: &'a str, otherwise: &'a str) -> &'a str {
    if name.is_empty() { otherwise } else { name }
}
