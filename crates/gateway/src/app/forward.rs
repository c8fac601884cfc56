//! Passes a public call on to the service that owns it: the whole body first, within its size and its time, so that no slow
//! client holds a service; answers stream back as they come.

use std::{sync::Arc, time::Duration};

use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, Version, header};
use chassis::{Auth, Caller, Clock, ErrorKind, Failure, Ids, Peers, TokenError};
use contract::Timestamp;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::{Status, body::Body, service::Routes};
use tower::ServiceExt as _;

use super::hub::Hub;
use crate::{
    core::public::{Owner, PublicCall, public_call},
    metrics::CALLS,
};

/// Bodies are counted in these many bytes.
const UNIT: u32 = 1 << 10;
/// How long the caller waits, in gRPC's own units.
const GRPC_TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");
/// What a service gets to see of the headers. Cookies stay at the edge.
const PASSED_ON: [HeaderName; 8] = [
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    header::USER_AGENT,
    GRPC_TIMEOUT,
    HeaderName::from_static("grpc-encoding"),
    HeaderName::from_static("grpc-accept-encoding"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
];

/// When the access token of a request expires; known to the gateway's own services.
#[derive(Clone, Copy, Debug)]
pub struct Expires(pub Timestamp);

/// Why a call did not get through.
#[derive(Debug, thiserror::Error)]
pub enum ForwardError {
    /// Not public, or not there at all.
    #[error("there is no such call")]
    Unknown,
    /// No token came along.
    #[error("sign in first: the request carries no access token")]
    Anonymous,
    /// Changed, foreign or expired.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// Signed out, or locked out.
    #[error("the session is over, sign in again")]
    Revoked,
    /// More than this call takes.
    #[error("the request is larger than {limit} bytes")]
    TooLarge {
        /// What the call takes.
        limit: u32,
    },
    /// The body broke off or did not decode.
    #[error("the request could not be read")]
    Broken,
    /// The body did not arrive in time.
    #[error("the request took too long to arrive")]
    TooSlow,
    /// Too many bodies on their way at once.
    #[error("too many large requests at once, try again in a moment")]
    Crowded,
    /// The owner is away.
    #[error("the service does not answer, try again in a moment")]
    Unavailable(#[source] tonic::transport::Error),
}

impl Failure for ForwardError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Unknown => ErrorKind::NotFound,
            Self::Anonymous | Self::Token(_) | Self::Revoked => ErrorKind::Unauthenticated,
            Self::TooLarge { .. } | Self::Broken => ErrorKind::Invalid { field: "body" },
            Self::TooSlow | Self::Unavailable(_) => ErrorKind::Unavailable,
            Self::Crowded => ErrorKind::Exhausted,
        }
    }
}

impl ForwardError {
    const fn outcome(&self) -> &'static str {
        match self {
            Self::Unknown => "no-such-service",
            Self::Anonymous | Self::Token(_) | Self::Revoked => "unauthenticated",
            Self::TooLarge { .. } | Self::Broken => "too-large",
            Self::TooSlow => "too-slow",
            Self::Crowded => "crowded",
            Self::Unavailable(_) => "unavailable",
        }
    }
}

/// The way in for every call.
#[derive(Clone)]
pub struct Forward {
    auth: Auth,
    clock: Clock,
    ids: Ids,
    peers: Peers,
    hub: Hub,
    own: Routes,
    body_timeout: Duration,
    memory: Arc<Semaphore>,
}

impl Forward {
    /// Calls of the gateway's own services go to `own`. Bodies on their way in take at most `memory` bytes together.
    #[expect(clippy::too_many_arguments, reason = "the one constructor, called once")]
    pub fn new(
        auth: Auth,
        clock: Clock,
        ids: Ids,
        peers: Peers,
        hub: Hub,
        own: Routes,
        body_timeout: Duration,
        memory: u32,
    ) -> Self {
        let memory = Arc::new(Semaphore::new((memory / UNIT) as usize));
        Self { auth, clock, ids, peers, hub, own, body_timeout, memory }
    }

    /// Answers a call; refusals are answers too.
    pub async fn call(self, request: Request<Body>) -> Response<Body> {
        let called = public_call(request.uri().path());
        let service = called.map_or("unknown", |call| call.service);
        let answer = match called {
            Some(call) => self.pass(call, request).await,
            None => Err(ForwardError::Unknown),
        };
        let outcome = answer.as_ref().map_or_else(ForwardError::outcome, |_| "passed");
        CALLS.with_label_values(&[service, outcome]).inc();
        answer.unwrap_or_else(|error| refusal(&error))
    }

