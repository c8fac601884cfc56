//! One WebSocket: bounded reading, bounded writing, closing with a reason.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures::SinkExt as _;

use super::frames::{ErrorFrame, ServerFrame};
use crate::metrics;

/// How long a frame may take to leave; a reader slower than that is let go.
const WRITE: Duration = Duration::from_secs(10);

/// Why this side closes a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// Does not read what it is sent: comes back and resumes.
    Slow,
    /// Nothing was heard for too long.
    Silent,
    /// The first frame was no hello, or did not come, or was refused.
    Hello,
    /// Too many frames that are none.
    Garbage,
    /// Far too many frames.
    TooFast,
    /// The database is away: comes back and sends again.
    Unavailable,
    /// The process stops: comes back to another instance.
    Stopping,
    /// The other side closed it.
    Gone,
}

impl Closing {
    /// Close codes of RFC 6455 section 7.4; 4000 and above are this protocol's.
    const fn code(self) -> u16 {
        match self {
            Self::Slow => 4008,
            Self::Silent => 4009,
            Self::Hello => 4001,
            Self::Garbage => 4000,
            Self::TooFast => 4029,
            Self::Unavailable => 1013,
            Self::Stopping => 1001,
            Self::Gone => 1000,
        }
    }

    const fn why(self) -> &'static str {
        match self {
            Self::Slow => "slow",
            Self::Silent => "silent",
            Self::Hello => "hello",
            Self::Garbage => "garbage",
            Self::TooFast => "too_fast",
            Self::Unavailable => "unavailable",
            Self::Stopping => "stopping",
            Self::Gone => "gone",
        }
    }
}

/// A WebSocket that speaks frames. What is sent gathers until [`Connection::flush`], so that frames share system calls.
pub struct Connection {
    socket: WebSocket,
    unflushed: bool,
}

impl Connection {
    pub const fn new(socket: WebSocket) -> Self {
        Self { socket, unflushed: false }
    }

    /// True when something waits for [`Connection::flush`].
    pub const fn is_unflushed(&self) -> bool {
        self.unflushed
    }

    /// Lets everything go, waiting a bounded time for a reader that is slow.
    pub async fn flush(&mut self) -> Result<(), Closing> {
        self.unflushed = false;
        bounded(self.socket.flush()).await
    }

    /// The next text; `Ok(None)` for signs of life.
    pub async fn receive(&mut self) -> Result<Option<axum::extract::ws::Utf8Bytes>, Closing> {
        match self.socket.recv().await {
            Some(Ok(Message::Text(text))) => Ok(Some(text)),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(None),
            // A frame beyond the limit, a text that is no UTF-8: the library has lost its place in the stream.
            Some(Ok(Message::Binary(_)) | Err(_)) => Err(Closing::Garbage),
            Some(Ok(Message::Close(_))) | None => Err(Closing::Gone),
        }
    }

    /// Sends a frame with the next flush.
    pub async fn send(&mut self, frame: &ServerFrame) -> Result<(), Closing> {
        let text = serde_json::to_string(frame).map_err(|_| Closing::Gone)?;
        self.write(Message::Text(text.into())).await
    }

    /// Sends an error and counts it.
    pub async fn refuse(&mut self, error: ErrorFrame) -> Result<(), Closing> {
        metrics::REFUSED.with_label_values(&[error.code]).inc();
        self.send(&ServerFrame::Error(error)).await
    }

    /// Asks for a sign of life.
    pub async fn ping(&mut self) -> Result<(), Closing> {
        self.write(Message::Ping(bytes::Bytes::new())).await
    }

    /// Says why and closes.
    pub async fn close(mut self, closing: Closing) {
        if closing != Closing::Gone {
            metrics::CLOSED.with_label_values(&[closing.why()]).inc();
            let frame = CloseFrame { code: closing.code(), reason: closing.why().into() };
            let _ = self.write(Message::Close(Some(frame))).await;
            let _ = self.flush().await;
        }
    }

    async fn write(&mut self, message: Message) -> Result<(), Closing> {
        self.unflushed = true;
        bounded(self.socket.feed(message)).await
    }
}

async fn bounded(writing: impl Future<Output = Result<(), axum::Error>>) -> Result<(), Closing> {
    match tokio::time::timeout(WRITE, writing).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(Closing::Gone),
        Err(_) => Err(Closing::Slow),
    }
}
