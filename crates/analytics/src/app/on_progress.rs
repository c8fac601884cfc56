//! What happened to an interaction, as its journey keeps it.

use contract::{
    Envelope, Event, Timestamp, directory::v1::AlternativeKind, millis_of_duration, router::v1::OfferOutcome,
};

use crate::core::visit::{Closing, Step};

/// Most characters that are kept of a key or code.
const KEY_CHARS: usize = 200;

/// The event as a step of the journey; none when figures do not depend on it.
pub fn step(envelope: &Envelope) -> Option<Step> {
    let happened_at =
        |moment: Option<prost_types::Timestamp>| moment.map_or(envelope.occurred_at, Timestamp::from);
    let at = envelope.occurred_at;
    let step = match &envelope.event {
        Event::InteractionStarted(started) => Step::Started {
            at: happened_at(started.started_at),
            channel: started.channel,
            entry_point: key(&started.entry_point),
        },
        // The router says where a call-back stands, wherever it came from.
        Event::InteractionQueued(queued) if queued.callback.is_some() => return None,
        Event::CallbackScheduled(scheduled) => {
            Step::Scheduled { at, queue: key(&scheduled.queue), entry_point: key(&scheduled.entry_point) }
        }
        Event::CallbackAttemptEnded(_) => Step::NotReached,
        Event::InteractionDiverted(diverted) if diverted.to() == AlternativeKind::Queue => {
            Step::Queued { at, channel: diverted.channel, queue: key(&diverted.to_queue) }
        }
        Event::InteractionTransferred(moved) => {
            Step::Queued { at, channel: moved.channel, queue: key(&moved.queue) }
        }
        Event::InteractionQueued(queued) => {
            Step::Queued { at, channel: queued.channel, queue: key(&queued.queue) }
        }
        Event::OfferEnded(ended) if ended.outcome() != OfferOutcome::Accepted => {
            Step::Released { offer: key(&ended.offer_id) }
        }
        Event::InteractionAssigned(assigned) => Step::Assigned {
            at,
            offer: key(&assigned.offer_id),
            agent: key(&assigned.agent_id),
            queue: key(&assigned.queue),
            waited: assigned.waited.as_ref().map_or(0, millis_of_duration),
        },
        Event::InteractionConnected(connected) => Step::Connected { at, agent: key(&connected.agent_id) },
        Event::InteractionEnded(ended) => {
            Step::Ended { at: happened_at(ended.ended_at), reason: ended.reason }
        }
        Event::InteractionClosed(closed) => Step::Closed(Closing {
            at: happened_at(closed.closed_at),
            queue: key(&closed.queue),
            agent: key(&closed.agent_id),
            disposition: key(&closed.disposition),
            reason: closed.end_reason,
            queued_at: closed.queued_at.map(Timestamp::from),
            answered_at: closed.answered_at.map(Timestamp::from),
            ended_at: closed.ended_at.map(Timestamp::from),
            talk: closed.talk.as_ref().map_or(0, millis_of_duration),
            wrap_up: closed.wrap_up.as_ref().map_or(0, millis_of_duration),
        }),
        _ => return None,
    };
    Some(step)
}

/// A key or code from outside, made fit to keep: Postgres stores no NUL, and nothing is kept without a bound.
pub(super) fn key(text: &str) -> String {
    text.chars().filter(|character| *character != '\0').take(KEY_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use contract::{Envelope, Event, Timestamp, router::v1 as router};

    use super::step;
    use crate::core::visit::Step;

    fn step_of(event: impl Into<Event>) -> Option<Step> {
        step(&Envelope {
            message_id: "m".into(),
            tenant_id: "demo".into(),
            interaction_id: "i".into(),
            causation_id: String::new(),
            occurred_at: Timestamp::from_millis(5_000),
            producer: "test".into(),
            traceparent: String::new(),
            event: event.into(),
        })
    }

    #[test]
    fn an_accepted_offer_releases_nothing() {
        let ended = |outcome: router::OfferOutcome| router::OfferEnded {
            offer_id: "o".into(),
            outcome: outcome.into(),
            ..Default::default()
        };

        assert_eq!(step_of(ended(router::OfferOutcome::Accepted)), None);
        assert_eq!(
            step_of(ended(router::OfferOutcome::Unreachable)),
            Some(Step::Released { offer: "o".into() })
        );
    }
}
