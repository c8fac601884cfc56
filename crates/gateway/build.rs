//! Builds this crate again when the web app was built again: its files are embedded.

use std::{fs, path::Path};

/// Where `npm run build` leaves the web app.
const DIST: &str = "web/dist";

fn main() {
    // A folder that is not there would look changed at every build. Where it can't be made, only that is lost.
    if !Path::new(DIST).exists() {
        let _ = fs::create_dir_all(DIST);
    }
    println!("cargo:rerun-if-changed={DIST}");
}
