//! What a running centre leaves in its data folder for the command line: where it is, and what proves that whoever
//! can read the folder may run it.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use chassis::{Auth, Claims, Clock, config::Secret};
use contract::directory::v1::Role;
use serde::{Deserialize, Serialize};

/// How long the token in a data folder is good for; a running centre renews it daily.
const ADMIN_TOKEN_LIFE: Duration = Duration::from_hours(30 * 24);

/// `<data>/server.json`
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Server {
    /// Process id.
    pub pid: u32,
    /// `http://127.0.0.1:8080`: pages, programs, gRPC and gRPC-web.
    pub http_url: String,
    /// `http://127.0.0.1:8081`: gRPC between services.
    pub grpc_url: String,
    /// UDP and TCP.
    pub sip_port: u16,
    /// First and last UDP port for audio: `20000-29999`.
    pub rtp_ports: String,
    /// The tenant that commands act in when none is named: the first one applied.
    pub tenant: Option<String>,
    /// Of the program.
    pub version: String,
}

/// Paths inside a data folder.
#[derive(Debug, Clone)]
pub struct DataFolder(PathBuf);

impl DataFolder {
    /// The folder at `path`, which may not exist.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// What the last `up` wrote; nothing when none ran here.
    pub fn server(&self) -> Option<Server> {
        serde_json::from_slice(&fs::read(self.0.join("server.json")).ok()?).ok()
    }

    /// Writes [`Server`], whole or not at all.
    pub fn write_server(&self, server: &Server) -> io::Result<()> {
        self.write("server.json", &serde_json::to_vec_pretty(server)?)
    }

    /// Token of an administrator of the tenant in [`Server`].
    pub fn admin_token(&self) -> Option<String> {
        Some(fs::read_to_string(self.0.join("admin.token")).ok()?.trim().to_owned())
    }

    /// Writes the token, readable by its owner only.
    pub fn write_admin_token(&self, token: &str) -> io::Result<()> {
        self.write("admin.token", token.as_bytes())
    }

    /// Makes `tenant` the one that commands act in, and writes a token for it.
    pub fn remember_tenant(&self, server: Server, secret: &str, tenant: &str) -> io::Result<()> {
        self.write_admin_token(&administrator_token(secret, tenant, ADMIN_TOKEN_LIFE))?;
        self.write_server(&Server { tenant: Some(tenant.to_owned()), ..server })
    }

    /// What access tokens are signed with here.
    pub fn secret(&self) -> Option<String> {
        Some(fs::read_to_string(self.0.join("auth.secret")).ok()?.trim().to_owned())
    }

    /// The secret, made on the first call. It lasts as long as the folder, so that sessions survive a restart.
    pub fn secret_or_new(&self) -> io::Result<String> {
        if let Some(secret) = self.secret().filter(|secret| secret.len() >= 32) {
            return Ok(secret);
        }
        let secret = format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
        self.write("auth.secret", secret.as_bytes())?;
        Ok(secret)
    }

    /// The key that recordings are encrypted with, made when there is none.
    pub fn recording_key_or_new(&self) -> io::Result<PathBuf> {
        let path = self.0.join("recording.key");
        if !path.exists() {
            let mut key = [0u8; 32];
            rand::fill(&mut key);
            let digits = key.iter().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"));
            self.write("recording.key", digits.as_bytes())?;
        }
        std::path::absolute(path)
    }

    /// Where recordings are kept.
    pub fn recordings(&self) -> PathBuf {
        let path = self.0.join("recordings");
        std::path::absolute(&path).unwrap_or(path)
    }

    fn write(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let new = self.0.join(format!("{name}.new"));
        let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(new, self.0.join(name))
    }
}

/// A token of an administrator of `tenant`, for whoever can read the secret of a local data folder.
pub fn administrator_token(secret: &str, tenant: &str, life: Duration) -> String {
    let auth = Auth::new(Secret::new(secret), Clock::system());
    let claims =
        Claims::person(tenant, "local-administrator", "Local administrator", &[Role::Administrator], "");
    auth.mint(claims, life).0
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::DataFolder;

    #[test]
    fn the_secret_is_made_once_and_only_its_owner_reads_it() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = DataFolder::at(temporary.path());

        let first = folder.secret_or_new().unwrap();

        let mode = std::fs::metadata(temporary.path().join("auth.secret")).unwrap().permissions().mode();
        assert_eq!(folder.secret_or_new().unwrap(), first);
        assert_eq!(first.len(), 64);
        assert_eq!(mode & 0o777, 0o600);
    }
}
