//! Effects of the core as events of the published language.

use std::fmt::Write as _;

use chassis::Received;
use contract::{
    Envelope, Event, directory::v1 as directory, duration_from_millis, router::v1 as router, subject,
};
use serde::{Deserialize, Serialize};

use super::{channel_number, interaction_text, views};
use crate::core::{
    Alternative, Decision, Details, DivertReason, Effect, Name, Outcome, Verdict, publication::OutputId,
};

/// An output, ready for the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Output {
    /// Where it goes.
    pub subject: String,
    /// The encoded envelope.
    pub envelope: Vec<u8>,
    /// When the log took the input behind it, milliseconds since 1970.
    pub caused_at: i64,
}

/// The outputs of one input, numbered and encoded. Replies are not among them.
pub(crate) fn outputs(cause: &Received, partition: u16, producer: &str, effects: &[Effect]) -> Vec<Output> {
    envelopes(cause, partition, producer, effects)
        .map(|envelope| {
            let (context, name) = envelope.event.subject_tokens();
            Output {
                subject: subject::event(context, name, &envelope.tenant_id),
                envelope: contract::wrap(&envelope),
                caused_at: cause.stored_at.as_millis(),
            }
        })
        .collect()
}

/// The outputs of one input, numbered.
pub(crate) fn envelopes<'a>(
    cause: &'a Received,
    partition: u16,
    producer: &'a str,
    effects: &'a [Effect],
) -> impl Iterator<Item = Envelope> + 'a {
    let wrap = move |(number, (interaction_id, event)): (usize, (String, Event))| Envelope {
        message_id: OutputId { partition, input: cause.sequence, number: number as u32 }.to_string(),
        tenant_id: cause.envelope.tenant_id.clone(),
        interaction_id,
        causation_id: cause.envelope.message_id.clone(),
        occurred_at: cause.stored_at,
        producer: producer.to_owned(),
        traceparent: cause.envelope.traceparent.clone(),
        event,
    };
    effects.iter().filter_map(event).enumerate().map(wrap)
}

