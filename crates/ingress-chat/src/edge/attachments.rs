//! Visitors' files over HTTP. The token travels in a header: addresses end up in logs and histories.

use std::{fmt::Write as _, sync::Arc};

use axum::{
    Json,
    body::{Body, to_bytes},
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chassis::{ErrorKind, Failure as _};
use http_body_util::LengthLimitError;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::frames::AttachmentFrame;
use crate::{
    app::{App, AttachmentError, EntryPointError, HelloError, Key, MAX_ATTACHMENT},
    metrics,
};

#[derive(Deserialize)]
pub struct UploadQuery {
    interaction_id: Uuid,
    file_name: String,
}

#[derive(Deserialize)]
pub struct DownloadQuery {
    interaction_id: Uuid,
}

/// Why a file does not pass.
#[derive(Debug, thiserror::Error)]
enum FileError {
    #[error(transparent)]
    Visitor(#[from] HelloError),
    #[error(transparent)]
    File(#[from] AttachmentError),
    #[error("this conversation has ended")]
    Ended,
    #[error("the request carries no visitor token")]
    Anonymous,
    #[error("the file did not arrive whole")]
    Broken,
}

/// `POST /chat/v1/attachments?interaction_id=…&file_name=…`, the file as body.
pub async fn upload(
    State(app): State<Arc<App>>,
    Query(query): Query<UploadQuery>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let declared =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let outcome = async {
        let (key, ended) = authorize(&app, &headers, query.interaction_id).await?;
        if ended {
            return Err(FileError::Ended);
        }
        // Nobody's bytes are read before it is known whose they are, and only so many files at once.
        let _place = app.uploads.acquire().await.map_err(|_| FileError::Broken)?;
        let content = to_bytes(body, MAX_ATTACHMENT + 1).await.map_err(|error| read_error(&error))?;
        Ok(app.upload_attachment(&key, &query.file_name, declared, &content).await?)
    };
    let answer = match outcome.await {
        Ok(attachment) => (StatusCode::CREATED, Json(AttachmentFrame::from(attachment))).into_response(),
        Err(error) => error.into_response(),
    };
    cross_origin(answer, &headers)
}

/// `GET /chat/v1/attachments/{attachment_id}?interaction_id=…`.
pub async fn download(
    State(app): State<Arc<App>>,
    Path(attachment_id): Path<Uuid>,
    Query(query): Query<DownloadQuery>,
    headers: HeaderMap,
) -> Response {
    let outcome = async {
        let (key, _) = authorize(&app, &headers, query.interaction_id).await?;
        Ok::<_, FileError>(app.read_attachment(&key, attachment_id).await?)
    };
    let answer = match outcome.await {
        Ok((attachment, content)) => (
            [
                (header::CONTENT_TYPE, attachment.content_type),
                (header::CONTENT_DISPOSITION, disposition(&attachment.file_name)),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
                (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
                (header::CACHE_CONTROL, "private, no-store".to_owned()),
                (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin".to_owned()),
            ],
            content,
        )
            .into_response(),
        Err(error) => error.into_response(),
    };
    cross_origin(answer, &headers)
}

/// `OPTIONS`: a page elsewhere asks whether it may. The token decides, so every page may ask.
pub async fn preflight(headers: HeaderMap) -> Response {
    let allowed = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type"),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    cross_origin((StatusCode::NO_CONTENT, allowed).into_response(), &headers)
}

async fn authorize(app: &App, headers: &HeaderMap, interaction_id: Uuid) -> Result<(Key, bool), FileError> {
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(|value| value.strip_prefix("Bearer ")).ok_or(FileError::Anonymous)?;
    let (visitor_id, tenant) = app.visitor_and_tenant(token)?;
    let conversation = app.own_conversation(&tenant, interaction_id, visitor_id).await?;
    let entry = app.entry_points.resolve(&app.peers, &tenant, &conversation.entry_point).await;
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    // An entry point that was removed since does not take the files from those who have them.
    match entry {
        Ok(entry) => entry.admit(origin).map_err(HelloError::from)?,
        Err(EntryPointError::Unknown) => {}
        Err(error) => return Err(HelloError::from(error).into()),
    }
    Ok((Key { tenant: tenant.into(), interaction_id }, conversation.is_ended()))
}

impl IntoResponse for FileError {
    fn into_response(self) -> Response {
        let (status, code) = match &self {
            Self::Anonymous | Self::Visitor(HelloError::Token) => (StatusCode::UNAUTHORIZED, "token_invalid"),
            Self::Visitor(HelloError::TokenExpired) => (StatusCode::UNAUTHORIZED, "token_expired"),
            Self::Visitor(HelloError::EntryPoint(EntryPointError::Origin)) => {
                (StatusCode::FORBIDDEN, "origin_not_allowed")
            }
            Self::Visitor(
                HelloError::UnknownInteraction | HelloError::EntryPoint(EntryPointError::Unknown),
            ) => (StatusCode::NOT_FOUND, "unknown_interaction"),
            Self::Visitor(_) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            Self::Ended => (StatusCode::CONFLICT, "ended"),
            Self::Broken => (StatusCode::BAD_REQUEST, "broken"),
            Self::File(AttachmentError::TooLarge) => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            Self::File(error) => match error.kind() {
                ErrorKind::Invalid { .. } => (StatusCode::BAD_REQUEST, "invalid"),
                ErrorKind::NotFound => (StatusCode::NOT_FOUND, "unknown_attachment"),
                ErrorKind::Exhausted => (StatusCode::TOO_MANY_REQUESTS, "full"),
                _ => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            },
        };
        metrics::REFUSED.with_label_values(&[code]).inc();
        (status, Json(json!({ "code": code, "reason": self.to_string() }))).into_response()
    }
}

/// Too many bytes, or a connection that broke off.
fn read_error(error: &axum::Error) -> FileError {
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        if inner.is::<LengthLimitError>() {
            return AttachmentError::TooLarge.into();
        }
        cause = inner.source();
    }
    FileError::Broken
}

/// Lets the page that asked read the answer. Nothing here is given for a cookie.
fn cross_origin(mut answer: Response, headers: &HeaderMap) -> Response {
    if let Some(origin) = headers.get(header::ORIGIN) {
        let answered = answer.headers_mut();
        answered.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        answered.insert(header::VARY, HeaderValue::from_static("origin"));
    }
    answer
}

/// Always a download, never shown (RFC 6266, with the name in RFC 8187 form).
fn disposition(file_name: &str) -> String {
    let plain: String = file_name
        .chars()
        .map(|character| match character {
            ' '..='~' if !matches!(character, '"' | '\\') => character,
            _ => '_',
        })
        .collect();
    let mut encoded = String::new();
    for byte in file_name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn a_name_can_not_break_out_of_its_header() {
        assert_eq!(
            disposition("a\"b\\ é.pdf"),
            "attachment; filename=\"a_b_ _.pdf\"; filename*=UTF-8''a%22b%5C%20%C3%A9.pdf"
        );
    }
}
