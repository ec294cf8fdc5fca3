/* SPDX-License-Identifier: ISC */
#include "base/secret.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/mem.h"

#include <pthread.h>
#include <assert.h>
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

/* argon2 takes 64 MiB: one at a time bounds what sign-ins can take. */
static pthread_mutex_t argon2_lock = PTHREAD_MUTEX_INITIALIZER;

void
secret_password(const char *password, char made[SECRET_PASSWORD])
{
	static_assert(SECRET_PASSWORD == crypto_pwhash_STRBYTES, "");

	pthread_mutex_lock(&argon2_lock);
	if (crypto_pwhash_str(made, password, strlen(password),
		crypto_pwhash_OPSLIMIT_INTERACTIVE,
		crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
		mem_made(NULL);
	pthread_mutex_unlock(&argon2_lock);
}

static char nobody[SECRET_PASSWORD];
static pthread_once_t nobody_once = PTHREAD_ONCE_INIT;

static void
make_nobody(void)
{
	secret_password("nobody has this password", nobody);
}

bool
secret_password_is(const char *made, const char *password)
{
	bool known = made != NULL && made[0] != '\0';
	bool right;

	if (!known)
		(void)pthread_once(&nobody_once, make_nobody);
	pthread_mutex_lock(&argon2_lock);
	right = crypto_pwhash_str_verify(
		    known ? made : nobody, password, strlen(password)) == 0;
	pthread_mutex_unlock(&argon2_lock);
	return right && known;
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
