//! Requests from the SIP port: read, handed to the right handler, answered. One bad request never stops the loop.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use rsipstack::{
    dialog::{dialog::Dialog, invite_dialog::InviteDialog},
    sip::{
        Header, Method, Request, StatusCode, Transport,
        prelude::{HeadersExt as _, ToTypedHeader as _},
    },
    transaction::{TransactionReceiver, transaction::Transaction},
    transport::SipConnection,
};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::{another, colleagues};
use crate::{
    app::{
        Voice,
        call::warning_header,
        register_phone::{RegisterPhone, RegisterPhoneError},
        start_call::{StartCall, StartCallError},
        trunks::{StrangerError, Trunk},
    },
    core::sdp::SdpError,
    metrics,
    sip::{
        caller,
        register::{self, Binding, EXPIRES, RegisterError},
        session,
        signalling::Signalling,
    },
};

/// Requests handled at once; what comes beyond is dropped, and sent again by whoever wants an answer.
const AT_ONCE: usize = 4_096;
/// Seconds a refused caller is asked to wait.
const RETRY_AFTER: &str = "5";

/// Takes requests until `end`.
pub async fn serve(voice: Arc<Voice>, mut incoming: TransactionReceiver, end: CancellationToken) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        let transaction = tokio::select! {
            () = end.cancelled() => return,
            transaction = incoming.recv() => transaction,
        };
        let Some(transaction) = transaction else { return };
        // Connections that the stack makes by itself, after what a message said, are for our requests alone.
        if matches!(transaction.connection, Some(SipConnection::Tcp(_) | SipConnection::TlsPlatform(_))) {
            metrics::DROPPED.with_label_values::<&str>(&[]).inc();
            continue;
        }
        metrics::REQUESTS.with_label_values(&[method_label(transaction.original.method)]).inc();
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            metrics::DROPPED.with_label_values::<&str>(&[]).inc();
            continue;
        };
        let voice = Arc::clone(&voice);
        tokio::spawn(async move {
            let in_call = dispatch(&voice, transaction).await;
            drop(place);
            // The INVITE's transaction lives as long as its answer is not confirmed; it does not count as work.
            if let Some((mut transaction, mut dialog)) = in_call
                && let Err(error) = dialog.handle(&mut transaction).await
            {
                tracing::debug!(%error, "an INVITE's transaction ended early");
            }
        });
    }
}

type InCall = Option<(Transaction, InviteDialog)>;

async fn dispatch(voice: &Arc<Voice>, mut transaction: Transaction) -> InCall {
    let is_in_dialog = transaction
        .original
        .to_header()
        .ok()
        .and_then(|to| to.tag().ok().flatten())
        .is_some_and(|tag| !tag.value().is_empty());
    if is_in_dialog {
        in_dialog(voice, &mut transaction).await;
        return None;
    }
    match transaction.original.method {
        Method::Invite => return invite(voice, transaction).await,
        Method::Register => register(voice, &mut transaction).await,
        Method::Options => options(voice, &mut transaction).await,
        Method::Ack => {}
        Method::Cancel | Method::Bye | Method::PRack => {
            answer(&mut transaction, StatusCode::CallTransactionDoesNotExist, vec![]).await;
        }
        _ => {
            let allow =
                crate::sip::stack::allowed().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            answer(&mut transaction, StatusCode::MethodNotAllowed, vec![Header::Allow(allow.into())]).await;
        }
    }
    None
}

async fn in_dialog(voice: &Voice, transaction: &mut Transaction) {
    let Some(mut dialog) = voice.stack.dialogs.match_dialog(transaction) else {
        if transaction.original.method != Method::Ack {
            answer(transaction, StatusCode::CallTransactionDoesNotExist, vec![]).await;
        }
        return;
    };
    if transaction.original.method == Method::PRack && matches!(&dialog, Dialog::Invite(_)) {
        let known = voice.stack.reliable.confirm(&dialog.id(), &transaction.original);
        let code = if known { StatusCode::OK } else { StatusCode::CallTransactionDoesNotExist };
        return answer(transaction, code, vec![]).await;
    }
    if let Err(error) = dialog.handle(transaction).await {
        tracing::debug!(%error, "a request inside a call failed");
    }
}

