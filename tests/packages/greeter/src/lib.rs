use serde::{Deserialize, Serialize};
use std::ffi::{CStr, CString};
use std::os::raw::c_char;

#[derive(Deserialize)]
struct Question {
    name: String,
    times: u32,
}

#[derive(Serialize)]
struct Answer {
    greeting: String,
    letters: String,
}

/// Takes `{"name": ..., "times": ...}`, returns a JSON answer or null. The
/// answer is never freed: the demo asks once.
///
/// # Safety
/// `question` must be a NUL-terminated string.
#[no_mangle]
pub unsafe extern "C" fn answer(question: *const c_char) -> *mut c_char {
    let asked = CStr::from_ptr(question).to_bytes();
    let question: Question = match serde_json::from_slice(asked) {
        Ok(question) => question,
        Err(_) => return std::ptr::null_mut(),
    };
    let greeting = vec![format!("hello {}", question.name); question.times as usize].join(", ");
    let letters = itoa::Buffer::new().format(greeting.len()).to_owned();
    let answer = serde_json::to_string(&Answer { greeting, letters }).unwrap();
    CString::new(answer).unwrap().into_raw()
}
