//! The flows as a process of their own.

fn main() -> std::process::ExitCode {
    chassis::main::<ivr::Ivr>()
}
