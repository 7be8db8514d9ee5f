//! What a page loads besides itself: one stylesheet, one script, the mark and the icons; embedded, and served under a name
//! with the hash of its content, so that a browser may keep it for ever.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// One embedded file.
struct Asset {
    name: &'static str,
    kind: &'static str,
    content: &'static str,
}

const CSS: Asset = Asset {
    name: "mz.css",
    kind: "text/css; charset=utf-8",
    content: include_str!("../assets/mz.css"),
};
const JS: Asset = Asset {
    name: "mz.js",
    kind: "text/javascript; charset=utf-8",
    content: include_str!("../assets/mz.js"),
};
const LOGO: Asset = Asset {
    name: "logo.svg",
    kind: "image/svg+xml",
    content: include_str!("../assets/logo.svg"),
};
const ICONS: Asset = Asset {
    name: "icons.svg",
    kind: "image/svg+xml",
    content: include_str!("../assets/icons.svg"),
};
const ALL: [&Asset; 4] = [&CSS, &JS, &LOGO, &ICONS];

impl Asset {
    /// FNV-1a of 64 bits: it tells one build's file from another's, and guards nothing.
    fn hash(&self) -> u64 {
        self.content.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }

    fn path(&self) -> String {
        format!("/assets/{:016x}/{}", self.hash(), self.name)
    }
}

/// The stylesheet's path.
pub(crate) fn css() -> String {
    CSS.path()
}

/// The script's path.
pub(crate) fn js() -> String {
    JS.path()
}

/// The mark's path.
pub(crate) fn logo() -> String {
    LOGO.path()
}

/// The icon sprite's path, to which `#name` is added.
pub(crate) fn icons() -> String {
    ICONS.path()
}

/// `GET /assets/{hash}/{name}`: the file, or 404 for one of another build.
pub(crate) async fn serve(Path((hash, name)): Path<(String, String)>) -> Response {
    let path = format!("/assets/{hash}/{name}");
    match ALL.into_iter().find(|asset| asset.path() == path) {
        Some(asset) => (
            [
                (header::CONTENT_TYPE, asset.kind),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ],
            asset.content,
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_stay_small_and_in_the_dialect_of_browsers_of_2020() {
        assert!(CSS.content.len() <= 14 * 1024, "css: {}", CSS.content.len());
        assert!(JS.content.len() <= 8 * 1024, "js: {}", JS.content.len());
        for word in ["?.", "??", "import ", "export ", "await ", "static "] {
            assert!(!JS.content.contains(word), "mz.js: {word}");
        }
        for word in [
            " gap:",
            ";gap:",
            "{gap:",
            ":has(",
            ":is(",
            "inset:",
            "@layer",
            "@container",
            "oklch(",
            "color-mix(",
            "aspect-ratio",
            "@import",
            "http",
        ] {
            assert!(!CSS.content.contains(word), "mz.css: {word}");
        }
    }

    #[test]
    fn every_file_has_a_path_of_its_own() {
        let mut paths: Vec<String> = ALL.iter().map(|asset| asset.path()).collect();
        paths.sort();
        paths.dedup();
        assert_eq!(paths.len(), ALL.len());
    }
}
