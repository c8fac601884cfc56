//! The gRPC server of a process: who calls, how long it took, and one span a call.

use std::{net::SocketAddr, time::Duration};

use http::{HeaderMap, Request, Response};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::{
    service::{InterceptorLayer, Routes},
    transport::{Server, server::TcpIncoming},
};
use tower_http::{classify::GrpcFailureClass, trace::TraceLayer};
use tracing::Span;

use crate::{
    auth::{Auth, authenticate},
    metrics, telemetry,
};

/// Serves `routes` until `stop`.
pub(crate) async fn serve(
    listener: TcpListener,
    routes: Routes,
    auth: Auth,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let trace = TraceLayer::new_for_grpc()
        .make_span_with(|request: &Request<_>| {
            let span = tracing::info_span!(
                "grpc",
                method = request.uri().path(),
                interaction.id = tracing::field::Empty
            );
            telemetry::adopt(&span, request.headers());
            span
        })
        .on_request(())
        .on_response(|response: &Response<_>, took: Duration, span: &Span| {
            record(span, grpc_code(response.headers()), took);
        })
        .on_eos(())
        .on_body_chunk(())
        .on_failure(|_: GrpcFailureClass, _: Duration, _: &Span| {});
    Server::builder()
        .tcp_nodelay(true)
        .http2_keepalive_interval(Some(Duration::from_secs(20)))
        .concurrency_limit_per_connection(1_024)
        .layer(trace)
        .layer(InterceptorLayer::new(move |request| authenticate(&auth, request)))
        .add_routes(routes)
        .serve_with_incoming_shutdown(
            TcpIncoming::from(listener).with_nodelay(Some(true)),
            stop.cancelled_owned(),
        )
        .await?;
    Ok(())
}

fn record(span: &Span, code: &str, took: Duration) {
    let method = span.metadata().map_or("grpc", tracing::Metadata::name);
    metrics::GRPC_REQUESTS.with_label_values(&[method, code]).observe(took.as_secs_f64());
}

fn grpc_code(headers: &HeaderMap) -> &str {
    headers.get("grpc-status").and_then(|code| code.to_str().ok()).unwrap_or("0")
}

/// Binds a port, with an error that names the key it came from.
pub(crate) async fn bind(key: &str, address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .map_err(|error| anyhow::anyhow!("{key}: {address} can't be bound: {error}"))
}
