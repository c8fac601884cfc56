//! Records the prompts of `assets/prompts.txt` that have no file yet, with espeak-ng, at 8000 Hz.

use std::{
    collections::BTreeSet,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::Context as _;
use ingress_voice::speech::name_of;

fn main() -> anyhow::Result<()> {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    let list = std::fs::read_to_string(assets.join("prompts.txt"))?;
    let mut wanted = BTreeSet::new();
    for text in list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let name = format!("{}.wav", name_of(text));
        if !assets.join(&name).exists() {
            record(text, &assets.join(&name)).with_context(|| text.to_owned())?;
        }
        wanted.insert(name);
    }
    for entry in std::fs::read_dir(&assets)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.extension().is_some_and(|extension| extension == "wav") && !wanted.contains(&name) {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn record(text: &str, to: &Path) -> anyhow::Result<()> {
    let spoken = to.with_extension("spoken");
    let mut espeak = Command::new("espeak-ng")
        .args(["-v", "en-gb", "-s", "150", "--stdin", "-w"])
        .arg(&spoken)
        .stdin(Stdio::piped())
        .spawn()?;
    espeak.stdin.take().context("no input")?.write_all(text.as_bytes())?;
    anyhow::ensure!(espeak.wait()?.success(), "espeak-ng failed");
    let samples = media::clip::read_wav(std::fs::File::open(&spoken)?)?;
    std::fs::remove_file(spoken)?;
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(to, spec)?;
    for sample in samples {
        writer.write_sample(sample)?;
    }
    writer.finalize()?;
    Ok(())
}
