/* SPDX-License-Identifier: ISC */
/*
 * Keeps times as people say them ("3 minutes ago") true while a page is open:
 * each <time> that has its exact time as title. The same rule as the server's.
 */
(function () {
	"use strict";
	var words = document.currentScript.dataset;
	var units = [["minute", 60, 60], ["hour", 3600, 48], ["day", 86400, 31]];
	var said;

	function text(seconds) {
		var away = Math.abs(seconds), i, n;

		if (away < 45)
			return seconds <= 0 ? words.now : words.soon;
		for (i = 0; i < units.length; i++) {
			n = Math.round(away / units[i][1]);
			if (n < units[i][2])
				return said.format(seconds < 0 ? -n : n, units[i][0]);
		}
		return null;
	}

	function say() {
		var all = document.querySelectorAll("time[title]"), i, new_text;

		if (document.hidden)
			return;
		for (i = 0; i < all.length; i++) {
			new_text = text(
			    (Date.parse(all[i].dateTime) - Date.now()) / 1000);
			if (new_text && new_text !== all[i].textContent)
				all[i].textContent = new_text;
		}
	}

	if (!window.Intl || !Intl.RelativeTimeFormat)
		return;
	said = new Intl.RelativeTimeFormat(document.documentElement.lang);
	say();
	setInterval(say, 20000);
	document.addEventListener("visibilitychange", say);
}());
