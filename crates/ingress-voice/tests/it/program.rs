//! Programs of their own: what can be killed.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::{centre::Centre, raw::Raw};

/// A child that does not outlive its test.
pub struct Program(Child);

impl Program {
    pub fn start(command: &str, arguments: &[&str], log: &Path) -> Self {
        let output = fs::File::create(log).unwrap();
        let child = Command::new("setpriv")
            .args(["--pdeathsig=KILL", "--", command])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap_or_else(|error| panic!("{command}: {error} (Debian package kamailio)"));
        Self(child)
    }

    /// A voice instance of its own at a SIP port, with a thousand ports for audio from the second number on.
    pub fn instance(
        centre: &Centre,
        name: &str,
        (sip, audio): (u16, u16),
        more: &str,
        folder: &Path,
    ) -> Self {
        let text = format!(
            "instance = \"{name}\"\n[postgres]\nurl = \"{}\"\nmax_connections = 4\n[nats]\nurl = \"{}\"\n\
             [auth]\nsecret = \"0123456789abcdef0123456789abcdef\"\n[http]\nlisten = \"127.0.0.1:0\"\n\
             [grpc]\nlisten = \"127.0.0.1:0\"\n[peers]\ndefault = \"{}\"\n\
             [ingress_voice]\nsip_bind = \"127.0.0.1\"\nsip_port = {sip}\nrtp_ports = \"{audio}-{}\"\n{more}\n",
            centre.stack.postgres_url,
            centre.stack.nats_url,
            centre.peers.url,
            audio + 999,
        );
        let file = folder.join(format!("{name}.toml"));
        fs::write(&file, text).unwrap();
        let log = folder.join(format!("{name}.log"));
        Self::start(env!("CARGO_BIN_EXE_ingress-voice"), &["--config", file.to_str().unwrap()], &log)
    }

    /// Waits until whoever is at a SIP port says yes to a ping.
    pub async fn answers(port: u16) {
        let mut raw = Raw::new(&format!("127.0.0.1:{port}"));
        for _ in 0..100 {
            let ping = raw.request("OPTIONS", "ping", "", "");
            let answer = raw.try_ask_within(&ping, Duration::from_millis(500));
            if answer.is_some_and(|answer| answer.contains(" 200 ")) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("nobody says yes at {port}");
    }

    pub fn signal(&self, signal: &str) {
        Command::new("kill").args([signal, &self.0.id().to_string()]).status().unwrap();
    }

    pub fn ends_within(&mut self, limit: Duration) -> bool {
        let until = Instant::now() + limit;
        while Instant::now() < until {
            if self.0.try_wait().unwrap().is_some() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        false
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Kamailio is a family: its father takes the children with it.
        self.signal("-TERM");
        if !self.ends_within(Duration::from_secs(3)) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}
