//! INVITEs that belong to a call there is already: a second line of an agent's phone, a phone that takes another's place.

use std::{net::SocketAddr, sync::Arc};

use rsipstack::{
    dialog::invite_dialog::InviteDialog,
    sip::{
        Header, Request, Scheme, StatusCode, Transport,
        prelude::{HeadersExt as _, ToTypedHeader as _},
    },
    transaction::transaction::Transaction,
};

use super::sip::{refusal, refuse, unregistered};
use crate::{
    app::{
        Voice,
        call::{Line, Note},
        calls::CallHandle,
        replace_line::{ReplaceLine, ReplaceLineError},
        second_line::{SecondLine, SecondLineError},
    },
    core::{call::Target, sdp::Description},
    sip::{refer::Replaces, translated},
};

/// The proof that a request brings.
pub(super) fn authorization(request: &Request) -> Option<String> {
    request.headers.iter().find_map(|header| match header {
        Header::Authorization(value) => Some(value.value().to_owned()),
        _ => None,
    })
}

/// Who says to call: the user part of From.
pub(super) fn caller(request: &Request) -> String {
    let from = request.from_header().ok().and_then(|from| from.typed().ok());
    from.as_ref().and_then(|from| from.uri.user()).unwrap_or_default().to_owned()
}

/// Hands a call that belongs to another (a second line of an agent's phone, a phone that takes another's place) to that one,
/// or refuses it; none when it is a call like any other.
pub(super) async fn into_another(
    voice: &Arc<Voice>,
    transaction: &mut Transaction,
    source: SocketAddr,
    transport: Transport,
) -> Option<Option<InviteDialog>> {
    let (call, wish) = match wish_of(voice, &transaction.original, source).await {
        Ok(found) => found?,
        Err((code, headers)) => {
            refuse(transaction, code, headers).await;
            return Some(None);
        }
    };
    let terms = voice.terms(source.ip(), transport);
    let Ok(offer) = Description::parse(&transaction.original.body, terms) else {
        refuse(transaction, StatusCode::NotAcceptableHere, vec![]).await;
        return Some(None);
    };
    let Some((dialog, line)) = dialog(voice, transaction, source, transport).await else { return Some(None) };
    let peer = source.ip();
    let note = match wish {
        InAnother::Second { agent_id, target } => {
            Note::SecondLine(Box::new(SecondLine { agent_id, target, offer, peer, terms, line }))
        }
        InAnother::Place { replaces, agent_id } => {
            Note::ReplaceLine(Box::new(ReplaceLine { replaces, agent_id, offer, peer, terms, line }))
        }
    };
    if let Err(error) = call.mailbox.try_send(note) {
        tracing::debug!(%error, "a call does not take another line");
        if dialog.reject(Some(StatusCode::TemporarilyUnavailable), None).is_err() {
            return Some(None);
        }
    }
    Some(Some(dialog))
}

/// What an INVITE wants of another call.
enum InAnother {
    Second { agent_id: String, target: Target },
    Place { replaces: Replaces, agent_id: Option<String> },
}

type Refusal = (StatusCode, Vec<Header>);

async fn wish_of(
    voice: &Arc<Voice>,
    invite: &Request,
    source: SocketAddr,
) -> Result<Option<(CallHandle, InAnother)>, Refusal> {
    let user = caller(invite);
    let user = user.as_str();
    let proof = authorization(invite);
    let replaces = invite.headers.iter().find_map(|header| match header {
        Header::Replaces(value) => Some(Replaces::parse(value.value())),
        _ => None,
    });
    match replaces {
        Some(None) => Err((StatusCode::BadRequest, vec![])),
        Some(Some(replaces)) => {
            let found = voice.line_to_replace(&replaces, user, proof.as_deref(), source.ip()).await;
            match found {
                Ok((call, agent_id)) => Ok(Some((call, InAnother::Place { replaces, agent_id }))),
                Err(ReplaceLineError::Gone) => Err((StatusCode::CallTransactionDoesNotExist, vec![])),
                Err(ReplaceLineError::Proof(error)) => {
                    let (code, headers, _) = unregistered(voice, &error);
                    Err((code, headers))
                }
                Err(ReplaceLineError::Stranger(error)) => Err(refusal(voice, &error.into())),
            }
        }
        None => {
            let dialled = invite.uri.user().unwrap_or_default();
            match voice.second_line(user, dialled, proof.as_deref(), source.ip()).await {
                Ok(found) => {
                    Ok(found.map(|(call, agent_id, target)| (call, InAnother::Second { agent_id, target })))
                }
                Err(SecondLineError::Target) => Err((StatusCode::NotFound, vec![])),
                Err(SecondLineError::Proof(error)) => {
                    let (code, headers, _) = unregistered(voice, &error);
                    Err((code, headers))
                }
            }
        }
    }
}

/// The dialog of an INVITE that is taken, and its line; none when it makes no dialog, and was refused.
pub(super) async fn dialog(
    voice: &Voice,
    transaction: &mut Transaction,
    source: SocketAddr,
    transport: Transport,
) -> Option<(InviteDialog, Line)> {
    if transport == Transport::Udp {
        translated::reach_back(&mut transaction.original, source);
    }
    let (sender, states) = voice.stack.dialogs.new_dialog_state_channel();
    let sips = transaction.original.uri.scheme == Some(Scheme::Sips);
    let contact = voice.stack.contact(source.ip(), transport, sips);
    match voice.stack.dialogs.get_or_create_server_invite(transaction, sender, None, Some(contact)) {
        Ok(dialog) => Some((dialog.clone(), Line::sip(dialog, states))),
        Err(error) => {
            tracing::debug!(%error, "an INVITE makes no dialog");
            refuse(transaction, StatusCode::BadRequest, vec![]).await;
            None
        }
    }
}
