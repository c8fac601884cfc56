//! The services behind the gateway, as far as it needs them: a router that knows Ann, a directory that knows one password.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context as TaskContext, Poll},
};

use bytes::{BufMut as _, Bytes, BytesMut};
use chassis::{Caller, Context, Failure as _, Parts, Service};
use contract::{
    directory::v1::{
        RefreshSessionRequest, RefreshSessionResponse, Session, SignInRequest, SignInResponse,
        SignOutResponse,
    },
    interaction::v1::Channel,
    router::v1::{AgentView, GetAgentRequest, GetAgentResponse, Work},
};
use http_body_util::{BodyExt as _, Full};
use prost::Message;
use serde::Deserialize;
use sqlx::migrate::Migrator;
use tonic::{Status, body::Body, server::NamedService};

/// Runs the stand-ins in the gateway's process.
pub struct StandIn;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoConfig {}

impl Service for StandIn {
    const NAME: &'static str = "stand-in";
    const DEFAULTS: &'static str = "[stand_in]\n";
    type Config = NoConfig;

    fn migrations() -> Option<Migrator> {
        None
    }

    async fn start(_: NoConfig, _: Context) -> anyhow::Result<Parts> {
        Ok(Parts::new().grpc(Router).grpc(Directory))
    }
}

type Request = http::Request<Body>;
type Answer = Pin<Box<dyn Future<Output = Result<http::Response<Body>, Infallible>> + Send>>;

macro_rules! stand_in {
    ($name:ident, $service:literal) => {
        #[derive(Clone)]
        struct $name;

        impl NamedService for $name {
            const NAME: &'static str = $service;
        }

        impl tower::Service<Request> for $name {
            type Response = http::Response<Body>;
            type Error = Infallible;
            type Future = Answer;

            fn poll_ready(&mut self, _: &mut TaskContext<'_>) -> Poll<Result<(), Infallible>> {
                Poll::Ready(Ok(()))
            }

            fn call(&mut self, request: Request) -> Answer {
                Box::pin(async move {
                    let answer = Self::answer(request).await;
                    Ok(answer.map_or_else(|status| status.into_http(), framed))
                })
            }
        }
    };
}

stand_in!(Router, "switchboard.router.v1.RouterService");
stand_in!(Directory, "switchboard.directory.v1.SessionService");

impl Router {
    /// Knows Ann of the demo, who holds `chat-1`.
    async fn answer(request: Request) -> Result<Bytes, Status> {
        let caller = request.extensions().get::<Caller>().cloned();
        let caller = caller.ok_or_else(|| chassis::CallerError::Anonymous.status())?;
        assert!(request.headers().get("cookie").is_none(), "cookies stay at the edge");
        let agent_id = read::<GetAgentRequest>(request).await.agent_id;
        if caller.tenant != "demo" || agent_id != "ann" {
            return Err(Status::not_found("no such agent"));
        }
        let work =
            Work { interaction_id: "chat-1".to_owned(), channel: Channel::Chat.into(), ..Work::default() };
        let agent = AgentView { agent_id, name: caller.user, work: vec![work], ..AgentView::default() };
        Ok(GetAgentResponse { agent: Some(agent) }.encode_to_vec().into())
    }
}

impl Directory {
    /// Takes the password "demo", and every refresh token once: `first`, then `second`.
    async fn answer(request: Request) -> Result<Bytes, Status> {
        let session = |refresh_token: &str| Session {
            access_token: "access".to_owned(),
            refresh_token: refresh_token.to_owned(),
            user_id: "ann".to_owned(),
            ..Session::default()
        };
        let method = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
        match method.as_str() {
            "SignIn" => {
                if read::<SignInRequest>(request).await.password != "demo" {
                    return Err(Status::unauthenticated("login or password is wrong"));
                }
                Ok(SignInResponse { session: Some(session("first")) }.encode_to_vec().into())
            }
            "RefreshSession" => {
                static SPENT: std::sync::Mutex<Vec<String>> = std::sync::Mutex::new(Vec::new());
                let token = read::<RefreshSessionRequest>(request).await.refresh_token;
                let mut spent = SPENT.lock().unwrap();
                if spent.contains(&token) || token.starts_with("unknown") {
                    return Err(Status::unauthenticated("the session is over"));
                }
                spent.push(token.clone());
                Ok(RefreshSessionResponse { session: Some(session(&format!("{token}+"))) }
                    .encode_to_vec()
                    .into())
            }
            _ => Ok(SignOutResponse {}.encode_to_vec().into()),
        }
    }
}

async fn read<M: Message + Default>(request: Request) -> M {
    let body = request.into_body().collect().await.unwrap().to_bytes();
    M::decode(&body[5..]).unwrap()
}

fn framed(message: Bytes) -> http::Response<Body> {
    let mut frame = BytesMut::new();
    frame.put_u8(0);
    frame.put_u32(message.len() as u32);
    frame.extend_from_slice(&message);
    let mut trailers = http::HeaderMap::new();
    trailers.insert("grpc-status", http::HeaderValue::from_static("0"));
    let body = Full::new(frame.freeze()).with_trailers(async move { Some(Ok(trailers)) });
    let mut response = http::Response::new(Body::new(body));
    response.headers_mut().insert("content-type", http::HeaderValue::from_static("application/grpc"));
    response
}
