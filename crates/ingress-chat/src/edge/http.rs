//! Routes of the HTTP port: the visitors' WebSocket, files, the widget and the demo page.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    extract::{DefaultBodyLimit, State, WebSocketUpgrade},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};

use super::{attachments, connection::Connection, dialogue, pages};
use crate::{app::App, metrics};

/// Bytes of one frame: a text of 16 KiB with every character escaped fits.
const MAX_FRAME: usize = 128 * 1024;
/// Bytes that may wait in the library before a reader counts as slow.
const MAX_WRITE_BUFFER: usize = 512 * 1024;

#[derive(Clone)]
struct Edge {
    app: Arc<App>,
    connections: Arc<AtomicUsize>,
}

/// All routes.
pub fn routes(app: Arc<App>) -> Router {
    let demo_page = app.config.demo_page;
    let edge = Edge { app: Arc::clone(&app), connections: Arc::default() };
    let mut pages = Router::new().route("/chat/v1/widget.js", get(pages::widget));
    if demo_page {
        pages = pages.route("/demo", get(pages::demo));
    }
    Router::new()
        .route("/chat/v1/connect", get(connect))
        .with_state(edge)
        .merge(
            Router::new()
                .route("/chat/v1/attachments", post(attachments::upload).options(attachments::preflight))
                // The handler has its own limit, and reads only what it wants.
                .layer(DefaultBodyLimit::disable())
                .route(
                    "/chat/v1/attachments/{attachment_id}",
                    get(attachments::download).options(attachments::preflight),
                )
                .with_state(app),
        )
        .merge(pages)
}

async fn connect(State(edge): State<Edge>, headers: HeaderMap, upgrade: WebSocketUpgrade) -> Response {
    let Some(place) = Place::take(&edge) else {
        metrics::REFUSED.with_label_values(&["full"]).inc();
        return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")], "too many connections\n")
            .into_response();
    };
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok()).map(str::to_owned);
    upgrade
        .max_message_size(MAX_FRAME)
        .max_frame_size(MAX_FRAME)
        .max_write_buffer_size(MAX_WRITE_BUFFER)
        .on_upgrade(move |socket| async move {
            dialogue::serve(edge.app, Connection::new(socket), origin).await;
            drop(place);
        })
}

/// One of the connections this instance takes.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(edge: &Edge) -> Option<Self> {
        let limit = edge.app.config.max_connections;
        let taken = edge
            .connections
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |count| (count < limit).then_some(count + 1));
        taken.ok()?;
        metrics::CONNECTIONS.with_label_values::<&str>(&[]).inc();
        Some(Self(Arc::clone(&edge.connections)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
        metrics::CONNECTIONS.with_label_values::<&str>(&[]).dec();
    }
}
