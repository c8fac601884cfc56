//! Doing what the state machine says.

use std::{sync::Arc, time::Duration};

use contract::{
    interaction::v1::Channel,
    ivr::v1::{flow_service_client::FlowServiceClient, input},
    router::v1 as router,
};
use ingress::{FlowRunner, Prompt};
use media::clip::Clip;
use tokio::time::Instant;
use tonic::Code;

use super::{CallTask, Note, Rung};
use crate::{
    core::call::{Effect, FlowInput, Input, Side, Target},
    engine::Detector,
};

/// Tries of a question to the flow while it is out of reach, and the pause between them.
const FLOW_TRIES: u32 = 5;
const FLOW_PAUSE: Duration = Duration::from_millis(300);
/// How long the router is asked, about an acceptance for instance: longer than its standby needs to take over.
pub(super) const ROUTER_LIMIT: Duration = Duration::from_secs(6);
/// Between two tries.
pub(super) const ROUTER_PAUSE: Duration = Duration::from_millis(150);

impl CallTask {
    pub(super) fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            self.act(effect);
        }
    }

    fn act(&mut self, effect: Effect) {
        match effect {
            Effect::Advance(input) => self.ask_flow(input),
            Effect::Answer => self.answer(),
            Effect::Reject => {
                if let Some(customer) = self.parties.get(&Side::Customer) {
                    customer.line.reject();
                }
                self.stop_ringing(&Rung::Customer);
            }
            Effect::Say { prompt, token } => self.say(prompt, token),
            Effect::Music(side) => self.play_music(side),
            Effect::Hear(side, hearing) => self.hear(side, hearing),
            Effect::Tune { left, right } => self.tune(left, right),
            Effect::Record => {
                let queue = self.call.queue().to_owned();
                self.record(&queue, false);
            }
            Effect::RecordMessage { queue } => self.record_message(&queue),
            Effect::Listen { token, phrases } => self.listen(token, phrases),
            Effect::StopListening => self.stop_listening(),
            Effect::DetectAnswer { within_ms } => self.detect_answer(within_ms),
            Effect::DetectTone => self.detect(Detector::tone()),
            Effect::AskAboutFax => self.ask_about_fax(),
            Effect::Beep { token } => self.beep(token),
            Effect::Watch { silence_ms } => self.watch_customer(silence_ms),
            Effect::KeepMessage { queue, callback } => self.keep_message(queue, callback),
            Effect::DropMessage => self.drop_message(),
            Effect::TransferTo { guest, number } => self.transfer_to(guest, &number),
            Effect::Whisper { prompt, token } => self.whisper(prompt, token),
            Effect::ArrangeCallback { number, place } => self.arrange_callback(&number, place),
            Effect::ReportAttempt { missed, detail } => self.report_attempt(missed, &detail),
            Effect::Quiet => {
                self.saying = None;
                if let Some(session) = self.session(Side::Customer) {
                    let _ = session.leg.quiet();
                }
            }
            Effect::Start(timer, millis) => {
                self.timers
                    .retain(|(_, known)| std::mem::discriminant(known) != std::mem::discriminant(&timer));
                self.timers.push((Instant::now() + Duration::from_millis(millis), timer));
            }
            Effect::AskPosition => self.ask_position(),
            Effect::Publish(fact) => self.publish(fact),
            Effect::Ring { offer_id, agent_id } => {
                self.ring(Rung::Offer(offer_id), Target::Agent(agent_id));
            }
            Effect::StopRingingOf { offer_id } => self.stop_ringing(&Rung::Offer(offer_id)),
            Effect::StopRinging => self.stop_offering(),
            Effect::Invite { guest, who } => self.ring(Rung::Guest(guest), who),
            Effect::DropGuest(guest) => {
                self.stop_ringing(&Rung::Guest(guest));
                self.drop_party(Side::Guest(guest));
            }
            Effect::Promote(guest) => {
                if let Some(party) = self.parties.remove(&Side::Guest(guest)) {
                    let session = self.sessions.remove(&Side::Guest(guest));
                    self.sessions.extend(session.map(|session| (Side::Agent, session)));
                    self.parties.insert(Side::Agent, party);
                    self.tune_again();
                }
            }
            Effect::Dial => {
                if let Some(agent) = self.call.agent() {
                    self.let_hear_message(agent);
                }
                self.ring(Rung::Customer, Target::Number(self.identity.customer.phone.clone()));
            }
            Effect::Summon { agent_id } => {
                let colleague = self.call.colleague().unwrap_or_default().to_owned();
                self.ring_as(Rung::Customer, Target::Agent(agent_id), colleague);
            }
            Effect::Press(digits) => {
                if let Some(session) = self.session(Side::Customer) {
                    let _ = session.leg.press(&digits);
                }
            }
            Effect::Accept { offer_id, agent_id } => {
                self.let_hear_message(&agent_id);
                self.accept_offer(offer_id, agent_id);
            }
            Effect::Decline { offer_id, agent_id } => self.tell_router(offer_id, agent_id, None),
            Effect::ReportUnreachable { offer_id, agent_id, detail } => {
                self.tell_router(offer_id, agent_id, Some(detail));
            }
            Effect::Probe(side) => self.probe(side),
            Effect::DropAgent => {
                self.drop_party(Side::Agent);
                self.drop_spare();
            }
            Effect::DropCustomer => {
                self.drop_party(Side::Customer);
                self.stop_ringing(&Rung::Customer);
            }
            Effect::Finish => {}
        }
    }

    fn answer(&mut self) {
        if let Some(customer) = self.parties.get(&Side::Customer) {
            customer.line.accept(&self.greeting.description, &self.greeting.headers);
        }
        self.detect_fax();
    }

    fn say(&mut self, prompt: Prompt, token: u64) {
        self.saying = Some(token);
        self.speak(prompt, token);
    }

    fn speak(&mut self, prompt: Prompt, token: u64) {
        if let Some(clip) = self.voice.speech.ready(&prompt) {
            return self.play_prompt(token, &clip);
        }
        let (voice, mailbox) = (Arc::clone(&self.voice), self.mailbox.clone());
        let tenant = self.identity.tenant.clone();
        tokio::spawn(async move {
            let clip = voice.speech.clip(&voice.peers, &tenant, &prompt).await;
            let _ = mailbox.send(Note::Spoken { token, clip }).await;
        });
    }

    /// Says something to the agent alone.
    fn whisper(&mut self, prompt: Prompt, token: u64) {
        self.whispering = Some(token);
        self.speak(prompt, token);
    }

    /// Plays a prompt unless something else has begun meanwhile.
    pub(super) fn play_prompt(&mut self, token: u64, clip: &Clip) {
        if self.whispering.take_if(|whispering| *whispering == token).is_some() {
            if let Some(session) = self.session(Side::Agent) {
                let _ = session.leg.play(clip.play(session.law, false), Some(token));
            }
            return;
        }
        if let Some(session) = self.session(Side::Customer).filter(|_| self.saying == Some(token)) {
            let _ = session.leg.play(clip.play(session.law, false), Some(token));
        }
    }

    /// Asks the silent side whether it is still there.
    fn probe(&self, side: Side) {
        let Some(alive) = self.parties.get(&side).map(|party| party.line.probe()) else { return };
        let mailbox = self.mailbox.clone();
        tokio::spawn(async move {
            let _ = mailbox.send(Note::Input(Input::Probed { side, alive: alive.await })).await;
        });
    }

    pub(super) fn drop_party(&mut self, side: Side) {
        self.sessions.remove(&side);
        if let Some(party) = self.parties.remove(&side) {
            party.hang_up(&self.voice);
        }
    }

    fn ask_flow(&mut self, input: FlowInput) {
        let peer = self.voice.peers.of("ivr", &self.identity.tenant);
        let mut flow = FlowRunner::new(FlowServiceClient::new(peer), Channel::Voice)
            .of(&self.identity.interaction_id, self.identity.customer.clone())
            .listening(self.voice.listens());
        let key = self.identity.flow.clone();
        let session = std::mem::take(&mut self.session);
        let mailbox = self.mailbox.clone();
        tokio::spawn(async move {
            let mut tries = 0;
            let note = loop {
                let answer = match &input {
                    FlowInput::Begin => flow.begin(&key).await,
                    FlowInput::Choice(key) => {
                        flow.advance(session.clone(), input::Kind::Choice(key.clone())).await
                    }
                    FlowInput::Spoken(phrase) => {
                        let spoken = contract::ivr::v1::Spoken { phrase: phrase.clone() };
                        flow.advance(session.clone(), input::Kind::Spoken(spoken)).await
                    }
                    FlowInput::TimedOut => {
                        flow.advance(session.clone(), input::Kind::TimedOut(contract::ivr::v1::TimedOut {}))
                            .await
                    }
                    FlowInput::Done(well) => {
                        let done = contract::ivr::v1::Done { well: *well };
                        flow.advance(session.clone(), input::Kind::Done(done)).await
                    }
                };
                tries += 1;
                match answer {
                    Ok(turn) => break Note::Turn(turn),
                    Err(error) if error.is_passing() && tries < FLOW_TRIES => {
                        tokio::time::sleep(FLOW_PAUSE).await;
                    }
                    Err(error) => {
                        tracing::warn!(
                            flow = key,
                            error = &error as &dyn std::error::Error,
                            "a flow can't go on"
                        );
                        break Note::Input(Input::FlowFailed { detail: error.to_string() });
                    }
                }
            };
            let _ = mailbox.send(note).await;
        });
    }

    fn ask_position(&self) {
        let mut client = self.router();
        let interaction_id = self.identity.interaction_id.clone();
        let mailbox = self.mailbox.clone();
        tokio::spawn(async move {
            let Ok(answer) = client.get_position(router::GetPositionRequest { interaction_id }).await else {
                return;
            };
            let answer = answer.into_inner();
            let place = u32::try_from(answer.position).unwrap_or(0);
            let seconds = answer.estimated_wait.and_then(|wait| u32::try_from(wait.seconds).ok());
            let minutes = seconds.map(|seconds| seconds.div_ceil(60).max(1));
            let _ = mailbox.send(Note::Input(Input::Position { place, minutes })).await;
        });
    }

    fn accept_offer(&self, offer_id: String, agent_id: String) {
        let mut client = self.router();
        let mailbox = self.mailbox.clone();
        let request_id = format!("voice:{offer_id}:accept");
        tokio::spawn(async move {
            let request = router::AcceptOfferRequest { offer_id: offer_id.clone(), agent_id, request_id };
            let deadline = Instant::now() + ROUTER_LIMIT;
            let accepted = loop {
                match client.accept_offer(request.clone()).await {
                    Ok(_) => break true,
                    Err(status) if is_passing(status.code()) && Instant::now() < deadline => {
                        tokio::time::sleep(ROUTER_PAUSE).await;
                    }
                    Err(status) => {
                        tracing::info!(offer.id = offer_id, code = ?status.code(), "an acceptance was refused");
                        break false;
                    }
                }
            };
            let _ = mailbox.send(Note::Input(Input::AcceptanceKnown { offer_id, accepted })).await;
        });
    }

    /// Says that the agent refused, or with a detail that nobody could be reached.
    fn tell_router(&self, offer_id: String, agent_id: String, unreachable: Option<String>) {
        let mut client = self.router();
        tokio::spawn(async move {
            let deadline = Instant::now() + ROUTER_LIMIT;
            loop {
                let (offer_id, agent_id) = (offer_id.clone(), agent_id.clone());
                let outcome = if let Some(reason) = unreachable.clone() {
                    let request_id = format!("voice:{offer_id}:unreachable");
                    let request = router::ReportUnreachableRequest { offer_id, agent_id, reason, request_id };
                    client.report_unreachable(request).await.map(|_| ())
                } else {
                    let request_id = format!("voice:{offer_id}:decline");
                    let request = router::DeclineOfferRequest { offer_id, agent_id, request_id };
                    client.decline_offer(request).await.map(|_| ())
                };
                match outcome {
                    Err(status) if is_passing(status.code()) && Instant::now() < deadline => {
                        tokio::time::sleep(ROUTER_PAUSE).await;
                    }
                    // An offer that is gone needs no answer; one that is not runs out by itself.
                    _ => return,
                }
            }
        });
    }

    pub(super) fn router(&self) -> router::router_service_client::RouterServiceClient<chassis::Peer> {
        router::router_service_client::RouterServiceClient::new(
            self.voice.peers.of("router", &self.identity.tenant),
        )
    }
}

pub(in crate::app) fn is_passing(code: Code) -> bool {
    matches!(
        code,
        Code::Unavailable | Code::DeadlineExceeded | Code::Unknown | Code::Aborted | Code::Cancelled
    )
}
