//! A look at every datagram before the stack: a request that breaks SIP's grammar where it matters is answered with what is
//! wrong (the stack itself would drop it without a word), by RFC 3261 §8.2 and the cases of RFC 4475.
//!
//! Pure; one short list a request. Responses and what is no SIP at all pass: the stack drops them.

use std::{borrow::Cow, net::SocketAddr, sync::Arc};

use rsipstack::platform::net::UdpSocket;

use crate::metrics;

/// Most header lines that are looked at.
const HEADERS: usize = 256;
/// Largest sequence number (RFC 3261 §8.1.1.5).
const CSEQ_LIMIT: u64 = 1 << 31;
/// Methods of SIP that there are: one of these that we do not do is answered by the stack's user with 405.
const METHODS: [&str; 14] = [
    "INVITE",
    "ACK",
    "BYE",
    "CANCEL",
    "OPTIONS",
    "REGISTER",
    "INFO",
    "UPDATE",
    "REFER",
    "PRACK",
    "SUBSCRIBE",
    "NOTIFY",
    "MESSAGE",
    "PUBLISH",
];

/// What is wrong with a request: status and reason.
type Wrong = (u16, &'static str);

#[expect(clippy::unnecessary_wraps, reason = "as the checks return it")]
const fn bad(reason: &'static str) -> Option<Wrong> {
    Some((400, reason))
}

/// The lines of a message, folded ones joined by the reader.
struct Message<'a> {
    start: &'a str,
    headers: Vec<(&'a str, Cow<'a, str>)>,
    body: usize,
}

impl<'a> Message<'a> {
    fn read(text: &'a str, length: usize) -> Option<Self> {
        let (head, body) = match text.find("\r\n\r\n") {
            Some(end) => (&text[..end], length.saturating_sub(end + 4)),
            None => (text.trim_end_matches("\r\n"), 0),
        };
        let mut lines = head.split("\r\n");
        let start = lines.next()?;
        let mut headers: Vec<(&str, Cow<'_, str>)> = Vec::with_capacity(16);
        for line in lines.take(HEADERS) {
            if line.starts_with([' ', '\t']) {
                let (_, value) = headers.last_mut()?;
                let value = value.to_mut();
                value.push(' ');
                value.push_str(line.trim());
            } else {
                let (name, value) = line.split_once(':')?;
                headers.push((name.trim(), Cow::Borrowed(value.trim())));
            }
        }
        Some(Self { start, headers, body })
    }

    /// Values of a header in its long or compact form.
    fn all<'b>(&'b self, long: &'b str, compact: &'b str) -> impl Iterator<Item = &'b str> {
        let is = move |name: &str| name.eq_ignore_ascii_case(long) || name.eq_ignore_ascii_case(compact);
        self.headers.iter().filter(move |(name, _)| is(name)).map(|(_, value)| value.as_ref())
    }

    fn only(&self, long: &str, compact: &str) -> Option<&str> {
        let mut all = self
            .headers
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case(long) || name.eq_ignore_ascii_case(compact));
        match (all.next(), all.next()) {
            (Some((_, value)), None) => Some(value.as_ref()),
            _ => None,
        }
    }
}

/// What to answer to a datagram from `from` instead of passing it on, and where to; none: it may pass.
#[must_use]
pub fn screen(datagram: &[u8], from: SocketAddr) -> Option<(u16, Vec<u8>, SocketAddr)> {
    let head =
        datagram.windows(4).position(|four| four == b"\r\n\r\n").map_or(datagram, |end| &datagram[..end + 4]);
    // What is no text is for the stack to drop.
    let text = std::str::from_utf8(head).ok()?;
    let version = text.split("\r\n").next()?.trim_end().rsplit(' ').next()?;
    if text.starts_with("SIP/") || !version.to_ascii_uppercase().starts_with("SIP/") {
        return None;
    }
    let message = Message::read(text, datagram.len())?;
    let (code, reason) = wrong(&message, version)?;
    if message.start.starts_with("ACK ") {
        return None;
    }
    let via = message.all("Via", "v").next()?;
    let to = destination(via, from)?;
    Some((code, answer(&message, code, reason, from), to))
}