fn event(effect: &Effect) -> Option<(String, Event)> {
    Some(match effect {
        Effect::Reply { .. } => return None,
        Effect::OfferMade {
            offer,
            interaction,
            agent,
            queue,
            channel,
            expires_at,
            queued_at,
            details,
            decision,
            manner,
        } => {
            let Details { customer_label, entry_point, attributes } = details.as_ref();
            let event = router::OfferMade {
                offer_id: offer.to_string(),
                agent_id: agent.to_string(),
                queue: queue.to_string(),
                channel: channel_number(*channel),
                expires_at: Some(expires_at.to_proto()),
                decision: Some(decision_of(decision)),
                queued_at: Some(queued_at.to_proto()),
                customer_label: customer_label.clone(),
                entry_point: entry_point.clone(),
                attributes: attributes.iter().cloned().collect(),
                whisper: manner.whisper.to_string(),
                auto_accept: manner.auto_accept,
                callback: manner.callback,
                ring_all: manner.ring_all,
                by_hand: manner.by_hand,
            };
            (interaction_text(*interaction), event.into())
        }
        Effect::OfferEnded { offer, interaction, agent, queue, channel, outcome } => {
            let event = router::OfferEnded {
                offer_id: offer.to_string(),
                agent_id: agent.to_string(),
                queue: queue.to_string(),
                outcome: outcome_number(*outcome),
                channel: channel_number(*channel),
            };
            (interaction_text(*interaction), event.into())
        }
        Effect::InteractionAssigned {
            interaction,
            agent,
            agent_name,
            offer,
            queue,
            channel,
            waited_ms,
            whisper,
            callback,
            ..
        } => {
            let event = router::InteractionAssigned {
                agent_id: agent.to_string(),
                agent_name: agent_name.clone(),
                offer_id: offer.to_string(),
                queue: queue.to_string(),
                channel: channel_number(*channel),
                waited: Some(duration_from_millis(*waited_ms)),
                whisper: whisper.to_string(),
                callback: *callback,
            };
            (interaction_text(*interaction), event.into())
        }
        Effect::WrapUpStarted { interaction, agent, queue, channel, until } => {
            let event = router::WrapUpStarted {
                agent_id: agent.to_string(),
                queue: queue.to_string(),
                channel: channel_number(*channel),
                until: until.map(contract::Timestamp::to_proto),
            };
            (interaction_text(*interaction), event.into())
        }
        Effect::InteractionClosed(closed) => {
            let answered = closed.answered_at.unwrap_or(closed.ended_at);
            let event = router::InteractionClosed {
                queue: closed.queue.to_string(),
                agent_id: closed.agent.as_ref().map(ToString::to_string).unwrap_or_default(),
                channel: channel_number(closed.channel),
                disposition: closed.disposition.clone(),
                note: closed.note.clone(),
                end_reason: closed.end_reason,
                queued_at: Some(closed.queued_at.to_proto()),
                answered_at: closed.answered_at.map(contract::Timestamp::to_proto),
                ended_at: Some(closed.ended_at.to_proto()),
                closed_at: Some(closed.closed_at.to_proto()),
                wait: Some(duration_from_millis(answered - closed.queued_at)),
                talk: Some(duration_from_millis(closed.ended_at - answered)),
                wrap_up: Some(duration_from_millis(closed.closed_at - closed.ended_at)),
                callback: closed.callback,
                callback_of: closed.callback_of.map(interaction_text).unwrap_or_default(),
            };
            (interaction_text(closed.interaction), event.into())
        }
        Effect::InteractionDiverted { interaction, channel, queue, reason, to, word } => {
            let (kind, to_queue) = alternative(to);
            let event = router::InteractionDiverted {
                queue: queue.to_string(),
                channel: channel_number(*channel),
                reason: (match reason {
                    DivertReason::Exhausted => router::DivertReason::Exhausted,
                    DivertReason::Closed => router::DivertReason::Closed,
                }) as i32,
                to: kind as i32,
                to_queue,
                word: word.to_string(),
            };
            (interaction_text(*interaction), event.into())
        }
        Effect::InteractionTransferred {
            interaction,
            channel,
            from_agent,
            from_queue,
            queue,
            to_agent,
            keeps_place,
        } => {
            let event = router::InteractionTransferred {
                from_agent_id: text(from_agent.as_ref()),
                from_queue: from_queue.to_string(),
                queue: queue.to_string(),
                to_agent_id: text(to_agent.as_ref()),
                channel: channel_number(*channel),
                keeps_place: *keeps_place,
            };
            (interaction_text(*interaction), event.into())
        }
        Effect::PriorityChanged { interaction, channel, queue, priority } => {
            let event = router::PriorityChanged {
                queue: queue.to_string(),
                channel: channel_number(*channel),
                priority: *priority,
            };
            (interaction_text(*interaction), event.into())
        }
        Effect::InteractionParked { interaction, agent, queue, channel } => {
            let event = router::InteractionParked {
                agent_id: agent.to_string(),
                queue: queue.to_string(),
                channel: channel_number(*channel),
            };
            (interaction_text(*interaction), event.into())
        }
        Effect::InteractionUnparked { interaction, agent, queue, channel } => {
            let event = router::InteractionUnparked {
                agent_id: agent.to_string(),
                queue: queue.to_string(),
                channel: channel_number(*channel),
            };
            (interaction_text(*interaction), event.into())
        }
        Effect::WrapUpExtended { interaction, agent, queue, channel, until } => {
            let event = router::WrapUpExtended {
                agent_id: agent.to_string(),
                queue: queue.to_string(),
                channel: channel_number(*channel),
                until: Some(until.to_proto()),
            };
            (interaction_text(*interaction), event.into())
        }
        Effect::CallbackScheduled { interaction, queue, phone, of, enqueued_at, not_before, details } => {
            let event = router::CallbackScheduled {
                queue: queue.to_string(),
                phone: phone.to_string(),
                of_interaction_id: of.map(interaction_text).unwrap_or_default(),
                enqueued_at: Some(enqueued_at.to_proto()),
                not_before: not_before.map(contract::Timestamp::to_proto),
                customer_label: details.customer_label.clone(),
                entry_point: details.entry_point.clone(),
            };
            (interaction_text(*interaction), event.into())
        }
        Effect::CallbackDue { interaction, agent, offer, queue, phone, attempt } => {
            let event = router::CallbackDue {
                agent_id: agent.to_string(),
                offer_id: offer.to_string(),
                queue: queue.to_string(),
                phone: phone.to_string(),
                attempt: i32::from(*attempt),
            };
            (interaction_text(*interaction), event.into())
        }
        Effect::CallbackAttemptEnded { interaction, agent, queue, outcome, attempt, next_at } => {
            let event = router::CallbackAttemptEnded {
                agent_id: agent.to_string(),
                queue: queue.to_string(),
                outcome: *outcome,
                attempt: i32::from(*attempt),
                next_at: next_at.map(contract::Timestamp::to_proto),
            };
            (interaction_text(*interaction), event.into())
        }
        Effect::BlendingChanged { profile, serves_outbound } => {
            let event = router::BlendingChanged {
                routing_profile: profile.to_string(),
                serves_outbound: *serves_outbound,
            };
            (String::new(), event.into())
        }
        Effect::QueueOpennessChanged { queue, open } => {
            (String::new(), router::QueueOpennessChanged { queue: queue.to_string(), open: *open }.into())
        }
        Effect::AgentStateChanged { agent, agent_name, now } => {
            (String::new(), views::state_changed(agent, agent_name, now).into())
        }
    })
}

