/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding the Rust toolchain of a directory: a toolchain itself, or a rustup
 * home with toolchains in it. Its programs are run directly, never rustup's
 * proxies, which would obey a package's rust-toolchain file.
 */
#ifndef TOOLCHAIN_H
#define TOOLCHAIN_H

enum toolchain_result {
	TOOLCHAIN_FOUND,
	TOOLCHAIN_NONE,	   /* no bin/rustc, also not in toolchains/ */
	TOOLCHAIN_SEVERAL, /* and settings.toml names none of them */
	TOOLCHAIN_FAILED   /* errno */
};

/*
 * *toolchain gets the absolute path of the toolchain's directory, *home that
 * of the rustup home, or NULL where `path` is the toolchain. New strings.
 */
enum toolchain_result toolchain_find(
    const char *path, char **toolchain, char **home);

#endif
