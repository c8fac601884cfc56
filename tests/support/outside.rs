//! The telephone network outside: a trunk to a phone of the test, and recordings that can be heard.

use std::fmt::Write as _;

use tempfile::TempDir;
use testkit::free_ports;

/// A trunk to a port of this machine.
pub struct Outside {
    /// Where a phone of the test is the network.
    pub port: u16,
    /// Lines of `[ingress_voice]`: numbers at +1 are called over the trunk.
    pub settings: String,
    _keys: TempDir,
}

impl Outside {
    /// With these calls recorded (TOML of `rules`). Apart, recordings need a key and a folder, which together come with the data
    /// folder.
    ///
    /// # Panics
    /// When there is no port or no room for the key.
    pub fn new(rules: &str) -> Self {
        let port = free_ports(1).expect("a port")[0];
        let keys = testkit::scratch_dir().expect("a folder");
        let mut settings = format!(
            "dial_allowed = [\"+1\"]\n[[ingress_voice.trunks]]\nname = \"outside\"\naddress = \"127.0.0.1:{port}\"\n\
             caller_ids = [\"+15550100\"]\nping_every = \"0s\"\n[ingress_voice.recording]\nrules = [{rules}]\n"
        );
        if std::env::var_os("SWITCHBOARD_TOPOLOGY").is_some_and(|topology| topology == "apart") {
            let key = keys.path().join("recording.key");
            std::fs::write(&key, "5a".repeat(32)).expect("a key");
            let key = key.display();
            let _ = writeln!(settings, "key_file = \"{key}\"\nfolder = \"{key}.recordings\"");
        }
        Self { port, settings, _keys: keys }
    }
}
