//! A small registrar, as a provider has one: it demands digest by what it challenged with, and shares no code with the
//! service that signs in.

use std::{
    net::UdpSocket,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use md5::Md5;
use sha2::{Digest as _, Sha256};

/// How it behaves.
#[derive(Clone)]
pub struct Rules {
    pub password: &'static str,
    /// Lines of `WWW-Authenticate` after realm and nonce.
    pub challenges: &'static [&'static str],
    /// Longest registration that is granted, in seconds.
    pub grants: u32,
    /// Shortest that is taken.
    pub least: u32,
    /// Says nothing at all.
    pub silent: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            password: "secret",
            challenges: &["algorithm=MD5, qop=\"auth\""],
            grants: 600,
            least: 1,
            silent: false,
        }
    }
}

/// A REGISTER that carried a signature, and what it was answered.
#[derive(Clone, Debug)]
pub struct Seen {
    pub at: Instant,
    pub code: u16,
    pub contact: String,
    pub expires: u32,
    pub call_id: String,
    pub cseq: u32,
    pub authorization: String,
}

/// The running registrar.
pub struct Registrar {
    pub port: u16,
    pub rules: Arc<Mutex<Rules>>,
    pub seen: Arc<Mutex<Vec<Seen>>>,
    socket: UdpSocket,
}

fn header<'a>(message: &'a str, name: &str) -> &'a str {
    let of_it =
        |line: &&str| line.split_once(':').is_some_and(|(key, _)| key.trim().eq_ignore_ascii_case(name));
    message.lines().find(of_it).and_then(|line| line.split_once(':')).map_or("", |(_, value)| value.trim())
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    bytes.as_ref().iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// One field of a digest, and whether it was quoted.
fn field(authorization: &str, name: &str) -> Option<(String, bool)> {
    let start = authorization.find(&format!(" {name}="))? + name.len() + 2;
    let rest = &authorization[start..];
    match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').map(|(value, _)| (value.to_owned(), true)),
        None => Some((rest.split(',').next()?.trim().to_owned(), false)),
    }
}

/// Whether the signature is right by RFC 7616, to the letter.
fn is_signed(authorization: &str, password: &str) -> bool {
    let get = |name: &str| field(authorization, name).unwrap_or_default();
    let hash = |text: String| match get("algorithm").0.as_str() {
        "SHA-256" => hex(Sha256::digest(text)),
        "MD5" => hex(Md5::digest(text)),
        _ => String::new(),
    };
    let ha1 = hash(format!("{}:{}:{password}", get("username").0, get("realm").0));
    let ha2 = hash(format!("REGISTER:{}", get("uri").0));
    let right = match get("qop") {
        (qop, false) if qop == "auth" => {
            hash(format!("{ha1}:{}:{}:{}:auth:{ha2}", get("nonce").0, get("nc").0, get("cnonce").0))
        }
        (none, false) if none.is_empty() => hash(format!("{ha1}:{}:{ha2}", get("nonce").0)),
        _ => return false,
    };
    !right.is_empty() && get("nonce").0 == NONCE && get("response").0 == right
}

const NONCE: &str = "f84f1cec41e6cbe5aea9c8e88d359";

impl Registrar {
    pub fn start(rules: Rules) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        let (rules, seen) = (Arc::new(Mutex::new(rules)), Arc::new(Mutex::new(Vec::new())));
        let server = (socket.try_clone().unwrap(), Arc::clone(&rules), Arc::clone(&seen));
        std::thread::spawn(move || {
            let (socket, rules, seen) = server;
            let mut datagram = [0; 4_096];
            while let Ok((length, from)) = socket.recv_from(&mut datagram) {
                if length < 16 {
                    return;
                }
                let request = String::from_utf8_lossy(&datagram[..length]).into_owned();
                let rules = rules.lock().unwrap().clone();
                if !request.starts_with("REGISTER ") || rules.silent {
                    continue;
                }
                let (code, more, note) = answer(&request, &rules);
                seen.lock().unwrap().extend(note);
                let via = header(&request, "Via").replace(";rport", &format!(";rport={}", from.port()));
                let reply = format!(
                    "SIP/2.0 {code} Whatever\r\nVia: {via}\r\nFrom: {}\r\nTo: {};tag=r\r\nCall-ID: {}\r\nCSeq: {}\r\n\
                     {more}Content-Length: 0\r\n\r\n",
                    header(&request, "From"),
                    header(&request, "To"),
                    header(&request, "Call-ID"),
                    header(&request, "CSeq"),
                );
                socket.send_to(reply.as_bytes(), from).unwrap();
            }
        });
        Self { port, rules, seen, socket }
    }

    pub fn change(&self, change: impl FnOnce(&mut Rules)) {
        change(&mut self.rules.lock().unwrap());
    }

    /// Waits until so many signed requests came that `wanted` takes; the last of them.
    pub async fn saw(&self, count: usize, wanted: impl Fn(&Seen) -> bool) -> Seen {
        for _ in 0..1_500 {
            let found = self.seen.lock().unwrap().iter().filter(|seen| wanted(seen)).nth(count - 1).cloned();
            if let Some(found) = found {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("not seen {count} times: {:#?}", self.seen.lock().unwrap());
    }
}

impl Drop for Registrar {
    fn drop(&mut self) {
        let _ = self.socket.send_to(b"stop", ("127.0.0.1", self.port));
    }
}

fn answer(request: &str, rules: &Rules) -> (u16, String, Option<Seen>) {
    let authorization = header(request, "Authorization");
    if authorization.is_empty() {
        let challenge = |rest: &&str| {
            format!("WWW-Authenticate: Digest realm=\"carrier, inc\", nonce=\"{NONCE}\", {rest}\r\n")
        };
        return (401, rules.challenges.iter().map(challenge).collect(), None);
    }
    let expires: u32 = header(request, "Expires").parse().unwrap_or(3_600);
    let contact = header(request, "Contact").to_owned();
    let granted = expires.min(rules.grants);
    let (code, more) = if !is_signed(authorization, rules.password) {
        (403, String::new())
    } else if expires > 0 && expires < rules.least {
        (423, format!("Min-Expires: {}\r\n", rules.least))
    } else {
        (200, format!("Contact: {contact};expires={granted}\r\n"))
    };
    let seen = Seen {
        at: Instant::now(),
        code,
        contact,
        expires,
        call_id: header(request, "Call-ID").to_owned(),
        cseq: header(request, "CSeq").split(' ').next().and_then(|seq| seq.parse().ok()).unwrap_or(0),
        authorization: authorization.to_owned(),
    };
    (code, more, Some(seen))
}
