//! A wire to the bus that can be cut: a TCP proxy between one router and NATS.

use std::net::SocketAddr;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// See the module. Dropping it cuts the wire for good.
pub struct Wire {
    /// Where the router finds the bus.
    pub url: String,
    whole: watch::Sender<bool>,
}

impl Wire {
    /// A wire to the server behind `url`.
    pub async fn to(url: &str) -> Self {
        let (head, host) = url.rsplit_once('@').map_or_else(
            || url.split_once("://").map(|(scheme, host)| (format!("{scheme}://"), host)).unwrap(),
            |(head, host)| (format!("{head}@"), host),
        );
        let server: SocketAddr =
            tokio::net::lookup_host(host).await.unwrap().next().expect("the server's address");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("{head}{}", listener.local_addr().unwrap());
        let (whole, state) = watch::channel(true);
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let mut state = state.clone();
                tokio::spawn(async move {
                    // A cut wire swallows what is sent, as a broken network does.
                    if state.wait_for(|whole| *whole).await.is_err() {
                        return;
                    }
                    let Ok(mut far) = TcpStream::connect(server).await else { return };
                    tokio::select! {
                        _ = copy_bidirectional(&mut near, &mut far) => {}
                        _ = state.wait_for(|whole| !whole) => {}
                    }
                });
            }
        });
        Self { url, whole }
    }

    /// Nothing passes any more, and connections end.
    pub fn cut(&self) {
        self.whole.send_replace(false);
    }

    /// New connections pass again.
    pub fn mend(&self) {
        self.whole.send_replace(true);
    }
}
