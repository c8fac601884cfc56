//! What is at the customer's end: the engine listens, the state machine decides, the flow says where fax machines go.

use contract::{
    interaction::v1::{self as interaction, Channel},
    ivr::v1::{FaxHeard, flow_service_client::FlowServiceClient, input},
};
use ingress::FlowRunner;
use media::answer::{FarEnd, Parameters};

use super::{CallTask, Note};
use crate::{
    core::call::{Input, Side},
    engine::{Detector, Found},
};

impl CallTask {
    /// Listens to what has answered.
    pub(super) fn detect_answer(&self, within_ms: u32) {
        let usual = Parameters::default();
        self.detect(Detector::answer(Parameters {
            total_ms: within_ms,
            initial_silence_ms: within_ms.min(usual.initial_silence_ms),
            ..usual
        }));
    }

    /// A caller may be a fax machine; who calls from a page, or has not come by an entry point, is none.
    pub(super) fn detect_fax(&self) {
        let within = self.voice.config.answering.fax_within.0;
        let by_telephone =
            self.parties.get(&Side::Customer).is_some_and(|party| party.session.leg.port() != 0);
        if by_telephone && !within.is_zero() && !self.identity.entry_point.is_empty() {
            self.detect(Detector::fax(within));
        }
    }

    pub(super) fn detect(&self, detector: Detector) {
        let Some(session) = self.session(Side::Customer) else { return };
        if session.leg.detect(detector).is_err() {
            tracing::warn!("nobody listens for the other end: the media engine is overloaded");
        }
    }

    pub(super) fn detected(&mut self, found: Found) {
        self.handle(match found {
            Found::Answer(verdict) => Input::FarEndKnown(verdict),
            Found::Tone => Input::MachineRecords,
            Found::Fax(after_ms) => Input::FaxHeard { after_ms },
        });
    }

    /// Asks the flow, beside whatever it is asked meanwhile; a flow that does not care says nothing.
    pub(super) fn ask_about_fax(&self) {
        let peer = self.voice.peers.of("ivr", &self.identity.tenant);
        let mut flow = FlowRunner::new(FlowServiceClient::new(peer), Channel::Voice)
            .of(&self.identity.interaction_id, self.identity.customer.clone());
        let (session, mailbox) = (self.session.clone(), self.mailbox.clone());
        tokio::spawn(async move {
            match flow.advance(session, input::Kind::FaxHeard(FaxHeard {})).await {
                Ok(turn) => drop(mailbox.send(Note::FaxTurn(turn)).await),
                Err(error) => tracing::info!(
                    error = &error as &dyn std::error::Error,
                    "a fax machine is treated as everybody else"
                ),
            }
        });
    }
}

/// As metrics and the log have it.
pub(super) const fn label(far_end: FarEnd) -> &'static str {
    match far_end {
        FarEnd::Human => "human",
        FarEnd::Machine => "machine",
        FarEnd::Fax => "fax",
        FarEnd::Busy => "busy",
        FarEnd::Sit => "sit",
        FarEnd::NotSure => "not_sure",
    }
}

/// As the contract has it.
pub(super) const fn wire(far_end: FarEnd) -> interaction::FarEnd {
    match far_end {
        FarEnd::Human => interaction::FarEnd::Human,
        FarEnd::Machine => interaction::FarEnd::Machine,
        FarEnd::Fax => interaction::FarEnd::Fax,
        FarEnd::Busy => interaction::FarEnd::Busy,
        FarEnd::Sit => interaction::FarEnd::Sit,
        FarEnd::NotSure => interaction::FarEnd::NotSure,
    }
}
