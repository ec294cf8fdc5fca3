/* SPDX-License-Identifier: ISC */
/*
 * New posts appear while an incident's page is open. Its JSON is asked whether
 * anything changed (304 mostly); if so the page is read again, and what is new
 * in it is put into this one. What somebody is typing in, has opened or stands
 * on is left alone until she has done with it.
 */
(function () {
	"use strict";
	var SECONDS = 1000, SEEN = 10 * SECONDS, HIDDEN = 60 * SECONDS;
	var MOST = 600 * SECONDS;
	var news = document.getElementById("news");
	var words, path, changed, etag = null, fresh = null, timer = 0;
	var wait = SEEN, asking = false, unseen = 0, title = document.title;

	/* --- what may be replaced */

	function is_typed(field) {
		var i;

		if (field.type === "checkbox" || field.type === "radio")
			return field.checked !== field.defaultChecked;
		if (field.options) {
			for (i = 0; i < field.options.length; i++)
				if (field.options[i].selected !==
				    field.options[i].defaultSelected)
					return true;
			return false;
		}
		return field.type !== "hidden" && field.value !== field.defaultValue;
	}

	function is_in_use(node) {
		var fields = node.querySelectorAll("input, textarea, select"), i;

		for (i = 0; i < fields.length; i++)
			if (is_typed(fields[i]))
				return true;
		return node.contains(document.activeElement) ||
		    node.querySelector("details[open]") !== null;
	}

	/* The words of a time change by themselves. */
	function looks(node) {
		return node.outerHTML.replace(/(<time[^>]*>)[^<]*/g, "$1");
	}

	function take(old, now) {
		if (looks(old) === looks(now))
			return true;
		if (is_in_use(old))
			return false;
		old.parentNode.replaceChild(document.importNode(now, true), old);
		return true;
	}

	/* --- putting in what is new */

	function put_posts(page) {
		var list = document.getElementById("posts"), done = true;
		var posts = page.querySelectorAll("#posts > li"), added = [];
		var old = list.children, i, here;

		for (i = 0; i < posts.length; i++) {
			here = document.getElementById(posts[i].id);
			if (here) {
				done = take(here, posts[i]) && done;
				continue;
			}
			here = document.importNode(posts[i], true);
			here.classList.add("new");
			list.appendChild(here);
			added.push(here);
		}
		for (i = old.length - 1; i >= 0; i--)
			if (!page.getElementById(old[i].id)) {
				if (is_in_use(old[i]))
					done = false;
				else
					list.removeChild(old[i]);
			}
		if (added.length > 0)
			tell_posts(added);
		return done;
	}

	function put_all() {
		var parts = document.querySelectorAll("[data-live]"), i, now;
		var done = put_posts(fresh);

		for (i = 0; i < parts.length; i++) {
			now = fresh.querySelector(
			    "[data-live=" + parts[i].dataset.live + "]");
			if (now)
				done = take(parts[i], now) && done;
		}
		if (done)
			fresh = null;
	}

	/* --- telling */

	function say(text, href) {
		var link;

		news.textContent = "";
		if (href) {
			link = document.createElement("a");
			link.href = href;
			link.textContent = text;
			news.appendChild(link);
		} else
			news.textContent = text;
		news.classList.toggle("unseen", text === "");
	}

	function tell_posts(added) {
		unseen += added.length;
		say(unseen === 1 ? words.one :
		    words.many.replace("{n}", unseen), "#" + added[0].id);
		if (document.hidden)
			document.title = "(" + unseen + ") " + title;
	}

	/* --- asking */

	function later() {
		clearTimeout(timer);
		timer = setTimeout(ask, wait);
	}

	function back_off(by) {
		wait = Math.min(wait * by, MOST);
		later();
	}

	function end(text) {
		clearTimeout(timer);
		timer = -1;
		say(text);
	}

	function read_page() {
		return fetch(path, { headers: { Accept: "text/html" },
			credentials: "same-origin", cache: "no-store" })
		    .then(function (answer) {
			if (!answer.ok)
				throw new Error(answer.status);
			return answer.text();
		}).then(function (text) {
			var page = new DOMParser().parseFromString(
			    text, "text/html");

			changed = page.getElementById("news").dataset.changed;
			fresh = page;
			put_all();
		});
	}

	function answered(answer) {
		var tag = answer.headers.get("ETag");

		if (answer.status === 401 || answer.status === 403)
			return end(words.signedOut);
		if (answer.status === 404 || answer.status === 410)
			return end(words.gone);
		if (answer.status !== 304 && !answer.ok)
			throw new Error(answer.status);
		if (answer.status === 304 || !tag || tag.match(/\d+/)[0] === changed) {
			etag = tag || etag;
			if (fresh)
				put_all();
			return back_off(document.hidden ? 2 : 1.1);
		}
		return read_page().then(function () {
			etag = tag;
			wait = document.hidden ? HIDDEN : SEEN;
			later();
		});
	}

	function ask() {
		if (asking)
			return;
		asking = true;
		fetch(path + ".json", {
			headers: etag ? { "If-None-Match": etag } : {},
			credentials: "same-origin", cache: "no-store" })
		    .then(answered)
		    .catch(function () { back_off(2); })
		    .then(function () { asking = false; });
	}

	/* Somebody is here again: soon, but not at each key. */
	function awake() {
		if (timer === -1 || document.hidden || wait <= SEEN)
			return;
		wait = SEEN;
		later();
	}

	function seen() {
		if (timer === -1)
			return;
		if (document.hidden) {
			wait = HIDDEN;
			later();
			return;
		}
		document.title = title;
		unseen = 0;
		wait = SEEN;
		ask();
	}

	/* A link to a form that is folded away leads into it. */
	function unfold() {
		var there = location.hash.length > 1 &&
		    document.getElementById(location.hash.slice(1));

		if (there && there.tagName === "DETAILS")
			there.open = true;
	}

	unfold();
	window.addEventListener("hashchange", unfold);
	if (!news || !window.fetch || !window.DOMParser)
		return;
	words = news.dataset;
	path = words.incident;
	changed = words.changed;
	news.addEventListener("click", function () { unseen = 0; say(""); });
	document.addEventListener("visibilitychange", seen);
	document.addEventListener("keydown", awake);
	document.addEventListener("pointerdown", awake);
	later();
}());
