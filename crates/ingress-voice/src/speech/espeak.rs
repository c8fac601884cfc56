//! Text to speech by a command such as espeak-ng: text on its input, a WAV file on its output.

use std::{io, process::Stdio, time::Duration};

use media::clip::ClipError;
use thiserror::Error;
use tokio::{io::AsyncWriteExt as _, process::Command};

/// How long one prompt may take.
const LIMIT: Duration = Duration::from_secs(10);

/// Why a text could not be spoken.
#[derive(Debug, Error)]
pub enum SpeakError {
    /// No command is configured.
    #[error("no text to speech is configured")]
    Off,
    /// The command is not installed or can't be run.
    #[error("the speech command can't be run")]
    Run(#[source] io::Error),
    /// It took too long.
    #[error("the speech command took longer than 10 s")]
    TooSlow,
    /// What it wrote is no WAV file.
    #[error("the speech command wrote no audio")]
    Audio(#[from] ClipError),
}

/// Speaks a text, as the bytes of a WAV file. The text goes through standard input: it can't become an option of the command.
pub(super) async fn speak(command: &str, voice: &str, text: &str) -> Result<Vec<u8>, SpeakError> {
    if command.is_empty() {
        return Err(SpeakError::Off);
    }
    let mut child = Command::new(command)
        .args(["-v", voice, "-s", "150", "--stdin", "--stdout"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(SpeakError::Run)?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(text.as_bytes()).await.map_err(SpeakError::Run)?;
    }
    let output = tokio::time::timeout(LIMIT, child.wait_with_output())
        .await
        .map_err(|_| SpeakError::TooSlow)?
        .map_err(SpeakError::Run)?;
    let mut wav = output.stdout;
    mend_lengths(&mut wav);
    Ok(wav)
}

/// A WAV file written to a pipe has placeholder lengths in its header; puts the true ones in.
fn mend_lengths(wav: &mut [u8]) {
    let length = wav.len();
    if length < 44 || &wav[..4] != b"RIFF" || &wav[36..40] != b"data" {
        return;
    }
    let data = ((length - 44) & !1) as u32;
    wav[4..8].copy_from_slice(&(data + 36).to_le_bytes());
    wav[40..44].copy_from_slice(&data.to_le_bytes());
}
