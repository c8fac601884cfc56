//! A sample telephone network: whoever is called over it, by any number, lets it ring, picks up and speaks.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::sync::{Semaphore, mpsc};

use super::{Incoming, Phones, Voice};

/// How long a telephone rings before it is picked up.
const RINGS: Duration = Duration::from_secs(3);
/// Longest call.
const PATIENCE: Duration = Duration::from_mins(5);
/// Calls at once; more are busy.
const MOST: usize = 50;

/// The network, ready to serve.
#[derive(Debug)]
pub struct Network {
    phones: Phones,
    ringing: mpsc::Receiver<Incoming>,
}

impl Network {
    /// Takes a port of this machine, 0: any that is free. The centre at this SIP address alone is answered.
    pub async fn open(centre: SocketAddr, port: u16) -> io::Result<Self> {
        let phones = Phones::open_at(centre, port).await?;
        let ringing = phones.every_line();
        Ok(Self { phones, ringing })
    }

    /// Where the centre reaches it.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.phones.address()
    }

    /// Answers calls until it is dropped.
    pub async fn serve(mut self) {
        let room = Arc::new(Semaphore::new(MOST));
        while let Some(call) = self.ringing.recv().await {
            let Ok(place) = Arc::clone(&room).try_acquire_owned() else {
                call.refuse("486 Busy Here").await;
                continue;
            };
            tokio::spawn(async move {
                let _place = place;
                take(call).await;
            });
        }
    }
}

async fn take(mut ringing: Incoming) {
    tokio::select! {
        () = ringing.given_up() => return,
        () = tokio::time::sleep(RINGS) => {}
    }
    // Each number has a voice of its own.
    let seed =
        ringing.called().bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    let Some(mut call) = ringing.answer(&Voice::new(seed)).await else { return };
    if tokio::time::timeout(PATIENCE, call.ended()).await.is_err() {
        call.hang_up().await;
    }
}
