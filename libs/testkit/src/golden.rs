//! Golden files: expectations that are committed, and reviewed when they change.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

/// Lines shown around a difference.
const CONTEXT: usize = 3;

/// Compares a text with the committed file, whose path is relative to the crate under test. With `UPDATE_GOLDEN=1`
/// the file is written instead. Fails with the difference, `-` as committed and `+` as it is now.
#[track_caller]
pub fn check(path: impl AsRef<Path>, actual: &str) {
    let path = path.as_ref();
    let committed = match fs::read_to_string(path) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => panic!("{} cannot be read: {error}", path.display()),
    };
    if committed.as_deref() == Some(actual) {
        return;
    }
    if env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1") {
        let folder = path.parent().expect("a golden file is in a folder");
        fs::create_dir_all(folder).expect("the folder of a golden file can be made");
        fs::write(path, actual).expect("a golden file can be written");
        return;
    }
    let found = committed
        .as_deref()
        .map_or("there is no such file yet".to_owned(), |text| {
            difference(text, actual)
        });
    panic!(
        "{} differs; UPDATE_GOLDEN=1 writes it anew:\n{found}",
        path.display()
    );
}

/// The lines between the common beginning and the common end of two texts.
fn difference(committed: &str, actual: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (
        committed.split_inclusive('\n').collect(),
        actual.split_inclusive('\n').collect(),
    );
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let tail = old[head..]
        .iter()
        .rev()
        .zip(new[head..].iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let (old_end, new_end) = (old.len() - tail, new.len() - tail);

    let mut text = format!("@@ from line {} @@\n", head + 1);
    let mut add = |sign: char, lines: &[&str]| {
        for line in lines {
            match line.strip_suffix('\n') {
                Some(line) => writeln!(text, "{sign}{line}"),
                None => writeln!(text, "{sign}{line} (no line end)"),
            }
            .expect("a String takes text");
        }
    };
    add(' ', &old[head.saturating_sub(CONTEXT)..head]);
    add('-', &old[head..old_end]);
    add('+', &new[head..new_end]);
    add(' ', &old[old_end..(old_end + CONTEXT).min(old.len())]);
    text
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn a_difference_shows_only_what_changed_and_its_surroundings() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let new = "1\n2\n3\n4\nfive\n6\n7\n8\n9\n";
        assert_eq!(
            difference(old, new),
            "@@ from line 5 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"
        );
    }

    #[test]
    fn repeated_lines_and_a_missing_line_end_are_told_apart() {
        assert_eq!(difference("a\na\n", "a\n"), "@@ from line 2 @@\n a\n-a\n");
        assert_eq!(
            difference("a\n", "a"),
            "@@ from line 1 @@\n-a\n+a (no line end)\n"
        );
    }
}
