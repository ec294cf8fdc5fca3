/* SPDX-License-Identifier: ISC */
/*
 * What a filter would have caught, while it is typed: the page "preview" is
 * asked for, and those parts of it are shown that this page has too. A field
 * says by data-preview where they stand.
 */
(function () {
	"use strict";
	var QUIET = 500; /* milliseconds without a key */
	var timer = 0, asking = null, shown = {};

	function put(place, page) {
		var parts = place.querySelectorAll("[data-part]"), i, now;

		for (i = 0; i < parts.length; i++) {
			now = page && page.querySelector(
			    "[data-part=" + parts[i].dataset.part + "]");
			parts[i].textContent = "";
			parts[i].className = now ? now.className : "";
			while (now && now.firstChild)
				parts[i].appendChild(
				    document.adoptNode(now.firstChild));
		}
	}

	function ask(field, place) {
		var filter = field.value;

		if (shown[place.id] === filter)
			return;
		shown[place.id] = filter;
		if (asking)
			asking.abort();
		if (filter.trim() === "")
			return put(place, null);
		asking = new AbortController();
		fetch("/me/subscriptions/preview?filter=" +
		    encodeURIComponent(filter), {
			headers: { Accept: "text/html" },
			credentials: "same-origin", signal: asking.signal
		}).then(function (answer) {
			return answer.ok || answer.status === 422 ?
			    answer.text() : "";
		}).then(function (text) {
			if (shown[place.id] === filter)
				put(place, new DOMParser().parseFromString(
				    text, "text/html"));
		}).catch(function () { /* another key, or no connection */
			if (shown[place.id] === filter)
				delete shown[place.id];
		});
	}

	if (!window.fetch || !window.AbortController)
		return;
	document.addEventListener("input", function (event) {
		var place = event.target.dataset && event.target.dataset.preview &&
		    document.getElementById(event.target.dataset.preview);

		if (!place)
			return;
		clearTimeout(timer);
		timer = setTimeout(ask, QUIET, event.target, place);
	});
}());
