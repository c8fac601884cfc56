//! The rules of the house, checked on the source: who may depend on whom, and what a core may know.
//!
//! Every violation is named with file and line. The rules are those of the README's map: services depend on the
//! published language and the chassis, never on each other; inside a service `edge → app → {core, store}`; a core
//! is pure.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// What is no service, and which of our crates it may use.
const FOUNDATIONS: &[(&str, &[&str])] = &[
    ("contract", &[]),
    ("media", &[]),
    ("chassis", &["contract"]),
    ("ingress", &["contract", "chassis"]),
    ("actors", &["contract", "media"]),
    ("testkit", &["contract", "chassis", "ingress", "media"]),
];
/// May use everything: the one process of all services, and the tests of all.
const WHOLE: &[&str] = &["switchboard", "e2e"];
/// What every service may use; the channels `ingress` and `media` too.
const FOR_SERVICES: &[&str] = &["contract", "chassis"];
const FOR_CHANNELS: &[&str] = &["contract", "chassis", "ingress", "media"];

/// What a core may import, beside itself; `prost` only encodes the contract's types.
const FOR_CORES: &[&str] =
    &["std", "core", "alloc", "thiserror", "serde", "contract", "prost", "crate", "self", "super"];
/// Further pure crates, each with the reason.
const CORE_EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("directory", "jiff", "opening hours are a matter of calendars and time zones"),
    ("directory", "sha2", "the version of a thing is a digest of it"),
    ("ivr", "jiff", "flows branch on opening hours"),
    ("ingress-chat", "ingress", "the plain words that all channels share"),
    ("ingress-voice", "ingress", "the plain words that all channels share"),
    ("ingress-voice", "media", "audio without I/O"),
    ("ingress-voice", "base64", "keys in session descriptions"),
    ("ingress-voice", "phonenumber", "the numbering plans of the world, as tables"),
    ("ingress-voice", "bytes", "audio and signalling are passed on, not copied"),
];
/// What makes a core depend on more than its arguments.
const IMPURE: &[&str] = &[
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "Utc::now",
    "rand::",
    "new_v4(",
    "now_v7(",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::io",
    "async fn",
    ".await",
    "tokio::",
    "sqlx::",
    "tracing::",
    "HashMap",
    "HashSet",
    "RandomState",
    "_client::",
    "_server::",
    "static mut",
];
/// Impure words that are not, each with the file and the reason.
const IMPURE_EXCEPTIONS: &[(&str, &str, &str)] =
    &[("router/src/core/lookup.rs", "HashMap", "inside a type that can only be asked, never walked")];
/// Who may not use what inside a service: folder of the file, and the modules closed to it.
const LAYERS: &[(&str, &[&str])] = &[
    ("core", &["app", "store", "edge", "config", "metrics"]),
    ("store", &["app", "edge"]),
    ("app", &["edge"]),
    ("edge", &["store"]),
];

const LINES_AT_MOST: usize = 500;
const NOT_OURS: &[&str] = &["target", "node_modules", "dist", "gen", "data"];
const TOP_LEVEL: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "LICENSE",
    "Makefile",
    "README.md",
    "crates",
    "deploy",
    "helm",
    "proto",
    "tests",
    "target",
    "data",
];
const DRAWERS: &[&str] = &["common", "utils", "util", "types", "domain", "helpers", "shared", "misc"];

struct Source {
    /// Relative to the repository.
    path: PathBuf,
    text: String,
}

impl Source {
    /// Numbered lines without comments, up to the tests at the end of the file.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .take_while(|(_, line)| line.trim() != "#[cfg(test)]")
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
            .map(|(number, line)| (number + 1, line))
    }

    fn is_test(&self) -> bool {
        let name = self.path.file_stem().unwrap_or_default();
        name == "tests"
            || name.to_str().is_some_and(|name| name.ends_with("_tests"))
            || self.has_folder("tests")
    }

    fn has_folder(&self, folder: &str) -> bool {
        self.path.parent().is_some_and(|parent| parent.components().any(|part| part.as_os_str() == folder))
    }

    fn at(&self, line: usize, what: impl std::fmt::Display) -> String {
        format!("{}:{line}: {what}", self.path.display())
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the repository").to_owned()
}

