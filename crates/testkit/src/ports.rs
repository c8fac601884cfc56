//! Ports for programs that tests start: free now, and away from what the system gives to outgoing connections.

use std::{
    collections::BTreeSet,
    net::{TcpListener, UdpSocket},
    sync::{Mutex, MutexGuard, PoisonError},
};

use anyhow::Context;
use uuid::Uuid;

const FROM: u16 = 10_100;
const TO: u16 = 19_999;
const RTP_FROM: u16 = 20_000;
const RTP_TO: u16 = 29_999;
const TRIES: usize = 500;

/// So many ports that are free for TCP and UDP, all different.
pub fn free_ports(count: usize) -> anyhow::Result<Vec<u16>> {
    let mut ports = Vec::new();
    for port in (0..TRIES).map(|_| random(FROM, TO)) {
        if ports.len() == count {
            break;
        }
        if is_free(port) && given().insert(port) {
            ports.push(port);
        }
    }
    anyhow::ensure!(ports.len() == count, "no {count} free ports between {FROM} and {TO}");
    Ok(ports)
}

/// A range of `size` UDP ports, the first of which is even and free.
pub(crate) fn rtp_range(size: u16) -> anyhow::Result<(u16, u16)> {
    (0..TRIES)
        .map(|_| random(RTP_FROM, RTP_TO - size) & !1)
        .find(|from| UdpSocket::bind(("127.0.0.1", *from)).is_ok())
        .map(|from| (from, from + size - 1))
        .context("no free range of ports for audio")
}

fn random(from: u16, to: u16) -> u16 {
    let span = u128::from(to - from) + 1;
    from + (Uuid::new_v4().as_u128() % span) as u16
}

/// Ports that this process was given before: whoever is to listen there may not have begun.
fn given() -> MutexGuard<'static, BTreeSet<u16>> {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    GIVEN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok() && UdpSocket::bind(("127.0.0.1", port)).is_ok()
}