fn wrong(message: &Message<'_>, version: &str) -> Option<Wrong> {
    if !version.eq_ignore_ascii_case("SIP/2.0") {
        return Some((505, "version not supported"));
    }
    let mut parts = message.start.split(' ');
    let (Some(method), Some(uri), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return bad("request line has not three parts");
    };
    if let Some(wrong) = wrong_address(uri) {
        return Some(wrong);
    }
    for (long, compact, missing) in [
        ("From", "f", "From must be there once"),
        ("To", "t", "To must be there once"),
        ("Call-ID", "i", "Call-ID must be there once"),
        ("CSeq", "CSeq", "CSeq must be there once"),
    ] {
        match message.only(long, compact) {
            None | Some("") => return bad(missing),
            Some(value) if !quotes_end(value) => return bad("a quoted string does not end"),
            Some(_) => {}
        }
    }
    if !message.only("From", "f").is_some_and(has_tag) {
        return bad("From has no tag");
    }
    if let Some(wrong) = wrong_numbers(message, method) {
        return Some(wrong);
    }
    for contact in message.all("Contact", "m") {
        if !quotes_end(contact) || contact.split([';', ',']).filter(|part| part.trim().is_empty()).count() > 1
        {
            return bad("Contact is malformed");
        }
        // RFC 3261 §20.10: a question mark, comma or semicolon wants angle brackets.
        if contact != "*" && !contact.contains('<') && contact.contains('?') {
            return bad("Contact needs angle brackets");
        }
    }
    for via in message.all("Via", "v") {
        if via.contains(";;") {
            return bad("Via is malformed");
        }
    }
    (!METHODS.contains(&method)).then_some((501, "method unknown"))
}

fn wrong_address(uri: &str) -> Option<Wrong> {
    if uri.is_empty() || uri.contains(['<', '>', '"']) {
        return bad("request address is malformed");
    }
    let scheme = uri.split(':').next().unwrap_or_default().to_ascii_lowercase();
    if !uri.contains(':') {
        return bad("request address is malformed");
    }
    if !["sip", "sips", "tel"].contains(&scheme.as_str()) {
        return Some((416, "address scheme unknown"));
    }
    // RFC 3261 §19.1.1: no headers in a Request-URI.
    uri.contains('?').then_some((400, "request address has headers"))
}

fn wrong_numbers(message: &Message<'_>, method: &str) -> Option<Wrong> {
    let cseq = message.only("CSeq", "CSeq").unwrap_or_default();
    let mut parts = cseq.split_whitespace();
    let number = parts.next().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    if number.and_then(|text| text.parse::<u64>().ok()).is_none_or(|number| number >= CSEQ_LIMIT) {
        return bad("CSeq is out of range");
    }
    if parts.next() != Some(method) {
        return bad("CSeq names another method");
    }
    let mut lengths = message.all("Content-Length", "l");
    match (lengths.next(), lengths.next()) {
        (Some(_), Some(_)) => return bad("Content-Length is there twice"),
        (Some(length), None) => match length.parse::<usize>() {
            Ok(length) if length <= message.body => {}
            _ => return bad("Content-Length does not fit"),
        },
        (None, _) => {}
    }
    let hops = message.all("Max-Forwards", "Max-Forwards").next();
    if hops.is_some_and(|hops| hops.parse::<u64>().is_ok_and(|hops| hops > 255)) {
        return bad("Max-Forwards is out of range");
    }
    let expires = message.all("Expires", "Expires").next();
    if expires.is_some_and(|expires| {
        expires.bytes().all(|byte| byte.is_ascii_digit()) && expires.parse::<u32>().is_err()
    }) {
        return bad("Expires is out of range");
    }
    None
}

/// Whether there is a tag behind the address.
fn has_tag(from: &str) -> bool {
    let params = from.rsplit_once('>').map_or(from, |(_, params)| params);
    params.split(';').skip(1).any(|param| {
        param
            .split_once('=')
            .is_some_and(|(key, value)| key.trim().eq_ignore_ascii_case("tag") && !value.trim().is_empty())
    })
}

fn quotes_end(value: &str) -> bool {
    let mut escaped = false;
    let mut quoted = false;
    for character in value.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
    }
    !quoted
}

/// Where an answer goes (RFC 3261 §18.2.2, RFC 3581): back to the source, at the port that the Via names unless it has
/// `rport`.
fn destination(via: &str, from: SocketAddr) -> Option<SocketAddr> {
    let first = via.split(',').next()?;
    let mut params = first.split(';');
    let sent_by = params.next()?.trim().rsplit(char::is_whitespace).next()?;
    if params.any(|param| param.trim().to_ascii_lowercase().starts_with("rport")) {
        return Some(from);
    }
    let port = match sent_by.rsplit_once(':') {
        Some((host, port)) if !host.ends_with(':') => port.trim_end_matches(']').parse().unwrap_or(5_060),
        _ => 5_060,
    };
    Some(SocketAddr::new(from.ip(), port))
}

