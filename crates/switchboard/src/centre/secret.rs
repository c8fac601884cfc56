//! Passwords: in plain, from the environment as `${NAME}`, or from a file.

use std::path::Path;

use super::fields::Fields;

/// Reads `password` or `password_file`; empty means: keep the present one.
pub(super) fn password(user: &mut Fields<'_>, folder: &Path) -> String {
    let plain = user.take("password");
    let file = user.take("password_file");
    if let (Some(_), Some(file)) = (&plain, &file) {
        file.wrong("stands beside `password`, one of them is enough");
    }
    if let Some(file) = file {
        return file.parsed("a path", |path| read_file(&folder.join(path))).unwrap_or_default();
    }
    plain.and_then(|field| field.parsed("a text", expand)).unwrap_or_default()
}

fn read_file(path: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("{} can't be read: {error}", path.display()))?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() { Err(format!("{} is empty", path.display())) } else { Ok(secret.to_owned()) }
}

#[expect(clippy::disallowed_methods, reason = "a secret that the person who applies the file hands over")]
fn expand(text: &str) -> Result<String, String> {
    let Some(name) = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) else {
        return Ok(text.to_owned());
    };
    match std::env::var(name) {
        Ok(value) if !value.is_empty() => Ok(value),
        _ => Err(format!("the environment has no {name}")),
    }
}
