//! A telephone that rings.

use std::sync::Arc;

use super::{
    audio::{Audio, Voice},
    call::Call,
    message::{Message, description},
    switchboard::{Exchange, Place},
};

/// A call that rings and is neither answered nor refused. Dropping it leaves it ringing until the centre gives up.
#[derive(Debug)]
pub struct Incoming {
    place: Place,
    invite: String,
    tag: String,
}

/// Takes an INVITE in and says that it rings.
pub(super) fn ring(exchange: &Arc<Exchange>, invite: &Message<'_>) -> Incoming {
    let place = exchange.listen(invite.header("Call-ID"));
    let incoming = Incoming { place, invite: invite.text.to_owned(), tag: format!("a{}", exchange.number()) };
    let ringing = incoming.respond("180 Ringing", "");
    let exchange = Arc::clone(exchange);
    tokio::spawn(async move { exchange.send(&ringing).await });
    incoming
}

impl Incoming {
    fn respond(&self, code: &str, body: &str) -> String {
        let Some(invite) = Message::read(self.invite.as_bytes()) else { return String::new() };
        let contact = format!("sip:{}@{}", invite.user("To"), self.place.exchange.local);
        invite.respond(code, &self.tag, &contact, body)
    }

    /// The number that calls.
    pub fn caller(&self) -> String {
        let invite = Message::read(self.invite.as_bytes());
        invite.map(|invite| invite.user("From").to_owned()).unwrap_or_default()
    }

    /// The number that is called.
    pub fn called(&self) -> String {
        let invite = Message::read(self.invite.as_bytes());
        invite.map(|invite| invite.user("To").to_owned()).unwrap_or_default()
    }

    /// The interaction it belongs to, as the centre says it.
    pub fn interaction(&self) -> String {
        let invite = Message::read(self.invite.as_bytes());
        invite.map(|invite| invite.header("X-Switchboard-Interaction").to_owned()).unwrap_or_default()
    }

    /// Returns when the caller or the centre gave up.
    pub async fn given_up(&mut self) {
        while let Some(text) = self.place.next().await {
            let Some(message) = Message::read(text.as_bytes()) else { continue };
            match message.method {
                "CANCEL" => {
                    self.place.exchange.send(&message.respond("200 OK", &self.tag, "", "")).await;
                    self.place.exchange.send(&self.respond("487 Request Terminated", "")).await;
                    return;
                }
                "INVITE" => self.place.exchange.send(&self.respond("180 Ringing", "")).await,
                "BYE" => {
                    self.place.exchange.send(&message.respond("200 OK", &self.tag, "", "")).await;
                    return;
                }
                _ => {}
            }
        }
    }

    /// Says no: `486 Busy Here`, `603 Decline`.
    pub async fn refuse(self, code: &str) {
        self.place.exchange.send(&self.respond(code, "")).await;
    }

    /// Picks up and speaks with this voice; none when the caller was gone.
    pub async fn answer(self, voice: &Voice) -> Option<Call> {
        let audio =
            Audio::open(self.place.exchange.local.ip(), self.place.exchange.centre.ip()).await.ok()?;
        let answer = self.respond("200 OK", &description(audio.address()));
        let invite = Message::read(self.invite.as_bytes())?;
        let ours = format!("{};tag={}", invite.header("To"), self.tag);
        let theirs = invite.header("From").to_owned();
        let contact = invite.address("Contact").to_owned();
        let port = invite.audio_port();
        Call::answered(self.place, answer, [ours, theirs, contact], audio.speak(voice, port)).await
    }
}
