//! `/call/v1`: calls from web pages. The WebSocket is the line: the page hangs up by closing it.
//!
//! We say `hello` with the ICE servers, the page says `call` with number and offer, we answer `answer` or `refused`, then
//! `answered` and `ended`; the page may say `hang_up`.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Arc, LazyLock},
    time::Duration,
};

use axum::{
    Router,
    extract::{
        ConnectInfo, State, WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    http::{Extensions, HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use contract::voice::v1::IceServer;
use rust_embed::RustEmbed;
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::app::{
    Voice,
    call::PageNews,
    start_web_call::{StartWebCall, WebCall},
};

/// Largest frame: a description of 16 KiB with every character escaped fits.
const MAX_FRAME: usize = 48 * 1_024;
/// How long a page may take until it says what it wants: the customer is asked for the microphone meanwhile.
const PATIENCE: Duration = Duration::from_mins(2);
/// Keeps proxies from closing a quiet line, and notices a page that is gone.
const PING_EVERY: Duration = Duration::from_secs(15);
/// Frames a page may send in one call.
const MAX_FRAMES: usize = 100;

#[derive(RustEmbed)]
#[folder = "web"]
struct Files;

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum FromPage {
    Call {
        to: String,
        #[serde(default)]
        name: String,
        offer: String,
    },
    HangUp,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ToPage<'a> {
    Hello { ice_servers: Vec<Server> },
    Answer { answer: &'a str },
    Answered,
    Ended,
    Refused { code: &'a str, detail: &'a str },
}

/// As `RTCPeerConnection` takes it.
#[derive(Serialize)]
struct Server {
    urls: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    username: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    credential: String,
}

impl From<IceServer> for Server {
    fn from(IceServer { urls, username, credential }: IceServer) -> Self {
        Self { urls, username, credential }
    }
}

#[derive(Clone)]
struct Edge {
    voice: Arc<Voice>,
    places: Arc<Semaphore>,
    address_header: Option<HeaderName>,
}

/// The routes of web calls.
pub fn routes(voice: &Arc<Voice>) -> Router {
    let config = &voice.config;
    let edge = Edge {
        voice: Arc::clone(voice),
        places: Arc::new(Semaphore::new(config.max_web_calls.min(Semaphore::MAX_PERMITS))),
        address_header: config.client_address_header.parse().ok(),
    };
    Router::new()
        .route("/call/v1/connect", get(connect))
        .route("/call/v1/button.js", get(button))
        .with_state(edge)
}

async fn connect(
    State(edge): State<Edge>,
    headers: HeaderMap,
    extensions: Extensions,
    upgrade: WebSocketUpgrade,
) -> Response {
    let Ok(place) = Arc::clone(&edge.places).try_acquire_owned() else {
        return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")], "too many calls\n")
            .into_response();
    };
    let address = address_of(&headers, &extensions, edge.address_header.as_ref());
    upgrade
        .max_message_size(MAX_FRAME)
        .max_frame_size(MAX_FRAME)
        .on_upgrade(move |socket| serve(edge.voice, socket, address, place))
}

fn address_of(headers: &HeaderMap, extensions: &Extensions, header: Option<&HeaderName>) -> IpAddr {
    let told = header
        .and_then(|name| headers.get_all(name).iter().next_back())
        .and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
    let connected = || extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    told.or_else(connected).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

async fn serve(voice: Arc<Voice>, mut socket: WebSocket, address: IpAddr, _place: OwnedSemaphorePermit) {
    let ice_servers = voice.ice_servers("web").into_iter().map(Server::from).collect();
    if !say(&mut socket, &ToPage::Hello { ice_servers }).await {
        return;
    }
    let asked = tokio::time::timeout(PATIENCE, hear(&mut socket)).await;
    let Ok(Some(heard)) = asked else { return };
    let call = match heard {
        Ok(FromPage::Call { to, name, offer }) => {
            voice.start_web_call(StartWebCall { to, name, description: offer, address }).await
        }
        Ok(FromPage::HangUp) => return,
        Err(detail) => {
            say(&mut socket, &ToPage::Refused { code: "bad_frame", detail: &detail }).await;
            return;
        }
    };
    match call {
        Ok(call) => talk(&mut socket, call).await,
        Err(error) => {
            tracing::info!(error = &error as &dyn std::error::Error, "a web page's call is refused");
            say(&mut socket, &ToPage::Refused { code: error.word(), detail: &error.to_string() }).await;
        }
    }
}

/// From our answer to the end; whoever leaves this ends the call, since `present` is dropped.
async fn talk(socket: &mut WebSocket, call: WebCall) {
    let WebCall { description, mut news, present } = call;
    if !say(socket, &ToPage::Answer { answer: &description }).await {
        return;
    }
    let mut ping = tokio::time::interval(PING_EVERY);
    let mut frames = 0;
    loop {
        let said = tokio::select! {
            heard = hear(socket) => {
                frames += 1;
                match heard {
                    Some(Ok(FromPage::HangUp)) | None => break,
                    Some(_) if frames > MAX_FRAMES => break,
                    Some(_) => true,
                }
            }
            news = news.recv() => match news {
                Some(PageNews::Answered) => say(socket, &ToPage::Answered).await,
                Some(PageNews::Ended) | None => {
                    say(socket, &ToPage::Ended).await;
                    break;
                }
            },
            _ = ping.tick() => socket.send(Message::Ping(Vec::new().into())).await.is_ok(),
        };
        if !said {
            break;
        }
    }
    drop(present);
}

/// The next thing the page says; an error names what is wrong with it; `None`: the page is gone.
async fn hear(socket: &mut WebSocket) -> Option<Result<FromPage, String>> {
    loop {
        match socket.recv().await?.ok()? {
            Message::Text(text) => {
                return Some(serde_json::from_str(&text).map_err(|error| error.to_string()));
            }
            Message::Binary(_) => return Some(Err("frames are JSON texts".to_owned())),
            Message::Close(_) => return None,
            Message::Ping(_) | Message::Pong(_) => {}
        }
    }
}

async fn say(socket: &mut WebSocket, what: &ToPage<'_>) -> bool {
    let Ok(text) = serde_json::to_string(what) else { return false };
    socket.send(Message::Text(text.into())).await.is_ok()
}

/// `GET /call/v1/button.js`: the button for any page.
async fn button(headers: HeaderMap) -> Response {
    static TAG: LazyLock<String> = LazyLock::new(|| {
        let hash = Files::get("button.js").map(|file| file.metadata.sha256_hash()).unwrap_or_default();
        let tag = hash.iter().take(8).fold(0_u64, |tag, byte| (tag << 8) | u64::from(*byte));
        format!("\"{tag:016x}\"")
    });
    let Some(file) = Files::get("button.js") else { return StatusCode::NOT_FOUND.into_response() };
    let common = [
        (header::ETAG, TAG.as_str()),
        (header::CACHE_CONTROL, "public, max-age=300"),
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == TAG.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    (common, file.data.into_owned()).into_response()
}
