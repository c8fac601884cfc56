//! Between frames and the app: what a visitor's frame asks for, and what a refusal looks like on the wire.

use uuid::Uuid;

use super::frames::{ClientFrame, ErrorFrame, HelloFrame};
use crate::{
    app::{CommandError, EntryPointError, Hello, HelloError, MAX_ATTACHMENTS, MAX_TEXT},
    core::{Input, Refusal, Said},
};

/// Bytes of a name and of a mail address.
const MAX_NAME: usize = 200;
const MAX_EMAIL: usize = 254;

/// A hello with clean fields.
pub fn hello(frame: HelloFrame, origin: Option<String>) -> Result<Hello, ErrorFrame> {
    let invalid =
        |field, reason: String| ErrorFrame { field: Some(field), fatal: true, ..error("invalid", reason) };
    let interaction_id = match frame.interaction_id.as_str() {
        "" => None,
        id => Some(Uuid::parse_str(id).map_err(|_| invalid("interaction_id", "is no id".to_owned()))?),
    };
    let slug = |field, text: &str| match text.parse::<contract::Slug>() {
        Ok(_) => Ok(text.to_owned()),
        Err(problem) => Err(invalid(field, problem.to_string())),
    };
    Ok(Hello {
        entry_point: slug("entry_point", &frame.entry_point)?,
        tenant: if frame.tenant.is_empty() { String::new() } else { slug("tenant", &frame.tenant)? },
        name: ingress::clean_line(&frame.name, MAX_NAME)
            .map_err(|problem| invalid("name", problem.to_string()))?,
        email: ingress::clean_line(&frame.email, MAX_EMAIL)
            .map_err(|problem| invalid("email", problem.to_string()))?,
        visitor_token: frame.visitor_token,
        interaction_id,
        origin,
    })
}

/// The input a message leads to, with the files it names.
pub fn input(frame: ClientFrame) -> Result<(Input, Vec<Uuid>), ErrorFrame> {
    let invalid = |field, reason: String| ErrorFrame { field: Some(field), ..error("invalid", reason) };
    let text_of =
        |text: &str| ingress::clean(text, MAX_TEXT).map_err(|problem| invalid("text", problem.to_string()));
    let id_of = |id: String| match ingress::provider_id(&id) {
        Some(_) => Ok(id),
        None => Err(invalid("client_message_id", "must have 1 to 128 visible characters".to_owned())),
    };
    match frame {
        ClientFrame::Send { client_message_id, text, attachment_ids } => {
            if attachment_ids.len() > MAX_ATTACHMENTS {
                return Err(invalid("attachment_ids", format!("must be at most {MAX_ATTACHMENTS}")));
            }
            let uploads = attachment_ids.iter().map(|id| Uuid::parse_str(id)).collect::<Result<Vec<_>, _>>();
            let uploads =
                uploads.map_err(|_| invalid("attachment_ids", "must be ids of files".to_owned()))?;
            let text = text_of(&text)?;
            if text.is_empty() && uploads.is_empty() {
                return Err(invalid("text", "must not be empty".to_owned()));
            }
            let client_message_id = id_of(client_message_id)?;
            let said = Said { client_message_id, text, attachments: Vec::new() };
            Ok((Input::CustomerSays { said }, uploads))
        }
        ClientFrame::Choose { client_message_id, value } => {
            let client_message_id = id_of(client_message_id)?;
            Ok((Input::CustomerChooses { client_message_id, value }, Vec::new()))
        }
        ClientFrame::Form { client_message_id, name, email, text } => {
            let line = |field, text: &str, limit| {
                ingress::clean_line(text, limit).map_err(|problem| invalid(field, problem.to_string()))
            };
            let input = Input::CustomerFillsForm {
                client_message_id: id_of(client_message_id)?,
                name: line("name", &name, MAX_NAME)?,
                email: line("email", &email, MAX_EMAIL)?,
                text: text_of(&text)?,
            };
            Ok((input, Vec::new()))
        }
        _ => Err(error("bad_frame", "is no message")),
    }
}

/// What the sender calls the message; empty for other frames.
pub fn client_message_id(frame: &ClientFrame) -> &str {
    match frame {
        ClientFrame::Send { client_message_id, .. }
        | ClientFrame::Choose { client_message_id, .. }
        | ClientFrame::Form { client_message_id, .. } => client_message_id,
        _ => "",
    }
}

/// An error that leaves the connection open.
pub fn error(code: &'static str, reason: impl Into<String>) -> ErrorFrame {
    ErrorFrame { code, reason: reason.into(), ..ErrorFrame::default() }
}

/// Why a hello is refused.
pub fn hello_error(refused: &HelloError) -> ErrorFrame {
    let reason = refused.to_string();
    let fatal = |code| ErrorFrame { fatal: true, ..error(code, reason.clone()) };
    match refused {
        HelloError::EntryPoint(EntryPointError::Unknown) => {
            ErrorFrame { field: Some("entry_point"), ..fatal("unknown_entry_point") }
        }
        HelloError::EntryPoint(EntryPointError::Origin) => fatal("origin_not_allowed"),
        HelloError::EntryPoint(EntryPointError::Away) | HelloError::Away(_) | HelloError::TooMany => {
            error("unavailable", reason)
        }
        // A client that knows what to do says hello anew; one that does not must not come again and again.
        HelloError::Token => ErrorFrame { field: Some("visitor_token"), ..fatal("token_invalid") },
        HelloError::TokenExpired => ErrorFrame { field: Some("visitor_token"), ..fatal("token_expired") },
        HelloError::UnknownInteraction => {
            ErrorFrame { field: Some("interaction_id"), ..fatal("unknown_interaction") }
        }
    }
}

/// Why a message is refused.
pub fn command_error(refused: &CommandError) -> ErrorFrame {
    let reason = refused.to_string();
    match refused {
        CommandError::Refused(Refusal::Ended) => error("ended", reason),
        CommandError::Refused(Refusal::Empty) => {
            ErrorFrame { field: Some("text"), ..error("invalid", reason) }
        }
        CommandError::Refused(Refusal::UnknownChoice) => {
            ErrorFrame { field: Some("value"), ..error("invalid", reason) }
        }
        CommandError::Refused(Refusal::NothingAsked) => error("nothing_asked", reason),
        CommandError::Refused(Refusal::NoForm) => error("no_form", reason),
        CommandError::Refused(Refusal::NotYours | Refusal::NotConnected) => error("not_allowed", reason),
        CommandError::UnknownAttachment(_) => {
            ErrorFrame { field: Some("attachment_ids"), ..error("invalid", reason) }
        }
        CommandError::NotFound | CommandError::Unavailable => error("unavailable", reason),
    }
}
