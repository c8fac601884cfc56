//! The gateway's own gRPC services: desktop, operations, and sessions as seen from outside.

use std::{pin::Pin, time::Duration};

use chassis::{Bus, Caller, Clock, Failure as _, Peers};
use contract::{
    directory::v1::{
        RefreshSessionRequest, RefreshSessionResponse, Role, Session, SignInRequest, SignInResponse,
        SignOutRequest, SignOutResponse, session_service_server::SessionService,
    },
    gateway::v1::{WatchRequest, WatchResponse, desktop_service_server::DesktopService},
    operations::v1::{
        GetStatusRequest, GetStatusResponse, ListDeadLettersRequest, ListDeadLettersResponse,
        ReplayDeadLettersRequest, ReplayDeadLettersResponse, operations_service_server::OperationsService,
    },
};
use futures::Stream;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, metadata::MetadataMap};

use super::{cookie::Browser, http::Address};
use crate::app::{
    forward::Expires, get_status::get_status, list_dead_letters::list_dead_letters,
    refresh_session::refresh_session, replay_dead_letters::replay_dead_letters, sessions::Sessions,
    sign_in::sign_in, sign_out::sign_out, watch::Watch,
};

/// How long a stream lasts whose token's end is not known: as long as the shortest tokens.
const SHORT_STREAM_MS: i64 = 10 * 60 * 1_000;

/// `switchboard.gateway.v1.DesktopService`
#[derive(Clone)]
pub struct Desktop {
    pub watch: Watch,
    pub clock: Clock,
}

#[tonic::async_trait]
impl DesktopService for Desktop {
    type WatchStream = Pin<Box<dyn Stream<Item = Result<WatchResponse, Status>> + Send>>;

    async fn watch(&self, request: Request<WatchRequest>) -> Result<Response<Self::WatchStream>, Status> {
        let caller = Caller::of(&request)?;
        let until = request
            .extensions()
            .get::<Expires>()
            .map_or_else(|| self.clock.now().plus_millis(SHORT_STREAM_MS), |expires| expires.0);
        let stream = self.watch.open(caller, until).await?;
        Ok(Response::new(Box::pin(ReceiverStream::new(stream))))
    }
}

/// `switchboard.operations.v1.OperationsService`
#[derive(Clone)]
pub struct Operations {
    pub peers: Peers,
    pub bus: Bus,
    pub services: Vec<String>,
    pub patience: Duration,
}

#[tonic::async_trait]
impl OperationsService for Operations {
    async fn get_status(&self, _: Request<GetStatusRequest>) -> Result<Response<GetStatusResponse>, Status> {
        Ok(Response::new(get_status(&self.peers, &self.services, self.patience).await))
    }

    async fn list_dead_letters(
        &self,
        request: Request<ListDeadLettersRequest>,
    ) -> Result<Response<ListDeadLettersResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        caller.require(&[Role::Administrator])?;
        let answer = list_dead_letters(&self.bus, &caller, request.into_inner()).await;
        answer.map(Response::new).map_err(|error| error.status())
    }

    async fn replay_dead_letters(
        &self,
        request: Request<ReplayDeadLettersRequest>,
    ) -> Result<Response<ReplayDeadLettersResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        caller.require(&[Role::Administrator])?;
        let answer = replay_dead_letters(&self.bus, &caller, request.into_inner()).await;
        answer.map(Response::new).map_err(|error| error.status())
    }
}

/// `switchboard.directory.v1.SessionService` at the edge. Programs get and show refresh tokens themselves; a browser's stays
/// in its cookie, and the answer has none.
#[derive(Clone)]
pub struct SessionEdge {
    pub sessions: Sessions,
    pub cookie_lasts: Duration,
}

impl SessionEdge {
    /// Puts a browser's refresh token into its cookie, out of the answer.
    fn hide(&self, browser: Option<&Browser>, mut session: Session, headers: &mut MetadataMap) -> Session {
        if let Some(browser) = browser {
            let token = std::mem::take(&mut session.refresh_token);
            set_cookie(headers, browser.keep(&token, self.cookie_lasts));
        }
        session
    }
}

#[tonic::async_trait]
impl SessionService for SessionEdge {
    async fn sign_in(&self, request: Request<SignInRequest>) -> Result<Response<SignInResponse>, Status> {
        let browser = request.extensions().get::<Browser>().cloned();
        let address =
            request.extensions().get::<Address>().map(|address| address.0.clone()).unwrap_or_default();
        let session = sign_in(&self.sessions, &address, request.into_inner()).await?;
        let mut response = Response::new(SignInResponse::default());
        let session = self.hide(browser.as_ref(), session, response.metadata_mut());
        response.get_mut().session = Some(session);
        Ok(response)
    }

    async fn refresh_session(
        &self,
        request: Request<RefreshSessionRequest>,
    ) -> Result<Response<RefreshSessionResponse>, Status> {
        let browser = request.extensions().get::<Browser>().cloned();
        let token = shown(browser.as_ref(), request.into_inner().refresh_token);
        let session = refresh_session(&self.sessions, &token).await?;
        let mut response = Response::new(RefreshSessionResponse::default());
        let session = self.hide(browser.as_ref(), session, response.metadata_mut());
        response.get_mut().session = Some(session);
        Ok(response)
    }

    async fn sign_out(&self, request: Request<SignOutRequest>) -> Result<Response<SignOutResponse>, Status> {
        let browser = request.extensions().get::<Browser>().cloned();
        let token = shown(browser.as_ref(), request.into_inner().refresh_token);
        sign_out(&self.sessions, &token).await?;
        let mut response = Response::new(SignOutResponse::default());
        set_cookie(response.metadata_mut(), browser.as_ref().and_then(Browser::drop));
        Ok(response)
    }
}

/// The refresh token of a request: its own, else the browser's cookie.
fn shown(browser: Option<&Browser>, token: String) -> String {
    match browser {
        Some(browser) if token.is_empty() => browser.token().to_owned(),
        _ => token,
    }
}

fn set_cookie(headers: &mut MetadataMap, cookie: Option<axum::http::HeaderValue>) {
    let text = cookie.as_ref().and_then(|cookie| cookie.to_str().ok());
    if let Some(value) = text.and_then(|text| text.parse().ok()) {
        headers.insert("set-cookie", value);
    }
}
