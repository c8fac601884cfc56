//! SIP by hand over UDP, for what no well-behaved phone does.

use std::{net::UdpSocket, time::Duration};

/// A bare UDP client.
pub struct Raw {
    socket: UdpSocket,
    server: String,
    count: u32,
}

/// A description that can be answered.
pub const SDP: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
    m=audio 6000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n";

impl Raw {
    pub fn new(server: &str) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        Self { socket, server: server.to_owned(), count: 0 }
    }

    /// Where it is.
    pub fn local(&self) -> String {
        self.socket.local_addr().unwrap().to_string()
    }

    pub fn send(&self, bytes: &[u8]) {
        self.socket.send_to(bytes, &self.server).unwrap();
    }

    /// A request outside of any call; `more` are header lines.
    pub fn request(&mut self, method: &str, user: &str, more: &str, body: &str) -> String {
        self.count += 1;
        let (count, server, local) = (self.count, &self.server, self.socket.local_addr().unwrap());
        format!(
            "{method} sip:{user}@{server} SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bK{local}{count}\r\n\
             Max-Forwards: 70\r\nFrom: <sip:+15550123@{local}>;tag=t{count}\r\nTo: <sip:{user}@{server}>\r\n\
             Call-ID: {local}-{count}\r\nCSeq: 1 {method}\r\nContact: <sip:raw@{local}>\r\n{more}\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }

    pub fn invite(&mut self, user: &str, body: &str) -> String {
        let more = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        self.request("INVITE", user, more, body)
    }

    /// Sends, and returns whatever comes first, if anything does.
    pub fn try_ask(&self, request: &str) -> Option<String> {
        self.send(request.as_bytes());
        let mut datagram = vec![0; 65_535];
        let (length, _) = self.socket.recv_from(&mut datagram).ok()?;
        Some(String::from_utf8_lossy(&datagram[..length]).into_owned())
    }

    /// The same, within this time.
    pub fn try_ask_within(&self, request: &str, within: Duration) -> Option<String> {
        self.socket.set_read_timeout(Some(within)).unwrap();
        let answer = self.try_ask(request);
        self.socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        answer
    }

    /// The next final answer.
    pub fn answer(&self) -> String {
        self.answer_but(|answer| answer.starts_with("SIP/2.0 1"))
    }

    /// The next message that is none of those.
    pub fn answer_but(&self, skip: impl Fn(&str) -> bool) -> String {
        let mut datagram = vec![0; 65_535];
        loop {
            let (length, _) = self.socket.recv_from(&mut datagram).expect("an answer");
            let answer = String::from_utf8_lossy(&datagram[..length]).into_owned();
            if !skip(&answer) {
                return answer;
            }
        }
    }

    /// Sends, and returns the final answer.
    pub fn ask(&self, request: &str) -> String {
        self.send(request.as_bytes());
        self.answer()
    }
}

/// The lines of an INVITE's head that its CANCEL and its ACK have too, as those of this method.
fn head_of<'a>(invite: &'a str, method: &'a str) -> impl Iterator<Item = String> + 'a {
    let head = invite.split_once("\r\n\r\n").map_or(invite, |(head, _)| head);
    let lines = head.lines().filter(|line| !line.starts_with("Content-"));
    lines.map(move |line| line.replace("INVITE", method) + "\r\n")
}

/// The CANCEL of an INVITE.
pub fn cancel_of(invite: &str) -> String {
    head_of(invite, "CANCEL").collect::<String>() + "Content-Length: 0\r\n\r\n"
}

/// The ACK of an INVITE that was answered with a 200.
pub fn ack_of(invite: &str, answer: &str) -> String {
    let to = answer.lines().find(|line| line.starts_with("To:")).unwrap_or_default();
    let lines = head_of(invite, "ACK").filter(|line| !line.starts_with("To:"));
    let lines: String = lines.map(|line| line.replace("branch=z9hG4bK", "branch=z9hG4bKack")).collect();
    format!("{lines}{to}\r\nContent-Length: 0\r\n\r\n")
}
