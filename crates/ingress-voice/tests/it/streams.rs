//! The TCP and TLS ports under those who mean no good, or mean well and write badly.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    centre::Centre,
    phone::Phone,
    secure::{Papers, centre},
};

fn connect(server: &str) -> TcpStream {
    let stream = TcpStream::connect(server).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

fn request(method: &str, more: &str, body: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!(
        "{method} sip:ping@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:5070;branch=z9hG4bKstream{count}\r\n\
         Max-Forwards: 70\r\nFrom: <sip:a@127.0.0.1>;tag=1\r\nTo: <sip:ping@127.0.0.1>\r\nCall-ID: stream{count}\r\n\
         CSeq: 1 {method}\r\n{more}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// What comes until the other end closes, or `until` is in it.
fn read(stream: &mut TcpStream, until: &str) -> String {
    let (mut text, mut chunk) = (String::new(), [0; 4_096]);
    while !text.contains(until) || until.is_empty() {
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => break,
            Ok(length) => text.push_str(&String::from_utf8_lossy(&chunk[..length])),
        }
    }
    text
}

/// Whether the other end closes before long.
fn is_closed(stream: &mut TcpStream) -> bool {
    let mut chunk = [0; 4_096];
    loop {
        match stream.read(&mut chunk) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    }
}

fn serves(server: &str) {
    let mut stream = connect(server);
    stream.write_all(request("OPTIONS", "", "").as_bytes()).unwrap();
    assert!(read(&mut stream, "\r\n\r\n").starts_with("SIP/2.0 200"));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_answered_whole_cut_and_one_behind_the_other() {
    let centre = Centre::start().await;
    let mut stream = connect(&centre.sip);

    for byte in request("OPTIONS", "", "").as_bytes() {
        stream.write_all(&[*byte]).unwrap();
    }
    assert!(read(&mut stream, "\r\n\r\n").starts_with("SIP/2.0 200"));
    let two = format!("\r\n\r\n{}\r\n{}", request("OPTIONS", "", "x"), request("OPTIONS", "", ""));
    stream.write_all(two.as_bytes()).unwrap();
    let mut answers = String::new();
    while answers.matches("SIP/2.0 200").count() < 2 {
        answers.push_str(&read(&mut stream, "SIP/2.0 200"));
    }
    assert!(answers.starts_with("\r\n"), "a ping is answered: {answers}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_breaks_the_grammar_is_refused_as_a_datagram_is() {
    let centre = Centre::start().await;
    for (bad, code) in [
        (request("OPTIONS", "", "").replace(";tag=1", ""), 400),
        (request("OPTIONS", "", "").replace("SIP/2.0\r\nVia", "SIP/7.0\r\nVia"), 505),
        (request("NEWMETHOD", "", ""), 501),
        (request("OPTIONS", "", "").replace("OPTIONS sip:", "OPTIONS nobody:"), 416),
    ] {
        let mut stream = connect(&centre.sip);
        stream.write_all(bad.as_bytes()).unwrap();
        let answer = read(&mut stream, "\r\n\r\n");
        assert!(answer.starts_with(&format!("SIP/2.0 {code}")), "{bad}\n{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_and_what_is_too_large_end_the_connection_and_nothing_else() {
    let papers = Papers::make();
    let (centre, tls) = centre(&papers, &[]).await;
    let noise: Vec<u8> = (0..50_000u32).map(|byte| (byte.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for bytes in [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
        noise,
        request("OPTIONS", "Content-Length: 100000\r\n", "").into_bytes(),
        [b"OPTIONS sip:a SIP/2.0\r\nX: ".to_vec(), vec![b'x'; 20_000]].concat(),
        request("OPTIONS", "Content-Length: 4294967297\r\n", "").into_bytes(),
    ] {
        for server in [&centre.sip, &tls] {
            let mut stream = connect(server);
            let began = Instant::now();
            let _ = stream.write_all(&bytes);
            assert!(is_closed(&mut stream), "{}", String::from_utf8_lossy(&bytes[..30]));
            assert!(began.elapsed() < Duration::from_secs(8));
        }
    }
    serves(&centre.sip);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_writes_a_message_without_end_is_left_and_so_is_a_handshake_without_end() {
    let papers = Papers::make();
    let (centre, tls) = centre(&papers, &[]).await;
    let mut slow = connect(&centre.sip);
    let mut shaking = connect(&tls);
    let began = Instant::now();

    let dripping = std::thread::spawn({
        let mut slow = slow.try_clone().unwrap();
        move || {
            for byte in request("OPTIONS", "", "").into_bytes() {
                if slow.write_all(&[byte]).is_err() {
                    return;
                }
                std::thread::sleep(Duration::from_millis(300));
            }
        }
    });
    shaking.write_all(&[0x16, 0x03, 0x01, 0x02]).unwrap();

    assert!(is_closed(&mut slow) && is_closed(&mut shaking));
    assert!(began.elapsed() < Duration::from_secs(9), "{:?}", began.elapsed());
    dripping.join().unwrap();
    serves(&centre.sip);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_holds_no_more_connections_than_it_may_and_phones_come_in_beside_silent_strangers() {
    let limits = [("sip_connections", 20.into()), ("sip_connections_per_address", 15.into())];
    let centre = Centre::start_with(&limits).await;
    let fields = json!({"server": centre.sip, "user": "ann", "password": "demo", "transport": "tcp"});
    let _ann = Phone::open_with(fields);
    let silent: Vec<TcpStream> = (0..10).map(|_| connect(&centre.sip)).collect();
    tokio::time::sleep(Duration::from_millis(200)).await;

    let mut beyond = connect(&centre.sip);
    assert!(is_closed(&mut beyond), "strangers have half of all places");
    drop(silent);
    tokio::time::sleep(Duration::from_millis(200)).await;
    serves(&centre.sip);
}
