//! The one port for people and programs: pages, gRPC-web and gRPC.

use std::net::SocketAddr;

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, Method, StatusCode, Version, header},
    response::{IntoResponse, Response},
    routing::get,
};
use tonic_web::GrpcWebLayer;
use tower::{Layer as _, ServiceExt as _};

use super::{cookie, web};
use crate::{app::forward::Forward, metrics::CALLS};

/// Where a request came from, for limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(pub String);

#[derive(Clone)]
struct Edge {
    forward: Forward,
    address_header: Option<HeaderName>,
}

/// All routes of the gateway, and those of channels that run elsewhere.
pub fn routes(forward: Forward, address_header: Option<HeaderName>, channels: Router) -> Router {
    let edge = Edge { forward, address_header };
    Router::new().route("/", get(web::index)).fallback(anything).with_state(edge).merge(channels)
}

/// What no route names: a call, or a page or file of the web app.
async fn anything(State(edge): State<Edge>, request: Request) -> Response {
    if request.uri().path().starts_with("/switchboard.") {
        return call(edge, request).await;
    }
    match *request.method() {
        Method::GET | Method::HEAD => web::file(request.uri(), request.headers()),
        _ => (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response(),
    }
}

async fn call(edge: Edge, mut request: Request) -> Response {
    let web = is_web(request.headers());
    if web {
        if !cookie::same_origin(request.headers()) {
            CALLS.with_label_values(&["unknown", "foreign-origin"]).inc();
            return StatusCode::FORBIDDEN.into_response();
        }
        let browser = cookie::Browser::of(request.headers());
        request.extensions_mut().insert(browser);
    } else if request.version() != Version::HTTP_2 {
        let text = "this is gRPC: call it over HTTP/2, or as gRPC-web\n";
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, text).into_response();
    }
    let address = address_of(&request, edge.address_header.as_ref());
    request.extensions_mut().insert(address);
    let forward = edge.forward;
    let service = tower::service_fn(move |request: axum::http::Request<tonic::body::Body>| {
        let forward = forward.clone();
        async move { Ok::<_, std::convert::Infallible>(forward.call(request).await) }
    });
    let answer = GrpcWebLayer::new().layer(service).oneshot(request).await;
    match answer {
        Ok(mut answer) => {
            answer.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
            answer.map(Body::new)
        }
        Err(never) => match never {},
    }
}

fn is_web(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|content_type| content_type.as_bytes().starts_with(b"application/grpc-web"))
}

/// The client's address: what a trusted proxy says last, else the connection's.
fn address_of(request: &Request, header: Option<&HeaderName>) -> Address {
    let told = header
        .and_then(|name| request.headers().get_all(name).iter().next_back())
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.rsplit(',').next())
        .map(|address| address.trim().chars().take(64).collect());
    let connected = || {
        request
            .extensions()
            .get::<ConnectInfo<SocketAddr>>()
            .map_or_else(String::new, |ConnectInfo(address)| address.ip().to_string())
    };
    Address(told.unwrap_or_else(connected))
}
