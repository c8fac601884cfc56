//! INVITE from outside: find the entry point, agree on audio, announce the interaction, start its task.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use contract::{
    directory::v1::{EntryPoint, ResolveAddressRequest, directory_service_client::DirectoryServiceClient},
    interaction::v1::{Channel, CustomerAddress, Direction, InteractionStarted},
};
use media::g711::Law;
use rsipstack::sip::Header;
use thiserror::Error;
use tokio::sync::mpsc;
use tonic::Code;

use super::{
    Voice,
    call::{AgreeError, Beginning, CallTask, Greeting, Identity, Line, Party, Session},
    trunks::{StrangerError, TrunkPlace},
};
use crate::{
    core::{
        call::Call,
        number::e164,
        sdp::{Description, SdpError},
        session_timer::SessionTimer,
        srtp::Terms,
    },
    engine::{CallMedia, MediaEvent, OpenError},
    sip::caller,
};

/// Events of the engine that may wait for one call.
pub(super) const MEDIA_MAILBOX: usize = 64;
/// Numbers whose entry point is remembered at once.
const REMEMBERED: usize = 10_000;
/// Longest number that is looked up, in characters.
const MAX_ADDRESS: usize = 64;

/// What an INVITE brings.
#[derive(Debug, Clone)]
pub struct StartCall {
    /// User part of the request's address.
    pub dialled: String,
    pub customer: CustomerAddress,
    /// Session description; empty: we are to make the offer.
    pub offer: Vec<u8>,
    pub peer: IpAddr,
    /// What audio may be agreed on with whoever calls.
    pub terms: Terms,
    /// The header of that name.
    pub authorization: Option<String>,
    /// Headers of the 200 about the session's timer, and the timer.
    pub timer: (Vec<Header>, Option<SessionTimer>),
}

