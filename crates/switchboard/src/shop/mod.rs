//! The demo's sample backend: what a company has behind its self-service. Accounts with a PIN, a balance, a telephone
//! number and prescriptions, in memory.
//!
//! Answers JSON over HTTP to whoever has the token. A change with an `idempotency-key` it has seen is answered as before
//! and made once.

mod accounts;

use std::{
    collections::{BTreeMap, VecDeque},
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Context as _;
use axum::{
    Json, Router,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::{get, patch, post},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use accounts::{Accounts, Refused};

/// Answers kept for repeated changes.
const MAX_REMEMBERED: usize = 1_000;

/// The backend, ready to serve.
pub struct Shop {
    listener: TcpListener,
    token: String,
}

#[derive(Default)]
struct Inner {
    accounts: Accounts,
    answered: BTreeMap<String, (StatusCode, Value)>,
    /// Oldest first.
    order: VecDeque<String>,
}

#[derive(Clone)]
struct Shared {
    inner: Arc<Mutex<Inner>>,
    token: Arc<str>,
}

impl Shop {
    /// Takes a port of this machine, 0: any that is free.
    pub async fn open(port: u16, token: &str) -> anyhow::Result<Self> {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.context("the port of the sample backend")?;
        Ok(Self { listener, token: token.to_owned() })
    }

    /// Where it listens.
    pub fn address(&self) -> anyhow::Result<SocketAddr> {
        self.listener.local_addr().context("the address of the sample backend")
    }

    /// Serves until it is dropped.
    pub async fn serve(self) -> anyhow::Result<()> {
        axum::serve(self.listener, router(&self.token)).await.context("the sample backend")
    }
}

fn router(token: &str) -> Router {
    let shared = Shared { inner: Arc::default(), token: token.into() };
    Router::new()
        .route("/accounts", get(find))
        .route("/sessions", post(sign_in))
        .route("/sessions/{session}/account", get(account))
        .route("/sessions/{session}/account", patch(change))
        .route("/sessions/{session}/refills", post(refill))
        .route_layer(middleware::from_fn_with_state(shared.clone(), known_callers_only))
        .route("/readyz", get(|| async { "ready" }))
        .with_state(shared)
}

async fn known_callers_only(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let given = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    if given.and_then(|value| value.strip_prefix("Bearer ")) == Some(&*shared.token) {
        next.run(request).await
    } else {
        StatusCode::FORBIDDEN.into_response()
    }
}

#[derive(Deserialize)]
struct Find {
    phone: String,
}

#[derive(Deserialize)]
struct SignIn {
    account: String,
    pin: String,
}

#[derive(Deserialize)]
struct Change {
    phone: String,
}

#[derive(Deserialize)]
struct Refill {
    prescription: String,
}

type Answer = (StatusCode, Json<Value>);

async fn find(State(shared): State<Shared>, Query(find): Query<Find>) -> Answer {
    read(&shared, |accounts| {
        accounts.of_phone(&find.phone).map(|(account, name)| json!({ "account": account, "name": name }))
    })
}

async fn sign_in(State(shared): State<Shared>, headers: HeaderMap, Json(wish): Json<SignIn>) -> Answer {
    once(&shared, &headers, |accounts| {
        let (session, name) = accounts.sign_in(&wish.account, &wish.pin)?;
        Ok(json!({ "session": session, "name": name }))
    })
}

async fn account(State(shared): State<Shared>, Path(session): Path<String>) -> Answer {
    read(&shared, |accounts| {
        let account = accounts.of_session(&session)?;
        Ok(json!({ "name": account.name, "balance": account.balance(), "phone": account.phone }))
    })
}

async fn change(
    State(shared): State<Shared>,
    Path(session): Path<String>,
    headers: HeaderMap,
    Json(wish): Json<Change>,
) -> Answer {
    once(&shared, &headers, |accounts| {
        accounts.change_phone(&session, &wish.phone)?;
        Ok(json!({ "phone": wish.phone }))
    })
}

async fn refill(
    State(shared): State<Shared>,
    Path(session): Path<String>,
    headers: HeaderMap,
    Json(wish): Json<Refill>,
) -> Answer {
    once(&shared, &headers, |accounts| {
        let (medicine, left) = accounts.refill(&session, &wish.prescription)?;
        Ok(json!({ "medicine": medicine, "ready": "tomorrow at ten", "left": left }))
    })
}

fn read(shared: &Shared, ask: impl FnOnce(&mut Accounts) -> Result<Value, Refused>) -> Answer {
    let mut inner = shared.inner.lock().unwrap_or_else(PoisonError::into_inner);
    let (status, body) = answer(ask(&mut inner.accounts));
    (status, Json(body))
}

/// Does it, unless it was done under this key already.
fn once(
    shared: &Shared,
    headers: &HeaderMap,
    change: impl FnOnce(&mut Accounts) -> Result<Value, Refused>,
) -> Answer {
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).unwrap_or_default().to_owned();
    let mut inner = shared.inner.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((status, body)) = inner.answered.get(&key) {
        return (*status, Json(body.clone()));
    }
    let (status, body) = answer(change(&mut inner.accounts));
    if !key.is_empty() {
        if inner.order.len() >= MAX_REMEMBERED
            && let Some(oldest) = inner.order.pop_front()
        {
            inner.answered.remove(&oldest);
        }
        inner.order.push_back(key.clone());
        inner.answered.insert(key, (status, body.clone()));
    }
    (status, Json(body))
}

fn answer(outcome: Result<Value, Refused>) -> (StatusCode, Value) {
    match outcome {
        Ok(body) => (StatusCode::OK, body),
        Err(refused) => {
            let status = match refused {
                Refused::Unknown => StatusCode::NOT_FOUND,
                Refused::WrongPin => StatusCode::UNAUTHORIZED,
                Refused::Locked => StatusCode::LOCKED,
                Refused::Malformed => StatusCode::UNPROCESSABLE_ENTITY,
                Refused::NoneLeft => StatusCode::CONFLICT,
            };
            (status, json!({ "error": refused.to_string() }))
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request};
    use serde_json::{Value, json};
    use tower::ServiceExt as _;

    use super::{Router, StatusCode, router};

    async fn ask(shop: &Router, method: &str, path: &str, key: &str, body: Value) -> (StatusCode, Value) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", "Bearer secret")
            .header("content-type", "application/json")
            .header("idempotency-key", key)
            .body(if body.is_null() { Body::empty() } else { Body::from(body.to_string()) })
            .unwrap();
        let answer = shop.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        let bytes = axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    #[tokio::test]
    async fn a_customer_signs_in_and_changes_their_number_once() {
        let shop = router("secret");
        let wish = json!({ "account": "200100", "pin": "1234" });
        let (status, session) = ask(&shop, "POST", "/sessions", "a", wish).await;
        assert_eq!(status, StatusCode::OK);
        let account = format!("/sessions/{}/account", session["session"].as_str().unwrap());

        let wish = json!({ "phone": "15550177" });
        assert_eq!(ask(&shop, "PATCH", &account, "b", wish).await.0, StatusCode::OK);
        let repeated = ask(&shop, "PATCH", &account, "b", json!({ "phone": "15550188" })).await;

        assert_eq!(repeated.1["phone"], "15550177");
        assert_eq!(ask(&shop, "GET", &account, "", Value::Null).await.1["phone"], "15550177");
    }

    #[tokio::test]
    async fn strangers_and_guessers_get_nothing() {
        let shop = router("secret");
        let stranger = Request::builder().uri("/accounts?phone=15550123").body(Body::empty()).unwrap();
        assert_eq!(shop.clone().oneshot(stranger).await.unwrap().status(), StatusCode::FORBIDDEN);

        let mut statuses = Vec::new();
        for guess in ["1", "2", "3", "1234"] {
            let wish = json!({ "account": "200100", "pin": guess });
            statuses.push(ask(&shop, "POST", "/sessions", guess, wish).await.0.as_u16());
        }

        assert_eq!(statuses, [401, 401, 423, 423]);
    }
}
