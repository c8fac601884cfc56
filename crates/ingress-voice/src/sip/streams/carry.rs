//! One connection: reading with limits, writing with limits, and the stack on the other side.

use std::{net::SocketAddr, sync::PoisonError, time::Duration};

use rsipstack::{
    sip::{Method, SipMessage, StatusCodeKind, Transport, prelude::HeadersExt as _},
    transport::{SipAddr, SipConnection, TransportEvent, channel::ChannelConnection},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    sync::mpsc,
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use super::{
    Key, Streams, count,
    frame::{Frame, FrameError, Framer},
    name,
    places::Place,
    sip_addr,
};
use crate::{metrics, sip::screen};

/// How long a message may take from its first byte to its last.
const MESSAGE: Duration = Duration::from_secs(5);
/// How long somebody may stay who has not shown who they are, between two messages.
const STRANGER: Duration = Duration::from_secs(30);
/// How long a phone may say nothing: longer than a registration lasts.
const QUIET: Duration = Duration::from_secs(65 * 60);
/// How long the other end may refuse to take what we write.
const WRITE: Duration = Duration::from_secs(10);
/// Messages that wait to be written before the stack waits too.
const WAITING: usize = 64;
/// Answers of our own that wait to be written before the connection is given up.
const ANSWERS: usize = 16;
const CHUNK: usize = 4 * 1_024;
/// Messages that are read in [`WINDOW`], from those who have not shown who they are, and from phones and trunks: what the stack
/// takes in waits in its memory, so whoever says more is read more slowly.
const PACE: [u32; 2] = [20, 500];
const WINDOW: Duration = Duration::from_millis(100);

/// A connection as the stack knows it.
pub(super) struct Carried {
    key: Key,
    connection: SipConnection,
    token: CancellationToken,
    to_stack: mpsc::UnboundedSender<TransportEvent>,
    from_stack: mpsc::Receiver<TransportEvent>,
}

impl Streams {
    /// Tells the stack of a connection.
    pub(super) async fn open(&self, key: Key) -> Option<Carried> {
        let endpoint = self.0.endpoint.upgrade()?;
        let (to_stack, incoming) = mpsc::unbounded_channel();
        let (outgoing, from_stack) = mpsc::channel(WAITING);
        let token = self.0.stop.child_token();
        let channel = ChannelConnection::create_connection_bounded(
            incoming,
            outgoing,
            sip_addr(key),
            Some(token.clone()),
        );
        let connection = SipConnection::Channel(channel.await.ok()?);
        self.0.live.lock().unwrap_or_else(PoisonError::into_inner).insert(key, token.clone());
        endpoint.transport_layer.add_connection(connection.clone());
        Some(Carried { key, connection, token, to_stack, from_stack })
    }

    /// Tells the stack of a connection and carries it to its end.
    pub(super) async fn carry<S>(&self, stream: S, key: Key, place: Place)
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        if let Some(carried) = self.open(key).await {
            self.run(stream, carried, place).await;
        }
    }

    pub(super) async fn run<S>(&self, stream: S, carried: Carried, place: Place)
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let Carried { key, connection, token, to_stack, from_stack } = carried;
        let gauge = metrics::STREAMS.with_label_values(&[name(key.0)]);
        gauge.inc();
        let (reader, writer) = tokio::io::split(stream);
        let (answers, to_answer) = mpsc::channel(ANSWERS);
        let reading =
            Reading { connection, to_stack, answers, from: key.1, address: sip_addr(key), place: &place };
        let end = tokio::select! {
            end = reading.run(reader) => end,
            end = write(writer, from_stack, to_answer, &place) => end,
            () = token.cancelled() => "closed",
        };
        gauge.dec();
        count(key.0, end);
        tracing::debug!(end, signalling = ?key.0, "a connection ended");
        // The stack forgets it as soon as nothing can come any more.
        token.cancel();
        let mut live = self.0.live.lock().unwrap_or_else(PoisonError::into_inner);
        if live.get(&key).is_some_and(CancellationToken::is_cancelled) {
            live.remove(&key);
        }
    }
}

/// How many messages came since when.
struct Pace {
    since: Instant,
    messages: u32,
}

impl Pace {
    /// One more came; how long nothing is to be read now.
    fn message(&mut self, now: Instant, proven: bool) -> Duration {
        if now >= self.since + WINDOW {
            *self = Self { since: now, messages: 0 };
        }
        self.messages += 1;
        let over = self.messages >= PACE[usize::from(proven)];
        if over { self.since + WINDOW - now } else { Duration::ZERO }
    }
}

/// The reading half.
struct Reading<'a> {
    connection: SipConnection,
    to_stack: mpsc::UnboundedSender<TransportEvent>,
    answers: mpsc::Sender<Vec<u8>>,
    from: SocketAddr,
    address: SipAddr,
    place: &'a Place,
}

