//! Spoken prompts on the disk, so that a restart does not speak them all anew. Bounded: the oldest make room.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

/// A folder of WAV files by name.
#[derive(Debug)]
pub(super) struct Cache {
    /// `None`: there is none.
    folder: Option<PathBuf>,
    limit: u64,
    /// Held while files are written and removed.
    writing: Mutex<()>,
}

impl Cache {
    /// Keeps at most `limit` bytes in `folder`; without a folder nothing is kept.
    pub fn new(folder: &str, limit: u64) -> Self {
        let folder = Some(folder).filter(|folder| !folder.is_empty()).map(PathBuf::from);
        if let Some(folder) = &folder
            && let Err(error) = fs::create_dir_all(folder)
        {
            tracing::warn!(%error, folder = %folder.display(), "spoken prompts can't be kept on the disk");
        }
        Self { folder, limit, writing: Mutex::default() }
    }

    /// The file, if it is there. Waits for the disk.
    pub fn get(&self, name: &str) -> Option<Vec<u8>> {
        fs::read(self.path(name)?).ok()
    }

    /// Keeps a file. Waits for the disk.
    pub fn put(&self, name: &str, wav: &[u8]) {
        let Some(path) = self.path(name).filter(|_| wav.len() as u64 <= self.limit) else { return };
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let written = self.make_room(wav.len() as u64).and_then(|()| {
            // Under another name first: what is read is whole.
            let fresh = path.with_extension("new");
            fs::write(&fresh, wav)?;
            fs::rename(fresh, &path)
        });
        if let Err(error) = written {
            tracing::warn!(%error, "a spoken prompt can't be kept on the disk");
        }
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        Some(self.folder.as_ref()?.join(format!("{name}.wav")))
    }

    fn make_room(&self, wanted: u64) -> io::Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let mut files = files(folder)?;
        let mut size: u64 = files.iter().map(|(_, size, _)| size).sum();
        files.sort();
        for (_, length, path) in files {
            if size + wanted <= self.limit {
                break;
            }
            fs::remove_file(path)?;
            size -= length;
        }
        Ok(())
    }
}

/// Age, size and place of every file.
fn files(folder: &Path) -> io::Result<Vec<(SystemTime, u64, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let about = entry.metadata()?;
        if about.is_file() {
            found.push((about.modified()?, about.len(), entry.path()));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_make_room_for_the_new() {
        let folder = std::env::temp_dir().join(format!("speech-{}", std::process::id()));
        let cache = Cache::new(&folder.display().to_string(), 250);
        for name in ["a", "b", "c"] {
            cache.put(name, &[0; 100]);
            std::thread::sleep(std::time::Duration::from_millis(20));
        }

        assert_eq!(cache.get("a"), None);
        assert_eq!(cache.get("c").map(|wav| wav.len()), Some(100));
        cache.put("huge", &[0; 1_000]);
        assert_eq!(cache.get("huge"), None);
        assert!(Cache::new(&folder.display().to_string(), 250).get("b").is_some(), "it outlives the process");
        fs::remove_dir_all(folder).unwrap();
    }
}
