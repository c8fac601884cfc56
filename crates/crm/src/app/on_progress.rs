//! What happened to an interaction, as its history keeps it.

use contract::{
    Envelope, Event, Timestamp, directory::v1::AlternativeKind, millis_of_duration, router::v1::OfferOutcome,
};

use crate::core::{
    replay::{Closing, Step},
    text::{NAME_CHARS, bounded},
};

/// Most characters of a disposition's note.
const NOTE_CHARS: usize = 4_000;

/// Whether the event changes where its interaction stands.
pub const fn concerns_state(event: &Event) -> bool {
    matches!(
        event,
        Event::InteractionStarted(_)
            | Event::InteractionQueued(_)
            | Event::InteractionConnected(_)
            | Event::InteractionEnded(_)
            | Event::OfferMade(_)
            | Event::OfferEnded(_)
            | Event::InteractionAssigned(_)
            | Event::WrapUpStarted(_)
            | Event::InteractionClosed(_)
            | Event::InteractionDiverted(_)
            | Event::InteractionTransferred(_)
            | Event::CallbackScheduled(_)
            | Event::CallbackAttemptEnded(_)
    )
}

/// The event as a step of the history; none when it does not concern the state.
pub fn step(envelope: &Envelope) -> Option<Step> {
    let happened_at =
        |moment: Option<prost_types::Timestamp>| moment.map_or(envelope.occurred_at, Timestamp::from);
    let at = envelope.occurred_at;
    let step = match &envelope.event {
        Event::InteractionStarted(started) => Step::Started {
            at: happened_at(started.started_at),
            channel: started.channel,
            direction: started.direction,
            entry_point: key(&started.entry_point),
            instance: key(&started.instance),
        },
        Event::InteractionQueued(queued) => Step::Queued {
            at,
            channel: queued.channel,
            queue: key(&queued.queue),
            entry_point: key(&queued.entry_point),
        },
        Event::CallbackScheduled(scheduled) => {
            Step::Scheduled { at, queue: key(&scheduled.queue), entry_point: key(&scheduled.entry_point) }
        }
        Event::CallbackAttemptEnded(_) => Step::NotReached,
        Event::InteractionDiverted(diverted) if diverted.to() == AlternativeKind::Queue => {
            Step::Moved { queue: key(&diverted.to_queue) }
        }
        Event::InteractionTransferred(moved) => Step::Moved { queue: key(&moved.queue) },
        Event::OfferMade(made) => Step::OfferMade { offer: key(&made.offer_id) },
        Event::OfferEnded(ended) => Step::OfferEnded {
            offer: key(&ended.offer_id),
            accepted: ended.outcome() == OfferOutcome::Accepted,
        },
        Event::InteractionAssigned(assigned) => Step::Assigned {
            offer: key(&assigned.offer_id),
            agent: key(&assigned.agent_id),
            queue: key(&assigned.queue),
        },
        Event::InteractionConnected(connected) => Step::Connected { at, agent: key(&connected.agent_id) },
        Event::WrapUpStarted(wrap_up) => Step::WrapUpStarted { agent: key(&wrap_up.agent_id) },
        Event::InteractionEnded(ended) => {
            Step::Ended { at: happened_at(ended.ended_at), reason: ended.reason }
        }
        Event::InteractionClosed(closed) => Step::Closed(Closing {
            at: happened_at(closed.closed_at),
            channel: closed.channel,
            queue: key(&closed.queue),
            agent: key(&closed.agent_id),
            disposition: bounded(&closed.disposition, NAME_CHARS),
            note: bounded(&closed.note, NOTE_CHARS),
            reason: closed.end_reason,
            queued_at: closed.queued_at.map(Timestamp::from),
            answered_at: closed.answered_at.map(Timestamp::from),
            ended_at: closed.ended_at.map(Timestamp::from),
            wait: closed.wait.as_ref().map(millis_of_duration),
            talk: closed.talk.as_ref().map(millis_of_duration),
            wrap_up: closed.wrap_up.as_ref().map(millis_of_duration),
        }),
        _ => return None,
    };
    Some(step)
}

fn key(text: &str) -> String {
    bounded(text, NAME_CHARS)
}

#[cfg(test)]
mod tests {
    use contract::{Envelope, Event, Timestamp, interaction::v1 as interaction, router::v1 as router};

    use super::{concerns_state, step};
    use crate::core::replay::Step;

    fn envelope(event: impl Into<Event>) -> Envelope {
        Envelope {
            message_id: "m".into(),
            tenant_id: "demo".into(),
            interaction_id: "i".into(),
            causation_id: String::new(),
            occurred_at: Timestamp::from_millis(5_000),
            producer: "test".into(),
            traceparent: String::new(),
            event: event.into(),
        }
    }

    #[test]
    fn a_fact_without_its_own_moment_happened_when_it_was_told() {
        let ended = envelope(interaction::InteractionEnded { reason: 1, ..Default::default() });

        assert_eq!(step(&ended), Some(Step::Ended { at: Timestamp::from_millis(5_000), reason: 1 }));
    }

    #[test]
    fn every_fact_that_concerns_the_state_is_a_step() {
        let facts: [Event; 9] = [
            interaction::InteractionStarted::default().into(),
            interaction::InteractionQueued::default().into(),
            interaction::InteractionConnected::default().into(),
            interaction::InteractionEnded::default().into(),
            router::OfferMade::default().into(),
            router::OfferEnded::default().into(),
            router::InteractionAssigned::default().into(),
            router::WrapUpStarted::default().into(),
            router::InteractionClosed::default().into(),
        ];
        for event in facts {
            assert!(concerns_state(&event) && step(&envelope(event.clone())).is_some(), "{event:?}");
        }
        assert!(step(&envelope(interaction::FlowStepTaken::default())).is_none());
    }
}
