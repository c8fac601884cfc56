//! The gRPC server of a process: who calls, how long it took, and one span a call.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use axum::{
    extract::Request,
    middleware::{self, Next},
    response::Response,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::{
    service::{InterceptorLayer, Routes},
    transport::{Server, server::TcpIncoming},
};
use tracing::Instrument as _;

use crate::{
    auth::{Auth, authenticate},
    metrics, telemetry,
};

/// Code of a call to a method that nobody serves (`UNIMPLEMENTED`).
const UNIMPLEMENTED: &str = "12";

/// Serves `routes` until `stop`.
pub(crate) async fn serve(
    listener: TcpListener,
    routes: Routes,
    auth: Auth,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let routes = Routes::from(routes.into_axum_router().layer(middleware::from_fn(observe)));
    Server::builder()
        .tcp_nodelay(true)
        .http2_keepalive_interval(Some(Duration::from_secs(20)))
        .concurrency_limit_per_connection(1_024)
        .layer(InterceptorLayer::new(move |request| authenticate(&auth, request)))
        .add_routes(routes)
        .serve_with_incoming_shutdown(
            TcpIncoming::from(listener).with_nodelay(Some(true)),
            stop.cancelled_owned(),
        )
        .await?;
    Ok(())
}

/// One span and one measurement a call. A method that nobody serves is measured as "unknown": callers must not grow the labels.
async fn observe(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.uri().path().to_owned();
    let span = tracing::info_span!("grpc", method);
    telemetry::adopt(&span, request.headers());
    let response = next.run(request).instrument(span).await;
    let code = response.headers().get("grpc-status").and_then(|code| code.to_str().ok()).unwrap_or("0");
    let method = if code == UNIMPLEMENTED { "unknown" } else { &method };
    metrics::GRPC_REQUESTS.with_label_values(&[method, code]).observe(began.elapsed().as_secs_f64());
    response
}

/// Binds a port, with an error that names the key it came from.
pub(crate) async fn bind(key: &str, address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .map_err(|error| anyhow::anyhow!("{key}: {address} can't be bound: {error}"))
}
