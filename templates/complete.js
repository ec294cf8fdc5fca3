/* SPDX-License-Identifier: ISC */
/*
 * Offers known tags and people to who is typing one: in a filter (after "#",
 * "host:" ...), in a list of tags or of handles. data-complete of the field
 * says which. A combobox with a list, as WAI-ARIA describes it.
 */
(function () {
	"use strict";
	var MOST = 8;
	var LANGUAGE = ["status:open", "status:swarming", "status:resolved",
	    "status:closed", "is:open", "is:wanted", "is:orphan", "is:overdue",
	    "is:known", "severity>=high", "severity:critical", "helpers<1",
	    "age<1d", "host:me", "host:none", "swarm:me", "by:me", "title:",
	    "body:", "environment:", "source:web"];
	var known = null, asked = false;
	var list, field = null, begin = 0, end = 0, active = -1;

	function people(words, text) {
		return words.people.map(function (each) {
			return { text: text + each.handle, hint: each.name,
				key: each.handle + " " + each.name.toLowerCase() };
		});
	}

	function tags(words, text) {
		return words.tags.map(function (tag) {
			return { text: text + tag, hint: "", key: tag };
		});
	}

	/* What may stand there, and what of it is typed. */
	function choices(kind, token) {
		var parts;

		if (kind === "tags") {
			parts = token.match(/^(#?)(.*)$/);
			return { all: tags(known, parts[1]), typed: parts[2] };
		}
		if (kind === "people")
			return { all: people(known, ""), typed: token };
		parts = token.match(/^(-?)(#|tag:|host:|swarm:|by:)(.*)$/i);
		if (!parts) {
			parts = token.match(/^(-?)([a-z].*)$/i);
			return !parts ? { all: [], typed: "" } : {
				all: LANGUAGE.map(function (word) {
					return { text: parts[1] + word, hint: "", key: word };
				}), typed: parts[2] };
		}
		return { all: (parts[2] === "#" || parts[2].toLowerCase() === "tag:" ?
		    tags : people)(known, parts[1] + parts[2]), typed: parts[3] };
	}

	/* Those that begin so, then those with a part that does. */
	function found(kind, token) {
		var what = choices(kind, token), typed = what.typed.toLowerCase();
		var first = [], then = [];

		what.all.forEach(function (each) {
			var at = each.key.indexOf(typed);

			if (each.text === token)
				return;
			if (at === 0)
				first.push(each);
			else if (at > 0 && typed && /[\s:._-]/.test(each.key[at - 1]))
				then.push(each);
		});
		return first.concat(then).slice(0, MOST);
	}

	/* --- the list */

	function shut() {
		list.hidden = true;
		active = -1;
		if (!field)
			return;
		field.setAttribute("aria-expanded", "false");
		field.removeAttribute("aria-activedescendant");
	}

	function mark(at) {
		var items = list.children;

		if (active >= 0)
			items[active].setAttribute("aria-selected", "false");
		active = (at + items.length) % items.length;
		items[active].setAttribute("aria-selected", "true");
		field.setAttribute("aria-activedescendant", items[active].id);
	}

	function take(at) {
		var text = list.children[at].dataset.text, rest;

		rest = field.value.slice(end);
		if (rest === "" && text.slice(-1) !== ":")
			text += " ";
		field.value = field.value.slice(0, begin) + text + rest;
		field.setSelectionRange(begin + text.length, begin + text.length);
		shut();
		field.dispatchEvent(new Event("input", { bubbles: true }));
	}

	function show(items) {
		var place = field.getBoundingClientRect();

		list.textContent = "";
		active = -1;
		items.forEach(function (each, i) {
			var item = document.createElement("li"), hint;

			item.id = "choice-" + i;
			item.setAttribute("role", "option");
			item.setAttribute("aria-selected", "false");
			item.dataset.text = each.text;
			item.textContent = each.text;
			if (each.hint) {
				hint = document.createElement("span");
				hint.className = "hint";
				hint.textContent = " " + each.hint;
				item.appendChild(hint);
			}
			list.appendChild(item);
		});
		list.hidden = items.length === 0;
		list.style.left = (place.left + window.scrollX) + "px";
		list.style.top = (place.bottom + window.scrollY) + "px";
		list.style.minWidth = Math.min(place.width, 320) + "px";
		field.setAttribute("aria-expanded", String(!list.hidden));
		field.removeAttribute("aria-activedescendant");
	}

	/* The word that the caret stands behind. */
	function offer() {
		var kind, before, token;

		if (!known || !field)
			return;
		kind = field.dataset.complete;
		end = field.selectionStart;
		before = field.value.slice(0, end);
		token = before.match(kind === "filter" ? /[^\s()"]*$/ : /[^\s,]*$/)[0];
		begin = end - token.length;
		if (token === "" || /\S/.test(field.value.charAt(end)))
			return shut();
		show(found(kind, token));
	}

	/* --- what she does */

	function ask() {
		if (asked)
			return;
		asked = true;
		fetch("/completions.json", { credentials: "same-origin" })
		    .then(function (answer) {
			return answer.ok ? answer.json() : null;
		}).then(function (words) {
			known = words;
			offer();
		}, function () { asked = false; });
	}

	function key(event) {
		if (list.hidden || event.isComposing)
			return;
		if (event.key === "ArrowDown")
			mark(active + 1);
		else if (event.key === "ArrowUp")
			mark(active < 0 ? -1 : active - 1);
		else if (event.key === "Escape")
			shut();
		else if (event.key === "Enter" && active >= 0)
			take(active);
		else
			return;
		event.preventDefault();
	}

	function into(input) {
		input.setAttribute("role", "combobox");
		input.setAttribute("aria-autocomplete", "list");
		input.setAttribute("aria-expanded", "false");
		input.setAttribute("aria-controls", list.id);
		input.removeAttribute("list");
		input.autocomplete = "off";
	}

	function focused(event) {
		if (!event.target.dataset || !event.target.dataset.complete)
			return;
		field = event.target;
		into(field);
		ask();
	}

	/* Where a filter is wrong, there the caret is. */
	function go_to_column() {
		var input = document.querySelector("input[data-column]"), at;

		if (!input || !input.dataset.column)
			return;
		at = Array.from(input.value).slice(0, input.dataset.column - 1)
		    .join("").length;
		input.focus();
		input.setSelectionRange(at, at);
	}

	if (!window.fetch)
		return;
	list = document.createElement("ul");
	list.id = "choices";
	list.className = "choices";
	list.setAttribute("role", "listbox");
	list.setAttribute("aria-label", document.currentScript.dataset.name);
	list.hidden = true;
	document.body.appendChild(list);
	document.addEventListener("focusin", focused);
	document.addEventListener("focusout", function () {
		shut();
		field = null;
	});
	document.addEventListener("input", function (event) {
		if (event.target === field && event.isTrusted)
			offer();
	});
	document.addEventListener("keydown", function (event) {
		if (event.target === field)
			key(event);
	});
	window.addEventListener("resize", shut);
	list.addEventListener("mousedown", function (event) {
		var item = event.target.closest("li");

		event.preventDefault();
		if (item)
			take(Array.prototype.indexOf.call(list.children, item));
	});
	go_to_column();
}());
