//! Something was said: it is kept once for its interaction and sequence. A whole batch is one statement.

use chassis::HandleError;
use contract::{Timestamp, interaction::v1::MessageAdded};
use serde_json::{Value, json};

use super::record::FactError;
use crate::{
    core::text::{NAME_CHARS, TEXT_BYTES, bounded},
    metrics,
    store::messages::Message,
};

/// Most attachments or options that are kept of a message.
const PARTS: usize = 50;

/// The message as it is kept.
pub fn row(interaction_id: &str, added: &MessageAdded) -> Result<Message, HandleError> {
    let message = added.message.as_ref().filter(|message| message.sequence > 0).ok_or_else(|| {
        HandleError::dead(FactError::MessageSequence(
            added.message.as_ref().map_or(0, |message| message.sequence),
        ))
    })?;
    let short = |text: &str| bounded(text, NAME_CHARS);
    let attachments: Vec<Value> = message
        .attachments
        .iter()
        .take(PARTS)
        .map(|attachment| {
            json!({
                "attachment_id": short(&attachment.attachment_id),
                "file_name": short(&attachment.file_name),
                "content_type": short(&attachment.content_type),
                "size_bytes": attachment.size_bytes,
            })
        })
        .collect();
    let options: Vec<Value> = message
        .options
        .iter()
        .take(PARTS)
        .map(|option| json!({ "value": short(&option.value), "label": short(&option.label) }))
        .collect();
    Ok(Message {
        interaction_id: interaction_id.to_owned(),
        sequence: message.sequence,
        message_id: short(&message.message_id),
        author: i16::try_from(message.author).unwrap_or(0),
        author_id: short(&message.author_id),
        author_name: short(&message.author_name),
        text: bounded(&message.text, TEXT_BYTES),
        attachments: (!attachments.is_empty()).then_some(Value::Array(attachments)),
        options: (!options.is_empty()).then_some(Value::Array(options)),
        sent_at: message.sent_at.map(Timestamp::from).unwrap_or_default().as_millis(),
        client_message_id: short(&message.client_message_id),
    })
}

/// Counts messages of a batch.
pub fn count(all: usize, new: u64) {
    let all = all as u64;
    metrics::MESSAGES.with_label_values(&["new"]).inc_by(new);
    metrics::MESSAGES.with_label_values(&["known"]).inc_by(all.saturating_sub(new));
}

#[cfg(test)]
mod tests {
    use contract::interaction::v1::{Attachment, Message, MessageAdded};

    use super::row;

    #[test]
    fn a_message_without_place_is_refused() {
        assert!(row("i", &MessageAdded::default()).is_err());
        assert!(row("i", &MessageAdded { message: Some(Message::default()), channel: 2 }).is_err());
    }

    #[test]
    fn attachments_are_kept_as_they_are_described() {
        let message = Message {
            sequence: 1,
            text: "see\0 this".into(),
            attachments: vec![Attachment { file_name: "a.pdf".into(), size_bytes: 7, ..Default::default() }],
            ..Default::default()
        };

        let row = row("i", &MessageAdded { message: Some(message), channel: 2 }).unwrap();

        assert_eq!(row.text, "see this");
        assert_eq!(row.attachments.unwrap()[0]["file_name"], "a.pdf");
        assert_eq!(row.options, None);
    }
}
