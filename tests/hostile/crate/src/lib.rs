// SPDX-License-Identifier: Apache-2.0

#[no_mangle]
pub extern "C" fn answer() -> u32 {
    42
}
