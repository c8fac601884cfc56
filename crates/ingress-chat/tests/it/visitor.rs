//! A visitor's browser or app: one WebSocket that speaks the public protocol.

use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Message, client::IntoClientRequest as _},
};

/// How long anything may take here.
const PATIENCE: Duration = Duration::from_secs(10);

pub struct Visitor {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub token: String,
    pub interaction_id: String,
    /// Every frame that came, in order.
    pub heard: Vec<Value>,
}

impl Visitor {
    /// Connects without a word.
    pub async fn connect(http: std::net::SocketAddr, origin: Option<&str>) -> Self {
        let mut request = format!("ws://{http}/chat/v1/connect").into_client_request().unwrap();
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        let (socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
        Self { socket, token: String::new(), interaction_id: String::new(), heard: Vec::new() }
    }

    /// Connects, says hello and waits for the welcome.
    pub async fn arrive(http: std::net::SocketAddr, hello: Value) -> Self {
        let mut visitor = Self::connect(http, None).await;
        visitor.hello(hello).await;
        let welcome = visitor.hear("welcome").await;
        visitor.token = welcome["visitor_token"].as_str().unwrap().into();
        visitor.interaction_id = welcome["interaction_id"].as_str().unwrap().into();
        visitor
    }

    pub async fn hello(&mut self, mut hello: Value) {
        hello["type"] = "hello".into();
        self.send(hello).await;
    }

    pub async fn send(&mut self, frame: Value) {
        self.raw(Message::text(frame.to_string())).await;
    }

    pub async fn raw(&mut self, message: Message) {
        self.socket.send(message).await.unwrap();
    }

    pub async fn say(&mut self, id: &str, text: &str) {
        self.send(json!({"type": "send", "client_message_id": id, "text": text})).await;
    }

    /// The next frame of a type; others before it are remembered in `heard`.
    pub async fn hear(&mut self, kind: &str) -> Value {
        self.hear_that(kind, |frame| frame["type"] == kind).await
    }

    /// The next message with this text.
    pub async fn read(&mut self, text: &str) -> Value {
        self.hear_that(text, |frame| frame["type"] == "message" && frame["text"] == text).await
    }

    /// The state of this name: the welcome may have told it already.
    pub async fn stand(&mut self, state: &str) -> Value {
        self.stand_so(state, |frame| frame["state"] == state).await
    }

    /// The first state that is so, from the last one told on.
    pub async fn stand_so(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let is_state = |frame: &&Value| frame["type"] == "state" || frame["type"] == "welcome";
        match self.heard.iter().rev().find(is_state) {
            Some(last) if wanted(last) => last.clone(),
            _ => self.hear_that(what, |frame| is_state(&frame) && wanted(frame)).await,
        }
    }

    pub async fn hear_that(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let Some(frame) = self.next().await else {
                panic!("the connection closed while waiting for {what}; heard {:#?}", self.heard)
            };
            if wanted(&frame) {
                return frame;
            }
        }
    }

    /// The next frame, none when the connection is closed.
    pub async fn next(&mut self) -> Option<Value> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.socket.next()).await;
            match message.unwrap_or_else(|_| panic!("nothing came; heard {:#?}", self.heard)) {
                Some(Ok(Message::Text(text))) => {
                    let frame: Value = serde_json::from_str(&text).unwrap();
                    self.heard.push(frame.clone());
                    return Some(frame);
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// Reads until the server closes.
    pub async fn until_closed(&mut self) {
        while self.next().await.is_some() {}
    }

    /// Everything that comes within `time`.
    pub async fn listen(&mut self, time: Duration) {
        let _ = tokio::time::timeout(time, async { while self.next().await.is_some() {} }).await;
    }

    /// Sequences of the messages that came.
    pub fn sequences(&self) -> Vec<i64> {
        self.messages().map(|message| message["sequence"].as_i64().unwrap()).collect()
    }

    pub fn messages(&self) -> impl Iterator<Item = &Value> {
        self.heard.iter().filter(|frame| frame["type"] == "message")
    }
}