/// All files below `folder` with one of these endings, but for what is built or generated.
fn sources(folder: &Path, endings: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() && !name.starts_with('.') && !NOT_OURS.contains(&name.as_str()) {
                folders.push(path);
            } else if endings.iter().any(|ending| name.ends_with(ending)) && path.is_file() {
                let text = fs::read_to_string(&path).unwrap_or_default();
                let path = path.strip_prefix(repository()).unwrap_or(&path).to_owned();
                found.push(Source { path, text });
            }
        }
    }
    found.sort_by(|one, two| one.path.cmp(&two.path));
    found
}

/// Crate name to its folder.
fn crates() -> BTreeMap<String, PathBuf> {
    let folders = fs::read_dir(repository().join("crates")).expect("crates/ can be read").flatten();
    let mut crates: BTreeMap<_, _> = folders
        .filter(|entry| entry.path().join("Cargo.toml").exists())
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()))
        .collect();
    crates.insert("e2e".to_owned(), repository().join("tests"));
    crates
}

fn is_foundation(name: &str) -> bool {
    FOUNDATIONS.iter().any(|(foundation, _)| *foundation == name)
}

fn services() -> impl Iterator<Item = (String, PathBuf)> {
    crates().into_iter().filter(|(name, _)| !is_foundation(name) && !WHOLE.contains(&name.as_str()))
}

fn may_use(user: &str) -> &'static [&'static str] {
    match FOUNDATIONS.iter().find(|(foundation, _)| *foundation == user) {
        Some((_, used)) => used,
        None if user.starts_with("ingress-") => FOR_CHANNELS,
        None => FOR_SERVICES,
    }
}

fn assert_none(rule: &str, violations: Vec<String>) {
    assert!(violations.is_empty(), "{rule}:\n  {}", violations.join("\n  "));
}

#[test]
fn services_depend_on_the_contract_and_the_chassis_and_never_on_each_other() {
    let crates = crates();
    let mut violations = Vec::new();
    for (user, folder) in crates.iter().filter(|(name, _)| !WHOLE.contains(&name.as_str())) {
        let manifest = sources(folder, &["Cargo.toml"]).remove(0);
        let mut section = "";
        for (number, line) in manifest.text.lines().enumerate() {
            if line.starts_with('[') {
                section = line.trim();
            }
            let used = line.split(['=', '.', ' ']).next().unwrap_or_default();
            let ours = section.ends_with("dependencies]") && crates.contains_key(used);
            let for_tests = section.contains("dev-dependencies") && is_foundation(used);
            if ours && !for_tests && !may_use(user).contains(&used) {
                violations.push(manifest.at(number + 1, format!("{user} depends on {used}")));
            }
        }
    }

    assert_none("a crate depends on one that is closed to it", violations);
}

#[test]
fn inside_a_service_the_edge_calls_the_app_and_the_app_calls_core_and_store() {
    let mut violations = Vec::new();
    for (_, folder) in services() {
        for source in sources(&folder.join("src"), &[".rs"]).iter().filter(|source| !source.is_test()) {
            for (layer, closed) in LAYERS.iter().filter(|(layer, _)| in_layer(source, layer)) {
                for (number, line) in source.code() {
                    for module in closed.iter().filter(|module| names_module(line, module)) {
                        violations.push(source.at(number, format!("{layer} uses {module}")));
                    }
                }
            }
        }
    }

    assert_none("a layer uses one that is closed to it", violations);
}

fn in_layer(source: &Source, layer: &str) -> bool {
    let mut parts = source.path.components().skip_while(|part| part.as_os_str() != "src").skip(1);
    parts.next().is_some_and(|part| Path::new(part.as_os_str()).file_stem() == Some(layer.as_ref()))
}

fn names_module(line: &str, module: &str) -> bool {
    has_word(line, &format!("crate::{module}"))
        || line.trim_start().starts_with("use crate::{") && line.contains(&format!("{module}::"))
}

#[test]
fn a_core_imports_only_plain_things() {
    let mut violations = Vec::new();
    for (service, folder) in services() {
        for source in cores(&folder) {
            let modules = siblings(&source);
            for (number, line) in source.code() {
                let Some(imported) = line.trim_start().trim_start_matches("pub ").strip_prefix("use ") else {
                    continue;
                };
                let root =
                    imported.trim_start_matches("::").split([':', ';', ' ']).next().unwrap_or_default();
                let exception = CORE_EXCEPTIONS.iter().any(|(who, what, _)| *who == service && *what == root);
                if !FOR_CORES.contains(&root) && !exception && !modules.iter().any(|module| module == root) {
                    violations.push(source.at(number, format!("the core of {service} imports {root}")));
                }
            }
        }
    }

    assert_none("a core imports what is closed to it", violations);
}

