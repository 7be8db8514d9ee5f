//! The gateway and registration behind one door, and what a browser or a program sends to it.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{AUTHORIZATION, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, Method, Request};
use mz_contracts::{Gateway, Registration};
use mz_http::{Role, TokenSigner};
use mz_runtime::{Part, Running};
use mz_testkit::{Officer, Stage};
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// The password that accounts are opened with.
pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) struct House {
    pub(crate) stage: Stage,
    pub(crate) administrator: Officer,
    gateway: Running<Gateway>,
    registration: Running<Registration>,
    door: Router,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// The code of a problem, with its status.
    pub(crate) fn problem(&self) -> (u16, String) {
        let code = self.json()["code"].as_str().unwrap_or_default().to_owned();
        (self.status, code)
    }

    pub(crate) fn leads_to(&self) -> &str {
        let location = self
            .headers
            .get(LOCATION)
            .map(|value| value.to_str().expect("text"));
        location.unwrap_or_default()
    }
}

impl House {
    pub(crate) async fn open(stage: Stage) -> House {
        let registration = registration::service().start(stage.setting("registration").await);
        let registration = registration.await.expect("registration starts");
        let gateway = gateway::service().start(stage.setting("gateway").await);
        let gateway = gateway.await.expect("gateway starts");
        let administrator = stage.officer(Role::Administrator, Stage::COUNTY);
        let divisions = json!({ "divisions": [
            { "code": "513335", "name": "巴塘县", "from": "2019-01-01" },
            { "code": "513335100", "name": "夏邛镇", "from": "2019-01-01" },
            { "code": "513335101", "name": "中咱镇", "from": "2019-01-01" },
        ] });
        administrator
            .post("registration", "/divisions", divisions)
            .await
            .is(200);
        let app = gateway.app();
        let api = mz_runtime::door(app, Router::new(), &[]);
        let door = gateway::door(app.clone(), TokenSigner::new(&[7; 32]), api);
        House {
            stage,
            administrator,
            gateway,
            registration,
            door,
        }
    }

    /// Opens an account for the division; answers its id.
    pub(crate) async fn account(&self, login: &str, role: &str, division: &str) -> String {
        self.account_of(login, &[role], division).await
    }

    /// The same with several roles.
    pub(crate) async fn account_of(&self, login: &str, roles: &[&str], division: &str) -> String {
        let body = json!({
            "login": login, "name": login, "roles": roles, "divisions": [division], "password": PASSWORD,
        });
        let opened = self.administrator.post("gateway", "/users", body).await.is(201);
        opened["user"].as_str().expect("an id").to_owned()
    }

    /// Registers somebody in a division.
    pub(crate) async fn person(&self, division: &str) -> String {
        let officer = self.stage.officer(Role::TownshipOfficer, division);
        let body = json!({ "name": "试甲", "sex": "male", "birth_date": "1950-03-07", "division": division });
        let registered = officer.post("registration", "/persons", body).await.is(201);
        registered["person"].as_str().expect("an id").to_owned()
    }

    async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: String) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body)).expect("a request");
        let answer = self.door.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = answer.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("a body");
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// A page, as a browser with this cookie asks for it.
    pub(crate) async fn page(&self, cookie: &str, path: &str) -> Answer {
        let headers = [(COOKIE.as_str(), cookie), ("accept", "text/html")];
        self.send(Method::GET, path, &headers, String::new()).await
    }

    /// A form of a page, with the token that the page holds.
    pub(crate) async fn form(&self, cookie: &str, page: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let html = self.page(cookie, page).await.text;
        let hidden = |name: &str| {
            let start = format!("name=\"{name}\" value=\"");
            let rest = html.split(&start).nth(1);
            rest.and_then(|rest| rest.split('"').next())
                .unwrap_or_default()
                .to_owned()
        };
        let (csrf, key) = (hidden("csrf"), hidden("key"));
        assert!(!csrf.is_empty(), "no form on\n{html}");
        let own = [("csrf", &*csrf), ("key", &*key)];
        self.form_as_it_is(cookie, path, &[&own, fields].concat()).await
    }

    /// A form with nothing but these fields, as another site could send it.
    pub(crate) async fn form_as_it_is(&self, cookie: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let headers = [
            (COOKIE.as_str(), cookie),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        self.send(Method::POST, path, &headers, body).await
    }

    /// Signs a browser in; answers its cookie.
    pub(crate) async fn sign_in(&self, login: &str, password: &str) -> String {
        let answer = self.try_sign_in(login, password).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        let set = answer.headers[SET_COOKIE].to_str().expect("text");
        set.split(';').next().expect("a cookie").to_owned()
    }

    pub(crate) async fn try_sign_in(&self, login: &str, password: &str) -> Answer {
        let fields = [("login", login), ("password", password), ("back", "/batches")];
        self.form_as_it_is("", "/sign-in", &fields).await
    }

    /// What a program with a token asks.
    pub(crate) async fn get(&self, token: &str, path: &str) -> Answer {
        let token = format!("Bearer {token}");
        self.send(
            Method::GET,
            path,
            &[(AUTHORIZATION.as_str(), &token)],
            String::new(),
        )
        .await
    }

    /// What a program sends as JSON, with these headers.
    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let json = [("content-type", "application/json"), ("idempotency-key", path)];
        self.send(Method::POST, path, &[&json, headers].concat(), body.to_string())
            .await
    }

    pub(crate) async fn delete(&self, token: &str, path: &str) -> Answer {
        let token = format!("Bearer {token}");
        self.send(
            Method::DELETE,
            path,
            &[(AUTHORIZATION.as_str(), &token)],
            String::new(),
        )
        .await
    }

    pub(crate) async fn close(self) {
        self.close_with(&[]).await;
    }

    /// Waits for rest: all that happened has been told to all who hear it.
    pub(crate) async fn settled(&self, others: &[&dyn Part]) {
        let own: [&dyn Part; 2] = [&self.gateway, &self.registration];
        self.stage.settled(&[&own, others].concat()).await;
    }

    /// Ends the story of these services, too.
    pub(crate) async fn close_with(self, others: &[&dyn Part]) {
        let own: [&dyn Part; 2] = [&self.gateway, &self.registration];
        Box::pin(self.stage.finish(&[&own, others].concat())).await;
    }
}