async fn invite(voice: &Arc<Voice>, mut transaction: Transaction) -> InCall {
    if transaction.send_trying().await.is_err() {
        return None;
    }
    if let Some((code, headers)) = malformed(&transaction.original) {
        refuse(&mut transaction, code, headers).await;
        return None;
    }
    let timer = match session::agree(&transaction.original.headers, voice.config.session_minimum()) {
        Ok(timer) => timer,
        Err(minimum) => {
            refuse(&mut transaction, StatusCode::SessionIntervalTooSmall, vec![minimum]).await;
            return None;
        }
    };
    let (source, transport) = source(&transaction);
    if let Some(in_call) = another::into_another(voice, &mut transaction, source, transport).await {
        return in_call.map(|dialog| (transaction, dialog));
    }
    let between = colleagues::of_the_centre(voice, &mut transaction, source, transport, &timer).await;
    if let Some(in_call) = between {
        return in_call.map(|dialog| (transaction, dialog));
    }
    let request = StartCall {
        timer,
        dialled: dialled(voice, &transaction.original),
        customer: caller::of(&transaction.original),
        offer: transaction.original.body.clone(),
        peer: source.ip(),
        terms: voice.terms(source.ip(), transport),
        authorization: another::authorization(&transaction.original),
    };
    let admitted = match voice.admit(request).await {
        Ok(admitted) => admitted,
        Err(error) => {
            tracing::info!(error = &error as &dyn std::error::Error, "call refused");
            let (code, headers) = refusal(voice, &error);
            refuse(&mut transaction, code, headers).await;
            return None;
        }
    };
    let (dialog, line) = another::dialog(voice, &mut transaction, source, transport).await?;
    voice.begin_call(admitted, line);
    Some((transaction, dialog))
}

/// The number that was dialled: the request's address, or behind a registration, whose contact is all that the trunk puts
/// there, the one in To.
fn dialled(voice: &Voice, invite: &Request) -> String {
    let user = invite.uri.user().unwrap_or_default();
    let is_trunk = |trunk: &Arc<Trunk>| trunk.config.register && trunk.config.username == user;
    if !voice.trunks.all.iter().any(is_trunk) {
        return user.to_owned();
    }
    let to = invite.to_header().ok().and_then(|to| to.typed().ok());
    to.and_then(|to| to.uri.user().map(str::to_owned)).unwrap_or_default()
}

/// What makes an INVITE unanswerable whatever it asks for, with what the answer says about it.
fn malformed(request: &Request) -> Option<(StatusCode, Vec<Header>)> {
    let sdp = request.headers.iter().find_map(|header| match header {
        Header::ContentType(value) => {
            Some(value.value().trim().to_ascii_lowercase().starts_with("application/sdp"))
        }
        _ => None,
    });
    let accept = || Header::Accept("application/sdp".into());
    if !request.body.is_empty() && sdp != Some(true) {
        return Some((StatusCode::UnsupportedMediaType, vec![accept()]));
    }
    if let Some(unsupported) = unsupported(request) {
        return Some((StatusCode::BadExtension, vec![unsupported]));
    }
    if !takes_sdp(request) {
        return Some((StatusCode::NotAcceptable, vec![]));
    }
    let hops = request.headers.iter().find_map(|header| match header {
        Header::MaxForwards(value) => value.value().trim().parse::<u32>().ok(),
        _ => None,
    });
    if hops == Some(0) {
        return Some((StatusCode::TooManyHops, vec![]));
    }
    request.contact_header().is_err().then_some((StatusCode::BadRequest, vec![]))
}

