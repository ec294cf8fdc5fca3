/* SPDX-License-Identifier: ISC */
#include "base/date.h"

#include "base/clock.h"
#include "base/mem.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/*
 * The civil calendar by arithmetic, so that neither locale nor time zone can
 * get in: days from and to 1970-01-01 after Howard Hinnant, "chrono-Compatible
 * Low-Level Date Algorithms".
 */
struct civil {
	int64_t year;
	int month, day; /* from 1 */
	int hour, minute, second;
	int weekday; /* 0 is Sunday */
	int64_t fraction; /* microseconds */
};

static const char month_names[12][4] = { "Jan", "Feb", "Mar", "Apr", "May",
	"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
static const char day_names[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri",
	"Sat" };

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static int64_t
days_from_civil(int64_t year, int month, int day)
{
	int64_t era, year_of_era, day_of_year;

	year -= month <= 2;
	era = floor_div(year, 400);
	year_of_era = year - era * 400;
	day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + year_of_era * 365 + year_of_era / 4 -
	    year_of_era / 100 + day_of_year - 719468;
}

static struct civil
civil_from_time(int64_t time)
{
	struct civil c = { 0 };
	int64_t seconds = floor_div(time, SECOND);
	int64_t days = floor_div(seconds, 86400);
	int64_t rest = seconds - days * 86400;
	int64_t z = days + 719468, era = floor_div(z, 146097);
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	c.fraction = time - seconds * SECOND;
	c.day = (int)(doy - (153 * mp + 2) / 5 + 1);
	c.month = (int)(mp < 10 ? mp + 3 : mp - 9);
	c.year = yoe + era * 400 + (c.month <= 2);
	c.hour = (int)(rest / 3600);
	c.minute = (int)(rest / 60 % 60);
	c.second = (int)(rest % 60);
	c.weekday = (int)(((days + 4) % 7 + 7) % 7);
	return c;
}

static int
days_in_month(int64_t year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

static bool
time_from_civil(const struct civil *c, int64_t *ret)
{
	int64_t hours, seconds;

	if (c->month < 1 || c->month > 12 || c->day < 1 ||
	    c->day > days_in_month(c->year, c->month) || c->hour > 23 ||
	    c->minute > 59 || c->second > 60)
		return false;
	hours = days_from_civil(c->year, c->month, c->day) * 24 + c->hour;
	seconds = (hours * 60 + c->minute) * 60 + c->second;
	*ret = seconds * SECOND + c->fraction;
	return true;
}

char *
date_rfc3339(void *owner, int64_t time)
{
	struct civil c = civil_from_time(time);
	char fraction[8] = "";

	if (c.fraction != 0)
		(void)snprintf(
		    fraction, sizeof fraction, ".%06d", (int)c.fraction);
	return mem_printf(owner, "%04d-%02d-%02dT%02d:%02d:%02d%sZ",
	    (int)c.year, c.month, c.day, c.hour, c.minute, c.second, fraction);
}

char *
date_http(void *owner, int64_t time)
{
	struct civil c = civil_from_time(time);

	return mem_printf(owner, "%s, %02d %s %04d %02d:%02d:%02d GMT",
	    day_names[c.weekday], c.day, month_names[c.month - 1], (int)c.year,
	    c.hour, c.minute, c.second);
}

char *
date_rss(void *owner, int64_t time)
{
	struct civil c = civil_from_time(time);

	return mem_printf(owner, "%s, %02d %s %04d %02d:%02d:%02d +0000",
	    day_names[c.weekday], c.day, month_names[c.month - 1], (int)c.year,
	    c.hour, c.minute, c.second);
}

/* --- reading: a cursor that fails once and for all */

struct reader {
	const char *at;
	bool failed;
};

static int
read_digits(struct reader *reader, int n)
{
	int value = 0;

	for (int i = 0; i < n && !reader->failed; i++) {
		if (!isdigit((unsigned char)*reader->at)) {
			reader->failed = true;
			return 0;
		}
		value = value * 10 + (*reader->at++ - '0');
	}
	return value;
}

static void
read_text(struct reader *reader, const char *text)
{
	size_t length = strlen(text);

	if (!reader->failed && strncmp(reader->at, text, length) == 0)
		reader->at += length;
	else
		reader->failed = true;
}

static int64_t
read_fraction(struct reader *reader)
{
	int64_t fraction = 0, unit = SECOND / 10;

	if (*reader->at != '.')
		return 0;
	reader->at++;
	if (!isdigit((unsigned char)*reader->at))
		reader->failed = true;
	for (; isdigit((unsigned char)*reader->at); reader->at++, unit /= 10)
		fraction += unit * (*reader->at - '0');
	return fraction;
}

/* Microseconds to take off. */
static int64_t
read_offset(struct reader *reader)
{
	int64_t sign = *reader->at == '-' ? -1 : 1;
	int hours, minutes;

	if (*reader->at == 'Z' || *reader->at == 'z') {
		reader->at++;
		return 0;
	}
	if (*reader->at != '+' && *reader->at != '-')
		reader->failed = true;
	else
		reader->at++;
	hours = read_digits(reader, 2);
	read_text(reader, ":");
	minutes = read_digits(reader, 2);
	if (hours > 23 || minutes > 59)
		reader->failed = true;
	return sign * (hours * HOUR + minutes * MINUTE);
}

bool
date_parse_rfc3339(const char *text, int64_t *ret)
{
	struct reader reader = { text, false };
	struct civil c = { 0 };
	int64_t offset, time;

	c.year = read_digits(&reader, 4);
	read_text(&reader, "-");
	c.month = read_digits(&reader, 2);
	read_text(&reader, "-");
	c.day = read_digits(&reader, 2);
	if (reader.failed || strchr("Tt ", *reader.at) == NULL ||
	    *reader.at == '\0')
		return false;
	reader.at++;
	c.hour = read_digits(&reader, 2);
	read_text(&reader, ":");
	c.minute = read_digits(&reader, 2);
	read_text(&reader, ":");
	c.second = read_digits(&reader, 2);
	if (reader.failed)
		return false;
	c.fraction = read_fraction(&reader);
	offset = read_offset(&reader);
	if (reader.failed || *reader.at != '\0' || !time_from_civil(&c, &time))
		return false;
	*ret = time - offset;
	return true;
}

static int
read_name(struct reader *reader, const char names[][4], int n)
{
	for (int i = 0; i < n && !reader->failed; i++)
		if (strncmp(reader->at, names[i], 3) == 0) {
			reader->at += 3;
			return i;
		}
	reader->failed = true;
	return 0;
}

static void
read_clock(struct reader *reader, struct civil *c)
{
	c->hour = read_digits(reader, 2);
	read_text(reader, ":");
	c->minute = read_digits(reader, 2);
	read_text(reader, ":");
	c->second = read_digits(reader, 2);
}

/* RFC 9110 5.6.7: a two-digit year over 50 years ahead is in the past. */
static int
full_year(int year)
{
	int now = (int)civil_from_time(clock_now()).year;

	year += now / 100 * 100;
	return year > now + 50 ? year - 100 : year;
}

static void
read_dated(struct reader *reader, struct civil *c, bool rfc850)
{
	const char *separator = rfc850 ? "-" : " ";

	read_text(reader, ", ");
	c->day = read_digits(reader, 2);
	read_text(reader, separator);
	c->month = read_name(reader, month_names, 12) + 1;
	read_text(reader, separator);
	c->year = rfc850 ? full_year(read_digits(reader, 2))
			 : read_digits(reader, 4);
	read_text(reader, " ");
	read_clock(reader, c);
	read_text(reader, " GMT");
}

static void
read_asctime(struct reader *reader, struct civil *c)
{
	read_text(reader, " ");
	c->month = read_name(reader, month_names, 12) + 1;
	read_text(reader, " ");
	if (*reader->at == ' ') {
		reader->at++;
		c->day = read_digits(reader, 1);
	} else
		c->day = read_digits(reader, 2);
	read_text(reader, " ");
	read_clock(reader, c);
	read_text(reader, " ");
	c->year = read_digits(reader, 4);
}

bool
date_parse_http(const char *text, int64_t *ret)
{
	struct reader reader = { text, false };
	struct civil c = { 0 };

	(void)read_name(&reader, day_names, 7);
	if (reader.failed)
		return false;
	if (*reader.at == ',')
		read_dated(&reader, &c, false);
	else if (*reader.at == ' ')
		read_asctime(&reader, &c);
	else {
		while (islower((unsigned char)*reader.at))
			reader.at++;
		read_dated(&reader, &c, true);
	}
	return !reader.failed && *reader.at == '\0' && time_from_civil(&c, ret);
}

bool
date_parse_duration(const char *text, int64_t *ret)
{
	static const struct {
		const char *unit;
		int64_t size;
	} units[] = {
		{ "ms", SECOND / 1000 },
		{ "s", SECOND },
		{ "m", MINUTE },
		{ "h", HOUR },
		{ "d", DAY },
		{ "w", 7 * DAY },
	};
	int64_t number = 0;

	if (!isdigit((unsigned char)*text))
		return false;
	for (; isdigit((unsigned char)*text); text++) {
		number = number * 10 + (*text - '0');
		if (number > 1000000000)
			return false;
	}
	if (*text == '\0' && number == 0) {
		*ret = 0;
		return true;
	}
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strcmp(text, units[i].unit) == 0 &&
		    number <= INT64_MAX / units[i].size) {
			*ret = number * units[i].size;
			return true;
		}
	return false;
}
