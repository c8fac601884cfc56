//! The HTTP port: probes and metrics of the process, and the routes of its services.

use std::net::SocketAddr;

use axum::{Json, Router, http::StatusCode, response::IntoResponse, routing::get};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{health::Health, metrics};

/// `/healthz` (the process lives), `/readyz` (it can work), `/metrics` (Prometheus).
pub(crate) fn probes(health: Health) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(move || std::future::ready(ready(&health))))
        .route("/metrics", get(async || metrics::render()))
}

fn ready(health: &Health) -> impl IntoResponse + use<> {
    let problems = health.problems();
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "ready": problems.is_empty(), "problems": problems })))
}

/// Serves `app` over HTTP/1.1 and HTTP/2 without TLS until `stop`.
pub(crate) async fn serve(listener: TcpListener, app: Router, stop: CancellationToken) -> anyhow::Result<()> {
    use axum::serve::ListenerExt as _;

    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(stop.cancelled_owned())
        .await?;
    Ok(())
}
