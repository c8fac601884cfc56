//! `switchboard interactions`: calls and chats, now and in the past.

use std::fmt::Write as _;

use contract::{
    crm::v1::{
        GetInteractionRequest, GetInteractionResponse, Interaction, ListInteractionsRequest, TimelineEvent,
    },
    interaction::v1::{Channel as WireChannel, Message},
};
use serde_json::{Value, json};

use crate::{
    cli::{Channel, ListArgs},
    client::Client,
    error::CommandError,
    output::{Output, Table, json_millis, json_text, json_time, local_time, or_dash, printable, span, word},
};

const PAGE: i32 = 500;

/// `interactions list`
pub async fn list(client: &Client, args: &ListArgs) -> Result<Output, CommandError> {
    let mut found = Vec::new();
    let mut page_token = String::new();
    let limit = args.limit as usize;
    while found.len() < limit {
        let request = ListInteractionsRequest {
            customer_id: args.customer.clone().unwrap_or_default(),
            agent_id: args.agent.clone().unwrap_or_default(),
            queue: args.queue.clone().unwrap_or_default(),
            channel: args.channel.map_or(WireChannel::Unspecified, channel).into(),
            open_only: args.open,
            started_from: None,
            started_before: None,
            page_size: PAGE.min(i32::try_from(limit - found.len()).unwrap_or(PAGE)),
            page_token,
        };
        let page = client.crm().list_interactions(request).await;
        let page = page.map_err(|status| client.refusal(status))?.into_inner();
        found.extend(page.interactions);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    Ok(render_list(&found))
}

/// `interactions show`
pub async fn show(client: &Client, id: &str) -> Result<Output, CommandError> {
    let request = GetInteractionRequest { interaction_id: id.to_owned() };
    let answer = client.crm().get_interaction(request).await;
    Ok(render_one(&answer.map_err(|status| client.refusal(status))?.into_inner()))
}

fn channel(channel: Channel) -> WireChannel {
    match channel {
        Channel::Voice => WireChannel::Voice,
        Channel::Chat => WireChannel::Chat,
    }
}

fn render_list(interactions: &[Interaction]) -> Output {
    let mut table = Table::new(&[
        "id", "channel", "started", "state", "queue", "agent", "customer", "wait", "talk", "outcome",
    ]);
    for one in interactions {
        table.row(vec![
            one.interaction_id.clone(),
            channel_word(one),
            local_time(one.started_at.as_ref()),
            state_word(one),
            or_dash(&one.queue),
            or_dash(&one.agent_id),
            or_dash(&one.customer_name),
            span(one.wait.as_ref()),
            span(one.talk.as_ref()),
            outcome(one),
        ]);
    }
    let text = if table.is_empty() {
        "no interactions yet: call the number of an entry point, or open /demo and start a chat\n".to_owned()
    } else {
        table.render()
    };
    Output::new(interactions.iter().map(json_of).collect(), text)
}

/// One interaction as programs read it. The keys are an interface: see the README.
pub fn json_of(one: &Interaction) -> Value {
    json!({
        "id": one.interaction_id,
        "channel": channel_word(one),
        "direction": word(one.direction().as_str_name(), "DIRECTION"),
        "entry_point": json_text(&one.entry_point),
        "queue": json_text(&one.queue),
        "agent": json_text(&one.agent_id),
        "customer": json_text(&one.customer_id),
        "customer_name": json_text(&one.customer_name),
        "case": json_text(&one.case_id),
        "state": state_word(one),
        "end_reason": end_reason(one).map_or(Value::Null, Value::from),
        "disposition": json_text(&one.disposition),
        "started_at": json_time(one.started_at.as_ref()),
        "queued_at": json_time(one.queued_at.as_ref()),
        "answered_at": json_time(one.answered_at.as_ref()),
        "ended_at": json_time(one.ended_at.as_ref()),
        "closed_at": json_time(one.closed_at.as_ref()),
        "wait_ms": json_millis(one.wait.as_ref()),
        "talk_ms": json_millis(one.talk.as_ref()),
        "wrap_up_ms": json_millis(one.wrap_up.as_ref()),
    })
}

fn channel_word(one: &Interaction) -> String {
    word(one.channel().as_str_name(), "CHANNEL")
}

fn state_word(one: &Interaction) -> String {
    word(one.state().as_str_name(), "INTERACTION_STATE")
}

fn end_reason(one: &Interaction) -> Option<String> {
    let word = word(one.end_reason().as_str_name(), "END_REASON");
    (word != "unspecified").then_some(word)
}

fn outcome(one: &Interaction) -> String {
    match (&*one.disposition, end_reason(one)) {
        ("", None) => "-".to_owned(),
        ("", Some(reason)) => reason.replace('_', " "),
        (disposition, _) => disposition.to_owned(),
    }
}

fn render_one(answer: &GetInteractionResponse) -> Output {
    let one = answer.interaction.clone().unwrap_or_default();
    let mut json = json_of(&one);
    json["note"] = json_text(&one.note);
    json["messages"] = answer.messages.iter().map(json_of_message).collect();
    json["events"] = answer.events.iter().map(json_of_event).collect();

    let mut facts = Table::new(&[]);
    for (name, value) in [
        ("interaction", one.interaction_id.clone()),
        ("channel", format!("{} by {}", channel_word(&one), or_dash(&one.entry_point))),
        ("state", state_word(&one)),
        ("outcome", outcome(&one)),
        ("customer", format!("{} {}", or_dash(&one.customer_name), one.customer_id)),
        ("case", or_dash(&one.case_id)),
        ("queue, agent", format!("{}, {}", or_dash(&one.queue), or_dash(&one.agent_id))),
        ("started", local_time(one.started_at.as_ref())),
        ("waited", span(one.wait.as_ref())),
        ("talked", span(one.talk.as_ref())),
        ("wrap-up", span(one.wrap_up.as_ref())),
        ("note", or_dash(&one.note)),
    ] {
        facts.row(vec![name.to_owned(), value]);
    }
    let mut text = facts.render();
    if !answer.messages.is_empty() {
        text.push_str("\nmessages\n");
        for message in &answer.messages {
            text.push_str(&line_of_message(message));
        }
    }
    text.push_str("\nwhat happened\n");
    for event in &answer.events {
        let at = local_time(event.at.as_ref());
        let _ = writeln!(text, "  {at}  {}", printable(&event.text));
    }
    Output::new(json, text)
}

fn line_of_message(message: &Message) -> String {
    let who = if message.author_name.is_empty() {
        word(message.author().as_str_name(), "PARTY")
    } else {
        message.author_name.clone()
    };
    let files = message.attachments.iter().map(|file| format!(" [{}]", file.file_name)).collect::<Vec<_>>();
    let at = local_time(message.sent_at.as_ref());
    format!("  {at}  {}: {}{}\n", printable(&who), printable(&message.text), printable(&files.concat()))
}

fn json_of_message(message: &Message) -> Value {
    json!({
        "id": message.message_id,
        "sequence": message.sequence,
        "author": word(message.author().as_str_name(), "PARTY"),
        "author_id": json_text(&message.author_id),
        "author_name": json_text(&message.author_name),
        "text": message.text,
        "attachments": message.attachments.iter().map(|file| json!({
            "id": file.attachment_id,
            "file_name": file.file_name,
            "content_type": file.content_type,
            "size_bytes": file.size_bytes,
        })).collect::<Vec<_>>(),
        "options": message.options.iter().map(|option| json!({
            "value": option.value, "label": option.label,
        })).collect::<Vec<_>>(),
        "sent_at": json_time(message.sent_at.as_ref()),
    })
}

fn json_of_event(event: &TimelineEvent) -> Value {
    json!({
        "at": json_time(event.at.as_ref()),
        "kind": event.kind,
        "text": event.text,
        "sequence": event.sequence,
    })
}

#[cfg(test)]
mod tests {
    use contract::{
        crm::v1::{Interaction, InteractionState},
        duration_from_millis,
        interaction::v1::{Channel, Direction, EndReason},
    };

    use super::{json_of, render_list};

    #[test]
    fn an_interaction_has_the_keys_that_others_rely_on() {
        let one = Interaction {
            interaction_id: "0190".into(),
            channel: Channel::Voice.into(),
            direction: Direction::Inbound.into(),
            entry_point: "phone".into(),
            queue: "billing".into(),
            state: InteractionState::WrapUp.into(),
            end_reason: EndReason::CustomerLeft.into(),
            started_at: Some(contract::Timestamp::from_millis(1_700_000_000_123).to_proto()),
            wait: Some(duration_from_millis(1_250)),
            ..Interaction::default()
        };

        let json = json_of(&one);

        for key in [
            "id",
            "channel",
            "direction",
            "entry_point",
            "queue",
            "agent",
            "customer",
            "case",
            "state",
            "disposition",
            "started_at",
            "queued_at",
            "answered_at",
            "ended_at",
            "wait_ms",
            "talk_ms",
            "wrap_up_ms",
        ] {
            assert!(json.get(key).is_some(), "{key}");
        }
        assert_eq!((&json["channel"], &json["direction"]), (&"voice".into(), &"inbound".into()));
        assert_eq!((&json["state"], &json["end_reason"]), (&"wrap_up".into(), &"customer_left".into()));
        assert_eq!(json["started_at"], "2023-11-14T22:13:20.123Z");
        assert_eq!(json["wait_ms"], 1_250);
        assert!(json["agent"].is_null() && json["answered_at"].is_null() && json["talk_ms"].is_null());
    }

    #[test]
    fn an_empty_list_says_what_to_do() {
        let output = render_list(&[]);

        assert_eq!(output.json, serde_json::json!([]));
        assert!(output.text.contains("no interactions yet"));
    }
}