/// The extensions that a request requires and we do not have (RFC 3261 §8.2.2.3).
fn unsupported(request: &Request) -> Option<Header> {
    let required = request.headers.iter().filter_map(|header| match header {
        Header::Require(value) => Some(value.value()),
        _ => None,
    });
    let unknown: Vec<&str> = required
        .flat_map(|tags| tags.split(','))
        .map(str::trim)
        .filter(|tag| {
            let known = ["replaces", "100rel"].iter().any(|known| tag.eq_ignore_ascii_case(known));
            !tag.is_empty() && !session::is_timer_alone(tag) && !known
        })
        .collect();
    (!unknown.is_empty()).then(|| Header::Unsupported(unknown.join(", ").into()))
}

/// Whether our description may be in an answer: whoever sends no `Accept` takes it (RFC 3261 §20.1).
fn takes_sdp(request: &Request) -> bool {
    let mut ranges = request
        .headers
        .iter()
        .filter_map(|header| match header {
            Header::Accept(value) => Some(value.value()),
            _ => None,
        })
        .flat_map(|value| value.split(','))
        .map(|range| range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
        .peekable();
    ranges.peek().is_none()
        || ranges.any(|range| matches!(range.as_str(), "application/sdp" | "application/*" | "*/*"))
}

pub(super) fn refusal(voice: &Voice, error: &StartCallError) -> (StatusCode, Vec<Header>) {
    match error {
        StartCallError::Stranger(StrangerError::Challenge { stale }) => {
            let challenges = voice.challenger.challenges(voice.clock.now().as_millis(), *stale);
            let headers = challenges.into_iter().map(|value| Header::WwwAuthenticate(value.into())).collect();
            (StatusCode::Unauthorized, headers)
        }
        StartCallError::Stranger(StrangerError::Full)
        | StartCallError::Full
        | StartCallError::Stopping
        | StartCallError::Media(_)
        | StartCallError::Directory(_) => {
            (StatusCode::ServiceUnavailable, vec![Header::RetryAfter(RETRY_AFTER.into())])
        }
        StartCallError::UnknownNumber => (StatusCode::NotFound, vec![]),
        StartCallError::Description(wrong) => {
            let code = match wrong {
                SdpError::Unreadable
                | SdpError::Line { .. }
                | SdpError::NoAudio
                | SdpError::NoCommonCodec
                | SdpError::NoCommonCrypto
                | SdpError::PlainRefused
                | SdpError::SecureRefused => StatusCode::NotAcceptableHere,
            };
            (code, vec![warning_header(&wrong.to_string())])
        }
    }
}

async fn register(voice: &Voice, transaction: &mut Transaction) {
    let (code, headers, outcome) = match read_register(transaction) {
        Ok(request) => match voice.register_phone(request).await {
            Ok(bindings) => (StatusCode::OK, contacts(&bindings), "registered"),
            Err(error) => unregistered(voice, &error),
        },
        Err(RegisterError::TooBrief) => {
            let least = Header::MinExpires(EXPIRES.start().to_string().into());
            (StatusCode::IntervalTooBrief, vec![least], "invalid")
        }
        Err(RegisterError::User | RegisterError::Contact) => (StatusCode::BadRequest, vec![], "invalid"),
    };
    metrics::REGISTRATIONS.with_label_values(&[outcome]).inc();
    answer(transaction, code, headers).await;
}

fn read_register(transaction: &Transaction) -> Result<RegisterPhone, RegisterError> {
    let request = &transaction.original;
    let (source, transport) = source(transaction);
    let text = |wanted: fn(&Header) -> Option<&str>| request.headers.iter().find_map(wanted);
    Ok(RegisterPhone {
        user: register::user(request)?,
        authorization: text(|header| match header {
            Header::Authorization(value) => Some(value.value()),
            _ => None,
        })
        .map(str::to_owned),
        wish: register::wish(request)?,
        source,
        signalling: Signalling::of(transport).ok_or(RegisterError::Contact)?,
        user_agent: text(|header| match header {
            Header::UserAgent(value) => Some(value.value()),
            _ => None,
        })
        .unwrap_or_default()
        .chars()
        .take(100)
        .collect(),
        call_id: request
            .call_id_header()
            .map(|id| id.value().chars().take(200).collect())
            .unwrap_or_default(),
        cseq: request.cseq_header().and_then(rsipstack::sip::CSeq::seq).unwrap_or(0),
    })
}

pub(super) fn unregistered(
    voice: &Voice,
    error: &RegisterPhoneError,
) -> (StatusCode, Vec<Header>, &'static str) {
    let retry = || vec![Header::RetryAfter(RETRY_AFTER.into())];
    match error {
        RegisterPhoneError::Challenge { stale } => {
            let challenges = voice.challenger.challenges(voice.clock.now().as_millis(), *stale);
            let headers = challenges.into_iter().map(|value| Header::WwwAuthenticate(value.into())).collect();
            (StatusCode::Unauthorized, headers, "challenged")
        }
        RegisterPhoneError::Denied => (StatusCode::Forbidden, vec![], "denied"),
        RegisterPhoneError::Limited => (StatusCode::ServiceUnavailable, retry(), "limited"),
        RegisterPhoneError::TooMany => (StatusCode::Forbidden, vec![], "too-many"),
        RegisterPhoneError::Directory(_) | RegisterPhoneError::Store(_) => {
            tracing::warn!(error = error as &dyn std::error::Error, "a phone could not be registered");
            (StatusCode::ServiceUnavailable, retry(), "failed")
        }
    }
}

fn contacts(bindings: &[Binding]) -> Vec<Header> {
    let contact = |Binding { contact, expires }: &Binding| format!("<{contact}>;expires={expires}");
    bindings.iter().map(|binding| Header::Contact(contact(binding).into())).collect()
}

/// A ping: how the process feels, for trunks and dispatchers.
async fn options(voice: &Voice, transaction: &mut Transaction) {
    if voice.stopping.is_cancelled() {
        return answer(transaction, StatusCode::ServiceUnavailable, vec![]).await;
    }
    if let Some(unsupported) = unsupported(&transaction.original) {
        return answer(transaction, StatusCode::BadExtension, vec![unsupported]).await;
    }
    let accept = Header::Accept("application/sdp".into());
    let allow = crate::sip::stack::allowed().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    answer(transaction, StatusCode::OK, vec![accept, Header::Allow(allow.into())]).await;
}

pub(super) async fn refuse(transaction: &mut Transaction, code: StatusCode, headers: Vec<Header>) {
    metrics::REFUSED.with_label_values(&[code.code().to_string().as_str()]).inc();
    answer(transaction, code, headers).await;
}

async fn answer(transaction: &mut Transaction, code: StatusCode, headers: Vec<Header>) {
    if let Err(error) = transaction.reply_with(code, headers, None).await {
        tracing::debug!(%error, "a request could not be answered");
    }
}

/// Where a request came from, and over what.
fn source(transaction: &Transaction) -> (SocketAddr, Transport) {
    let remote = transaction.connection.as_ref().and_then(SipConnection::get_remote_addr);
    let transport = remote.and_then(|remote| remote.r#type).unwrap_or(Transport::Udp);
    let address = remote
        .and_then(|address| address.get_socketaddr().ok())
        .unwrap_or(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 5060));
    (address, transport)
}

fn method_label(method: Method) -> &'static str {
    match method {
        Method::Invite => "invite",
        Method::Register => "register",
        Method::Options => "options",
        Method::Bye => "bye",
        Method::Cancel => "cancel",
        Method::Ack => "ack",
        Method::Info => "info",
        Method::Update => "update",
        Method::PRack => "prack",
        _ => "other",
    }
}
