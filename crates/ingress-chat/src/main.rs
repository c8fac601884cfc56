//! The chat ingress as a process of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    chassis::main::<ingress_chat::IngressChat>()
}
