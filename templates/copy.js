/* SPDX-License-Identifier: ISC */
/* A button beside each text that has data-copy: it copies it. */
(function () {
	"use strict";
	var words = document.currentScript.dataset;

	function copy(text) {
		var area;

		if (navigator.clipboard)
			return navigator.clipboard.writeText(text);
		/* over plain http there is only the old way */
		area = document.createElement("textarea");
		area.value = text;
		document.body.appendChild(area);
		area.select();
		document.execCommand("copy");
		document.body.removeChild(area);
		return Promise.resolve();
	}

	document.querySelectorAll("[data-copy]").forEach(function (node) {
		var button = document.createElement("button");

		button.type = "button";
		button.className = "second small";
		button.textContent = words.label;
		button.setAttribute("aria-live", "polite");
		button.addEventListener("click", function () {
			copy(node.textContent.trim()).then(function () {
				button.textContent = words.copied;
			});
		});
		node.parentNode.insertBefore(button, node.nextSibling);
		node.parentNode.insertBefore(document.createTextNode(" "), button);
	});
}());