#[test]
fn a_core_knows_no_clock_no_chance_and_no_world() {
    let mut violations = Vec::new();
    for (service, folder) in services() {
        for source in cores(&folder) {
            for (number, line) in source.code() {
                for word in IMPURE.iter().filter(|word| has_word(line, word)) {
                    if IMPURE_EXCEPTIONS
                        .iter()
                        .any(|(file, what, _)| source.path.ends_with(file) && what == word)
                    {
                        continue;
                    }
                    violations.push(source.at(number, format!("the core of {service} uses {word}")));
                }
            }
        }
    }

    assert_none("a core depends on more than its arguments", violations);
}

/// Whether the line holds the word and not just a longer one that begins with it.
fn has_word(line: &str, word: &str) -> bool {
    let ends_here = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let open = word.ends_with(|c: char| !c.is_alphanumeric());
    line.match_indices(word).any(|(at, _)| open || ends_here(&line[at + word.len()..]))
}

fn cores(folder: &Path) -> Vec<Source> {
    let all = sources(&folder.join("src"), &[".rs"]);
    all.into_iter().filter(|source| in_layer(source, "core") && !source.is_test()).collect()
}

/// Modules and names declared in the file itself: `pub use state::Router` after `mod state;`.
fn siblings(source: &Source) -> Vec<String> {
    let declared = source.code().filter_map(|(_, line)| {
        let words: Vec<&str> = line.trim().trim_end_matches([';', '{']).split_whitespace().collect();
        let at = words.iter().position(|word| ["mod", "enum", "struct"].contains(word))?;
        words.get(at + 1).map(|name| (*name).to_owned())
    });
    declared.collect()
}

#[test]
fn every_crate_says_what_it_is() {
    let without = crates().into_iter().filter(|(name, folder)| {
        name != "e2e" && fs::metadata(folder.join("README.md")).map_or(0, |meta| meta.len()) == 0
    });
    let violations =
        without.map(|(name, _)| format!("crates/{name}/README.md:1: missing or empty")).collect();

    assert_none("a crate has no README", violations);
}

#[test]
fn every_module_but_those_of_tests_says_what_it_is_for() {
    let all =
        ["crates", "tests"].into_iter().flat_map(|folder| sources(&repository().join(folder), &[".rs"]));
    let violations = all
        .filter(|source| !source.is_test() && !source.text.starts_with("//!"))
        .map(|source| source.at(1, "no `//!` line"))
        .collect();

    assert_none("a module does not begin with what it is for", violations);
}

#[test]
fn no_file_is_longer_than_500_lines() {
    let endings =
        [".rs", ".ts", ".tsx", ".js", ".mjs", ".css", ".html", ".proto", ".sql", ".py", ".sh", ".toml"];
    let all = ["crates", "tests", "proto", "deploy", "helm"]
        .into_iter()
        .flat_map(|folder| sources(&repository().join(folder), &endings));
    let violations = all
        .map(|source| (source.text.lines().count(), source))
        .filter(|(lines, _)| *lines > LINES_AT_MOST)
        .map(|(lines, source)| source.at(LINES_AT_MOST + 1, format!("{lines} lines")))
        .collect();

    assert_none("a file wants splitting", violations);
}

#[test]
fn no_crate_is_a_drawer_and_the_top_level_stays_as_it_is() {
    let drawers = crates().into_keys().filter(|name| DRAWERS.contains(&name.as_str()));
    let mut violations: Vec<String> = drawers.map(|name| format!("crates/{name}: says nothing")).collect();
    for entry in fs::read_dir(repository()).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') && !TOP_LEVEL.contains(&name.as_str()) {
            violations.push(format!("{name}: does not belong to the top level"));
        }
    }

    assert_none("a name that says nothing, or something at the top level", violations);
}

#[test]
fn the_checks_see_what_they_look_for() {
    assert!(names_module("use crate::edge::grpc;", "edge"));
    assert!(names_module("    use crate::{app::accept_offer, edge::grpc};", "edge"));
    assert!(names_module("let grpc = crate::edge::grpc();", "edge"));
    assert!(!names_module("use crate::edges;", "edge"));
    assert!(has_word("let answer = call.await?;", ".await"));
    assert!(!has_word("session.awaiting", ".await"));
    assert!(has_word("rand::rng()", "rand::"));
}
