//! A customer with a chat window: the protocol of `/chat/v1/connect`, spoken as the widget and the apps speak it.

use std::time::Duration;

use anyhow::{Context as _, bail};
use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

const WITHIN: Duration = Duration::from_secs(20);

/// One conversation, kept over lost connections.
#[derive(Debug)]
pub struct Visitor {
    url: String,
    entry_point: String,
    name: String,
    email: String,
    /// The interaction, once welcomed.
    pub interaction: String,
    /// Every message, in the order in which it came first; its `sequence` counts without gaps.
    pub messages: Vec<Value>,
    /// The last `welcome` or `state`.
    pub standing: Value,
    token: String,
    socket: Option<WebSocketStream<MaybeTlsStream<TcpStream>>>,
}

impl Visitor {
    /// Opens a chat on the demo's entry point and waits for the welcome.
    pub async fn arrive(http_url: &str) -> anyhow::Result<Self> {
        Self::arrive_at(http_url, "web-chat", "", "").await
    }

    /// Opens a chat on an entry point, with the name and address that a customer has given, and waits for the welcome.
    pub async fn arrive_at(
        http_url: &str,
        entry_point: &str,
        name: &str,
        email: &str,
    ) -> anyhow::Result<Self> {
        let mut visitor = Self {
            url: format!("{}/chat/v1/connect", http_url.replacen("http", "ws", 1)),
            entry_point: entry_point.to_owned(),
            name: name.to_owned(),
            email: email.to_owned(),
            interaction: String::new(),
            messages: Vec::new(),
            standing: Value::Null,
            token: String::new(),
            socket: None,
        };
        visitor.connect().await?;
        Ok(visitor)
    }

    /// Connects, again if it was before, and waits for the welcome.
    pub async fn connect(&mut self) -> anyhow::Result<()> {
        let (mut socket, _) = connect_async(&self.url).await?;
        let mut hello = json!({ "type": "hello", "entry_point": self.entry_point });
        if !self.name.is_empty() {
            hello["name"] = self.name.clone().into();
            hello["email"] = self.email.clone().into();
        }
        if !self.token.is_empty() {
            hello["visitor_token"] = self.token.clone().into();
        }
        if !self.interaction.is_empty() {
            hello["interaction_id"] = self.interaction.clone().into();
            hello["last_sequence"] = self.last_sequence().into();
        }
        socket.send(Message::text(hello.to_string())).await?;
        self.socket = Some(socket);
        let welcome = self.until("a welcome", |frame| frame["type"] == "welcome").await?;
        welcome["interaction_id"].as_str().context("interaction_id")?.clone_into(&mut self.interaction);
        welcome["visitor_token"].as_str().context("visitor_token")?.clone_into(&mut self.token);
        Ok(())
    }

    /// Connects again and again until it works: the centre is away for a moment.
    pub async fn come_back(&mut self) -> anyhow::Result<()> {
        let until = tokio::time::Instant::now() + Duration::from_secs(30);
        loop {
            match self.connect().await {
                Ok(()) => return Ok(()),
                Err(error) if tokio::time::Instant::now() > until => return Err(error),
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }

    /// Another conversation of the same person.
    pub async fn begin_anew(&mut self) -> anyhow::Result<()> {
        self.interaction.clear();
        self.messages.clear();
        self.connect().await
    }

    /// The line is cut, nobody says good-bye.
    pub fn vanish(&mut self) {
        self.socket = None;
    }

    /// Presses the button with this value.
    pub async fn choose(&mut self, value: &str) -> anyhow::Result<()> {
        let asked = |visitor: &Self| visitor.messages.iter().any(|message| message["options"].is_array());
        while !asked(self) {
            self.next().await?;
        }
        let id = uuid::Uuid::now_v7().to_string();
        self.send(&json!({ "type": "choose", "client_message_id": id, "value": value })).await
    }

    /// Says something and waits until the centre has it for good. Gives the id it was sent with.
    pub async fn say(&mut self, text: &str) -> anyhow::Result<String> {
        let id = uuid::Uuid::now_v7().to_string();
        self.say_as(text, &id).await?;
        Ok(id)
    }

    /// As [`Visitor::say`], with an id that may have been used before.
    pub async fn say_as(&mut self, text: &str, id: &str) -> anyhow::Result<()> {
        self.send(&json!({ "type": "send", "client_message_id": id, "text": text })).await?;
        self.until("an acknowledgement", |frame| {
            (frame["type"] == "ack" || frame["type"] == "message") && frame["client_message_id"] == id
        })
        .await?;
        Ok(())
    }

    /// Waits for a state such as `with_agent`.
    pub async fn state(&mut self, state: &str) -> anyhow::Result<()> {
        while self.standing["state"] != state {
            self.next().await.with_context(|| format!("waiting for {state}, standing: {}", self.standing))?;
        }
        Ok(())
    }

    /// Waits for a message with this text.
    pub async fn hear(&mut self, text: &str) -> anyhow::Result<()> {
        while !self.messages.iter().any(|message| message["text"] == text) {
            self.next().await.with_context(|| format!("waiting for {text:?}"))?;
        }
        Ok(())
    }

    /// Leaves for good.
    pub async fn end(&mut self) -> anyhow::Result<()> {
        self.send(&json!({ "type": "end" })).await?;
        self.state("ended").await
    }

    /// Any frame at all, also one that no visitor sends.
    pub async fn send(&mut self, frame: &Value) -> anyhow::Result<()> {
        let socket = self.socket.as_mut().context("not connected")?;
        Ok(socket.send(Message::text(frame.to_string())).await?)
    }

    /// The next frame, taken into account.
    pub async fn next(&mut self) -> anyhow::Result<Value> {
        tokio::time::timeout(WITHIN, self.hear_anything()).await.context("no frame in time")?
    }

    /// As [`Visitor::next`], however long it takes. Nothing is lost when the wait is broken off.
    pub async fn hear_anything(&mut self) -> anyhow::Result<Value> {
        let socket = self.socket.as_mut().context("not connected")?;
        loop {
            let frame = socket.next().await;
            match frame.context("the line is cut")?? {
                Message::Text(text) => {
                    let frame: Value = serde_json::from_str(&text)?;
                    self.take(&frame)?;
                    return Ok(frame);
                }
                Message::Close(reason) => bail!("the centre hung up: {reason:?}"),
                _ => {}
            }
        }
    }

    async fn until(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
        loop {
            let frame = self.next().await.with_context(|| format!("waiting for {what}"))?;
            if wanted(&frame) {
                return Ok(frame);
            }
        }
    }

    fn take(&mut self, frame: &Value) -> anyhow::Result<()> {
        match frame["type"].as_str().unwrap_or_default() {
            "welcome" | "state" => self.standing = frame.clone(),
            "message" => {
                let sequence = frame["sequence"].as_i64().context("sequence")?;
                let last = self.last_sequence();
                if sequence > last {
                    anyhow::ensure!(sequence == last + 1, "message {sequence} came after {last}");
                    self.messages.push(frame.clone());
                }
            }
            "error" => bail!("the centre refuses: {frame}"),
            _ => {}
        }
        Ok(())
    }

    fn last_sequence(&self) -> i64 {
        self.messages.last().and_then(|message| message["sequence"].as_i64()).unwrap_or(0)
    }

    /// How often a text was said.
    pub fn count(&self, text: &str) -> usize {
        self.messages.iter().filter(|message| message["text"] == text).count()
    }
}
