//! Reading recordings: any part of one as 16-bit stereo, and the picture of its sound.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::Path,
};

use media::g711::Law;
use thiserror::Error;

use super::{BYTES_PER_SECOND, HEADER, Keys, TAG, keys::FileKey};
use crate::engine::BLOCK_BYTES;

/// Why a recording can't be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The file is gone or the disk fails.
    #[error("the file can't be read")]
    File(#[source] io::Error),
    /// No configured key opens it.
    #[error("the recording can't be decrypted")]
    Locked,
}

/// An open recording.
pub struct Reader {
    file: File,
    key: FileKey,
    /// Whole file, in bytes of both channels.
    length: u64,
}

impl Reader {
    /// Opens the file of `recording_id`.
    pub fn open(path: &Path, recording_id: &str, keys: &Keys) -> Result<Self, ReadError> {
        let mut file = File::open(path).map_err(ReadError::File)?;
        let mut header = [0; HEADER];
        file.read_exact(&mut header).map_err(ReadError::File)?;
        let key = keys.open(recording_id, &header).ok_or(ReadError::Locked)?;
        let size = file.metadata().map_err(ReadError::File)?.len().saturating_sub(HEADER as u64);
        let sealed = (BLOCK_BYTES + TAG) as u64;
        let rest = (size % sealed).saturating_sub(TAG as u64);
        let mut reader = Self { file, key, length: size / sealed * BLOCK_BYTES as u64 + rest };
        // The last second of a killed process may be half written.
        if rest > 0 && reader.second(size / sealed)?.is_none() {
            reader.length -= rest;
        }
        reader.length -= reader.length % 2;
        Ok(reader)
    }

    /// Milliseconds of sound.
    #[must_use]
    pub fn length_ms(&self) -> u64 {
        self.length * 1_000 / (2 * BYTES_PER_SECOND)
    }

    /// How many seconds there are, the last one perhaps not whole.
    #[must_use]
    pub fn seconds(&self) -> u64 {
        self.length.div_ceil(BLOCK_BYTES as u64)
    }

    /// One second of μ-law, interleaved. None: it is not whole, or beyond the end.
    pub fn second(&mut self, number: u64) -> Result<Option<Vec<u8>>, ReadError> {
        let sealed = (BLOCK_BYTES + TAG) as u64;
        self.file.seek(SeekFrom::Start(HEADER as u64 + number * sealed)).map_err(ReadError::File)?;
        let mut bytes = Vec::with_capacity(BLOCK_BYTES + TAG);
        (&mut self.file).take(sealed).read_to_end(&mut bytes).map_err(ReadError::File)?;
        Ok(self.key.decrypt(number, &mut bytes).map(<[u8]>::to_vec))
    }

    /// One second as little-endian 16-bit samples, silence where it can't be read.
    pub fn samples(&mut self, number: u64) -> Result<Vec<u8>, ReadError> {
        let whole = self.length.saturating_sub(number * BLOCK_BYTES as u64).min(BLOCK_BYTES as u64) as usize;
        let mut second = self.second(number)?.unwrap_or_default();
        second.resize(whole, Law::Mu.silence());
        Ok(second.iter().flat_map(|byte| Law::Mu.decode(*byte).to_le_bytes()).collect())
    }

    /// The loudest sample of each of `columns` parts, left and right: 0 is silence, 255 the loudest.
    pub fn peaks(&mut self, columns: usize) -> Result<(Vec<u8>, Vec<u8>), ReadError> {
        let frames = self.length / 2;
        let columns = columns.min(usize::try_from(frames).unwrap_or(usize::MAX));
        let mut peaks = (vec![0; columns], vec![0; columns]);
        if columns == 0 {
            return Ok(peaks);
        }
        for number in 0..self.seconds() {
            let Some(second) = self.second(number)? else { continue };
            for (index, pair) in second.chunks_exact(2).enumerate() {
                let frame = number * BYTES_PER_SECOND + index as u64;
                let column = (frame * columns as u64 / frames) as usize;
                for (channel, byte) in [&mut peaks.0, &mut peaks.1].into_iter().zip(pair) {
                    let loudness = (Law::Mu.decode(*byte).unsigned_abs() >> 7).min(255) as u8;
                    if let Some(peak) = channel.get_mut(column) {
                        *peak = loudness.max(*peak);
                    }
                }
            }
        }
        Ok(peaks)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::{engine::Taped, recording::Recorder};

    fn recorder(folder: &Path) -> Recorder {
        Recorder::start(folder.to_owned(), Keys::parse(&"5".repeat(64)).unwrap()).unwrap()
    }

    /// Seconds with these numbers, the last with half of its frames; loud on the left, silent on the right.
    async fn written(recorder: &Recorder, numbers: &[u64]) -> u64 {
        let (sink, done) = recorder.begin("r1", "demo/r1").unwrap();
        for (place, number) in numbers.iter().enumerate() {
            let mut block = sink.empty.recv().unwrap();
            block.number = *number;
            block.length = if place + 1 == numbers.len() { BLOCK_BYTES / 2 } else { BLOCK_BYTES };
            for byte in block.bytes.iter_mut().step_by(2) {
                *byte = Law::Mu.encode(20_000);
            }
            sink.full.send(Taped::Block { tape: sink.tape, block }).unwrap();
        }
        sink.full.send(Taped::End { tape: sink.tape }).unwrap();
        done.await.unwrap().length_ms
    }

    #[tokio::test]
    async fn what_is_written_is_read_and_a_lost_second_is_silence() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = recorder(folder.path());

        assert_eq!(written(&recorder, &[0, 2, 3]).await, 3_500);

        let mut reader = Reader::open(&recorder.path("demo/r1"), "r1", recorder.keys()).unwrap();
        assert_eq!((reader.length_ms(), reader.seconds()), (3_500, 4));
        let (left, right) = reader.peaks(7).unwrap();
        let heard: Vec<bool> = left.iter().map(|peak| *peak > 100).collect();
        assert_eq!(heard, [true, true, false, false, true, true, true]);
        assert!(right.iter().all(|peak| *peak < 2));
        assert_eq!(reader.samples(3).unwrap().len(), BLOCK_BYTES);
        let file = std::fs::read(recorder.path("demo/r1")).unwrap();
        let loud = [Law::Mu.encode(20_000), Law::Mu.silence()].repeat(8);
        assert!(!file.windows(16).any(|part| part == loud), "nothing is in clear");
    }

    #[tokio::test]
    async fn v11_a_file_that_ends_in_the_middle_of_a_second_plays_to_the_last_whole_one() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = recorder(folder.path());
        written(&recorder, &[0, 1]).await;
        let path = recorder.path("demo/r1");
        let whole = std::fs::read(&path).unwrap();

        for cut in [1, 100, BLOCK_BYTES / 2 + TAG - 1] {
            std::fs::write(&path, &whole[..whole.len() - cut]).unwrap();
            let reader = Reader::open(&path, "r1", recorder.keys()).unwrap();
            assert_eq!(reader.length_ms(), 1_000, "{cut} bytes less");
        }

        std::fs::write(&path, &whole[..HEADER]).unwrap();
        let mut reader = Reader::open(&path, "r1", recorder.keys()).unwrap();
        assert_eq!((reader.length_ms(), reader.peaks(10).unwrap().0.len()), (0, 0));
        File::create(&path).unwrap().write_all(b"nonsense").unwrap();
        assert!(Reader::open(&path, "r1", recorder.keys()).is_err());
    }
}
