//! Facts of phone calls and chats, as ingresses and the router tell them.

use contract::{
    Event, Timestamp,
    directory::v1::{Agent, AgentConfigured, Queue, QueueConfigured},
    duration_from_millis,
    interaction::v1::{
        Channel, CustomerAddress, Direction, EndReason, FlowStepTaken, InteractionConnected,
        InteractionEnded, InteractionQueued, InteractionStarted, Message, MessageAdded, Party,
    },
    router::v1::{
        InteractionAssigned, InteractionClosed, OfferEnded, OfferMade, OfferOutcome, WrapUpStarted,
    },
};

use crate::world::NOON;

pub fn moment(second: i64) -> prost_types::Timestamp {
    Timestamp::from_millis(NOON + second * 1_000).to_proto()
}

pub fn phone(number: &str) -> CustomerAddress {
    CustomerAddress { phone: number.to_owned(), ..CustomerAddress::default() }
}

pub fn started(channel: Channel, second: i64, customer: CustomerAddress) -> InteractionStarted {
    InteractionStarted {
        channel: channel.into(),
        direction: Direction::Inbound.into(),
        entry_point: "front".to_owned(),
        customer: Some(customer),
        to_address: "+15550100".to_owned(),
        instance: "voice-0".to_owned(),
        started_at: Some(moment(second)),
    }
}

pub fn queued(queue: &str) -> InteractionQueued {
    InteractionQueued {
        channel: Channel::Voice.into(),
        queue: queue.to_owned(),
        entry_point: "front".to_owned(),
        ..InteractionQueued::default()
    }
}

pub fn ended(second: i64, reason: EndReason) -> InteractionEnded {
    InteractionEnded { reason: reason.into(), ended_at: Some(moment(second)), ..InteractionEnded::default() }
}

pub fn said(sequence: i64, text: &str) -> MessageAdded {
    MessageAdded {
        message: Some(Message {
            message_id: format!("m{sequence}"),
            sequence,
            author: Party::Customer.into(),
            text: text.to_owned(),
            sent_at: Some(moment(sequence)),
            ..Message::default()
        }),
        channel: Channel::Chat.into(),
    }
}

pub fn names() -> [Event; 2] {
    let agent = Agent { key: "ann".to_owned(), name: "Ann Archer".to_owned(), ..Agent::default() };
    let queue = Queue { key: "billing".to_owned(), name: "Billing".to_owned(), ..Queue::default() };
    [AgentConfigured { agent: Some(agent) }.into(), QueueConfigured { queue: Some(queue) }.into()]
}

/// A call from `number` at `second` that waits 5 s, talks 60 s and is wrapped up in 20 s by Ann.
pub fn call(number: &str, second: i64) -> Vec<Event> {
    let channel = Channel::Voice.into();
    let (ann, billing, offer) = (|| "ann".to_owned(), || "billing".to_owned(), || "o1".to_owned());
    vec![
        started(Channel::Voice, second, phone(number)).into(),
        FlowStepTaken {
            flow: "main".to_owned(),
            step: "menu".to_owned(),
            input: "2".to_owned(),
            outcome: "choice".to_owned(),
        }
        .into(),
        queued("billing").into(),
        OfferMade { offer_id: offer(), agent_id: ann(), queue: billing(), channel, ..OfferMade::default() }
            .into(),
        OfferEnded {
            offer_id: offer(),
            agent_id: ann(),
            queue: billing(),
            outcome: OfferOutcome::Accepted.into(),
            channel,
        }
        .into(),
        InteractionAssigned {
            agent_id: ann(),
            agent_name: "Ann Archer".to_owned(),
            offer_id: offer(),
            queue: billing(),
            channel,
            waited: Some(duration_from_millis(5_000)),
            ..InteractionAssigned::default()
        }
        .into(),
        InteractionConnected { agent_id: ann(), offer_id: offer() }.into(),
        ended(second + 75, EndReason::CustomerLeft).into(),
        WrapUpStarted { agent_id: ann(), queue: billing(), channel, until: None }.into(),
        InteractionClosed {
            queue: billing(),
            agent_id: ann(),
            channel,
            disposition: "solved".to_owned(),
            note: "paid twice".to_owned(),
            end_reason: EndReason::CustomerLeft.into(),
            queued_at: Some(moment(second + 10)),
            answered_at: Some(moment(second + 15)),
            ended_at: Some(moment(second + 75)),
            closed_at: Some(moment(second + 95)),
            wait: Some(duration_from_millis(5_000)),
            talk: Some(duration_from_millis(60_000)),
            wrap_up: Some(duration_from_millis(20_000)),
            ..InteractionClosed::default()
        }
        .into(),
    ]
}
