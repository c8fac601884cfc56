//! Writes golden bytes for messages that are new or have grown, below the older ones.

#[path = "../tests/full.rs"]
mod full;

use std::{fmt::Write as _, fs, path::Path};

fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    fs::create_dir_all(&folder)?;
    for payload in full::payloads() {
        let file = folder.join(format!("{}.hex", payload.full_name()));
        let mut text = fs::read_to_string(&file).unwrap_or_default();
        let mut line = String::new();
        for byte in full::filled(&payload) {
            let _ = write!(line, "{byte:02x}");
        }
        if text.lines().last() != Some(line.as_str()) {
            text.push_str(&line);
            text.push('\n');
            fs::write(&file, text)?;
        }
    }
    Ok(())
}
