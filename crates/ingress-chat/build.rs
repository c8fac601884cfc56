//! Makes sure there is something to embed: a checkout without a built widget still compiles, and says what to do.

use std::{fs, io, path::Path};

const NOTICE: &str = "console.error('this server was built without its chat widget: run `npm ci && npm run build` \
    in crates/ingress-chat/widget and build again');\n";

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=widget/dist");
    println!("cargo:rerun-if-changed=build.rs");
    let dist = Path::new("widget/dist");
    let widget = dist.join("widget.js");
    if !widget.exists() {
        fs::create_dir_all(dist)?;
        fs::write(&widget, NOTICE)?;
        println!(
            "cargo:warning=the chat widget is not built: npm ci && npm run build in crates/ingress-chat/widget"
        );
    }
    Ok(())
}
