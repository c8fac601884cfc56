//! Passes `/chat/v1` and `/demo` on to ingress-chat, `/call/v1` to ingress-voice, when they run apart: requests, answers and
//! WebSockets.

use std::{net::SocketAddr, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, StatusCode, Uri, header, uri::Authority},
    response::{IntoResponse, Response},
    routing::any,
};
use http_body_util::Limited;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};

/// Largest body passed on, bytes: an attachment of 10 MiB with its form.
const LARGEST_BODY: usize = 12 << 20;
/// How long ingress-chat may take to begin its answer.
const PATIENCE: Duration = Duration::from_mins(1);
/// Headers of one connection only (RFC 9110 section 7.6.1).
const HOP_BY_HOP: [HeaderName; 5] = [
    header::CONNECTION,
    header::TRANSFER_ENCODING,
    header::TE,
    header::TRAILER,
    HeaderName::from_static("keep-alive"),
];

/// The way to a channel's own HTTP port.
#[derive(Clone)]
pub struct ChannelProxy {
    client: Client<HttpConnector, Body>,
    upstream: Authority,
}

impl ChannelProxy {
    /// `upstream` is `http://host:port`, from the field `key` of the configuration.
    pub fn new(key: &str, upstream: &str) -> anyhow::Result<Self> {
        let uri: Uri = upstream.parse()?;
        let authority = uri.authority().cloned().filter(|_| uri.scheme_str() == Some("http"));
        let upstream = authority
            .ok_or_else(|| anyhow::anyhow!("gateway.{key}: {upstream:?} is not like \"http://host:port\""))?;
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(Duration::from_secs(2)));
        connector.set_nodelay(true);
        Ok(Self { client: Client::builder(TokioExecutor::new()).build(connector), upstream })
    }

    /// The paths of ingress-chat.
    pub fn chat(self) -> Router {
        Router::new()
            .route("/demo", any(pass))
            .route("/demo/{*path}", any(pass))
            .route("/chat/v1/{*path}", any(pass))
            .with_state(self)
    }

    /// The paths of ingress-voice.
    pub fn calls(self) -> Router {
        Router::new().route("/call/v1/{*path}", any(pass)).with_state(self)
    }
}

async fn pass(State(proxy): State<ChannelProxy>, request: Request) -> Response {
    match tokio::time::timeout(PATIENCE, proxy.send(request)).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => {
            tracing::warn!(error = %error, "a channel does not answer");
            (StatusCode::BAD_GATEWAY, "the service does not answer, try again in a moment\n").into_response()
        }
        Err(_) => (StatusCode::GATEWAY_TIMEOUT, "the service took too long to answer\n").into_response(),
    }
}

impl ChannelProxy {
    async fn send(&self, mut request: Request) -> anyhow::Result<Response> {
        let upgrade = wants_upgrade(request.headers());
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let ours = hyper::upgrade::on(&mut request);
        let address =
            request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_string());
        let (mut parts, body) = request.into_parts();
        parts.uri =
            Uri::builder().scheme("http").authority(self.upstream.clone()).path_and_query(path).build()?;
        parts.version = axum::http::Version::HTTP_11;
        parts.extensions.clear();
        strip(&mut parts.headers, upgrade);
        if let Some(address) = address.and_then(|address| address.parse().ok()) {
            parts.headers.append("x-forwarded-for", address);
        }
        let outgoing = Request::from_parts(parts, Body::new(Limited::new(body, LARGEST_BODY)));
        let mut response = self.client.request(outgoing).await?;
        if response.status() == StatusCode::SWITCHING_PROTOCOLS && upgrade {
            let theirs = hyper::upgrade::on(&mut response);
            tokio::spawn(join(ours, theirs));
            return Ok(response.map(Body::new));
        }
        strip(response.headers_mut(), false);
        Ok(response.map(Body::new))
    }
}

fn wants_upgrade(headers: &HeaderMap) -> bool {
    headers.get(header::UPGRADE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

fn strip(headers: &mut HeaderMap, upgrade: bool) {
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
    if upgrade {
        headers.insert(header::CONNECTION, header::HeaderValue::from_static("upgrade"));
    } else {
        headers.remove(header::UPGRADE);
    }
}

/// Carries bytes both ways until either side ends.
async fn join(ours: hyper::upgrade::OnUpgrade, theirs: hyper::upgrade::OnUpgrade) {
    let (ours, theirs) = match tokio::try_join!(ours, theirs) {
        Ok(both) => both,
        Err(error) => return tracing::debug!(%error, "a websocket did not open"),
    };
    let (mut ours, mut theirs) = (TokioIo::new(ours), TokioIo::new(theirs));
    if let Err(error) = tokio::io::copy_bidirectional(&mut ours, &mut theirs).await {
        tracing::debug!(%error, "a websocket broke");
    }
}
