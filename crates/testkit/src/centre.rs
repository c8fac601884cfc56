//! The whole centre as people have it: the real programs on free ports, with the demo tenant in it.
//!
//! `SWITCHBOARD_TOPOLOGY=apart` starts each service's own program instead of the one that holds them all; a journey
//! does not notice.

use std::{
    fmt::Write as _,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::Context;
use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    Stack,
    ports::{free_ports, rtp_range},
    program::{Program, path_of},
    scratch_dir,
};

const SERVICES: [&str; 8] =
    ["directory", "ivr", "router", "crm", "analytics", "gateway", "ingress-voice", "ingress-chat"];
const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/demo/centre.yaml");
/// What the sample backend of the demo wants to hear.
const SHOP_TOKEN: &str = "only-this-test";
const RTP_PORTS: u16 = 400;
const READY_WITHIN: Duration = Duration::from_secs(90);
const MOST_OF_AN_ANSWER: u64 = 4 << 20;
const POLL: Duration = Duration::from_millis(50);

/// A running centre with the demo tenant. Dropping it stops everything and removes its folder.
#[derive(Debug)]
pub struct Centre {
    /// Desktop, widget, demo shop, API: `http://127.0.0.1:…`.
    pub http_url: String,
    /// gRPC between services.
    pub grpc_url: String,
    /// SIP over UDP and TCP.
    pub sip: SocketAddr,
    /// First and last UDP port for audio.
    pub rtp_ports: (u16, u16),
    /// Its data folder, beside which the command line finds it.
    pub data_dir: PathBuf,
    // Dropped in this order.
    programs: Vec<Program>,
    starts: Vec<(String, Vec<String>)>,
    ready: Vec<u16>,
    infra: Option<Stack>,
    scratch: TempDir,
    /// Lines of `[ingress_voice]` beyond those that every centre has.
    voice: String,
}

impl Centre {
    /// Starts a centre, in one process or apart as `SWITCHBOARD_TOPOLOGY` says, and returns when it is ready.
    ///
    /// # Panics
    /// When it does not become ready; the message says why, and the ends of the logs are printed.
    pub async fn start() -> Self {
        Self::start_with("").await
    }

