//! A real Chromium, headless, driven over WebDriver: what an officer sees and presses.

use fantoccini::error::CmdError;
pub use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// Why a test that needs a browser is skipped.
pub const NO_BROWSER: &str =
    "Chromium and ChromeDriver are not installed (Debian: chromium, chromium-driver)";

/// How long a page may take to show what is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// A browser of its own for one test, with an empty profile.
pub struct Browser {
    client: Client,
    // Both are ended and removed with the browser.
    _driver: Child,
    _profile: TempDir,
}

impl Browser {
    /// A browser with a window of this size in pixels; none where the programs are not installed.
    pub async fn start(width: u32, height: u32) -> Option<Self> {
        let size = format!("--window-size={width},{height}");
        Self::started(vec![size], json!({})).await
    }

    /// A telephone's browser with a screen of this size, narrower than a window of a desk can be.
    pub async fn telephone(width: u32, height: u32) -> Option<Self> {
        let metrics = json!({ "width": width, "height": height, "pixelRatio": 1.0, "touch": true });
        Self::started(Vec::new(), json!({ "deviceMetrics": metrics })).await
    }

    async fn started(more: Vec<String>, emulated: Value) -> Option<Self> {
        let chromium = program(&["chromium", "chromium-browser", "google-chrome"])?;
        let driver = program(&["chromedriver"])?;
        let profile = tempfile::tempdir().expect("a folder for the profile");
        let mut driver = Command::new(driver)
            .arg("--port=0")
            // What the browser itself says, such as on the button of a file, is said in Chinese.
            .env("LANG", "zh_CN.UTF-8")
            .env("LANGUAGE", "zh_CN")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("ChromeDriver starts");
        let port = port_of(&mut driver).await;
        let mut arguments: Vec<String> = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--lang=zh-CN",
        ]
        .map(str::to_owned)
        .into();
        arguments.extend(more);
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        let mut options = json!({ "binary": chromium, "args": arguments });
        if emulated != json!({}) {
            options["mobileEmulation"] = emulated;
        }
        let wanted = json!({ "goog:chromeOptions": options });
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(wanted.as_object().expect("an object").clone())
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("a browser session");
        Some(Self {
            client,
            _driver: driver,
            _profile: profile,
        })
    }

    /// The session, for what this type has no words for.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Goes to an address.
    pub async fn go(&self, url: &str) {
        self.client.goto(url).await.expect("a page");
    }

    /// The path and query of the page.
    pub async fn path(&self) -> String {
        let url = self.client.current_url().await.expect("an address");
        url.query().map_or_else(
            || url.path().to_owned(),
            |query| format!("{}?{query}", url.path()),
        )
    }

    /// Writes into the field with this name, in place of what it holds. A date is `2026-01-20`, a month `2026-01`: the
    /// keys that a browser takes for them are its own and its language's, so that these are set.
    pub async fn fill(&self, name: &str, text: &str) {
        let field = self.find(&format!("[name='{name}']")).await;
        let kind = field.attr("type").await.expect("an attribute");
        if matches!(kind.as_deref(), Some("date" | "month")) {
            let given = vec![serde_json::to_value(&field).expect("a field"), json!(text)];
            let script = "arguments[0].value = arguments[1]";
            self.client.execute(script, given).await.expect("a field to set");
            return;
        }
        field.clear().await.expect("a field to write in");
        field.send_keys(text).await.expect("a field to write in");
    }

    /// Gives a file to the field with this name.
    pub async fn attach(&self, name: &str, file: &Path) {
        let field = self.find(&format!("[name='{name}']")).await;
        let path = file.to_str().expect("a path of text");
        field.send_keys(path).await.expect("a field for a file");
    }

    /// Chooses a word of the list with this name by what it sends.
    pub async fn choose(&self, name: &str, value: &str) {
        let list = self.find(&format!("select[name='{name}']")).await;
        list.select_by_value(value).await.expect("a word of the list");
    }

    /// Presses what the selector finds, and waits until another page is there if it leads to one.
    pub async fn press(&self, css: &str) {
        self.find(css).await.click().await.expect("something to press");
    }

    /// Presses the button or the link that says this.
    pub async fn press_what_says(&self, text: &str) {
        let path = format!("//*[self::button or self::a][normalize-space(.)='{text}']");
        match self.wait_for(Locator::XPath(&path)).await {
            Ok(element) => element.click().await.expect("something to press"),
            Err(error) => panic!("nothing to press says {text:?} ({error}):\n{}", self.text().await),
        }
    }

    /// Says yes to the question that the page asks.
    pub async fn agree(&self) {
        self.client.accept_alert().await.expect("a question");
    }

    /// By how many pixels the page is wider than its window; an officer with a telephone would have to push it aside.
    pub async fn too_wide_by(&self) -> i64 {
        let script = "const page = document.documentElement; return page.scrollWidth - page.clientWidth";
        let wider = self.client.execute(script, Vec::new()).await.expect("a page");
        wider.as_i64().expect("a number")
    }

    /// How many pixels of the window a page has in width.
    pub async fn width(&self) -> i64 {
        let script = "return document.documentElement.clientWidth";
        let width = self.client.execute(script, Vec::new()).await.expect("a page");
        width.as_i64().expect("a number")
    }

    /// Presses keys, wherever the page has its focus.
    pub async fn keys(&self, keys: &str) {
        let focused = self.client.active_element().await.expect("a page");
        focused.send_keys(keys).await.expect("something that takes keys");
    }

    /// What the focus is on says.
    pub async fn focused(&self) -> String {
        let focused = self.client.active_element().await.expect("a page");
        focused.text().await.expect("a text")
    }

    /// Makes the window as large as this, in pixels.
    pub async fn resize(&self, width: u32, height: u32) {
        self.client
            .set_window_size(width, height)
            .await
            .expect("a window");
    }

    /// Waits until the page shows something with this text.
    pub async fn sees(&self, text: &str) {
        let path = format!("//body[contains(., '{text}')]");
        let found = self.wait_for(Locator::XPath(&path)).await;
        assert!(
            found.is_ok(),
            "no {text:?} on {}:\n{}",
            self.path().await,
            self.text().await
        );
    }

    /// What the page says.
    pub async fn text(&self) -> String {
        let body = self.client.find(Locator::Css("body")).await.expect("a page");
        body.text().await.expect("a text")
    }

    /// A picture of the page from top to bottom, as PNG.
    pub async fn picture(&self) -> Vec<u8> {
        let client = &self.client;
        // The window has an edge of its own around the page.
        let script = "return document.documentElement.scrollHeight + window.outerHeight - window.innerHeight";
        let height = client.execute(script, Vec::new()).await.expect("a page");
        let height = height.as_u64().and_then(|height| u32::try_from(height).ok());
        let (width, before) = client.get_window_size().await.expect("a window");
        let size = |pixels: u64| u32::try_from(pixels).expect("a window's size");
        self.resize(size(width), height.expect("a height")).await;
        let picture = client.screenshot().await.expect("a picture");
        self.resize(size(width), size(before)).await;
        picture
    }

    /// Ends the session.
    pub async fn close(self) {
        // A browser that cannot say good-bye is killed with its driver.
        let _ = self.client.close().await;
    }

    async fn find(&self, css: &str) -> fantoccini::elements::Element {
        match self.wait_for(Locator::Css(css)).await {
            Ok(element) => element,
            Err(error) => panic!(
                "no {css} on {} ({error}):\n{}",
                self.path().await,
                self.text().await
            ),
        }
    }

    async fn wait_for(&self, what: Locator<'_>) -> Result<fantoccini::elements::Element, CmdError> {
        self.client.wait().at_most(PATIENCE).for_element(what).await
    }
}

/// The port that ChromeDriver took, which it says when it is ready.
async fn port_of(driver: &mut Child) -> u16 {
    let mut said = BufReader::new(driver.stdout.take().expect("its output")).lines();
    while let Some(line) = said.next_line().await.expect("its words") {
        let port = line
            .split_once("started successfully on port ")
            .and_then(|(_, port)| port.trim_end_matches('.').parse().ok());
        if let Some(port) = port {
            // It writes on; an unread pipe would stop it one day.
            tokio::spawn(async move { while let Ok(Some(_)) = said.next_line().await {} });
            return port;
        }
    }
    panic!("ChromeDriver ended before it was ready");
}

fn program(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|file: &PathBuf| Path::is_file(file))
}
