//! One replica: it follows the log, and writes to it while it believes to lead.

use std::collections::{BTreeMap, BTreeSet};

use contract::Timestamp;

use super::{
    Report,
    log::{Body, Log},
    rng::Rng,
    world::{PARTITION, TENANT, World},
};
use crate::core::{Effect, Entry, Input, InteractionId, MessageId, Name, Router, publication::Publication};

pub(super) struct Replica {
    index: usize,
    router: Router,
    publication: Publication<Effect>,
    /// Entries of the log that were read.
    read: usize,
    saved: Option<Saved>,
    /// Messages folded since the last restart from nothing.
    messages: BTreeSet<MessageId>,
    paused_until: Timestamp,
    /// What gave each open interaction its place when last looked at.
    enqueued: BTreeMap<InteractionId, Timestamp>,
    /// When the agents of each profile were last moved.
    moved: BTreeMap<Name, Timestamp>,
    pub leads: bool,
}

/// What outlives a restart.
type Saved = (Vec<u8>, Publication<Effect>, usize, BTreeSet<MessageId>);

/// Replies go to whoever waits, everything else into the log.
pub(super) fn is_published(effect: &Effect) -> bool {
    !matches!(effect, Effect::Reply { .. })
}

impl Replica {
    pub(super) fn new(index: usize) -> Self {
        Self {
            index,
            router: Router::new(PARTITION),
            publication: Publication::new(PARTITION),
            read: 0,
            saved: None,
            messages: BTreeSet::new(),
            paused_until: Timestamp::default(),
            enqueued: BTreeMap::new(),
            moved: BTreeMap::new(),
            leads: index == 0,
        }
    }

    pub(super) fn has_read(&self, log: &Log) -> bool {
        self.read == log.entries().len()
    }

    /// Nothing is due and nothing left to say.
    pub(super) fn is_quiet(&mut self) -> bool {
        self.publication.is_empty() && self.router.next_deadline().is_none()
    }

    pub(super) fn step(
        &mut self,
        log: &mut Log,
        world: &mut World,
        rng: &mut Rng,
        at: Timestamp,
        report: &mut Report,
    ) -> Result<(), String> {
        if at < self.paused_until {
            return Ok(());
        }
        match rng.below(200) {
            0 => self.paused_until = at.plus_millis(rng.between(10, 4_000)),
            1 => {
                report.restarts += 1;
                self.restart()?;
            }
            2 | 3 => {
                self.saved =
                    Some((self.snapshot()?, self.publication.clone(), self.read, self.messages.clone()));
            }
            _ => {}
        }
        for _ in 0..rng.between(0, 8) {
            let Some(message) = log.entries().get(self.read) else { break };
            self.read += 1;
            match &message.body {
                Body::Output(id, _) => self.publication.seen(*id, message.sequence),
                Body::Input(input) => {
                    let entry = Entry {
                        sequence: message.sequence,
                        at: message.at,
                        message: message.message,
                        tenant: TENANT.into(),
                        input: input.clone(),
                    };
                    self.fold(entry, rng)?;
                }
            }
        }
        if self.leads {
            self.write(log, rng, at, report);
            let due = self.router.next_deadline().filter(|(deadline, _)| *deadline <= at);
            if due.is_some() && self.has_read(log) {
                log.append(at, world.new_message(), Body::Input(Input::DeadlinePassed));
            }
        }
        Ok(())
    }

    fn fold(&mut self, entry: Entry, rng: &mut Rng) -> Result<(), String> {
        let describe = format!("replica {} at {}: {:?}", self.index, entry.sequence, entry.input);
        let sequence = entry.sequence;
        let watched = if rng.chance(30) { Some(self.facts()?) } else { None };
        let queued = match &entry.input {
            Input::InteractionQueued(queued) => Some(queued.interaction),
            _ => None,
        };
        let call_back = match &entry.input {
            Input::RequestCallback { interaction, callback, .. } => {
                self.enqueued.get(interaction).map(|enqueued| (*callback, *enqueued))
            }
            _ => None,
        };
        let repeated = !self.messages.insert(entry.message);
        let effects = self.router.handle(entry);
        if repeated && !effects.is_empty() {
            return Err(format!("R8 does not hold: a repeated message led to something\n  after {describe}"));
        }
        self.router.check().map_err(|violation| format!("{violation}\n  after {describe}"))?;
        if let Some(before) = watched {
            let refused = matches!(effects.as_slice(), [Effect::Reply { result: Err(_), .. }]);
            if (refused || repeated) && before != self.facts()? {
                return Err(format!("R8 does not hold: what must change nothing did\n  after {describe}"));
            }
        }
        if let Some((callback, enqueued)) = call_back
            && effects.iter().any(|effect| matches!(effect, Effect::CallbackScheduled { .. }))
            && self.router.work(&TENANT.into(), callback).is_some_and(|work| work.enqueued_at != enqueued)
        {
            return Err(format!("R5 does not hold: a call-back has lost its place\n  after {describe}"));
        }
        let given_up = effects.iter().filter_map(|effect| match effect {
            Effect::InteractionTransferred { interaction, keeps_place: false, .. } => Some(*interaction),
            _ => None,
        });
        for interaction in given_up {
            self.enqueued.remove(&interaction);
        }
        self.check_moves(&effects).map_err(|problem| format!("{problem}\n  after {describe}"))?;
        self.check_places(queued).map_err(|problem| format!("{problem}\n  after {describe}"))?;
        self.check_offers(&effects).map_err(|problem| format!("{problem}\n  after {describe}"))?;
        self.publication.produced(sequence, effects.into_iter().filter(is_published));
        Ok(())
    }

