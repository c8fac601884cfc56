//! Just enough SIP: reading what the centre sends, writing what a phone says.

use std::{fmt::Write as _, net::SocketAddr};

/// A message, read.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// All of it.
    pub text: &'a str,
    /// Method of a request, "" for a response.
    pub method: &'a str,
    /// Status code of a response, 0 for a request.
    pub code: u16,
}

impl<'a> Message<'a> {
    /// Reads a datagram; none when it is no SIP.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let (first, _) = text.split_once("\r\n")?;
        match first.strip_prefix("SIP/2.0 ") {
            Some(rest) => Some(Self { text, method: "", code: rest.get(..3)?.parse().ok()? }),
            None => Some(Self { text, method: first.split(' ').next()?, code: 0 }),
        }
    }

    /// Value of the first header of this name.
    pub fn header(&self, name: &str) -> &'a str {
        for line in self.text.split("\r\n").skip(1) {
            if line.is_empty() {
                break;
            }
            if let Some((key, value)) = line.split_once(':')
                && key.eq_ignore_ascii_case(name)
            {
                return value.trim();
            }
        }
        ""
    }

    /// Method of the transaction a response belongs to.
    pub fn answers(&self) -> &'a str {
        self.header("CSeq").rsplit(' ').next().unwrap_or_default()
    }

    /// Address inside `<…>` of a header.
    pub fn address(&self, name: &str) -> &'a str {
        let value = self.header(name);
        let inner = value.split_once('<').map_or(value, |(_, rest)| rest);
        inner.split('>').next().unwrap_or_default()
    }

    /// User of an address: `sip:ann@host` is `ann`.
    pub fn user(&self, name: &str) -> &'a str {
        let address = self.address(name);
        address.split_once(':').map_or(address, |(_, rest)| rest).split('@').next().unwrap_or_default()
    }

    /// Port of the audio in its session description.
    pub fn audio_port(&self) -> Option<u16> {
        self.text.split("m=audio ").nth(1)?.split(' ').next()?.parse().ok()
    }

    /// A response that repeats what must be repeated.
    pub fn respond(&self, code: &str, tag: &str, contact: &str, body: &str) -> String {
        let mut answer = format!("SIP/2.0 {code}\r\n");
        for line in self.text.split("\r\n").skip(1).take_while(|line| !line.is_empty()) {
            let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
            match name.as_str() {
                "via" | "record-route" | "from" | "call-id" | "cseq" => {
                    answer.push_str(line);
                    answer.push_str("\r\n");
                }
                "to" => {
                    answer.push_str(line);
                    if !line.contains(";tag=") {
                        answer.push_str(";tag=");
                        answer.push_str(tag);
                    }
                    answer.push_str("\r\n");
                }
                _ => {}
            }
        }
        if !contact.is_empty() {
            let _ = write!(answer, "Contact: <{contact}>\r\n");
        }
        finish(answer, body)
    }
}

/// Ends a message: description, if any, and its length.
pub fn finish(mut head: String, body: &str) -> String {
    if !body.is_empty() {
        head.push_str("Content-Type: application/sdp\r\n");
    }
    let _ = write!(head, "Content-Length: {}\r\n\r\n{body}", body.len());
    head
}

/// A description with audio at `rtp`.
pub fn description(rtp: SocketAddr) -> String {
    format!(
        "v=0\r\no=- 1 1 IN IP4 {0}\r\ns=-\r\nc=IN IP4 {0}\r\nt=0 0\r\nm=audio {1} RTP/AVP 0 101\r\n\
         a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n",
        rtp.ip(),
        rtp.port()
    )
}

#[cfg(test)]
mod tests {
    use super::Message;

    #[test]
    fn a_message_is_read_as_far_as_a_phone_needs() {
        let text = "INVITE sip:ann@127.0.0.1:9 SIP/2.0\r\nFrom: \"Rita\" <sip:+15551@h>;tag=1\r\nTo: <sip:ann@h>\r\n\
                    CSeq: 3 INVITE\r\n\r\nv=0\r\nm=audio 4000 RTP/AVP 0\r\n";

        let message = Message::read(text.as_bytes()).unwrap();

        assert_eq!((message.method, message.user("from"), message.user("To")), ("INVITE", "+15551", "ann"));
        assert_eq!(message.audio_port(), Some(4000));
        assert!(message.respond("200 OK", "t", "", "").contains("To: <sip:ann@h>;tag=t\r\n"));
        assert!(Message::read(b"\xff\xfe").is_none());
    }
}
