//! Rows as protos.

use contract::{
    Timestamp,
    crm::v1 as proto,
    duration_from_millis,
    interaction::v1::{Attachment, Message, Option as Choice},
};
use serde_json::Value;

use crate::{
    core::identity::Kind,
    store::{
        cases::Case, customers::Customer, interactions::Interaction, messages::Message as MessageRow,
        timeline::Line,
    },
};

fn moment(millis: i64) -> prost_types::Timestamp {
    Timestamp::from_millis(millis).to_proto()
}

fn span(millis: i64) -> prost_types::Duration {
    duration_from_millis(millis)
}

pub(super) fn interaction(row: Interaction) -> proto::Interaction {
    proto::Interaction {
        interaction_id: row.interaction_id,
        channel: row.channel.into(),
        direction: row.direction.into(),
        entry_point: row.entry_point,
        queue: row.queue,
        agent_id: row.agent_id,
        customer_id: row.customer_id,
        customer_name: row.customer_name,
        case_id: row.case_id,
        state: row.state.into(),
        end_reason: row.end_reason.into(),
        disposition: row.disposition,
        note: row.note,
        started_at: Some(moment(row.started_at)),
        queued_at: row.queued_at.map(moment),
        answered_at: row.answered_at.map(moment),
        ended_at: row.ended_at.map(moment),
        closed_at: row.closed_at.map(moment),
        wait: row.wait_ms.map(span),
        talk: row.talk_ms.map(span),
        wrap_up: row.wrap_up_ms.map(span),
        instance: row.instance,
        preview: row.preview,
    }
}

pub(super) fn message(row: MessageRow) -> Message {
    Message {
        message_id: row.message_id,
        sequence: row.sequence,
        author: row.author.into(),
        author_id: row.author_id,
        author_name: row.author_name,
        text: row.text,
        attachments: parts(row.attachments, |part| Attachment {
            attachment_id: text(part, "attachment_id"),
            file_name: text(part, "file_name"),
            content_type: text(part, "content_type"),
            size_bytes: part["size_bytes"].as_i64().unwrap_or(0),
        }),
        options: parts(row.options, |part| Choice { value: text(part, "value"), label: text(part, "label") }),
        sent_at: Some(moment(row.sent_at)),
        client_message_id: row.client_message_id,
    }
}

fn parts<T>(array: Option<Value>, read: fn(&Value) -> T) -> Vec<T> {
    array.as_ref().and_then(Value::as_array).map(|parts| parts.iter().map(read).collect()).unwrap_or_default()
}

fn text(part: &Value, field: &str) -> String {
    part[field].as_str().unwrap_or_default().to_owned()
}

pub(super) fn timeline_event(row: Line) -> proto::TimelineEvent {
    proto::TimelineEvent {
        at: Some(moment(row.at)),
        kind: row.kind,
        text: row.line,
        sequence: row.sequence.unsigned_abs(),
    }
}

pub(super) fn customer(row: Customer) -> proto::Customer {
    let identities = row
        .identities
        .into_iter()
        .map(|identity| proto::Identity { kind: identity.kind.number().into(), value: identity.value });
    proto::Customer {
        customer_id: row.customer_id,
        name: row.name,
        identities: identities.collect(),
        first_seen_at: Some(moment(row.first_seen_at)),
        last_seen_at: Some(moment(row.last_seen_at)),
        interactions: row.interactions,
    }
}

pub(super) fn case(row: Case) -> proto::Case {
    proto::Case {
        case_id: row.case_id,
        number: row.number,
        customer_id: row.customer_id,
        state: row.state.into(),
        opened_at: Some(moment(row.opened_at)),
        resolved_at: row.resolved_at.map(moment),
    }
}

/// Kind (none: unknown) and value of what a client sent.
pub(super) fn identity(identity: proto::Identity) -> (Option<Kind>, String) {
    let kind = i16::try_from(identity.kind).ok().and_then(Kind::from_number);
    (kind, identity.value)
}