impl Reading<'_> {
    async fn run(self, reader: impl AsyncRead) -> &'static str {
        let mut reader = std::pin::pin!(reader);
        let mut framer = Framer::default();
        let mut chunk = vec![0; CHUNK];
        let mut heard = Instant::now();
        let mut begun = None;
        let mut pace = Pace { since: heard, messages: 0 };
        loop {
            let (until, late) = match begun {
                Some(begun) => (begun + MESSAGE, "slow"),
                None if self.place.is_proven() => (heard + QUIET, "idle"),
                None => (heard + STRANGER, "idle"),
            };
            let length = match tokio::time::timeout_at(until, reader.read(&mut chunk)).await {
                // It may have become somebody meanwhile.
                Err(_) if begun.is_none() && self.place.is_proven() && heard + QUIET > Instant::now() => {
                    continue;
                }
                Err(_) => return late,
                Ok(Ok(0) | Err(_)) => return "closed",
                Ok(Ok(length)) => length,
            };
            framer.push(&chunk[..length]);
            loop {
                match framer.next() {
                    Ok(Some(frame)) => {
                        begun = None;
                        let proven = self.place.is_proven();
                        match self.take(frame) {
                            // A ping is no sign of who they are.
                            Ok(message) if message || proven => heard = Instant::now(),
                            Ok(_) => {}
                            Err(end) => return end,
                        }
                        let pause = pace.message(Instant::now(), proven);
                        if !pause.is_zero() {
                            tokio::time::sleep(pause).await;
                        }
                    }
                    Ok(None) => break,
                    Err(FrameError::TooLarge) => return "too_large",
                    Err(FrameError::Length) => return "unreadable",
                }
            }
            if framer.is_waiting() {
                begun = begun.or_else(|| Some(Instant::now()));
            }
        }
    }

    /// Passes a message on, or answers it; `true`: it was one. An error: there is nothing more to be heard here.
    fn take(&self, frame: Frame) -> Result<bool, &'static str> {
        let Frame::Message(mut bytes) = frame else {
            return self.answers.try_send(b"\r\n".to_vec()).map(|()| false).map_err(|_| "write");
        };
        if let Some((code, answer, _)) = screen::screen(&bytes, self.from) {
            metrics::MALFORMED.with_label_values(&[code.to_string().as_str()]).inc();
            return self.answers.try_send(answer).map(|()| true).map_err(|_| "write");
        }
        if let Some(tidied) = screen::tidy(&bytes) {
            bytes = tidied;
        }
        let transport = self.address.r#type.unwrap_or(Transport::Tcp);
        let message = SipMessage::try_from(bytes.as_slice())
            .ok()
            .and_then(|message| SipConnection::update_msg_received(message, self.from, transport).ok())
            .ok_or("unreadable")?;
        let event = TransportEvent::Incoming(message, self.connection.clone(), self.address.clone());
        self.to_stack.send(event).map(|()| true).map_err(|_| "closed")
    }
}

/// The writing half: what the stack says, and answers of our own.
async fn write(
    writer: impl AsyncWrite,
    mut from_stack: mpsc::Receiver<TransportEvent>,
    mut answers: mpsc::Receiver<Vec<u8>>,
    place: &Place,
) -> &'static str {
    let mut writer = std::pin::pin!(writer);
    loop {
        let bytes = tokio::select! {
            event = from_stack.recv() => match event {
                Some(TransportEvent::Incoming(message, ..)) => {
                    if proves(&message) {
                        place.prove();
                    }
                    message.to_bytes()
                }
                Some(TransportEvent::New(_) | TransportEvent::Closed(_)) => continue,
                None => return "closed",
            },
            Some(answer) = answers.recv() => answer,
        };
        let written = async {
            writer.write_all(&bytes).await?;
            writer.flush().await
        };
        match tokio::time::timeout(WRITE, written).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return "closed",
            Err(_) => return "stuck",
        }
    }
}

/// Whether what we say shows that the other end is somebody: that we have asked it something, registered it, or taken its call.
fn proves(message: &SipMessage) -> bool {
    match message {
        SipMessage::Request(_) => true,
        SipMessage::Response(response) => {
            response.status_code.kind() == StatusCodeKind::Successful
                && response
                    .cseq_header()
                    .ok()
                    .and_then(|cseq| cseq.method().ok())
                    .is_some_and(|method| matches!(method, Method::Invite | Method::Register))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_says_much_is_read_more_slowly_and_a_phone_less_so() {
        let start = Instant::now();
        for (proven, most) in [(false, PACE[0]), (true, PACE[1])] {
            let mut pace = Pace { since: start, messages: 0 };
            for _ in 1..most {
                assert_eq!(pace.message(start, proven), Duration::ZERO);
            }
            assert_eq!(pace.message(start, proven), WINDOW);
            assert_eq!(pace.message(start + WINDOW, proven), Duration::ZERO);
        }
    }
}
