//! INVITEs from one phone of the centre to another.

use std::{net::SocketAddr, sync::Arc};

use rsipstack::{
    dialog::invite_dialog::InviteDialog,
    sip::{Header, StatusCode, Transport},
    transaction::transaction::Transaction,
};

use super::{
    another,
    sip::{refusal, refuse, unregistered},
};
use crate::{
    app::{
        Voice,
        call_colleague::{CallColleague, CallColleagueError},
    },
    core::session_timer::SessionTimer,
};

/// Begins a call between colleagues, or refuses it; none when it is a call like any other.
pub(super) async fn of_the_centre(
    voice: &Arc<Voice>,
    transaction: &mut Transaction,
    source: SocketAddr,
    transport: Transport,
    timer: &(Vec<Header>, Option<SessionTimer>),
) -> Option<Option<InviteDialog>> {
    let invite = &transaction.original;
    let wish = CallColleague {
        user: another::caller(invite),
        dialled: invite.uri.user().unwrap_or_default().to_owned(),
        authorization: another::authorization(invite),
        offer: invite.body.clone(),
        peer: source.ip(),
        terms: voice.terms(source.ip(), transport),
        timer: timer.clone(),
    };
    let (code, headers) = match voice.to_colleague(wish).await {
        Ok(None) => return None,
        Ok(Some(colleagues)) => {
            let taken = another::dialog(voice, transaction, source, transport).await;
            return Some(taken.map(|(dialog, line)| {
                voice.begin_colleagues_call(colleagues, line);
                dialog
            }));
        }
        Err(CallColleagueError::Proof(error)) => {
            let (code, headers, _) = unregistered(voice, &error);
            (code, headers)
        }
        Err(CallColleagueError::NotThere) => (StatusCode::TemporarilyUnavailable, vec![]),
        Err(CallColleagueError::Start(error)) => refusal(voice, &error),
    };
    refuse(transaction, code, headers).await;
    Some(None)
}
