//! Runs an embedded Postgres and NATS in the folder given, prints their URLs, and stops when its input closes.
//!
//! `cargo run -p chassis --example embedded -- ./data`; the crash tests kill it.

use std::io::{self, Read, Write};

use chassis::embedded::{Embedded, EmbeddedOptions};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data_dir = std::env::args().nth(1).ok_or("usage: embedded DATA_DIR")?;
    let embedded = Embedded::start_blocking(&EmbeddedOptions::new(data_dir))?;

    let mut out = io::stdout();
    writeln!(out, "{}\n{}\n{}", embedded.postgres_url, embedded.postgres_app_url, embedded.nats_url)?;
    for (name, pid) in embedded.children() {
        writeln!(out, "{name} {pid}")?;
    }
    out.flush()?;
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
