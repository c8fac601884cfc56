//! Tells people of the centre that they are rung for this call, or are in it: their desks show who asks, and about whom.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chassis::Fact;
use contract::{
    interaction::v1::{ParticipantRole, SupervisionMode},
    subject,
    voice::v1::{CallGuestSignal, ColleagueOutcome},
};
use tokio::time::Instant;

use super::{CallTask, view::mode_of};
use crate::core::call::{CALLER, ColleagueMissed, Guest, Role, Target};

/// A desk that was opened meanwhile hears of it within this time.
const AGAIN: Duration = Duration::from_secs(2);

/// What was said, and when it is said again.
#[derive(Default)]
pub(super) struct Told {
    signals: BTreeMap<u32, CallGuestSignal>,
    again: Option<Instant>,
}

impl Told {
    /// When it is to be said again; none while there is nothing to say.
    pub(super) fn due(&self) -> Option<Instant> {
        self.again
    }
}

impl CallTask {
    /// Says what has changed since the last time, and all of it when it is due.
    pub(super) fn tell_guests(&mut self) {
        let mut guests: Vec<(u32, String, Guest)> = self.call.guests().iter().filter_map(person).collect();
        if !self.call.is_over() {
            guests.extend(self.caller());
        }
        if guests.is_empty() && self.told.signals.is_empty() {
            return;
        }
        let is_due = self.told.again.is_none_or(|again| again <= Instant::now());
        let mut before = std::mem::take(&mut self.told.signals);
        let mut words = Vec::new();
        for (id, agent_id, guest) in guests {
            let known = before.remove(&id);
            let since = known.as_ref().and_then(|known| known.since);
            let signal = CallGuestSignal {
                since: since.or_else(|| Some(self.voice.clock.now().to_proto())),
                ..self.signal(agent_id, &guest)
            };
            if is_due || known.as_ref() != Some(&signal) {
                words.push(signal.clone());
            }
            self.told.signals.insert(id, signal);
        }
        words.extend(before.into_iter().map(|(id, gone)| self.last_word(id, gone)));
        if is_due || self.told.signals.is_empty() {
            let any = !self.told.signals.is_empty();
            self.told.again = any.then(|| Instant::now() + AGAIN);
        }
        self.say_to_desks(words);
    }

    /// The call is over for everybody.
    pub(super) fn dismiss_guests(&mut self) {
        let told = std::mem::take(&mut self.told.signals);
        self.say_to_desks(told.into_iter().map(|(id, gone)| self.last_word(id, gone)).collect());
    }

    fn last_word(&self, id: u32, gone: CallGuestSignal) -> CallGuestSignal {
        let outcome = if id == CALLER { self.outcome() } else { ColleagueOutcome::Unspecified };
        CallGuestSignal { over: true, outcome: outcome.into(), ..gone }
    }

    /// Whoever calls a colleague is told how that stands too, in the shape of a guest who is there when the colleague is.
    fn caller(&self) -> Option<(u32, String, Guest)> {
        let caller = self.identity.colleague.clone()?;
        let answered = self.call.guests().iter().any(|guest| guest.answered);
        let who = Target::Agent(caller.clone());
        Some((CALLER, caller, Guest { id: CALLER, who, role: Role::Member, answered }))
    }

    fn outcome(&self) -> ColleagueOutcome {
        match self.call.missed_colleague() {
            None => ColleagueOutcome::Unspecified,
            Some(ColleagueMissed::Declined) => ColleagueOutcome::Declined,
            Some(ColleagueMissed::NoAnswer) => ColleagueOutcome::NoAnswer,
            Some(ColleagueMissed::NotThere) => ColleagueOutcome::NotThere,
        }
    }

    fn signal(&self, agent_id: String, guest: &Guest) -> CallGuestSignal {
        let (role, mode) = match guest.role {
            Role::Consulted => (ParticipantRole::Consulted, SupervisionMode::Unspecified),
            Role::Member => (ParticipantRole::Member, SupervisionMode::Unspecified),
            Role::Supervisor(mode) => (ParticipantRole::Unspecified, mode_of(mode)),
        };
        CallGuestSignal {
            agent_id,
            participant_id: guest.id.to_string(),
            asked_by: self.identity.colleague.as_deref().or(self.call.agent()).unwrap_or_default().to_owned(),
            role: role.into(),
            mode: mode.into(),
            answered: guest.answered,
            over: false,
            customer_label: self.identity.label.clone(),
            queue: self.call.queue().to_owned(),
            since: None,
            calls: self.call.colleague().filter(|_| guest.id == CALLER).unwrap_or_default().to_owned(),
            outcome: ColleagueOutcome::Unspecified.into(),
            instance: self.voice.instance.clone(),
        }
    }

    /// Beside the call: it never waits for the bus.
    fn say_to_desks(&self, words: Vec<CallGuestSignal>) {
        if words.is_empty() {
            return;
        }
        let voice = Arc::clone(&self.voice);
        let (tenant, interaction) = (self.identity.tenant.clone(), self.identity.interaction_id.clone());
        tokio::spawn(async move {
            for word in words {
                let fact = Fact::of(word).tenant(&tenant).interaction(&interaction);
                if let Err(error) = voice.bus.signal(subject::live("voice", "guest", &tenant), fact).await {
                    tracing::debug!(error = &error as &dyn std::error::Error, "a signal is lost");
                }
            }
        });
    }
}

fn person(guest: &Guest) -> Option<(u32, String, Guest)> {
    match &guest.who {
        Target::Agent(agent) => Some((guest.id, agent.clone(), guest.clone())),
        Target::Queue(_) | Target::Number(_) => None,
    }
}
