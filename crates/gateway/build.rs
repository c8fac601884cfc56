//! Builds this crate again when the web app was built again: its files are embedded.

fn main() {
    println!("cargo:rerun-if-changed=web/dist");
}
