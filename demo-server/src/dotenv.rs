//! A `.env` file, read without touching the environment of the process.

use tower_redis::config::Variables;

/// The variables in `file`; none when there is no such file.
pub(crate) fn read(file: &str) -> Result<Variables, String> {
    let lines = match dotenvy::from_path_iter(file) {
        Ok(lines) => lines,
        Err(error) if error.not_found() => return Ok(Variables::default()),
        Err(error) => return Err(format!("cannot read {file}: {error}")),
    };
    // the error of an entry quotes it, and it may be a password
    let entry = |(at, entry): (usize, dotenvy::Result<_>)| {
        entry.map_err(|_| {
            format!(
                "{file}: entry {} cannot be read; expected NAME=value, with quotes around a value that \
                 has spaces",
                at + 1
            )
        })
    };
    lines.enumerate().map(entry).collect()
}