    /// As [`Self::start`], with these lines (TOML) in `[ingress_voice]`: trunks, for instance.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub async fn start_with(voice: &str) -> Self {
        let apart = std::env::var_os("SWITCHBOARD_TOPOLOGY").is_some_and(|topology| topology == "apart");
        let centre = if apart { Self::apart_with(voice).await } else { Self::together_with(voice).await };
        centre.expect("a centre for the test")
    }

    /// `switchboard up --demo`: everything in one process, with its own Postgres and NATS.
    pub async fn together() -> anyhow::Result<Self> {
        Self::together_with("").await
    }

    async fn together_with(voice: &str) -> anyhow::Result<Self> {
        let mut centre = Self::prepare(None).await?;
        let port = |url: &str| url.rsplit(':').next().unwrap_or_default().to_owned();
        let mut arguments = vec![
            "--data".to_owned(),
            centre.data_dir.display().to_string(),
            "up".to_owned(),
            "--demo".to_owned(),
            format!("--http-port={}", port(&centre.http_url)),
            format!("--grpc-port={}", port(&centre.grpc_url)),
            format!("--sip-port={}", centre.sip.port()),
            format!("--rtp-ports={}-{}", centre.rtp_ports.0, centre.rtp_ports.1),
        ];
        if !voice.is_empty() {
            let file = centre.scratch.path().join("settings.toml");
            fs::write(&file, format!("[ingress_voice]\n{voice}\n"))?;
            arguments.push(format!("--config={}", file.display()));
        }
        centre.starts.push(("switchboard".to_owned(), arguments));
        centre.run().await?;
        Ok(centre)
    }

    /// Each service's own program, on a Postgres and a NATS that they find by configuration, then
    /// `switchboard apply`.
    pub async fn apart() -> anyhow::Result<Self> {
        Self::apart_with("").await
    }

    async fn apart_with(voice: &str) -> anyhow::Result<Self> {
        let infra = Stack::infra().await;
        let mut centre = Self::prepare(Some(infra)).await?;
        let network = free_ports(1)?[0];
        centre.voice = if voice.is_empty() {
            // As `up --demo` has it.
            format!(
                "dial_allowed = [\"+1555\"]\n[[ingress_voice.trunks]]\nname = \"sample-network\"\n\
                 address = \"127.0.0.1:{network}\"\ncaller_ids = [\"+15550100\"]"
            )
        } else {
            voice.to_owned()
        };
        let ports = free_ports(SERVICES.len() * 2)?;
        let shop = free_ports(1)?[0];
        let secret = "a secret that only this test knows";
        let (http, grpc) = ports.split_at(SERVICES.len());
        let gateway = SERVICES.iter().position(|name| *name == "gateway").unwrap_or_default();
        centre.http_url = format!("http://127.0.0.1:{}", http[gateway]);
        centre.grpc_url = format!("http://127.0.0.1:{}", grpc[gateway]);
        centre.ready = http.to_vec();

        for name in &SERVICES {
            let file = centre.scratch.path().join(format!("{name}.toml"));
            let mut text = centre.configuration(name, secret, http, grpc)?;
            if *name == "ivr" {
                writeln!(
                    text,
                    "[ivr.backends.shop]\nurl = \"http://127.0.0.1:{shop}\"\nprivate = true\ntoken = \"{SHOP_TOKEN}\""
                )?;
            }
            fs::write(&file, text)?;
            centre.starts.push(((*name).to_owned(), vec!["--config".to_owned(), file.display().to_string()]));
        }
        let backend = ["demo-backend".to_owned(), format!("--port={shop}"), format!("--token={SHOP_TOKEN}")];
        centre.starts.push(("switchboard".to_owned(), backend.into()));
        centre.ready.push(shop);
        let sample =
            ["demo-network".to_owned(), format!("--port={network}"), format!("--centre={}", centre.sip)];
        centre.starts.push(("switchboard".to_owned(), sample.into()));
        centre.write_local_files(secret)?;
        centre.run().await?;
        centre.cli(&["--tenant", "demo", "apply", "-f", DEMO]).await.context("applying the demo centre")?;
        Ok(centre)
    }

    async fn prepare(infra: Option<Stack>) -> anyhow::Result<Self> {
        let scratch = tokio::task::spawn_blocking(scratch_dir).await??;
        let data_dir = scratch.path().join("data");
        fs::create_dir(&data_dir)?;
        let ports = free_ports(3)?;
        Ok(Self {
            http_url: format!("http://127.0.0.1:{}", ports[0]),
            grpc_url: format!("http://127.0.0.1:{}", ports[1]),
            sip: SocketAddr::from(([127, 0, 0, 1], ports[2])),
            rtp_ports: rtp_range(RTP_PORTS)?,
            data_dir,
            programs: Vec::new(),
            starts: Vec::new(),
            ready: vec![ports[0]],
            infra,
            scratch,
            voice: String::new(),
        })
    }

    /// Starts the programs and waits until each says that it is ready.
    async fn run(&mut self) -> anyhow::Result<()> {
        for (name, arguments) in &self.starts {
            self.programs.push(Program::start(name, arguments, self.scratch.path())?);
        }
        let started = Instant::now();
        for port in &self.ready {
            while !is_ready(*port).await {
                if let Some(ended) = self.programs.iter().find(|program| !program.is_running()) {
                    anyhow::bail!("a program ended before it was ready:\n{}", ended.log());
                }
                anyhow::ensure!(started.elapsed() < READY_WITHIN, "not ready within {READY_WITHIN:?}");
                tokio::time::sleep(POLL).await;
            }
        }
        Ok(())
    }

    /// Kills (`SIGKILL`) every program of the centre and starts them again on the same ports and data.
    pub async fn kill_and_restart(&mut self) -> anyhow::Result<()> {
        for program in &self.programs {
            program.signal(Signal::KILL);
        }
        self.programs.clear();
        self.run().await
    }

    /// What a service counts, as Prometheus reads it.
    ///
    /// # Errors
    /// When there is no such service or it does not answer.
    pub async fn metrics(&self, service: &str) -> anyhow::Result<String> {
        let port = if self.infra.is_some() {
            let place = SERVICES.iter().position(|name| *name == service);
            self.ready.get(place.context("a known service")?)
        } else {
            self.ready.first()
        };
        get(*port.context("the centre runs")?, "/metrics").await
    }

    /// Runs `switchboard --json <arguments>` on this centre and gives what it printed.
    ///
    /// # Errors
    /// When it exits with a failure: its words.
    pub async fn cli(&self, arguments: &[&str]) -> anyhow::Result<Value> {
        let output = self.program("switchboard")?.arg("--json").args(arguments).output().await?;
        let said = String::from_utf8_lossy(&output.stderr);
        anyhow::ensure!(output.status.success(), "switchboard {}: {}", arguments.join(" "), said.trim());
        serde_json::from_slice(&output.stdout).context("what switchboard printed is no JSON")
    }

    /// A program of ours that finds this centre by its data folder, not started yet; killed when it is dropped.
    pub fn program(&self, name: &str) -> anyhow::Result<tokio::process::Command> {
        let mut program = tokio::process::Command::new(path_of(name)?);
        program.arg("--data").arg(&self.data_dir).kill_on_drop(true);
        Ok(program)
    }

    /// Where test programs may put their files; goes with the centre.
    pub fn scratch(&self) -> &Path {
        self.scratch.path()
    }

    /// The configuration of one service that runs alone.
    fn configuration(&self, name: &str, secret: &str, http: &[u16], grpc: &[u16]) -> anyhow::Result<String> {
        let infra = self.infra.as_ref().context("a centre apart has its own infrastructure")?;
        let position = |name: &str| SERVICES.iter().position(|service| *service == name);
        let own = position(name).context("a known service")?;
        let mut text = format!(
            "[postgres]\nurl = \"{}\"\nmax_connections = 6\n[nats]\nurl = \"{}\"\n[auth]\nsecret = \"{secret}\"\n\
             [http]\nlisten = \"0.0.0.0:{}\"\n[grpc]\nlisten = \"127.0.0.1:{}\"\n[peers]\n",
            infra.postgres_url, infra.nats_url, http[own], grpc[own],
        );
        for (service, port) in SERVICES.iter().zip(grpc) {
            writeln!(text, "{} = \"http://127.0.0.1:{port}\"", service.replace('-', "_"))?;
        }
        match name {
            "ingress-voice" => {
                let (from, to) = self.rtp_ports;
                writeln!(
                    text,
                    "[ingress_voice]\nsip_port = {}\nrtp_ports = \"{from}-{to}\"\nrecogniser_packages = \"{}\"\n{}",
                    self.sip.port(),
                    chassis::embedded::default_parts_dir().display(),
                    self.voice
                )?;
            }
            "gateway" => {
                let chat = position("ingress-chat").context("a known service")?;
                let voice = position("ingress-voice").context("a known service")?;
                writeln!(
                    text,
                    "[gateway]\nchat_upstream = \"http://127.0.0.1:{}\"\nvoice_upstream = \"http://127.0.0.1:{}\"",
                    http[chat], http[voice]
                )?;
            }
            _ => {}
        }
        Ok(text)
    }

    /// What `up` leaves in a data folder, so that the command line finds this centre too.
    fn write_local_files(&self, secret: &str) -> anyhow::Result<()> {
        let server = json!({
            "pid": std::process::id(),
            "http_url": self.http_url,
            "grpc_url": self.grpc_url,
            "sip_port": self.sip.port(),
            "rtp_ports": format!("{}-{}", self.rtp_ports.0, self.rtp_ports.1),
            "tenant": null,
            "version": env!("CARGO_PKG_VERSION"),
        });
        fs::write(self.data_dir.join("server.json"), server.to_string())?;
        fs::write(self.data_dir.join("auth.secret"), secret)?;
        Ok(())
    }
}

/// Whether `GET /readyz` on a local port answers 200.
async fn is_ready(port: u16) -> bool {
    get(port, "/readyz").await.is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

/// The whole answer to a GET on a local port.
async fn get(port: u16, path: &str) -> anyhow::Result<String> {
    let ask = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.take(MOST_OF_AN_ANSWER).read_to_string(&mut answer).await?;
        anyhow::Ok(answer)
    };
    tokio::time::timeout(Duration::from_secs(2), ask).await?
}
