//! Ringing all phones of an agent: the first to answer wins, the others are cancelled.

use std::{net::SocketAddr, sync::Arc};

use rsipstack::{
    dialog::{
        dialog::DialogStateReceiver, dialog_layer::DialogLayer, invitation::InviteOption,
        invite_dialog::InviteDialog,
    },
    sip::{Auth, Header, HostWithPort, Param, Response, Scheme, StatusCode, StatusCodeKind, Transport, Uri},
    transport::SipAddr,
};
use tokio::task::JoinSet;

use super::{session, signalling::Signalling, stack::Stack};
use crate::core::{call::RingFailure, session_timer::SessionTimer, srtp::Terms};

/// One phone to ring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its contact address.
    pub contact: String,
    /// Where its registration came from, and so where packets reach it.
    pub source: SocketAddr,
    /// What it registered over; it is rung over the same connection.
    pub signalling: Signalling,
}

/// Everything an INVITE to an agent carries.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// Number of the caller; empty: anonymous.
    pub caller_number: String,
    /// Name of the caller.
    pub caller_name: String,
    /// Session descriptions: plain, and encrypted where some phone may be told keys.
    pub plain: String,
    /// See `plain`.
    pub secure: String,
    /// What is wanted of the audio, but for what the phone is rung over.
    pub terms: Terms,
    /// For `X-Switchboard-Interaction`.
    pub interaction_id: String,
    /// What the session is asked to last, in seconds.
    pub session_seconds: Option<u32>,
}

impl Invitation {
    /// What holds for one phone.
    #[must_use]
    pub fn terms(&self, target: &Target) -> Terms {
        Terms { tls: target.signalling == Signalling::Tls, ..self.terms }
    }
}

/// A phone that was picked up.
pub struct PickedUp {
    /// Its dialog, confirmed.
    pub dialog: InviteDialog,
    /// What happens in it from now on.
    pub states: DialogStateReceiver,
    /// Its session description.
    pub answer: Vec<u8>,
    /// It answers an encrypted offer.
    pub secure: bool,
    /// What may be agreed on with it from now on.
    pub terms: Terms,
    /// The signs of life that were agreed.
    pub timer: Option<SessionTimer>,
}

/// Why no phone was picked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotPickedUp {
    /// Refused by the agent, or nobody there.
    pub failure: RingFailure,
    /// For people: "486 busy here".
    pub detail: String,
}

/// Rings until one phone is picked up or none is left. Dropping the future cancels all that still ring.
pub async fn ring(
    stack: &Stack,
    targets: &[Target],
    invitation: &Invitation,
) -> Result<PickedUp, NotPickedUp> {
    let mut ringing = JoinSet::new();
    for target in targets {
        ringing.spawn(ring_one(stack.clone(), target.clone(), invitation.clone()));
    }
    let mut worst =
        NotPickedUp { failure: RingFailure::Unreachable, detail: "no phone could be rung".to_owned() };
    while let Some(joined) = ringing.join_next().await {
        let Ok(outcome) = joined else { continue };
        match outcome {
            Ok(picked_up) => {
                cancel_others(stack, ringing);
                return Ok(picked_up);
            }
            Err(failed) if is_final(&failed) => return Err(failed),
            Err(failed) if worst.failure != RingFailure::Refused => worst = failed,
            Err(_) => {}
        }
    }
    Err(worst)
}

/// A phone that answered in the same moment as the winner is hung up on.
fn cancel_others(stack: &Stack, mut others: JoinSet<Result<PickedUp, NotPickedUp>>) {
    others.abort_all();
    let dialogs = Arc::clone(&stack.dialogs);
    tokio::spawn(async move {
        while let Some(joined) = others.join_next().await {
            if let Ok(Ok(late)) = joined {
                hang_up(&dialogs, &late.dialog).await;
            }
        }
    });
}

/// Ends a dialog by BYE and forgets it, whatever the other end says.
pub async fn hang_up(dialogs: &DialogLayer, dialog: &InviteDialog) {
    if let Err(error) = dialog.bye().await {
        tracing::debug!(%error, "a BYE was not answered");
    }
    dialogs.remove_dialog(&dialog.id());
}

