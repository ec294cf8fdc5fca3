/* SPDX-License-Identifier: ISC */
/*
 * Shows what is found while somebody types. A field says where to ask
 * (data-live: an address, its text is put behind), which part of the page that
 * answers is wanted (data-part: an id) and where to show it (data-into: an id).
 * How many were found is said in the place with the id data-into + "-said".
 * Arrow keys lead from the field through the links found and back, Escape
 * clears. What was shown need not be shown again: a field named by data-done
 * (an id) is then not sent. Without this file the form is sent as it is.
 */
(function () {
	"use strict";
	var SHORTEST = 3, PAUSE = 250;

	function links(field) {
		return document.getElementById(field.dataset.into)
		    .querySelectorAll("h3 a, summary");
	}

	function show(field, part) {
		var into = document.getElementById(field.dataset.into);
		var said = document.getElementById(field.dataset.into + "-said");
		var words = said ? said.dataset : {}, n;

		into.textContent = "";
		while (part && part.firstChild)
			into.appendChild(document.adoptNode(part.firstChild));
		n = links(field).length;
		if (said)
			said.textContent = !part ? "" : n === 0 ? words.none :
			    n === 1 ? words.one : words.many.replace("#", n);
		if (n > 0 && field.dataset.done)
			document.getElementById(field.dataset.done).disabled = true;
		document.dispatchEvent(new CustomEvent("barnraise:new"));
	}

	function live(field) {
		var timer, asked = field.value.trim(), request = 0;

		function ask() {
			var text = field.value.trim(), mine;

			if (text === asked)
				return;
			asked = text;
			mine = ++request;
			if (text.length < SHORTEST) {
				show(field, null);
				return;
			}
			fetch(field.dataset.live + encodeURIComponent(text), {
				headers: { Accept: "text/html" } })
			    .then(function (answer) {
				return answer.ok ? answer.text() : "";
			}).then(function (html) {
				var page = new DOMParser()
				    .parseFromString(html, "text/html");

				/* a later one was asked meanwhile */
				if (mine === request)
					show(field, page.getElementById(
					    field.dataset.part));
			}).catch(function () {
				asked = "";
			});
		}

		field.addEventListener("input", function () {
			clearTimeout(timer);
			timer = setTimeout(ask, PAUSE);
		});
	}

	/* To the next or the one before; before the first is the field. */
	function move(field, from, by) {
		var all = Array.prototype.slice.call(links(field));
		var to = all.indexOf(from) + by;

		if (to >= 0 && to < all.length)
			all[to].focus();
		else if (to < 0)
			field.focus();
	}

	function keys(field) {
		var into = document.getElementById(field.dataset.into);

		function press(event) {
			var by = { ArrowDown: 1, ArrowUp: -1 }[event.key];

			if (event.key === "Escape" && links(field).length > 0) {
				event.preventDefault();
				field.focus();
				show(field, null);
			}
			if (!by || links(field).length === 0)
				return;
			event.preventDefault();
			move(field, event.target, by);
		}
		field.addEventListener("keydown", press);
		into.addEventListener("keydown", press);
	}

	if (!window.fetch || !window.DOMParser)
		return;
	Array.prototype.forEach.call(
	    document.querySelectorAll("[data-live]"), function (field) {
		live(field);
		keys(field);
	});
}());
