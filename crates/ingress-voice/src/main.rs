//! The voice service alone, in its own container.

use std::process::ExitCode;

fn main() -> ExitCode {
    chassis::main::<ingress_voice::IngressVoice>()
}
