//! INVITE from a phone of the centre to another: an extension is called.

use std::{net::IpAddr, sync::Arc};

use contract::interaction::v1::CustomerAddress;
use rsipstack::sip::Header;
use thiserror::Error;

use super::{
    Voice,
    call::{Beginning, CallTask, Greeting, Identity, Line, Party},
    register_phone::RegisterPhoneError,
    start_call::{Audio, StartCallError, read_offer},
};
use crate::{
    core::{
        call::{Call, Target},
        number::e164,
        session_timer::SessionTimer,
        srtp::Terms,
    },
    sip::refer,
};

/// What such an INVITE brings.
#[derive(Debug, Clone)]
pub struct CallColleague {
    /// User part of From.
    pub user: String,
    /// User part of the request's address.
    pub dialled: String,
    pub authorization: Option<String>,
    /// Session description; empty: we are to make the offer.
    pub offer: Vec<u8>,
    pub peer: IpAddr,
    /// What audio may be agreed on with the phone.
    pub terms: Terms,
    /// Headers of the 200 about the session's timer, and the timer.
    pub timer: (Vec<Header>, Option<SessionTimer>),
}

/// A call to a colleague that may begin: everything but its dialog.
pub struct Colleagues {
    tenant: String,
    from: String,
    to: String,
    audio: Audio,
    timer: (Vec<Header>, Option<SessionTimer>),
}

/// Why there is none.
#[derive(Debug, Error)]
pub enum CallColleagueError {
    /// The phone must sign, or signed wrongly.
    #[error(transparent)]
    Proof(#[from] RegisterPhoneError),
    /// No phone or browser of theirs is there, or it is the caller's own.
    #[error("the colleague has no phone here")]
    NotThere,
    /// As for any call.
    #[error(transparent)]
    Start(#[from] StartCallError),
}

impl Voice {
    /// Who of the centre calls whom of it; none when this is a call like any other: from a number, to a number, or to the
    /// address of an entry point.
    pub async fn to_colleague(&self, wish: CallColleague) -> Result<Option<Colleagues>, CallColleagueError> {
        let user = wish.user.to_lowercase();
        if user.is_empty() || e164(&user).is_some() {
            return Ok(None);
        }
        let Some(dialled @ Target::Agent(_)) = refer::target(&format!("sip:{}@here", wish.dialled)) else {
            return Ok(None);
        };
        match self.entry_point(&wish.dialled).await {
            Err(StartCallError::UnknownNumber) => {}
            Ok(_) | Err(_) => return Ok(None),
        }
        let (tenant, from) =
            self.authenticate("INVITE", &user, wish.authorization.as_deref(), wish.peer).await?;
        self.room_for_a_call()?;
        let Target::Agent(to) = self.meant(&tenant, dialled).await else { return Ok(None) };
        if from == to || !self.can_ring(&tenant, &to).await {
            return Err(CallColleagueError::NotThere);
        }
        let offer = read_offer(&wish.offer, wish.terms).map_err(StartCallError::from)?;
        let audio = self.open_audio(offer.as_ref(), wish.peer, wish.terms)?;
        Ok(Some(Colleagues { tenant, from, to, audio, timer: wish.timer }))
    }

    /// Starts its task.
    pub fn begin_colleagues_call(self: &Arc<Self>, colleagues: Colleagues, line: Line) {
        let Colleagues { tenant, from, to, audio, timer } = colleagues;
        let interaction_id = self.ids.new_id(self.clock.now());
        tracing::info!(call.id = interaction_id, agent.id = from, "a colleague is called");
        let identity = Identity {
            interaction_id,
            tenant,
            entry_point: String::new(),
            flow: String::new(),
            label: from.clone(),
            customer: CustomerAddress { display_name: from.clone(), ..CustomerAddress::default() },
            caller_id: String::new(),
            colleague: Some(from.clone()),
        };
        let (headers, timer) = timer;
        let Audio { media, session, description, offer_is_ours, events, heard } = audio;
        line.ring(self);
        let beginning = Beginning {
            identity,
            media,
            call: Call::to_colleague(self.config.call(), &from, &to),
            customer: Some((
                Party { line, session, place: None, timer },
                Greeting { description, offer_is_ours, headers },
            )),
            heard,
            events,
        };
        tokio::spawn(CallTask::new(Arc::clone(self), beginning).run());
    }
}
