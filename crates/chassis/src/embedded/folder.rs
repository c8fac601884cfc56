//! The data folder: one holder at a time, and the ports and passwords that last from start to start.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    net::TcpListener,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::EmbeddedError;

/// Ports are chosen from here: below what the system gives to outgoing connections, and away from the usual ones.
const PORTS: std::ops::RangeInclusive<u16> = 10_100..=19_999;
const PORT_TRIES: u32 = 200;

/// Who runs on a data folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Holder {
    /// Process id of the centre.
    pub pid: u32,
    /// What it listens on, by name: `postgres`, `nats`, and whatever was announced.
    pub ports: BTreeMap<String, u16>,
}

/// Says who runs on `data_dir` now; nobody when the folder is not locked, whatever the file says.
pub fn holder(data_dir: &Path) -> Option<Holder> {
    let mut file = File::open(data_dir.join("lock")).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => read_holder(&mut file),
        Ok(()) | Err(TryLockError::Error(_)) => None,
    }
}

fn read_holder(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

/// What is remembered in `embedded.json`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Memory {
    pub ports: BTreeMap<String, u16>,
    pub owner_password: String,
    pub app_password: String,
    pub nats_password: String,
}

impl Memory {
    fn new() -> Self {
        let secret = || Uuid::new_v4().simple().to_string();
        Self {
            ports: BTreeMap::new(),
            owner_password: secret(),
            app_password: secret(),
            nats_password: secret(),
        }
    }
}

/// A locked data folder. The lock goes with the process, however it ends.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    lock: File,
    holder: Holder,
    memory: Memory,
}

impl Folder {
    /// Creates the folder when missing and locks it.
    pub fn lock(data_dir: &Path) -> Result<Self, EmbeddedError> {
        fs::create_dir_all(data_dir).map_err(EmbeddedError::io(data_dir))?;
        let path = data_dir.canonicalize().map_err(EmbeddedError::io(data_dir))?;

        let lock_path = path.join("lock");
        let mut lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&lock_path)
            .map_err(EmbeddedError::io(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = read_holder(&mut lock).unwrap_or(Holder { pid: 0, ports: BTreeMap::new() });
                let ports =
                    holder.ports.iter().map(|(name, port)| format!("{name} {port}")).collect::<Vec<_>>();
                return Err(EmbeddedError::InUse {
                    data_dir: path,
                    pid: holder.pid,
                    ports: ports.join(", "),
                });
            }
            Err(TryLockError::Error(error)) => return Err(EmbeddedError::io(&lock_path)(error)),
        }

        let memory = load_memory(&path)?;
        let holder = Holder { pid: std::process::id(), ports: BTreeMap::new() };
        let mut folder = Self { path, lock, holder, memory };
        // Before anything is made with these passwords.
        folder.save_memory()?;
        folder.write_holder()?;
        Ok(folder)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// The port for `name`: the fixed one, else the remembered one while it is free, else a free one that is
    /// remembered from now on.
    pub fn port(&mut self, name: &'static str, fixed: Option<u16>) -> Result<u16, EmbeddedError> {
        let wanted = fixed.or_else(|| self.memory.ports.get(name).copied());
        let port = match wanted.filter(|port| is_free(*port)) {
            Some(port) => port,
            None => match fixed {
                Some(port) => return Err(EmbeddedError::PortTaken { name, port }),
                None => free_port(name)?,
            },
        };
        if self.memory.ports.insert(name.to_owned(), port) != Some(port) {
            self.save_memory()?;
        }
        self.announce(name, port)?;
        Ok(port)
    }

    pub fn announce(&mut self, name: &str, port: u16) -> Result<(), EmbeddedError> {
        self.holder.ports.insert(name.to_owned(), port);
        self.write_holder()
    }

    fn write_holder(&mut self) -> Result<(), EmbeddedError> {
        let text = serde_json::to_vec(&self.holder).map_err(|error| EmbeddedError::Memory {
            path: self.path.join("lock"),
            reason: error.to_string(),
        })?;
        let write = |file: &mut File| {
            file.set_len(0)?;
            file.rewind()?;
            file.write_all(&text)
        };
        write(&mut self.lock).map_err(EmbeddedError::io(self.path.join("lock")))
    }

    fn save_memory(&self) -> Result<(), EmbeddedError> {
        let path = self.path.join("embedded.json");
        let text = serde_json::to_vec_pretty(&self.memory)
            .map_err(|error| EmbeddedError::Memory { path: path.clone(), reason: error.to_string() })?;
        let new = self.path.join("embedded.json.new");
        write_private(&new, &text)?;
        fs::rename(&new, &path).map_err(EmbeddedError::io(&path))
    }
}

fn load_memory(data_dir: &Path) -> Result<Memory, EmbeddedError> {
    let path = data_dir.join("embedded.json");
    match fs::read(&path) {
        Ok(text) => serde_json::from_slice(&text)
            .map_err(|error| EmbeddedError::Memory { path, reason: error.to_string() }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Memory::new()),
        Err(error) => Err(EmbeddedError::io(path)(error)),
    }
}

/// Writes a file that only its owner can read, and flushes it to the disk.
pub(super) fn write_private(path: &Path, content: &[u8]) -> Result<(), EmbeddedError> {
    let write = || {
        let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(path)?;
        file.write_all(content)?;
        file.sync_all()
    };
    write().map_err(EmbeddedError::io(path))
}

fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}

fn free_port(name: &'static str) -> Result<u16, EmbeddedError> {
    let span = u128::from(PORTS.end() - PORTS.start()) + 1;
    (0..PORT_TRIES)
        .map(|_| PORTS.start() + (Uuid::new_v4().as_u128() % span) as u16)
        .find(|port| is_free(*port))
        .ok_or(EmbeddedError::NoFreePort { name, from: *PORTS.start(), to: *PORTS.end() })
}
