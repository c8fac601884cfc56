//! The widget as one script, and a small shop that embeds it.

use std::sync::LazyLock;

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "widget/dist"]
struct Dist;

#[derive(RustEmbed)]
#[folder = "widget/demo"]
struct Demo;

struct Script {
    etag: String,
    body: Vec<u8>,
}

static WIDGET: LazyLock<Option<Script>> = LazyLock::new(|| {
    let file = Dist::get("widget.js")?;
    let digest = file.metadata.sha256_hash();
    let tag = digest.iter().take(8).fold(0_u64, |tag, byte| (tag << 8) | u64::from(*byte));
    Some(Script { etag: format!("\"{tag:016x}\""), body: file.data.into_owned() })
});

/// `GET /chat/v1/widget.js`.
pub async fn widget(headers: HeaderMap) -> Response {
    let Some(script) = WIDGET.as_ref() else { return StatusCode::NOT_FOUND.into_response() };
    let common = [
        (header::ETAG, script.etag.as_str()),
        (header::CACHE_CONTROL, "public, max-age=300"),
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    let known =
        headers.get(header::IF_NONE_MATCH).is_some_and(|etag| etag.as_bytes() == script.etag.as_bytes());
    if known {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    (common, script.body.clone()).into_response()
}

/// `GET /demo`.
pub async fn demo() -> Response {
    match Demo::get("shop.html") {
        Some(page) => Html(page.data.into_owned()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