    async fn pass(self, call: PublicCall, request: Request<Body>) -> Result<Response<Body>, ForwardError> {
        let known = self.known(request.headers())?;
        if known.is_none() && !call.open {
            return Err(ForwardError::Anonymous);
        }
        let (parts, body) = request.into_parts();
        let (content, _memory) = self.read(body, &parts.headers, call.limit).await?;
        let mut passed = Request::new(Body::new(Full::new(content)));
        *passed.method_mut() = parts.method;
        *passed.uri_mut() = parts.uri;
        *passed.version_mut() = Version::HTTP_2;
        *passed.headers_mut() = self.headers(&parts.headers);
        match call.owner {
            Owner::Gateway => {
                *passed.extensions_mut() = parts.extensions;
                if let Some((caller, expires)) = known {
                    passed.extensions_mut().insert(caller);
                    passed.extensions_mut().insert(expires);
                }
                self.own.oneshot(passed).await.map_err(|never| match never {})
            }
            Owner::Peer(peer) => {
                passed.headers_mut().entry(GRPC_TIMEOUT).or_insert_with(|| self.default_timeout());
                self.peers.patient_channel(peer).oneshot(passed).await.map_err(ForwardError::Unavailable)
            }
        }
    }

    /// What a call may take whose sender does not say.
    fn default_timeout(&self) -> HeaderValue {
        HeaderValue::from_str(&format!("{}m", self.peers.deadline().as_millis().min(99_999_999)))
            .unwrap_or_else(|_| HeaderValue::from_static("5S"))
    }

    /// Who calls; none without a token. A token that is no good lets nobody in, not even where none is needed.
    fn known(&self, headers: &HeaderMap) -> Result<Option<(Caller, Expires)>, ForwardError> {
        let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let Some(token) = header.and_then(|header| header.strip_prefix("Bearer ")) else { return Ok(None) };
        let claims = self.auth.claims(token, "access")?;
        let expires = Expires(Timestamp::from_millis(claims.expires.saturating_mul(1_000)));
        let caller = Caller::from(claims);
        if self.hub.is_revoked(self.clock.now(), &caller.session) {
            return Err(ForwardError::Revoked);
        }
        Ok(Some((caller, expires)))
    }

    /// The whole body. What it takes of the memory is given back when the call is answered.
    async fn read(
        &self,
        body: Body,
        headers: &HeaderMap,
        limit: u32,
    ) -> Result<(bytes::Bytes, OwnedSemaphorePermit), ForwardError> {
        let announced =
            headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        // The text form of gRPC-web is a third longer.
        if announced.is_some_and(|announced| announced > u64::from(limit) * 3 / 2) {
            return Err(ForwardError::TooLarge { limit });
        }
        let room = announced.map_or(limit, |announced| u32::try_from(announced).unwrap_or(limit).min(limit));
        let memory = Arc::clone(&self.memory)
            .try_acquire_many_owned(room / UNIT + 1)
            .map_err(|_| ForwardError::Crowded)?;
        let read = Limited::new(body, limit as usize).collect();
        let read = tokio::time::timeout(self.body_timeout, read).await.map_err(|_| ForwardError::TooSlow)?;
        let content = read.map_err(|error| {
            if error.is::<LengthLimitError>() {
                ForwardError::TooLarge { limit }
            } else {
                ForwardError::Broken
            }
        })?;
        Ok((content.to_bytes(), memory))
    }

    fn headers(&self, received: &HeaderMap) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(PASSED_ON.len() + 2);
        for name in PASSED_ON {
            if let Some(value) = received.get(&name) {
                headers.insert(name, value.clone());
            }
        }
        headers.insert(header::TE, header::HeaderValue::from_static("trailers"));
        if let Ok(id) = self.ids.new_id(self.clock.now()).parse() {
            headers.insert("x-request-id", id);
        }
        headers
    }
}

/// The answer to a call that did not get through.
pub fn refusal(error: &ForwardError) -> Response<Body> {
    let status = match error {
        ForwardError::Unknown => Status::unimplemented(error.to_string()),
        error => error.status(),
    };
    status.into_http()
}
