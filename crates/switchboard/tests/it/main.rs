//! The program as people meet it: exit codes, what it prints, and what it says when nothing runs.

mod apply;
mod flow;
mod status;

use std::process::{Command, Output};

/// Runs the program with the arguments, away from any data folder and any centre of this machine.
fn switchboard(arguments: &[&str]) -> Output {
    let empty = tempfile::tempdir().expect("an empty folder");
    Command::new(env!("CARGO_BIN_EXE_switchboard"))
        .args(arguments)
        .current_dir(empty.path())
        .env_remove("SWITCHBOARD_LOGIN")
        .env_remove("SWITCHBOARD_TOKEN")
        .env("SWITCHBOARD_SERVER", "http://127.0.0.1:9")
        .output()
        .expect("the program runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the program prints UTF-8")
}
