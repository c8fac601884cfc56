//! Visitors: past the menu into the queue, then writing at a fixed rate whatever the answers take (open loop).

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use futures::{
    SinkExt as _, StreamExt as _,
    stream::{self, SplitSink, SplitStream},
};
use hdrhistogram::Histogram;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, tungstenite::Message};

use crate::{Options, histogram, record};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Visitors who arrive side by side.
const ARRIVING: usize = 50;

/// Somebody who waits in the queue.
pub struct Visitor {
    pub interaction_id: String,
    sender: SplitSink<Socket, Message>,
    receiver: SplitStream<Socket>,
}

impl Visitor {
    /// Connects and goes through the menu.
    pub async fn arrive(options: &Options) -> anyhow::Result<Self> {
        let url = format!("ws://{}/chat/v1/connect", options.http);
        let (socket, _) = tokio_tungstenite::connect_async(url).await?;
        let (mut sender, mut receiver) = socket.split();
        let hello = json!({"type": "hello", "entry_point": options.entry_point, "name": "Load"});
        sender.send(Message::text(hello.to_string())).await?;
        let mut interaction_id = String::new();
        let mut chosen = false;
        loop {
            let frame = next(&mut receiver).await?;
            match frame["type"].as_str() {
                Some("welcome") => interaction_id = text(&frame["interaction_id"]),
                Some("message") if frame["options"].is_array() && !chosen => {
                    chosen = true;
                    let choose =
                        json!({"type": "choose", "client_message_id": "menu", "value": options.choose});
                    sender.send(Message::text(choose.to_string())).await?;
                }
                Some("state") if matches!(frame["state"].as_str(), Some("queued" | "with_agent")) => break,
                Some("error") => bail!("refused: {frame}"),
                _ => {}
            }
        }
        Ok(Self { interaction_id, sender, receiver })
    }

    /// Sends a message.
    pub async fn say(&mut self, id: &str, words: &str) -> anyhow::Result<()> {
        Ok(self.sender.send(Message::text(message(id, words))).await?)
    }

    /// Ends the chat.
    pub async fn leave(&mut self) -> anyhow::Result<()> {
        self.sender.send(Message::text(r#"{"type":"end"}"#)).await?;
        while next(&mut self.receiver).await?["state"] != "ended" {}
        Ok(())
    }
}

/// All visitors.
pub async fn arrive(options: &Options) -> anyhow::Result<Vec<Visitor>> {
    let arriving = (0..options.visitors).map(|_| Visitor::arrive(options));
    stream::iter(arriving).buffer_unordered(ARRIVING).collect::<Vec<_>>().await.into_iter().collect()
}

/// Writes at the rate; the time from the moment a message was due to its acknowledgement.
pub async fn load(visitors: Vec<Visitor>, options: &Options) -> anyhow::Result<Histogram<u64>> {
    let count = visitors.len();
    let pause = Duration::from_secs_f64(count as f64 / options.rate as f64);
    let until = Instant::now() + Duration::from_secs(options.seconds);
    let begin = tokio::time::Instant::now() + Duration::from_millis(100);
    let mut writers = Vec::with_capacity(count);
    for (index, visitor) in visitors.into_iter().enumerate() {
        let first = begin + pause.mul_f64(index as f64 / count as f64);
        writers.push(tokio::spawn(write(visitor, first, pause, until)));
    }
    let mut all = histogram()?;
    for writer in writers {
        all.add(writer.await??)?;
    }
    Ok(all)
}

async fn write(
    visitor: Visitor,
    first: tokio::time::Instant,
    pause: Duration,
    until: Instant,
) -> anyhow::Result<Histogram<u64>> {
    let Visitor { mut sender, mut receiver, .. } = visitor;
    let due: Arc<Mutex<HashMap<String, Instant>>> = Arc::default();
    let done = Arc::new(AtomicBool::new(false));
    let reading = {
        let (due, done) = (Arc::clone(&due), Arc::clone(&done));
        tokio::spawn(async move {
            let mut acknowledged = histogram()?;
            loop {
                if done.load(Ordering::Acquire)
                    && due.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
                {
                    return Ok::<_, anyhow::Error>(acknowledged);
                }
                let frame = next(&mut receiver).await?;
                match frame["type"].as_str() {
                    Some("ack") => {
                        let id = text(&frame["client_message_id"]);
                        let sent = due.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
                        if let Some(sent) = sent {
                            record(&mut acknowledged, sent.elapsed());
                        }
                    }
                    Some("error") => bail!("refused: {frame}"),
                    _ => {}
                }
            }
        })
    };
    let mut moment = first;
    let mut number = 0_u64;
    while Instant::now() < until {
        tokio::time::sleep_until(moment).await;
        let id = format!("load-{number}");
        due.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), moment.into_std());
        sender
            .send(Message::text(message(
                &id,
                "My bill of last month shows a fee that I do not know, can you look?",
            )))
            .await?;
        number += 1;
        moment += pause;
    }
    done.store(true, Ordering::Release);
    // Something to wake the reader with when everything is acknowledged already.
    sender.send(Message::text(r#"{"type":"ping"}"#)).await?;
    let acknowledged = reading.await??;
    sender.send(Message::text(r#"{"type":"end"}"#)).await?;
    Ok(acknowledged)
}

fn message(id: &str, words: &str) -> String {
    json!({"type": "send", "client_message_id": id, "text": words}).to_string()
}

async fn next(receiver: &mut SplitStream<Socket>) -> anyhow::Result<Value> {
    loop {
        match tokio::time::timeout(PATIENCE, receiver.next()).await.context("nothing came for 30 s")? {
            Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text)?),
            Some(Ok(Message::Close(frame))) => bail!("closed: {frame:?}"),
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(error.into()),
            None => bail!("closed"),
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
