//! Tokens that hold and tokens that do not; roles and divisions.

use super::*;
use mz_http::token::TokenError;

#[tokio::test]
async fn a_token_that_holds_admits_its_caller() {
    let suite = Suite::new();
    let caller = Caller {
        purpose: Some("home visit".to_owned()),
        ..caller()
    };
    let answer = suite.get(&format!("/cases/{CASE}"), &suite.token(&caller)).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.json(),
        json!({ "case": CASE, "actor": OFFICER, "purpose": "home visit" })
    );
}

#[tokio::test]
async fn without_a_token_nobody_is_admitted() {
    let suite = Suite::new();
    let token = suite.token(&caller());
    for authorization in [
        None,
        Some(String::new()),
        Some(format!("Basic {token}")),
        Some(token.clone()),
    ] {
        let mut request = Request::get(format!("/cases/{CASE}"));
        if let Some(value) = &authorization {
            request = request.header("authorization", value);
        }
        let answer = suite.send(request.body(Body::empty()).unwrap()).await;
        answer.problem(401, "caller.unauthenticated");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
}

#[tokio::test]
async fn a_token_holds_until_its_last_instant_and_no_longer() {
    let suite = Suite::new();
    let (path, token) = (format!("/cases/{CASE}"), suite.token(&caller()));
    suite
        .clock
        .set(Stamp::from_micros(caller().expires.as_micros() - 1))
        .unwrap();
    assert_eq!(suite.get(&path, &token).await.status, StatusCode::OK);
    suite.clock.set(caller().expires).unwrap();
    let problem = suite
        .get(&path, &token)
        .await
        .problem(401, "caller.unauthenticated");
    assert_eq!(problem["detail"], "The token has expired. Sign in again.");
}

#[tokio::test]
async fn a_forged_token_admits_nobody() {
    let suite = Suite::new();
    let honest = suite.token(&caller());
    let [header, claims, signature] = honest.split('.').collect::<Vec<_>>().try_into().unwrap();
    let boss = Caller {
        roles: vec![Role::BureauOfficer],
        ..caller()
    };
    let (boss_claims, stranger) = (
        suite.token(&boss),
        TokenSigner::new(&[8; 32]).sign(&boss).unwrap(),
    );
    let boss_claims = boss_claims.split('.').nth(1).unwrap();
    // {"alg":"none","typ":"JWT"}
    let no_algorithm = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    for forged in [
        format!("{header}.{boss_claims}.{signature}"),
        format!("{no_algorithm}.{claims}.{signature}"),
        format!("{no_algorithm}.{claims}."),
        format!("{header}.{claims}."),
        format!("{header}.{claims}"),
        format!("{honest}="),
        format!("{honest}.{signature}"),
        stranger,
        String::from("."),
    ] {
        suite
            .get(&format!("/cases/{CASE}"), &forged)
            .await
            .problem(401, "caller.unauthenticated");
    }
}

#[test]
fn the_old_and_the_new_key_are_believed_while_keys_change() {
    let (old, new, caller) = (TokenSigner::new(&[7; 32]), TokenSigner::new(&[8; 32]), caller());
    let both = TokenVerifier::new(&[old.public_key(), new.public_key()]).unwrap();
    let new_only = TokenVerifier::new(&[new.public_key()]).unwrap();
    let token = old.sign(&caller).unwrap();
    assert_eq!(both.verify(&token, start()), Ok(caller.clone()));
    assert_eq!(both.verify(&new.sign(&caller).unwrap(), start()), Ok(caller));
    assert_eq!(new_only.verify(&token, start()), Err(TokenError::Invalid));
}

#[test]
fn a_key_that_would_believe_anything_is_refused() {
    let good = TokenSigner::new(&[7; 32]).public_key();
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let error = TokenVerifier::new(&[good, neutral]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "public key number 2 is not an Ed25519 public key"
    );
}

#[test]
fn a_private_key_is_never_printed() {
    assert_eq!(format!("{:?}", TokenSigner::new(&[7; 32])), "TokenSigner(***)");
}

#[tokio::test]
async fn an_officer_reads_their_divisions_and_no_others() {
    let suite = Suite::new();
    let elsewhere = format!("/cases/{}", CASE.replace("c001", "c002"));
    for (divisions, here, there) in [
        (vec!["513335100"], 200, 403),
        (vec!["513335101", "513335100"], 200, 200),
        (vec!["513335"], 200, 200),
        (vec!["513336"], 403, 403),
        (vec!["513335100201"], 403, 403),
        (vec![], 403, 403),
    ] {
        let caller = Caller {
            divisions: divisions.iter().map(|code| division(code)).collect(),
            ..caller()
        };
        let token = suite.token(&caller);
        for (path, status) in [(format!("/cases/{CASE}"), here), (elsewhere.clone(), there)] {
            let answer = suite.get(&path, &token).await;
            assert_eq!(answer.status.as_u16(), status, "{divisions:?} {path}");
            if status == 403 {
                answer.problem(403, "caller.division");
            }
        }
    }
}

#[tokio::test]
async fn a_role_is_asked_for_by_name() {
    let suite = Suite::new();
    let problem = suite
        .get("/cases", &suite.token(&caller()))
        .await
        .problem(403, "caller.role");
    assert_eq!(problem["detail"], "This needs the role bureau-officer.");
    let officer = Caller {
        roles: vec![Role::Agency, Role::BureauOfficer],
        ..caller()
    };
    assert_eq!(
        suite.get("/cases", &suite.token(&officer)).await.status,
        StatusCode::OK
    );
}

#[test]
fn a_role_reads_the_same_in_a_token_and_in_a_sentence() {
    for role in [
        Role::TownshipOfficer,
        Role::BureauOfficer,
        Role::Administrator,
        Role::Agency,
    ] {
        assert_eq!(serde_json::to_value(role).unwrap(), role.to_string());
    }
}