    /// R5: only being queued anew changes what gives an interaction its place.
    fn check_places(&mut self, queued: Option<InteractionId>) -> Result<(), String> {
        let (router, tenant) = (&self.router, TENANT.into());
        let mut moved = None;
        self.enqueued.retain(|id, enqueued| match router.work(&tenant, *id) {
            Some(work) => {
                if work.enqueued_at != *enqueued && queued != Some(*id) {
                    moved = Some(*id);
                }
                *enqueued = work.enqueued_at;
                true
            }
            None => false,
        });
        if let Some(work) = queued.and_then(|id| router.work(&tenant, id)) {
            self.enqueued.insert(work.interaction, work.enqueued_at);
        }
        match moved {
            Some(id) => Err(format!("R5 does not hold: interaction {:x} has lost its place", id.0)),
            None => Ok(()),
        }
    }

    /// R1: nobody is offered more than they take, nor faster; and nothing before its time.
    fn check_offers(&self, effects: &[Effect]) -> Result<(), String> {
        let tenant = TENANT.into();
        for effect in effects {
            let Effect::OfferMade { agent, channel, interaction, manner, .. } = effect else { continue };
            // What moved on within the same input is looked at where it stands now.
            let Some(work) = self.router.work(&tenant, *interaction) else { continue };
            let rings = work.agent.as_ref() == Some(agent) || work.also_ringing.contains(agent);
            if rings {
                self.router
                    .check_offer(&tenant, agent, *channel, manner.by_hand)
                    .map_err(|violation| violation.to_string())?;
            }
            if !manner.by_hand && work.not_before.is_some_and(|moment| moment > self.router.now()) {
                return Err(format!("R16 does not hold: {:x} is offered before its time", interaction.0));
            }
        }
        Ok(())
    }

    /// R13: agents are not moved to and fro between inbound and outbound.
    fn check_moves(&mut self, effects: &[Effect]) -> Result<(), String> {
        for effect in effects {
            let Effect::BlendingChanged { profile, .. } = effect else { continue };
            let now = self.router.now();
            if let Some(last) = self.moved.insert(profile.clone(), now)
                && now - last < super::centre::LEAST_DWELL_MS
            {
                return Err(format!("R13 does not hold: the agents of {profile} are moved to and fro"));
            }
        }
        Ok(())
    }

    /// Facts of the tenants, without what the router remembers of the log.
    fn facts(&self) -> Result<Vec<u8>, String> {
        self.router.facts().map_err(|error| error.to_string())
    }

    /// Writes some of what is left to say; the acknowledgement may be lost.
    fn write(&mut self, log: &mut Log, rng: &mut Rng, at: Timestamp, report: &mut Report) {
        for _ in 0..rng.between(0, 6) {
            let Some((id, effect)) = self.publication.unwritten().next().cloned() else { return };
            match log.append_output(at, id, effect, self.publication.expected_last()) {
                Ok(_) if rng.chance(3) => {
                    self.publication.forget_written();
                    return;
                }
                Ok(sequence) => self.publication.wrote(id, sequence),
                Err(_) => {
                    report.refused += 1;
                    self.publication.forget_written();
                    return;
                }
            }
        }
    }

    fn snapshot(&self) -> Result<Vec<u8>, String> {
        self.router.snapshot().map_err(|error| error.to_string())
    }

    /// Dies and comes back with its last snapshot, or with nothing but the log. Also proves that a restored router is the
    /// same router.
    fn restart(&mut self) -> Result<(), String> {
        let bytes = self.snapshot()?;
        let mut twin = Router::restore(&bytes).map_err(|error| error.to_string())?;
        twin.check().map_err(|violation| format!("{violation}\n  after a restore"))?;
        if twin.snapshot().map_err(|error| error.to_string())? != bytes {
            return Err("R10 does not hold: a restored router has another snapshot".into());
        }
        if twin.next_deadline() != self.router.next_deadline() {
            return Err("R10 does not hold: a restored router has another deadline".into());
        }
        let leads = self.leads;
        if let Some((bytes, publication, read, messages)) = self.saved.clone() {
            self.router = Router::restore(&bytes).map_err(|error| error.to_string())?;
            self.publication = publication;
            self.publication.forget_written();
            self.read = read;
            self.messages = messages;
            self.enqueued.clear();
            self.moved.clear();
        } else {
            *self = Self::new(self.index);
        }
        self.leads = leads;
        Ok(())
    }
}
