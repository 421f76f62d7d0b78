//! What only assertions hold: the signature's size and the user handle.

use serde_json::json;

use super::authentication_refuses;
use super::{Lies, Reason, authentication, authentication_answer, authentication_refusal};

#[test]
fn a_signature_of_an_impossible_length_is_refused() {
    for length in [0, 1025] {
        let lies = Lies { signature: Some(vec![0x30; length]), ..Lies::default() };
        authentication_refuses(&lies, Reason::SignatureInvalid);
    }
}

#[test]
fn a_user_handle_of_an_impossible_length_is_refused() {
    for length in [0, 65, 1000] {
        let lies = Lies { user_handle: Some(Some(vec![7; length])), ..Lies::default() };
        authentication_refuses(&lies, Reason::UserHandleMismatch);
    }
}

#[test]
fn a_user_handle_that_is_not_base64url_is_refused() {
    for value in [json!("dXNlcg=="), json!("dXNlch"), json!("+/+/"), json!(1), json!({})] {
        let mut answer = authentication_answer(&Lies::default());
        answer["response"]["userHandle"] = value;
        assert_eq!(authentication_refusal(&answer), Some(Reason::MalformedResponse));
    }
}

#[test]
fn an_absent_user_handle_and_null_are_the_same() {
    let lies = Lies { user_handle: Some(None), ..Lies::default() };
    let mut answer = authentication_answer(&lies);
    assert_eq!(authentication(&answer.to_string()).unwrap().user_handle, None);
    answer["response"]["userHandle"] = json!(null);
    assert_eq!(authentication(&answer.to_string()).unwrap().user_handle, None);
}
