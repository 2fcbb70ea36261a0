/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Debian's libpq.a wants from GSSAPI and LDAP, for which there is no
 * static library. Each answers "not available": libpq then goes on without
 * Kerberos, and a service file with an ldap:// line fails with a message.
 * The types are opaque here; only the calling convention matters.
 */

unsigned gss_unavailable(void);
int ldap_unavailable(void);
void *ldap_nothing(void);

/* GSS_S_UNAVAILABLE (RFC 2744, 3.9.1): bits 16 to 23. */
unsigned
gss_unavailable(void)
{
	return 16u << 16;
}

/* LDAP_NOT_SUPPORTED (ldap.h). */
int
ldap_unavailable(void)
{
	return -0x5c;
}

void *
ldap_nothing(void)
{
	return 0;
}

void *GSS_C_NT_HOSTBASED_SERVICE;

#define STUB(name, type, target) type name(void) __attribute__((alias(#target)))

STUB(gss_acquire_cred, unsigned, gss_unavailable);
STUB(gss_delete_sec_context, unsigned, gss_unavailable);
STUB(gss_display_status, unsigned, gss_unavailable);
STUB(gss_import_name, unsigned, gss_unavailable);
STUB(gss_init_sec_context, unsigned, gss_unavailable);
STUB(gss_release_buffer, unsigned, gss_unavailable);
STUB(gss_release_cred, unsigned, gss_unavailable);
STUB(gss_release_name, unsigned, gss_unavailable);
STUB(gss_unwrap, unsigned, gss_unavailable);
STUB(gss_wrap, unsigned, gss_unavailable);
STUB(gss_wrap_size_limit, unsigned, gss_unavailable);
STUB(ldap_count_entries, int, ldap_unavailable);
STUB(ldap_err2string, void *, ldap_nothing);
STUB(ldap_first_entry, void *, ldap_nothing);
STUB(ldap_get_values_len, void *, ldap_nothing);
STUB(ldap_init, void *, ldap_nothing);
STUB(ldap_msgfree, int, ldap_unavailable);
STUB(ldap_result, int, ldap_unavailable);
STUB(ldap_search_st, int, ldap_unavailable);
STUB(ldap_set_option, int, ldap_unavailable);
STUB(ldap_simple_bind, int, ldap_unavailable);
STUB(ldap_unbind, int, ldap_unavailable);
STUB(ldap_value_free_len, void *, ldap_nothing);
