//! One call of one telephone, from the moment it is answered.

use std::time::Duration;

use super::{
    Phones,
    audio::{Audio, Heard, Speaking, Voice},
    message::{Message, description, finish},
    switchboard::Place,
};

/// How often a picked up call says so before it takes the caller to be gone (RFC 3261 §13.3.1.4).
const ANSWERS: u32 = 6;

/// Why a call did not come about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallError {
    /// No port for audio.
    Audio,
    /// Nobody answered.
    Silence,
    /// Refused with this code.
    Refused(u16),
}

impl std::fmt::Display for CallError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Audio => write!(f, "no port for audio"),
            Self::Silence => write!(f, "the centre does not answer"),
            Self::Refused(code) => write!(f, "the centre refuses with {code}"),
        }
    }
}

impl std::error::Error for CallError {}

/// A call that was answered. Dropped without a [`Call::hang_up`], it is hung up in the background.
#[derive(Debug)]
pub struct Call {
    place: Option<Place>,
    /// Our address with tag, theirs, where they are reached.
    ours: String,
    theirs: String,
    contact: String,
    sequence: u32,
    speaking: Speaking,
}

impl Call {
    /// Calls `number` as `caller` and waits until somebody, or the flow, answers.
    pub async fn dial(
        phones: &Phones,
        number: &str,
        caller: &str,
        name: &str,
        voice: &Voice,
    ) -> Result<Self, CallError> {
        let exchange = &phones.0;
        let audio =
            Audio::open(exchange.local.ip(), exchange.centre.ip()).await.map_err(|_| CallError::Audio)?;
        let call = exchange.number();
        let call_id = format!("c{call}-{}", exchange.local.port());
        let mut place = exchange.listen(&call_id);
        let (local, centre) = (exchange.local, exchange.centre);
        let ours = format!("\"{name}\" <sip:{caller}@{local}>;tag=c{call}");
        let head = format!(
            "INVITE sip:{number}@{centre} SIP/2.0\r\n{}From: {ours}\r\nTo: <sip:{number}@{centre}>\r\nCall-ID: {call_id}\r\n\
             CSeq: 1 INVITE\r\nContact: <sip:{caller}@{local}>\r\n",
            exchange.via(),
        );
        let invite = finish(head, &description(audio.address()));
        let answer = place.ask(&invite, "INVITE", |_| ()).await.ok_or(CallError::Silence)?;
        let message = Message::read(answer.as_bytes()).ok_or(CallError::Silence)?;
        if message.code >= 300 {
            let via = message.header("Via");
            let ack = format!(
                "ACK sip:{number}@{centre} SIP/2.0\r\nVia: {via}\r\nFrom: {ours}\r\nTo: {}\r\nCall-ID: {call_id}\r\n\
                 CSeq: 1 ACK\r\n",
                message.header("To"),
            );
            exchange.send(&finish(ack, "")).await;
            return Err(CallError::Refused(message.code));
        }
        let speaking = audio.speak(voice, message.audio_port());
        let (theirs, contact) = (message.header("To").to_owned(), message.address("Contact").to_owned());
        let call = Self { place: Some(place), ours, theirs, contact, sequence: 1, speaking };
        call.acknowledge(1).await;
        Ok(call)
    }

    /// Says that it is picked up until that is heard.
    pub(super) async fn answered(
        mut place: Place,
        answer: String,
        [ours, theirs, contact]: [String; 3],
        speaking: Speaking,
    ) -> Option<Self> {
        let mut wait = Duration::from_millis(500);
        for _ in 0..ANSWERS {
            place.exchange.send(&answer).await;
            let Ok(text) = tokio::time::timeout(wait, place.next()).await else {
                wait = (wait * 2).min(Duration::from_secs(4));
                continue;
            };
            let text = text?;
            let Some(message) = Message::read(text.as_bytes()) else { continue };
            match message.method {
                "ACK" => {
                    return Some(Self { place: Some(place), ours, theirs, contact, sequence: 1, speaking });
                }
                "CANCEL" | "BYE" => {
                    place.exchange.send(&message.respond("200 OK", "x", "", "")).await;
                    return None;
                }
                _ => {}
            }
        }
        None
    }

    /// Presses a key.
    pub fn press(&self, digit: char) {
        self.speaking.press(digit);
    }

    /// What was heard so far.
    pub fn heard(&self) -> Heard {
        self.speaking.heard()
    }

    /// Returns when the other side has hung up. What it wants meanwhile is granted: holding, resuming, signs of life.
    pub async fn ended(&mut self) {
        loop {
            let Some(place) = &mut self.place else { return };
            let Some(text) = place.next().await else { return };
            if self.take(&text).await {
                self.place = None;
                return;
            }
        }
    }

    /// Whether it was the end.
    async fn take(&mut self, text: &str) -> bool {
        let Some(message) = Message::read(text.as_bytes()) else { return false };
        let Some(place) = &self.place else { return true };
        let exchange = &place.exchange;
        match message.method {
            "BYE" => {
                exchange.send(&message.respond("200 OK", "x", "", "")).await;
                return true;
            }
            "INVITE" | "UPDATE" => {
                if let Some(port) = message.audio_port() {
                    self.speaking.speak_to(port);
                }
                let wants_description = message.method == "INVITE" || message.audio_port().is_some();
                let body =
                    if wants_description { description(self.speaking.address()) } else { String::new() };
                let contact = self.own_contact();
                exchange.send(&message.respond("200 OK", "x", &contact, &body)).await;
            }
            "OPTIONS" | "INFO" | "NOTIFY" | "MESSAGE" => {
                exchange.send(&message.respond("200 OK", "x", "", "")).await;
            }
            // An answer that came again: our acknowledgement was lost.
            "" if message.code >= 200 && message.answers() == "INVITE" => self.acknowledge(1).await,
            _ => {}
        }
        false
    }

    fn own_contact(&self) -> String {
        let address = self.ours.split_once('<').map_or(self.ours.as_str(), |(_, rest)| rest);
        let user = address.trim_start_matches("sip:").split(['@', '>']).next().unwrap_or_default();
        let local = self.place.as_ref().map(|place| place.exchange.local.to_string()).unwrap_or_default();
        format!("sip:{user}@{local}")
    }

    async fn acknowledge(&self, sequence: u32) {
        if let Some(place) = &self.place {
            place.exchange.send(&self.request(place, "ACK", sequence)).await;
        }
    }

    fn request(&self, place: &Place, method: &str, sequence: u32) -> String {
        let (ours, theirs, contact, call_id) = (&self.ours, &self.theirs, &self.contact, &place.call_id);
        let head = format!(
            "{method} {contact} SIP/2.0\r\n{}From: {ours}\r\nTo: {theirs}\r\nCall-ID: {call_id}\r\nCSeq: {sequence} {method}\r\n",
            place.exchange.via(),
        );
        finish(head, "")
    }

    /// Ends the call, and gives what was heard.
    pub async fn hang_up(mut self) -> Heard {
        let heard = self.heard();
        if let Some(mut place) = self.place.take() {
            let bye = self.request(&place, "BYE", self.sequence + 1);
            place.ask(&bye, "BYE", |_| ()).await;
        }
        heard
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if let Some(mut place) = self.place.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let bye = self.request(&place, "BYE", self.sequence + 1);
            runtime.spawn(async move { place.ask(&bye, "BYE", |_| ()).await });
        }
    }
}