/// Why a call is refused before it begins.
#[derive(Debug, Error)]
pub enum StartCallError {
    /// As many calls as the configuration allows.
    #[error("the call limit is reached")]
    Full,
    /// The process finishes its calls and takes none.
    #[error("the process is stopping")]
    Stopping,
    /// Not from an address or with a password of a trunk.
    #[error("{0}")]
    Stranger(#[from] StrangerError),
    /// Nobody owns the number.
    #[error("nobody owns the number that was dialled")]
    UnknownNumber,
    /// The offer can't be read or answered.
    #[error("{0}")]
    Description(#[from] SdpError),
    /// No audio leg.
    #[error("no audio: {0}")]
    Media(#[from] OpenError),
    /// The directory does not answer.
    #[error("the directory is unavailable")]
    Directory(#[source] Box<tonic::Status>),
}

impl From<AgreeError> for StartCallError {
    fn from(error: AgreeError) -> Self {
        match error {
            AgreeError::Description(error) => Self::Description(error),
            AgreeError::Media(error) => Self::Media(error),
        }
    }
}

/// The audio of a call's first leg, agreed on or offered.
pub(super) struct Audio {
    pub(super) media: CallMedia,
    pub(super) session: Session,
    /// For the 200.
    pub(super) description: String,
    pub(super) offer_is_ours: bool,
    pub(super) events: mpsc::Sender<MediaEvent>,
    pub(super) heard: mpsc::Receiver<MediaEvent>,
}

/// A call that may begin: everything but its dialog.
pub struct Admitted {
    pub(super) tenant: String,
    pub(super) entry_point: EntryPoint,
    pub(super) number: String,
    pub(super) customer: CustomerAddress,
    pub(super) audio: Audio,
    pub(super) place: Option<TrunkPlace>,
    pub(super) timer: (Vec<Header>, Option<SessionTimer>),
}

/// Entry points found lately; forgotten whenever the directory says that something changed.
#[derive(Default)]
pub struct EntryPoints(Mutex<HashMap<String, (String, EntryPoint)>>);

impl EntryPoints {
    /// Forgets all of them.
    pub fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn get(&self, number: &str) -> Option<(String, EntryPoint)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(number).cloned()
    }

    fn remember(&self, number: &str, found: (String, EntryPoint)) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() < REMEMBERED {
            all.insert(number.to_owned(), found);
        }
    }
}

impl Voice {
    /// Decides whether a call may begin, and opens its audio.
    pub async fn admit(&self, request: StartCall) -> Result<Admitted, StartCallError> {
        self.room_for_a_call()?;
        let place = self.let_in(request.peer, request.authorization.as_deref())?;
        let offer = read_offer(&request.offer, request.terms)?;
        let number = e164(&request.dialled).unwrap_or(request.dialled);
        let (tenant, entry_point) = self.entry_point(&number).await?;
        let audio = self.open_audio(offer.as_ref(), request.peer, request.terms)?;
        let (customer, timer) = (request.customer, request.timer);
        Ok(Admitted { tenant, entry_point, number, customer, audio, place, timer })
    }

    /// Whether one more call may begin here.
    pub(super) fn room_for_a_call(&self) -> Result<(), StartCallError> {
        if self.stopping.is_cancelled() {
            return Err(StartCallError::Stopping);
        }
        if self.calls.len() >= self.config.max_calls {
            return Err(StartCallError::Full);
        }
        Ok(())
    }

    /// Opens the leg of whoever calls, and answers their offer; without one the offer is ours.
    pub(super) fn open_audio(
        &self,
        offer: Option<&Description>,
        peer: IpAddr,
        terms: Terms,
    ) -> Result<Audio, StartCallError> {
        let media = self.engine.for_call();
        let (events, heard) = mpsc::channel(MEDIA_MAILBOX);
        let leg = media.open(rand::random(), events.clone())?;
        let advertised = self.config.rtp_advertised;
        let address = advertised.unwrap_or_else(|| self.stack.address_towards(peer));
        let mut session = Session::new(leg, address, rand::random(), terms);
        let description = match offer {
            Some(offer) => session.answer(offer)?,
            None if terms.offers().is_empty() => return Err(SdpError::SecureRefused.into()),
            None => session.offer_asked(Law::Mu),
        };
        Ok(Audio { media, session, description, offer_is_ours: offer.is_none(), events, heard })
    }

    pub(super) async fn entry_point(&self, number: &str) -> Result<(String, EntryPoint), StartCallError> {
        if let Some(found) = self.entry_points.get(number) {
            return Ok(found);
        }
        if number.is_empty() || number.len() > MAX_ADDRESS {
            return Err(StartCallError::UnknownNumber);
        }
        let mut directory = DirectoryServiceClient::new(self.peers.of("directory", ""));
        let request = ResolveAddressRequest {
            channel: Channel::Voice.into(),
            address: number.to_owned(),
            tenant_id: String::new(),
        };
        let answer = directory.resolve_address(request).await.map_err(|status| match status.code() {
            Code::NotFound | Code::InvalidArgument => StartCallError::UnknownNumber,
            _ => StartCallError::Directory(Box::new(status)),
        })?;
        let answer = answer.into_inner();
        let entry_point = answer.entry_point.ok_or(StartCallError::UnknownNumber)?;
        let found = (answer.tenant_id, entry_point);
        self.entry_points.remember(number, found.clone());
        Ok(found)
    }

    /// Announces the interaction and starts its task.
    pub fn begin_call(self: &Arc<Self>, admitted: Admitted, line: Line) {
        let now = self.clock.now();
        let interaction_id = self.ids.new_id(now);
        let started = InteractionStarted {
            channel: Channel::Voice.into(),
            direction: Direction::Inbound.into(),
            entry_point: admitted.entry_point.key.clone(),
            customer: Some(admitted.customer.clone()),
            to_address: admitted.number,
            instance: self.holder(),
            started_at: Some(now.to_proto()),
        };
        self.facts.publish(&admitted.tenant, &interaction_id, "started", started);
        tracing::info!(interaction.id = interaction_id, entry_point = admitted.entry_point.key, "call begun");
        let identity = Identity {
            interaction_id,
            tenant: admitted.tenant,
            entry_point: admitted.entry_point.key,
            flow: admitted.entry_point.flow,
            label: caller::label(&admitted.customer),
            customer: admitted.customer,
            caller_id: String::new(),
            colleague: None,
        };
        let (headers, timer) = admitted.timer;
        let Audio { media, session, description, offer_is_ours, events, heard } = admitted.audio;
        let party = Party { line, session, place: admitted.place, timer };
        let greeting = Greeting { description, offer_is_ours, headers };
        let policy = self.config.recording.policy(&identity.tenant, &identity.entry_point);
        let (call, effects) = Call::begin(self.config.call());
        let beginning = Beginning {
            identity,
            media,
            call: (call.recorded_by(policy), effects),
            customer: Some((party, greeting)),
            heard,
            events,
        };
        let task = CallTask::new(Arc::clone(self), beginning);
        tokio::spawn(task.run());
    }
}

/// The offer of an INVITE; none when it has none.
pub(super) fn read_offer(body: &[u8], terms: Terms) -> Result<Option<Description>, SdpError> {
    if body.is_empty() { Ok(None) } else { Description::parse(body, terms).map(Some) }
}
