//! Routers as processes of their own, to be killed and paused.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    os::unix::process::CommandExt as _,
    process::{Child, Command, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};

use crate::world::{Clients, SECRET, World};

pub struct Router {
    child: Child,
    http: SocketAddr,
    pub clients: Clients,
}

impl Router {
    /// Starts a replica and returns when it is ready.
    pub async fn start(world: &World, name: &str) -> Self {
        Self::start_at(world, name, &world.stack.nats_url).await
    }

    /// As [`Router::start`], with a way of its own to the bus.
    pub async fn start_at(world: &World, name: &str, nats_url: &str) -> Self {
        let (http, grpc) = (free_address(), free_address());
        let folder = testkit::scratch_dir().unwrap();
        let file = folder.path().join("router.toml");
        let stack = &world.stack;
        let text = format!(
            "instance = \"{name}\"\n[postgres]\nurl = \"{}\"\nmax_connections = 4\n[nats]\nurl = \"{}\"\n\
             [auth]\nsecret = \"{SECRET}\"\n[http]\nlisten = \"{http}\"\n[grpc]\nlisten = \"{grpc}\"\n\
             [router]\nsnapshot_every = \"2s\"\nhistory_every = \"1s\"\n",
            stack.postgres_url, nats_url
        );
        fs::write(&file, text).unwrap();
        let child = Command::new("setpriv")
            .args(["--pdeathsig=KILL", "--", env!("CARGO_BIN_EXE_router"), "--config"])
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut router = Self { child, http, clients: Clients::of(grpc) };
        for _ in 0..600 {
            if router.get("/readyz").is_some_and(|answer| answer.contains(" 200 ")) {
                return router;
            }
            assert!(router.child.try_wait().unwrap().is_none(), "the router ended");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the router is not ready");
    }

    fn get(&self, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect_timeout(&self.http, Duration::from_millis(200)).ok()?;
        stream.set_read_timeout(Some(Duration::from_millis(500))).ok()?;
        write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    /// Whether it leads the demo's partition.
    pub fn leads(&self) -> bool {
        self.get("/metrics")
            .is_some_and(|text| text.contains("switchboard_router_led_partitions{role=\"leader\"} 1"))
    }

    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.child.id().try_into().unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Router {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// Which of the replicas leads.
pub async fn leader(replicas: &[Router]) -> usize {
    for _ in 0..200 {
        if let Some(leader) = replicas.iter().position(Router::leads) {
            return leader;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nobody leads");
}