/// Rings one phone; one that refuses the encrypted offer is made the plain one, if there may be one.
async fn ring_one(stack: Stack, target: Target, invitation: Invitation) -> Result<PickedUp, NotPickedUp> {
    let terms = invitation.terms(&target);
    let unreachable =
        |detail: &str| NotPickedUp { failure: RingFailure::Unreachable, detail: detail.to_owned() };
    if !stack.connected(target.signalling, target.source).await {
        return Err(unreachable("the phone's connection is gone"));
    }
    let mut failed = unreachable("audio must be encrypted, and the phone did not register over TLS");
    for secure in terms.offers().iter().copied() {
        let Some(option) = option(&stack, &target, &invitation, secure) else {
            tracing::warn!("a registered contact is no SIP address");
            return Err(unreachable("the phone's contact is no SIP address"));
        };
        match invite(Arc::clone(&stack.dialogs), option).await {
            Ok(picked_up) => return Ok(PickedUp { secure, terms, ..picked_up }),
            Err(not) => failed = not,
        }
        if !failed.detail.starts_with("488") {
            break;
        }
    }
    Err(failed)
}

async fn invite(dialogs: Arc<DialogLayer>, option: InviteOption) -> Result<PickedUp, NotPickedUp> {
    let (sender, states) = dialogs.new_dialog_state_channel();
    match dialogs.do_invite(option, sender).await {
        Ok((dialog, Some(response))) if response.status_code.kind() == StatusCodeKind::Successful => {
            Ok(PickedUp {
                dialog,
                states,
                timer: session::of_answer(&response.headers),
                answer: response.body,
                secure: false,
                terms: Terms::default(),
            })
        }
        Ok((_, response)) => Err(failure(response.as_ref())),
        Err(error) => {
            tracing::debug!(%error, "a phone could not be rung");
            Err(NotPickedUp {
                failure: RingFailure::Unreachable,
                detail: "the phone can't be reached".to_owned(),
            })
        }
    }
}

fn failure(response: Option<&Response>) -> NotPickedUp {
    let code = response.map_or(StatusCode::RequestTimeout, |response| response.status_code.clone());
    let refused = matches!(code.code(), 486 | 600 | 603 | 607);
    let failure = if refused { RingFailure::Refused } else { RingFailure::Unreachable };
    NotPickedUp { failure, detail: code.to_string().to_lowercase() }
}

/// A 6xx speaks for all phones of the agent (RFC 3261 §16.7).
fn is_final(failed: &NotPickedUp) -> bool {
    failed.detail.starts_with('6')
}

fn option(stack: &Stack, target: &Target, invitation: &Invitation, secure: bool) -> Option<InviteOption> {
    let callee = Uri::try_from(target.contact.as_str()).ok()?;
    let transport = target.signalling.transport();
    let peer = target.source.ip();
    let contact = stack.contact(peer, transport, callee.scheme == Some(Scheme::Sips));
    let number = if invitation.caller_number.is_empty() { "anonymous" } else { &invitation.caller_number };
    let caller = Uri {
        scheme: contact.scheme.clone(),
        auth: Some(Auth { user: number.to_owned(), password: None }),
        host_with_port: contact.host_with_port.clone(),
        ..Uri::default()
    };
    let mut headers =
        vec![Header::Other("X-Switchboard-Interaction".to_owned(), invitation.interaction_id.clone())];
    headers.extend(session::wish(invitation.session_seconds, false));
    let destination = SipAddr { r#type: Some(transport), addr: HostWithPort::from(target.source) };
    stack.directions.note(&callee, destination.clone());
    let mut callee_params = callee.params.clone();
    callee_params.retain(|param| !matches!(param, Param::Transport(_)));
    if transport != Transport::Udp {
        callee_params.push(Param::Transport(transport));
    }
    let offer = if secure { &invitation.secure } else { &invitation.plain };
    Some(InviteOption {
        caller_display_name: Some(display_name(&invitation.caller_name)).filter(|name| !name.is_empty()),
        caller,
        callee: Uri { params: callee_params, ..callee },
        destination: Some(destination),
        content_type: Some("application/sdp".to_owned()),
        offer: Some(offer.clone().into_bytes()),
        contact,
        headers: Some(headers),
        ..InviteOption::default()
    })
}

/// A caller's name that is safe inside a quoted string.
fn display_name(name: &str) -> String {
    name.chars()
        .filter(|character| !character.is_control() && !matches!(character, '"' | '\\' | '<' | '>'))
        .take(64)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_break_out_of_its_quotes() {
        assert_eq!(display_name("Zoe\r\nX: \"<sip:evil>"), "ZoeX: sip:evil");
    }

    #[test]
    fn busy_and_decline_are_refusals_and_the_rest_is_unreachable() {
        let failed =
            |code: StatusCode| failure(Some(&Response { status_code: code, ..Response::default() })).failure;

        assert_eq!(failed(StatusCode::BusyHere), RingFailure::Refused);
        assert_eq!(failed(StatusCode::Decline), RingFailure::Refused);
        assert_eq!(failed(StatusCode::TemporarilyUnavailable), RingFailure::Unreachable);
        assert_eq!(failure(None).failure, RingFailure::Unreachable);
    }
}
