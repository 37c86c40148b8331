// The queue's own key: T takes the ticket of the row that J and K walked to. A claim can be given back, so one key may press it.
(function () {
  "use strict";
  if (document.body.dataset.shortcuts === "off") return;
  var taken = "";

  document.addEventListener("keydown", function (event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.key.toLowerCase() !== "t") return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    var row = document.querySelector("tr.is-here");
    var button = row && row.querySelector("form button");
    if (!button) return;
    event.preventDefault();
    taken = row.id;
    button.click();
  });

  // The row comes back new: it stays the one that is walked to.
  document.addEventListener("htmx:afterSwap", function () {
    var row = taken && document.getElementById(taken);
    if (!row) return;
    taken = "";
    row.classList.add("is-here");
    var link = row.querySelector("[data-open]");
    if (link) link.focus();
  });
})();
