//! The lines of an interaction's story, for people.

use contract::{
    Event,
    directory::v1::AlternativeKind,
    interaction::v1::{
        CallTarget, Channel, Direction, EndReason, FarEnd, FarEndDetected, InteractionEnded, Participant,
        ParticipantRole, Party, RecordingState, SupervisionMode, call_target::Target,
    },
    millis_of_duration,
    router::v1::{CallbackAttemptEnded, CallbackOutcome, DivertReason, InteractionDiverted, OfferOutcome},
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
        Event::InteractionDiverted(diverted) => ("", &diverted.queue),
        Event::InteractionTransferred(moved) => (&moved.to_agent_id, &moved.queue),
        Event::CallbackScheduled(scheduled) => ("", &scheduled.queue),
        Event::CallbackDue(due) => (&due.agent_id, &due.queue),
        Event::CallbackAttemptEnded(ended) => (&ended.agent_id, &ended.queue),
        Event::VoicemailLeft(left) => ("", &left.queue),
        Event::InteractionHeld(held) => (&held.agent_id, ""),
        Event::InteractionResumed(resumed) => (&resumed.agent_id, ""),
        Event::CallTransferred(transferred) => (&transferred.agent_id, ""),
        Event::CallParked(parked) => (&parked.agent_id, ""),
        Event::CallRetrieved(retrieved) => (&retrieved.agent_id, ""),
        Event::SupervisionStarted(started) => (&started.supervisor_id, ""),
        Event::SupervisionEnded(ended) => (&ended.supervisor_id, ""),
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
        Event::InteractionHeld(_) => format!("{agent} put the customer on hold"),
        Event::InteractionResumed(resumed) => {
            format!("{agent} took the customer back{}", after(resumed.held_for.as_ref()))
        }
        Event::ParticipantJoined(joined) => {
            participant(joined.participant.as_ref(), "is consulted", "joined")
        }
        Event::ParticipantLeft(left) => {
            participant(left.participant.as_ref(), "is not consulted any more", "left")
                + &after(left.stayed.as_ref())
        }
        Event::CallTransferred(transferred) => {
            let way = if transferred.attended { "handed over" } else { "transferred" };
            let by = if agent.is_empty() { "the menu" } else { agent };
            format!("{way} by {by} to {}", target(transferred.target.as_ref()))
        }
        Event::InteractionDiverted(diverted) => diverted_to(diverted, queue),
        Event::InteractionTransferred(moved) if moved.to_agent_id.is_empty() => format!("moved to {queue}"),
        Event::InteractionTransferred(_) => format!("moved to {agent}"),
        Event::CallbackScheduled(scheduled) => {
            format!("to be called back on {} from {queue}", scheduled.phone)
        }
        Event::CallbackDue(due) => {
            format!("calling {} for {agent}, attempt {}", due.phone, due.attempt)
        }
        Event::CallbackAttemptEnded(ended) => attempt_ended(ended),
        Event::VoicemailLeft(left) => match left.length.as_ref().map(millis_of_duration) {
            Some(length) => format!("left a message for {queue}, {} s", length / 1000),
            None => format!("left a message for {queue}"),
        },
        Event::FarEndDetected(detected) => far_end(detected),
        Event::CallParked(_) => format!("parked by {agent}"),
        Event::CallRetrieved(retrieved) if retrieved.agent_id.is_empty() => "parked for too long".to_owned(),
        Event::CallRetrieved(_) => format!("taken from the park by {agent}"),
        Event::SupervisionStarted(started) => {
            format!("{agent} {}", supervision(started.mode(), "listens", "whispers", "barges in"))
        }
        Event::SupervisionEnded(ended) => {
            let what = supervision(ended.mode(), "stopped listening", "stopped whispering", "left");
            format!("{agent} {what}{}", after(ended.lasted.as_ref()))
        }
        Event::RecordingChanged(changed) => recording(changed.state()).to_owned(),
        _ => String::new(),
    };
    bounded(&line, LINE_CHARS)
}

fn after(span: Option<&prost_types::Duration>) -> String {
    span.map(millis_of_duration).map_or_else(String::new, |millis| format!(" after {} s", millis / 1000))
}

fn target(target: Option<&CallTarget>) -> &str {
    match target.and_then(|target| target.target.as_ref()) {
        Some(Target::AgentId(name) | Target::Queue(name) | Target::Number(name)) => name,
        None => "somebody",
    }
}

fn participant(participant: Option<&Participant>, consulted: &str, member: &str) -> String {
    let Some(participant) = participant else { return String::new() };
    let what = if participant.role() == ParticipantRole::Consulted { consulted } else { member };
    format!("{} {what}", target(participant.who.as_ref()))
}

