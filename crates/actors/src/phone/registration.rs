//! REGISTER with a digest (RFC 2617, MD5, without qop).

use std::{sync::Arc, time::Duration};

use md5::{Digest as _, Md5};
use tokio::sync::mpsc;

use super::{
    Incoming, Phones,
    message::{Message, finish},
    switchboard::Exchange,
};

/// Seconds a registration is asked for.
const EXPIRES: u32 = 600;

/// Why a telephone is not registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegisterError {
    /// Nobody answered.
    Silence,
    /// The centre refused, with this code.
    Refused(u16),
}

impl std::fmt::Display for RegisterError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Silence => write!(f, "the centre does not answer a REGISTER"),
            Self::Refused(code) => write!(f, "the centre answers a REGISTER with {code}"),
        }
    }
}

impl std::error::Error for RegisterError {}

impl Phones {
    /// How often a registration has to be made again.
    pub const REGISTER_EVERY: Duration = Duration::from_secs(EXPIRES as u64 / 2);

    /// Calls for this user ring in what is returned, once [`Phones::register`] has told the centre.
    pub fn line(&self, user: &str) -> mpsc::Receiver<Incoming> {
        self.0.line(user)
    }

    /// Registers the telephone of a user, or prolongs it.
    pub async fn register(&self, user: &str, password: &str) -> Result<(), RegisterError> {
        register(&self.0, user, password, EXPIRES).await
    }

    /// Takes the telephone of a user out of service.
    pub async fn unregister(&self, user: &str, password: &str) -> Result<(), RegisterError> {
        self.0.close_line(user);
        register(&self.0, user, password, 0).await
    }
}

async fn register(
    exchange: &Arc<Exchange>,
    user: &str,
    password: &str,
    expires: u32,
) -> Result<(), RegisterError> {
    let number = exchange.number();
    let call_id = format!("r{number}-{}", exchange.local.port());
    let mut place = exchange.listen(&call_id);
    let mut authorization = String::new();
    for sequence in 1..=2_u8 {
        let (local, centre) = (exchange.local, exchange.centre);
        let head = format!(
            "REGISTER sip:{centre} SIP/2.0\r\n{}From: <sip:{user}@{centre}>;tag=r{number}\r\nTo: <sip:{user}@{centre}>\r\n\
             Call-ID: {call_id}\r\nCSeq: {sequence} REGISTER\r\nContact: <sip:{user}@{local}>\r\nExpires: {expires}\r\n\
             {authorization}",
            exchange.via(),
        );
        let answer = place.ask(&finish(head, ""), "REGISTER", |_| ()).await.ok_or(RegisterError::Silence)?;
        let message = Message::read(answer.as_bytes()).ok_or(RegisterError::Silence)?;
        match message.code {
            200..=299 => return Ok(()),
            401 if sequence == 1 => {
                authorization = sign(&message, user, password, &format!("sip:{centre}"));
            }
            code => return Err(RegisterError::Refused(code)),
        }
    }
    Err(RegisterError::Refused(401))
}

fn sign(challenge: &Message<'_>, user: &str, password: &str, uri: &str) -> String {
    let header = challenge.header("WWW-Authenticate");
    let value = |name: &str| {
        let rest = header.split(&format!("{name}=\"")).nth(1).unwrap_or_default();
        rest.split('"').next().unwrap_or_default().to_owned()
    };
    let (realm, nonce) = (value("realm"), value("nonce"));
    let hash = |text: String| hex(&Md5::digest(text));
    let (ha1, ha2) = (hash(format!("{user}:{realm}:{password}")), hash(format!("REGISTER:{uri}")));
    let response = hash(format!("{ha1}:{nonce}:{ha2}"));
    format!(
        "Authorization: Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", \
         response=\"{response}\", algorithm=MD5\r\n"
    )
}

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
