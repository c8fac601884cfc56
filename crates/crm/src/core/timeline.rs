//! The lines of an interaction's story, for people.

use contract::{
    Event,
    interaction::v1::{Channel, Direction, EndReason, InteractionEnded, Party},
    millis_of_duration,
    router::v1::OfferOutcome,
};

use super::text::bounded;

/// Most characters of a line.
const LINE_CHARS: usize = 300;

/// What people call the agent and the queue of an event; the keys themselves when nobody named them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Names<'a> {
    /// "Ann Archer".
    pub agent: &'a str,
    /// "Billing".
    pub queue: &'a str,
}

/// Keys of the agent and the queue that an event names, empty when it names none.
pub fn keys(event: &Event) -> (&str, &str) {
    match event {
        Event::InteractionQueued(queued) => ("", &queued.queue),
        Event::OfferMade(made) => (&made.agent_id, &made.queue),
        Event::OfferEnded(ended) => (&ended.agent_id, &ended.queue),
        Event::InteractionAssigned(assigned) => (&assigned.agent_id, &assigned.queue),
        Event::InteractionConnected(connected) => (&connected.agent_id, ""),
        Event::WrapUpStarted(wrap_up) => (&wrap_up.agent_id, &wrap_up.queue),
        Event::InteractionClosed(closed) => (&closed.agent_id, &closed.queue),
        Event::NoteAdded(added) => (added.note.as_ref().map_or("", |note| note.author_id.as_str()), ""),
        _ => ("", ""),
    }
}

/// The line for an event: "offered to Ann". Empty for events that tell people nothing.
pub fn line(event: &Event, names: Names<'_>) -> String {
    let Names { agent, queue } = names;
    let line = match event {
        Event::InteractionStarted(started) => {
            let way = if started.direction() == Direction::Outbound { "to" } else { "from" };
            let who = started.customer.as_ref().map_or("", |customer| {
                [&customer.display_name, &customer.phone, &customer.email]
                    .into_iter()
                    .find(|text| !text.is_empty())
                    .map_or("", String::as_str)
            });
            let who = if who.is_empty() { "somebody" } else { who };
            format!("{} {way} {who} at {}", channel_name(started.channel()), started.entry_point)
        }
        Event::FlowStepTaken(step) if step.input.is_empty() => {
            format!("{} / {}: {}", step.flow, step.step, step.outcome)
        }
        Event::FlowStepTaken(step) => {
            format!("{} / {}: {} “{}”", step.flow, step.step, step.outcome, step.input)
        }
        Event::InteractionQueued(_) => format!("queued for {queue}"),
        Event::OfferMade(_) => format!("offered to {agent}"),
        Event::OfferEnded(ended) => offer_ended(ended.outcome(), agent),
        Event::InteractionAssigned(assigned) => match assigned.waited.as_ref().map(millis_of_duration) {
            Some(waited) => format!("assigned to {agent} after {} s", waited / 1000),
            None => format!("assigned to {agent}"),
        },
        Event::InteractionConnected(_) => format!("connected with {agent}"),
        Event::InteractionEnded(ended) => interaction_ended(ended),
        Event::WrapUpStarted(_) => format!("{agent} wraps up"),
        Event::InteractionClosed(closed) if closed.disposition.is_empty() => "closed".to_owned(),
        Event::InteractionClosed(closed) => format!("closed as {}", closed.disposition),
        Event::CustomerRecognised(recognised) => {
            let name = if recognised.name.is_empty() { "a customer without name" } else { &recognised.name };
            format!("{} {name}", if recognised.created { "first contact of" } else { "recognised as" })
        }
        Event::NoteAdded(_) => format!("{agent} wrote a note"),
        _ => String::new(),
    };
    bounded(&line, LINE_CHARS)
}

fn channel_name(channel: Channel) -> &'static str {
    match channel {
        Channel::Voice => "call",
        Channel::Chat => "chat",
        Channel::Email => "mail",
        Channel::Sms => "text message",
        Channel::Social => "social message",
        Channel::Video => "video call",
        Channel::Fax => "fax",
        Channel::Unspecified => "interaction",
    }
}

fn offer_ended(outcome: OfferOutcome, agent: &str) -> String {
    match outcome {
        OfferOutcome::Accepted => format!("{agent} accepted"),
        OfferOutcome::Declined => format!("{agent} declined"),
        OfferOutcome::TimedOut => format!("{agent} let it ring"),
        OfferOutcome::Rescinded => format!("offer to {agent} withdrawn"),
        OfferOutcome::Unreachable => format!("{agent} could not be reached"),
        OfferOutcome::Unspecified => format!("offer to {agent} ended"),
    }
}

fn interaction_ended(ended: &InteractionEnded) -> String {
    let what = match (ended.reason(), ended.ended_by()) {
        (EndReason::CustomerLeft, _) => "the customer left",
        (EndReason::AgentEnded, _) => "the agent ended it",
        (EndReason::Abandoned, _) => "the customer left while waiting",
        (EndReason::LeftInFlow, _) => "the customer left in the menu",
        (EndReason::FlowEnded, _) => "the menu ended it",
        (EndReason::MediaTimeout, _) => "ended: the line went silent",
        (EndReason::ProcessDied, _) => "ended: the process that held the line died",
        (EndReason::Rejected, _) => "refused",
        (EndReason::Failed, _) => "ended: something failed",
        (EndReason::Inactive, _) => "ended: the customer was silent for too long",
        (EndReason::CallbackRequested, _) => "the customer is called back",
        (EndReason::CallbackFailed, _) => "ended: no call-back reached the customer",
        (EndReason::Diverted, _) => "ended: nobody of the queue took it",
        (EndReason::Unspecified, Party::Customer) => "ended by the customer",
        (EndReason::Unspecified, _) => "ended",
    };
    if ended.detail.is_empty() { what.to_owned() } else { format!("{what} ({})", ended.detail) }
}

#[cfg(test)]
mod tests {
    use contract::{Event, interaction::v1 as interaction, router::v1 as router};

    use super::{LINE_CHARS, Names, keys, line};

    #[test]
    fn an_offer_names_the_agent() {
        let event = Event::from(router::OfferMade { agent_id: "ann".into(), ..Default::default() });

        let text = line(&event, Names { agent: "Ann", queue: "" });

        assert_eq!((keys(&event).0, text.as_str()), ("ann", "offered to Ann"));
    }

    #[test]
    fn an_end_tells_reason_and_detail() {
        let event = Event::from(interaction::InteractionEnded {
            reason: interaction::EndReason::Rejected.into(),
            detail: "488 no common codec".into(),
            ..Default::default()
        });

        assert_eq!(line(&event, Names::default()), "refused (488 no common codec)");
    }

    #[test]
    fn a_line_is_bounded() {
        let event =
            Event::from(interaction::FlowStepTaken { input: "x".repeat(20_000), ..Default::default() });

        assert_eq!(line(&event, Names::default()).chars().count(), LINE_CHARS);
    }
}