fn supervision<'a>(mode: SupervisionMode, monitor: &'a str, whisper: &'a str, barge: &'a str) -> &'a str {
    match mode {
        SupervisionMode::Monitor | SupervisionMode::Unspecified => monitor,
        SupervisionMode::Whisper => whisper,
        SupervisionMode::Barge => barge,
    }
}

const fn recording(state: RecordingState) -> &'static str {
    match state {
        RecordingState::Recording => "recording",
        RecordingState::Paused => "recording paused",
        RecordingState::Ended => "recording ended",
        RecordingState::Unspecified => "",
    }
}

fn diverted_to(diverted: &InteractionDiverted, queue: &str) -> String {
    let why = match diverted.reason() {
        DivertReason::Closed => format!("{queue} is closed"),
        DivertReason::Exhausted | DivertReason::Unspecified => format!("nobody of {queue} took it"),
    };
    match diverted.to() {
        AlternativeKind::Queue => format!("{why}: on to {}", diverted.to_queue),
        AlternativeKind::Voicemail => format!("{why}: a message is taken"),
        AlternativeKind::Callback => format!("{why}: a call-back is offered"),
        AlternativeKind::Disconnect => format!("{why}: farewell"),
        AlternativeKind::AnyAgent | AlternativeKind::Unspecified => why,
    }
}

fn attempt_ended(ended: &CallbackAttemptEnded) -> String {
    let why = match ended.outcome() {
        CallbackOutcome::NoAnswer => "nobody answered",
        CallbackOutcome::Busy => "busy",
        CallbackOutcome::Machine => "a machine answered",
        CallbackOutcome::MessageLeft => "a message was left on a machine",
        CallbackOutcome::Failed | CallbackOutcome::Unspecified => "the call failed",
    };
    let next = if ended.next_at.is_some() { "another follows" } else { "it was the last" };
    format!("attempt {}: {why}, {next}", ended.attempt)
}

fn far_end(detected: &FarEndDetected) -> String {
    let what = match detected.far_end() {
        FarEnd::Human => "a person is on the line",
        FarEnd::Machine => "an answering machine is on the line",
        FarEnd::Fax => "a fax machine is on the line",
        FarEnd::Busy => "the line is busy",
        FarEnd::Sit => "the number can't be reached",
        FarEnd::NotSure => "who is on the line could not be told",
        FarEnd::Unspecified => return String::new(),
    };
    if detected.reason.is_empty() { what.to_owned() } else { format!("{what} ({})", detected.reason) }
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
        (EndReason::Transferred, _) => "given to somebody outside",
        (EndReason::NotReached, _) => "nobody was reached",
        (EndReason::Voicemail, _) => "the customer left a message",
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
    fn who_listened_and_what_was_held_is_told() {
        let ann = Names { agent: "Ann", queue: "" };
        let resumed = Event::from(interaction::InteractionResumed {
            agent_id: "ann".into(),
            held_for: Some(contract::duration_from_millis(12_345)),
        });
        let started = Event::from(interaction::SupervisionStarted {
            supervisor_id: "sue".into(),
            mode: interaction::SupervisionMode::Whisper.into(),
            ..Default::default()
        });

        assert_eq!(line(&resumed, ann), "Ann took the customer back after 12 s");
        assert_eq!(keys(&started).0, "sue");
        assert_eq!(line(&started, Names { agent: "Sue", queue: "" }), "Sue whispers");
    }

    #[test]
    fn what_was_heard_at_the_other_end_is_told_with_its_reason() {
        let event = Event::from(interaction::FarEndDetected {
            far_end: interaction::FarEnd::Machine.into(),
            reason: "spoke on after 1.5 s".into(),
            ..Default::default()
        });
        let attempt = Event::from(router::CallbackAttemptEnded {
            outcome: router::CallbackOutcome::MessageLeft.into(),
            attempt: 1,
            ..Default::default()
        });

        let lines = [line(&event, Names::default()), line(&attempt, Names::default())];

        assert_eq!(
            lines,
            [
                "an answering machine is on the line (spoke on after 1.5 s)",
                "attempt 1: a message was left on a machine, it was the last"
            ]
        );
    }

    #[test]
    fn a_line_is_bounded() {
        let event =
            Event::from(interaction::FlowStepTaken { input: "x".repeat(20_000), ..Default::default() });

        assert_eq!(line(&event, Names::default()).chars().count(), LINE_CHARS);
    }
}