fn answer(message: &Message<'_>, code: u16, reason: &str, from: SocketAddr) -> Vec<u8> {
    let mut text = format!("SIP/2.0 {code} {reason}\r\n");
    let mut line = |name: &str, value: &str| {
        text.push_str(name);
        text.push_str(": ");
        text.push_str(value);
        text.push_str("\r\n");
    };
    for (index, via) in message.all("Via", "v").enumerate() {
        if index == 0 {
            let (first, rest) = via.split_once(',').map_or((via, ""), |(first, rest)| (first, rest));
            let mut first = format!("{first};received={}", from.ip());
            if !rest.is_empty() {
                first = format!("{first},{rest}");
            }
            line("Via", &first);
        } else {
            line("Via", via);
        }
    }
    for (long, compact) in [("From", "f"), ("Call-ID", "i"), ("CSeq", "CSeq")] {
        if let Some(value) = message.all(long, compact).next() {
            line(long, value);
        }
    }
    if let Some(to) = message.all("To", "t").next() {
        let tagged = to.contains(";tag") || to.contains("; tag");
        line("To", &if tagged { to.to_owned() } else { format!("{to};tag=screened") });
    }
    line("Content-Length", "0");
    text.push_str("\r\n");
    text.into_bytes()
}

/// The request without the spaces that SIP allows around the separators of Via, From and To, and the stack does not read;
/// none: there are none.
#[must_use]
pub fn tidy(datagram: &[u8]) -> Option<Vec<u8>> {
    let end = datagram.windows(4).position(|four| four == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&datagram[..end]).ok()?;
    let kind = |name: &str| match name.to_ascii_lowercase().as_str() {
        "via" | "v" => Some("/;=,:"),
        "from" | "f" | "to" | "t" => Some(";="),
        _ => None,
    };
    let spaced = |two: &[u8]| match two {
        [b' ' | b'\t', after] => matches!(after, b';' | b'=' | b'/' | b','),
        [before, b' ' | b'\t'] => matches!(before, b';' | b'=' | b'/' | b','),
        _ => false,
    };
    if !text.as_bytes().windows(2).any(spaced) {
        return None;
    }
    let message = Message::read(text, datagram.len())?;
    let tidied: Vec<(&str, Cow<'_, str>)> = message
        .headers
        .iter()
        .map(|(name, value)| {
            let tidied = kind(name).map(|separators| Cow::Owned(tidy_value(value, separators)));
            (*name, tidied.unwrap_or_else(|| value.clone()))
        })
        .collect();
    if message.start.starts_with("SIP/") || tidied == message.headers {
        return None;
    }
    let mut out = format!("{}\r\n", message.start);
    for (name, value) in tidied {
        for part in [name, ":", &value, "\r\n"] {
            out.push_str(part);
        }
    }
    out.push_str("\r\n");
    let mut out = out.into_bytes();
    out.extend_from_slice(&datagram[end + 4..]);
    (out.len() <= datagram.len()).then_some(out)
}

fn tidy_value(value: &str, separators: &str) -> String {
    let (mut out, mut space) = (String::with_capacity(value.len()), false);
    let (mut quoted, mut escaped, mut angle) = (false, false, false);
    for character in value.chars() {
        if quoted || angle {
            (quoted, escaped) = match character {
                _ if escaped => (quoted, false),
                '\\' if quoted => (quoted, true),
                '"' if quoted => (false, false),
                _ => (quoted, false),
            };
            angle &= character != '>';
            out.push(character);
            continue;
        }
        if character == ' ' || character == '\t' {
            space = true;
            continue;
        }
        let separates = separators.contains(character);
        if space && !separates && !out.is_empty() && !out.ends_with(|last| separators.contains(last)) {
            out.push(' ');
        }
        space = false;
        quoted = character == '"';
        angle = character == '<';
        out.push(character);
    }
    out
}

/// The socket of the stack, with the screen before it.
pub struct Screened(pub Arc<tokio::net::UdpSocket>);

#[tonic::async_trait]
impl UdpSocket for Screened {
    async fn recv_from(&self, buffer: &mut [u8]) -> rsipstack::Result<(usize, SocketAddr)> {
        loop {
            let (length, from) = self.0.recv_from(buffer).await?;
            let Some((code, answer, to)) = screen(&buffer[..length], from) else {
                let Some(tidied) = tidy(&buffer[..length]) else { return Ok((length, from)) };
                buffer[..tidied.len()].copy_from_slice(&tidied);
                return Ok((tidied.len(), from));
            };
            metrics::MALFORMED.with_label_values(&[code.to_string().as_str()]).inc();
            tracing::debug!(code, "a malformed request was refused");
            if let Err(error) = self.0.send_to(&answer, to).await {
                tracing::debug!(%error, "a malformed request could not be answered");
            }
        }
    }

    async fn send_to(&self, datagram: &[u8], to: SocketAddr) -> rsipstack::Result<usize> {
        Ok(self.0.send_to(datagram, to).await?)
    }

    fn local_addr(&self) -> rsipstack::Result<SocketAddr> {
        Ok(self.0.local_addr()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "OPTIONS sip:ping@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK1\r\n\
        From: \"A \\\" B\" <sip:a@b>;tag=1\r\nt: <sip:c@d>\r\ni: 1\r\nCSeq: 0009\r\n OPTIONS\r\nl: 0\r\n\r\n";

    fn code(message: &str) -> Option<u16> {
        screen(message.as_bytes(), "192.0.2.9:40000".parse().unwrap()).map(|(code, ..)| code)
    }

    #[test]
    fn good_requests_responses_and_noise_pass() {
        for message in [GOOD, "SIP/2.0 200 OK\r\n\r\n", "hello", "", "\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"] {
            assert_eq!(code(message), None, "{message}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (from, to, wanted) in [
            ("SIP/2.0\r\nVia", "SIP/7.0\r\nVia", 505),
            ("OPTIONS sip:ping", "OPTIONS  sip:ping", 400),
            ("sip:ping@127.0.0.1 ", "<sip:ping@127.0.0.1> ", 400),
            ("sip:ping@127.0.0.1 ", "urn:isbn:1 ", 416),
            ("OPTIONS\r\nl", "INVITE\r\nl", 400),
            ("0009", "36893488147419103232", 400),
            ("l: 0", "l: -999", 400),
            ("l: 0", "l: 0\r\nContent-Length: 0", 400),
            ("i: 1\r\n", "", 400),
            (";tag=1", "", 400),
            ("<sip:c@d>", "\"Mr <sip:c@d>", 400),
            ("OPTIONS", "DANCE", 501),
        ] {
            let message = GOOD.replace(from, to);
            assert_ne!(message, GOOD);
            assert_eq!(code(&message), Some(wanted), "{message}");
        }
    }

    #[test]
    fn spaces_around_separators_are_taken_out() {
        assert_eq!(tidy(GOOD.as_bytes()), None);
        let spaced = "OPTIONS sip:a@b SIP/2.0\r\nVia  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.1 : 5070 ;branch  =  z9\r\n\
            To :\r\n sip:c@d ;   tag    = 19\r\nfrom   : \"J  R \\\" ; \"       <sip:a ; b@c>\r\n  ;\r\n  tag = 98\r\nx : ; =\r\n\r\nbody ; =";

        let tidied = String::from_utf8(tidy(spaced.as_bytes()).unwrap()).unwrap();

        assert_eq!(
            tidied,
            "OPTIONS sip:a@b SIP/2.0\r\nVia:SIP/2.0/UDP 192.0.2.1:5070;branch=z9\r\nTo:sip:c@d;tag=19\r\n\
             from:\"J  R \\\" ; \" <sip:a ; b@c>;tag=98\r\nx:; =\r\n\r\nbody ; ="
        );
    }

    #[test]
    fn an_answer_goes_where_the_via_says_unless_it_has_rport() {
        let from: SocketAddr = "192.0.2.9:40000".parse().unwrap();
        let bad = GOOD.replace("SIP/2.0\r\nVia", "SIP/3.0\r\nVia");
        let (_, answer, to) = screen(bad.as_bytes(), from).unwrap();
        assert_eq!(to, "192.0.2.9:5070".parse().unwrap());
        let text = String::from_utf8(answer).unwrap();
        assert!(text.contains("branch=z9hG4bK1;received=192.0.2.9\r\n"), "{text}");
        let (.., to) = screen(bad.replace(":5070;", ":5070;rport;").as_bytes(), from).unwrap();
        assert_eq!(to, from);
    }
}
