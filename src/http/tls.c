/* SPDX-License-Identifier: ISC */
#include "http/engine.h"

#include "base/clock.h"
#include "base/mem.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>

/*
 * The certificate of this process. Each handshake asks for it anew, so it can
 * be replaced while the server runs. Handshakes that began with an old one go
 * on with it: it is kept for longer than any of them may take.
 */

enum { CHAIN_MOST = 16 };

#define HANDSHAKE_MOST MINUTE

struct certificate {
	struct certificate *before;
	int64_t replaced; /* when, monotonic */
	gnutls_pcert_st chain[CHAIN_MOST];
	unsigned n; /* of them that are there */
	gnutls_privkey_t key;
};

static _Atomic(struct certificate *) current;

static void
certificate_free(struct certificate *certificate)
{
	for (unsigned i = 0; i < certificate->n; i++)
		gnutls_pcert_deinit(&certificate->chain[i]);
	if (certificate->key != NULL)
		gnutls_privkey_deinit(certificate->key);
	free(certificate);
}

static bool
failed(struct error *err, const char *path, int code)
{
	return error_set(
	    err, ERROR_INVALID, "%s: %s", path, gnutls_strerror(code));
}

static bool
chain_read(struct certificate *ret, const char *path, struct error *err)
{
	gnutls_datum_t text;
	int code = gnutls_load_file(path, &text);

	if (code != 0)
		return failed(err, path, code);
	ret->n = CHAIN_MOST;
	code = gnutls_pcert_list_import_x509_raw(ret->chain, &ret->n, &text,
	    GNUTLS_X509_FMT_PEM,
	    GNUTLS_X509_CRT_LIST_IMPORT_FAIL_IF_EXCEED |
		GNUTLS_X509_CRT_LIST_FAIL_IF_UNSORTED);
	gnutls_free(text.data);
	if (code == 0)
		return true;
	ret->n = 0;
	return failed(err, path, code);
}

static bool
key_read(struct certificate *ret, const char *path, struct error *err)
{
	gnutls_datum_t text;
	int code = gnutls_load_file(path, &text);

	if (code != 0)
		return failed(err, path, code);
	code = gnutls_privkey_init(&ret->key);
	if (code == 0)
		code = gnutls_privkey_import_x509_raw(
		    ret->key, &text, GNUTLS_X509_FMT_PEM, NULL, 0);
	gnutls_memset(text.data, 0, text.size);
	gnutls_free(text.data);
	return code == 0 || failed(err, path, code);
}

/* The certificate is of that key. */
static bool
is_pair(const struct certificate *certificate)
{
	unsigned char ids[2][64];
	size_t sizes[2] = { sizeof ids[0], sizeof ids[1] };
	gnutls_pubkey_t of_key;
	bool is_same;

	if (gnutls_pubkey_init(&of_key) != 0)
		return false;
	is_same = gnutls_pubkey_import_privkey(
		      of_key, certificate->key, 0, 0) == 0 &&
	    gnutls_pubkey_get_key_id(of_key, 0, ids[0], &sizes[0]) == 0 &&
	    gnutls_pubkey_get_key_id(
		certificate->chain[0].pubkey, 0, ids[1], &sizes[1]) == 0 &&
	    sizes[0] == sizes[1] && memcmp(ids[0], ids[1], sizes[0]) == 0;
	gnutls_pubkey_deinit(of_key);
	return is_same;
}

/* Those that no handshake can be at any more. */
static void
forget_old(struct certificate *newest, int64_t now)
{
	struct certificate **at = &newest->before;

	while (*at != NULL && now - (*at)->replaced < HANDSHAKE_MOST)
		at = &(*at)->before;
	while (*at != NULL) {
		struct certificate *old = *at;

		*at = old->before;
		certificate_free(old);
	}
}

bool
http_certificate_load(
    const char *certificate, const char *key, struct error *err)
{
	struct certificate *made = mem_take_zero(1, sizeof *made);
	int64_t now = clock_monotonic();

	if (!chain_read(made, certificate, err) || !key_read(made, key, err)) {
		certificate_free(made);
		return false;
	}
	if (!is_pair(made)) {
		certificate_free(made);
		return error_set(err, ERROR_INVALID, "%s: is not the key of %s",
		    key, certificate);
	}
	made->before = atomic_load(&current);
	if (made->before != NULL)
		made->before->replaced = now;
	atomic_store(&current, made);
	forget_old(made, now);
	return true;
}

void
http_certificate_forget(void)
{
	struct certificate *last = atomic_exchange(&current, NULL);

	while (last != NULL) {
		struct certificate *before = last->before;

		certificate_free(last);
		last = before;
	}
}

/* For libmicrohttpd: gnutls_certificate_retrieve_function2. */
static int
retrieve(gnutls_session_t session, const gnutls_datum_t *names, int n_names,
    const gnutls_pk_algorithm_t *algorithms, int n_algorithms,
    gnutls_pcert_st **chain, unsigned *n, gnutls_privkey_t *key)
{
	struct certificate *certificate = atomic_load(&current);

	(void)session;
	(void)names;
	(void)n_names;
	(void)algorithms;
	(void)n_algorithms;
	if (certificate == NULL)
		return -1;
	*chain = certificate->chain;
	*n = certificate->n;
	*key = certificate->key;
	return 0;
}

void
tls_options(struct MHD_OptionItem options[3])
{
	static char priorities[] = "NORMAL:-VERS-TLS1.0:-VERS-TLS1.1";
	gnutls_certificate_retrieve_function2 *function = retrieve;

	options[0] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_PRIORITIES, 0,
		priorities };
	options[1] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_CERT_CALLBACK, 0,
		NULL };
	/* POSIX lets a pointer to a function pass as one to void */
	memcpy(&options[1].ptr_value, &function, sizeof function);
	options[2] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
}