fn text(name: Option<&Name>) -> String {
    name.map(ToString::to_string).unwrap_or_default()
}

fn alternative(to: &Alternative) -> (directory::AlternativeKind, String) {
    use directory::AlternativeKind as Kind;
    match to {
        Alternative::AnyAgent => (Kind::AnyAgent, String::new()),
        Alternative::Queue(queue) => (Kind::Queue, queue.to_string()),
        Alternative::Voicemail => (Kind::Voicemail, String::new()),
        Alternative::Callback => (Kind::Callback, String::new()),
        Alternative::Disconnect => (Kind::Disconnect, String::new()),
    }
}

const fn outcome_number(outcome: Outcome) -> i32 {
    (match outcome {
        Outcome::Accepted => router::OfferOutcome::Accepted,
        Outcome::Declined => router::OfferOutcome::Declined,
        Outcome::TimedOut => router::OfferOutcome::TimedOut,
        Outcome::Rescinded => router::OfferOutcome::Rescinded,
        Outcome::Unreachable => router::OfferOutcome::Unreachable,
    }) as i32
}

/// A decision as it is published.
pub(crate) fn decision_of(decision: &Decision) -> router::Decision {
    let counted = decision.others.counts.iter().enumerate().filter(|(_, agents)| **agents > 0);
    router::Decision {
        queue: decision.queue.to_string(),
        position: decision.place as i32,
        waiting: decision.waiting as i32,
        ring: i32::from(decision.ring),
        expression: decision.expression.to_string(),
        strategy: decision.strategy.to_owned(),
        candidates: decision
            .candidates
            .iter()
            .map(|candidate| {
                let (detail, score) = particulars(&candidate.verdict);
                router::Candidate {
                    agent_id: candidate.agent.to_string(),
                    verdict: VERDICTS[candidate.verdict.kind()] as i32,
                    detail,
                    score,
                }
            })
            .collect(),
        others: counted
            .map(|(kind, agents)| router::VerdictCount {
                verdict: VERDICTS[kind] as i32,
                agents: *agents as i32,
            })
            .collect(),
        decided_at: Some(decision.decided_at.to_proto()),
        log_sequence: decision.log_sequence,
    }
}

/// By [`Verdict::kind`].
const VERDICTS: [router::CandidateVerdict; Verdict::KINDS] = [
    router::CandidateVerdict::Chosen,
    router::CandidateVerdict::Outranked,
    router::CandidateVerdict::MissingSkill,
    router::CandidateVerdict::NotAvailable,
    router::CandidateVerdict::AtCapacity,
    router::CandidateVerdict::OfferedOtherWork,
    router::CandidateVerdict::WrappingUp,
    router::CandidateVerdict::Excluded,
    router::CandidateVerdict::Delayed,
    router::CandidateVerdict::NotInQueue,
    router::CandidateVerdict::NotResponding,
    router::CandidateVerdict::NotPreferred,
    router::CandidateVerdict::Paced,
];

fn particulars(verdict: &Verdict) -> (String, f64) {
    let mut detail = String::new();
    let mut score = 0.0;
    match verdict {
        Verdict::Chosen { score: found } | Verdict::Outranked { score: found } => score = *found as f64,
        Verdict::MissingSkill(missing) => detail.clone_from(missing),
        Verdict::Excluded { until } | Verdict::Delayed { until } => {
            let _ = write!(detail, "until {until}");
        }
        _ => {}
    }
    (detail, score)
}
