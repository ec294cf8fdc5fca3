/* SPDX-License-Identifier: ISC */
#include "base/secret.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/mem.h"
#include "base/reserve.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include <sodium.h>

enum { TOKEN_BYTES = 20 };

void
secret_init(void)
{
	CHECK(sodium_init() >= 0);
}

void
secret_random(void *bytes, size_t n)
{
	randombytes_buf(bytes, n);
}

/* RFC 4648 base32 in lower case: 8 characters for 5 bytes, no padding here. */
static void
write_token(const unsigned char bytes[TOKEN_BYTES], char token[SECRET_TOKEN])
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
	char *to = token + sizeof SECRET_PREFIX - 1;

	memcpy(token, SECRET_PREFIX, sizeof SECRET_PREFIX - 1);
	for (size_t i = 0; i < TOKEN_BYTES; i += 5) {
		uint64_t group = 0;

		for (size_t k = 0; k < 5; k++)
			group = group << 8 | bytes[i + k];
		for (int shift = 35; shift >= 0; shift -= 5)
			*to++ = alphabet[group >> shift & 31];
	}
	*to = '\0';
}

void
secret_token(char token[SECRET_TOKEN])
{
	unsigned char bytes[TOKEN_BYTES];

	randombytes_buf(bytes, sizeof bytes);
	write_token(bytes, token);
}

void
secret_hash(const unsigned char key[SECRET_KEY], const char *text,
    unsigned char hash[SECRET_HASH])
{
	CHECK(crypto_generichash(hash, SECRET_HASH, (const unsigned char *)text,
		  strlen(text), key, SECRET_KEY) == 0);
}

void
secret_derived(const unsigned char key[SECRET_KEY], const char *text,
    char token[SECRET_TOKEN])
{
	unsigned char hash[SECRET_HASH];

	secret_hash(key, text, hash);
	write_token(hash, token);
}

bool
secret_equal(const void *a, const void *b, size_t n)
{
	return sodium_memcmp(a, b, n) == 0;
}

/*
 * argon2 takes 64 MiB: one at a time bounds what sign-ins can take. Whoever
 * waits holds a thread that others need, so only so many wait.
 */
enum { ARGON2_QUEUE = 16 };
static pthread_mutex_t argon2_lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_uint argon2_asked; /* who has it, and who waits */

static bool
turn_begin(struct error *err)
{
	if (atomic_fetch_add(&argon2_asked, 1) > ARGON2_QUEUE) {
		atomic_fetch_sub(&argon2_asked, 1);
		err->retry_after = 2;
		return error_set(err, ERROR_BUSY,
		    "many people sign in at this moment; try again");
	}
	pthread_mutex_lock(&argon2_lock);
	return true;
}

static void
turn_end(void)
{
	pthread_mutex_unlock(&argon2_lock);
	atomic_fetch_sub(&argon2_asked, 1);
}

static bool
lacks(struct error *err)
{
	err->retry_after = 60;
	return error_set(
	    err, ERROR_BUSY, "short of memory; try again in a minute");
}

static bool
make(const char *password, char made[SECRET_PASSWORD], struct error *err)
{
	static_assert(SECRET_PASSWORD == crypto_pwhash_STRBYTES, "");

	return crypto_pwhash_str(made, password, strlen(password),
		   crypto_pwhash_OPSLIMIT_INTERACTIVE,
		   crypto_pwhash_MEMLIMIT_INTERACTIVE) == 0 ||
	    lacks(err);
}

bool
secret_password(
    const char *password, char made[SECRET_PASSWORD], struct error *err)
{
	bool ok;

	if (!turn_begin(err))
		return false;
	ok = make(password, made, err);
	turn_end();
	return ok;
}

/* That it fails of memory is not told apart from another password. */
static bool
verify(const char *made, const char *password, bool *right, struct error *err)
{
	*right = crypto_pwhash_str_verify(made, password, strlen(password)) ==
	    0;
	return *right ||
	    memory_can_be_had(crypto_pwhash_MEMLIMIT_INTERACTIVE) || lacks(err);
}

bool
secret_password_is(
    const char *made, const char *password, bool *right, struct error *err)
{
	static char nobody[SECRET_PASSWORD];
	bool known = made != NULL && made[0] != '\0', ok;

	*right = false;
	if (!turn_begin(err))
		return false;
	ok = (known || nobody[0] != '\0' ||
		 make("nobody has this password", nobody, err)) &&
	    verify(known ? made : nobody, password, right, err);
	turn_end();
	*right = ok && known && *right;
	return ok;
}

char *
secret_first_password(void *owner)
{
	/* no letters that sound or look like others */
	static const char alphabet[] = "abcdefghjkmnpqrstuvwxyz23456789";
	struct buf *buf = buf_new(owner);
	char *password;

	for (int i = 0; i < 16; i++) {
		if (i > 0 && i % 4 == 0)
			buf_char(buf, '-');
		buf_char(
		    buf, alphabet[randombytes_uniform(sizeof alphabet - 1)]);
	}
	password = mem_copy(owner, buf->text);
	talloc_free(buf);
	return password;
}
