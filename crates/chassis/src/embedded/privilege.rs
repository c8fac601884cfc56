//! Which user the servers run as, and how a child is made to die with its parent.
//!
//! Postgres refuses to run as root. Started by root, the servers run as the owner of their folder or as user
//! 65534 (nobody). Where a folder above them is closed to others (`/root`), they keep one ambient capability, to
//! pass through folders; and `no_setuid_fixup`, without which `access(2)`, with which Postgres looks for its own
//! program, ignores that capability. Util-linux's `setpriv` does all of this, and sets the parent-death signal.

use std::{
    fs,
    os::unix::{
        fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::EmbeddedError;

/// The user that nobody is, on every Unix in use.
const NOBODY: u32 = 65_534;

/// As whom and how children are started.
#[derive(Debug, Clone)]
pub(super) struct RunAs {
    /// User and group to change to; `None` keeps the ordinary user we are.
    drop_to: Option<(u32, u32)>,
    /// Capability kept to pass through closed folders, by its name in `setpriv`.
    keep: Option<&'static str>,
    /// Whether util-linux's `setpriv` is there.
    setpriv: bool,
}

impl RunAs {
    /// Decides for the servers of `data_dir`.
    pub fn choose(data_dir: &Path) -> Result<Self, EmbeddedError> {
        let setpriv = has_setpriv();
        let uid = rustix::process::geteuid().as_raw();
        let owner = fs::metadata(data_dir.join("postgres")).ok().map(|meta| (meta.uid(), meta.gid()));
        if uid != 0 {
            if let Some((owner, _)) = owner.filter(|(owner, _)| *owner != uid) {
                return Err(EmbeddedError::Foreign { path: data_dir.to_owned(), owner, uid });
            }
            return Ok(Self { drop_to: None, keep: None, setpriv });
        }
        let drop_to = owner.filter(|(owner, _)| *owner != 0).unwrap_or((NOBODY, NOBODY));
        let keep = if setpriv { capability() } else { None };
        Ok(Self { drop_to: Some(drop_to), keep, setpriv })
    }

    /// A command that runs `program` as the chosen user in its own process group, and gets `death_signal` when
    /// the thread that starts it ends (so that thread must wait for it).
    ///
    /// # Errors
    /// [`EmbeddedError::Unreachable`] when the user can't get at one of `needs`.
    pub fn command(
        &self,
        program: &Path,
        needs: &[&Path],
        death_signal: &str,
    ) -> Result<Command, EmbeddedError> {
        let closed = self.drop_to.and_then(|to| {
            [program]
                .iter()
                .chain(needs)
                .find_map(|path| closed_folder(path, to))
                .map(|closed| (to.0, closed))
        });
        if let (Some((uid, closed)), None) = (&closed, self.keep) {
            return Err(EmbeddedError::Unreachable { uid: *uid, closed: closed.clone() });
        }

        let mut command = if self.setpriv {
            let mut command = Command::new("setpriv");
            command.arg(format!("--pdeathsig={death_signal}"));
            if let Some((uid, gid)) = self.drop_to {
                command.args([
                    format!("--reuid={uid}"),
                    format!("--regid={gid}"),
                    "--clear-groups".to_owned(),
                ]);
                let kept = self.keep.filter(|_| closed.is_some()).map(|cap| format!("-all,+{cap}"));
                let caps = kept.as_deref().unwrap_or("-all");
                command.args([format!("--inh-caps={caps}"), format!("--ambient-caps={caps}")]);
                command.args([format!("--bounding-set={caps}"), "--securebits=+no_setuid_fixup".to_owned()]);
            }
            command.args(["--no-new-privs", "--"]).arg(program);
            command
        } else {
            let mut command = Command::new(program);
            if let Some((uid, gid)) = self.drop_to {
                command.uid(uid).gid(gid);
            }
            command
        };
        command.process_group(0).stdin(Stdio::null()).current_dir("/");
        Ok(command)
    }

    /// Gives a file or folder to the chosen user.
    pub fn own(&self, path: &Path) -> Result<(), EmbeddedError> {
        match self.drop_to {
            Some((uid, gid)) => {
                std::os::unix::fs::chown(path, Some(uid), Some(gid)).map_err(EmbeddedError::io(path))
            }
            None => Ok(()),
        }
    }

    /// Creates the server's log in its folder when missing, and gives the path.
    pub fn create_log(&self, home: &Path) -> Result<PathBuf, EmbeddedError> {
        let log = home.join("server.log");
        fs::OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&log)
            .map_err(EmbeddedError::io(&log))?;
        self.own(&log)?;
        Ok(log)
    }

    /// Creates a folder (its parent exists) that only the chosen user can enter.
    pub fn create_dir(&self, path: &Path) -> Result<(), EmbeddedError> {
        fs::create_dir_all(path).map_err(EmbeddedError::io(path))?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(EmbeddedError::io(path))?;
        self.own(path)
    }
}

/// BusyBox has a `setpriv` too, without the parent-death signal.
fn has_setpriv() -> bool {
    Command::new("setpriv")
        .arg("--help")
        .output()
        .is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("--pdeathsig"))
}

/// The smallest capability we hold that lets a process pass through closed folders. Containers often have only
/// the wider one. Bits as in linux/capability.h.
fn capability() -> Option<&'static str> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let held = status.lines().find_map(|line| line.strip_prefix("CapPrm:"))?;
    let held = u64::from_str_radix(held.trim(), 16).ok()?;
    [(2, "dac_read_search"), (1, "dac_override")]
        .into_iter()
        .find(|(bit, _)| held & (1 << bit) != 0)
        .map(|(_, name)| name)
}

/// The first folder on the way to `path` that `user` can't pass.
fn closed_folder(path: &Path, (uid, gid): (u32, u32)) -> Option<PathBuf> {
    let folders: Vec<&Path> = path.ancestors().skip(1).collect();
    folders.into_iter().rev().find_map(|folder| {
        let meta = fs::metadata(folder).ok()?;
        let bit = if meta.uid() == uid {
            0o100
        } else if meta.gid() == gid {
            0o010
        } else {
            0o001
        };
        (meta.mode() & bit == 0).then(|| folder.to_owned())
    })
}
