//! The web app: its files are inside the binary, compressed when it was built. Every page is the one index, which the app's
//! own router reads.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "web/dist"]
#[allow_missing = true]
struct Dist;

const INDEX: &str = "index.html";
/// Files whose name holds the hash of their content never change.
const HASHED: &str = "assets/";
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const ASK_EVERY_TIME: &str = "no-cache";

/// Shown when the binary was built without the web app.
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Switchboard</title>\
    <body style=\"font:16px/1.5 system-ui;max-width:36em;margin:15vh auto;padding:0 1em\"><h1>The web app is not in this \
    build</h1><p>Build it, then build the centre again:</p><pre>cd crates/gateway/web\nnpm ci\nnpm run build</pre>\
    <p>Everything else of the centre works: calls, chats, gRPC and the command line.</p></body></html>";

/// Scripts only of our own; styles may stand in elements, as the component library sets them; nobody may frame us.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
    font-src 'self'; connect-src 'self'; media-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The start page.
pub async fn index(uri: Uri, headers: HeaderMap) -> Response {
    file(&uri, &headers)
}

/// A file of the app, or its index for every path that is no file.
pub fn file(uri: &Uri, headers: &HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    let path = if path.is_empty() { INDEX } else { path };
    // The compressed twins are answers to the name they belong to, never names themselves.
    let twin = has_ending(path, "br") || has_ending(path, "gz");
    let mut response = match Dist::get(path).filter(|_| !twin) {
        Some(file) => send(path, &file, headers),
        None if path.starts_with(HASHED) => StatusCode::NOT_FOUND.into_response(),
        None => Dist::get(INDEX).map_or_else(not_built, |index| send(INDEX, &index, headers)),
    };
    protect(response.headers_mut());
    response
}

fn not_built() -> Response {
    let html = (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    (StatusCode::SERVICE_UNAVAILABLE, [html], NOT_BUILT).into_response()
}

fn has_ending(path: &str, ending: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, found)| found == ending)
}

fn send(path: &str, file: &EmbeddedFile, headers: &HeaderMap) -> Response {
    let hash = file.metadata.sha256_hash();
    let tag =
        format!("\"{}\"", hash.iter().take(16).fold(String::new(), |tag, byte| format!("{tag}{byte:02x}")));
    let cache = if path.starts_with(HASHED) { FOR_EVER } else { ASK_EVERY_TIME };
    let unchanged = headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|tags| tags.to_str().is_ok_and(|tags| tags.split(',').any(|known| known.trim() == tag)));
    let mut response = Response::builder()
        .header(header::CACHE_CONTROL, cache)
        .header(header::ETAG, &tag)
        .header(header::VARY, "accept-encoding");
    if unchanged {
        return response.status(StatusCode::NOT_MODIFIED).body(Body::empty()).unwrap_or_default();
    }
    let (content, encoding) = encoded(path, file, headers);
    if let Some(encoding) = encoding {
        response = response.header(header::CONTENT_ENCODING, encoding);
    }
    response
        .header(header::CONTENT_TYPE, content_type(path, file))
        .body(Body::from(content))
        .unwrap_or_default()
}

fn content_type(path: &str, file: &EmbeddedFile) -> String {
    let found = file.metadata.mimetype();
    let text = found.starts_with("text/") || has_ending(path, "js") || has_ending(path, "svg");
    if text { format!("{found}; charset=utf-8") } else { found.to_owned() }
}

/// The smallest form of the file that the browser takes.
fn encoded(path: &str, file: &EmbeddedFile, headers: &HeaderMap) -> (Bytes, Option<&'static str>) {
    let accepted =
        headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let takes = |coding: &str| {
        accepted.split(',').any(|each| {
            let (name, quality) = each.trim().split_once(';').unwrap_or((each.trim(), ""));
            name.trim() == coding && quality.trim() != "q=0"
        })
    };
    for (coding, ending) in [("br", "br"), ("gzip", "gz")] {
        if takes(coding)
            && let Some(twin) = Dist::get(&format!("{path}.{ending}"))
        {
            return (Bytes::from(twin.data.into_owned()), Some(coding));
        }
    }
    (Bytes::from(file.data.clone().into_owned()), None)
}

fn protect(headers: &mut HeaderMap) {
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (
            header::HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(self), payment=(), usb=()",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};

    use super::file;

    fn get(path: &'static str, accept: &'static str) -> axum::response::Response {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accept));
        file(&Uri::from_static(path), &headers)
    }

    #[test]
    fn every_answer_carries_the_security_headers() {
        for path in ["/", "/desk/some-id", "/assets/none.js", "/index.html"] {
            let response = get(path, "");

            let policy = response.headers().get(header::CONTENT_SECURITY_POLICY).unwrap().to_str().unwrap();
            assert!(
                policy.contains("script-src 'self'") && policy.contains("frame-ancestors 'none'"),
                "{path}"
            );
        }
    }

    #[test]
    fn a_file_that_is_gone_is_not_answered_with_a_page() {
        assert_eq!(get("/assets/index-0000.js", "").status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn paths_do_not_lead_out_of_the_app() {
        for path in ["/../Cargo.toml", "/assets/../../../Cargo.toml", "/%2e%2e/Cargo.toml"] {
            let response = get(path, "");

            assert_ne!(
                response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes),
                Some(&b"text/x-toml"[..])
            );
        }
    }
}
