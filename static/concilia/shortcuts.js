// The staff's keyboard. One key never does what cannot be undone: it moves, opens, or puts the focus on a button.
//   data-shortcut="a"         on a link: follow it; on a field: focus it; on a button: focus it,
//   data-shortcut-press       … or press it, for acts that change nothing (zoom, turn)
//   data-shortcut-label="…"   its line in the help (key ?)
//   data-row                  a row for J and K; Enter opens its [data-open] or first link
// Off with <body data-shortcuts="off"> (the account menu), and always inside fields.
(function () {
  "use strict";
  if (document.body.dataset.shortcuts === "off") return;

  function typing(target) {
    return target.isContentEditable || (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && !/^(checkbox|radio|button|submit)$/.test(target.type || ""));
  }
  function seen(element) { return element.offsetParent !== null; }

  function move(step) {
    var rows = Array.prototype.filter.call(document.querySelectorAll("[data-row]"), seen);
    if (!rows.length) return;
    var at = rows.findIndex(function (row) { return row.classList.contains("is-here"); });
    var next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1);
    rows.forEach(function (row) { row.classList.remove("is-here"); });
    var row = rows[next];
    row.classList.add("is-here");
    row.scrollIntoView({ block: "nearest" });
    var link = row.querySelector("[data-open]") || row.querySelector("a[href]");
    if (link) link.focus();
  }

  function help() {
    var dialog = document.getElementById("shortcut-help");
    if (!dialog) {
      dialog = document.createElement("dialog");
      dialog.id = "shortcut-help";
      dialog.className = "card card-body";
      var list = document.createElement("dl");
      list.className = "sums";
      document.querySelectorAll("[data-shortcut-label]").forEach(function (element) {
        var line = document.createElement("div"), what = document.createElement("dt"), key = document.createElement("dd"), mark = document.createElement("kbd");
        what.textContent = element.dataset.shortcutLabel;
        mark.textContent = (element.dataset.shortcut || element.dataset.shortcutKey || "").toUpperCase();
        key.appendChild(mark); line.appendChild(what); line.appendChild(key); list.appendChild(line);
      });
      dialog.appendChild(list);
      dialog.addEventListener("click", function () { dialog.close(); });
      document.body.appendChild(dialog);
    }
    if (dialog.open) dialog.close(); else dialog.showModal();
  }

  document.addEventListener("keydown", function (event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    var key = event.key.toLowerCase();
    if (key === "?") { event.preventDefault(); help(); return; }
    if (document.querySelector("dialog[open]")) return;
    var target = Array.prototype.find.call(document.querySelectorAll('[data-shortcut="' + CSS.escape(key) + '"]'), seen);
    if (target) {
      event.preventDefault();
      if (target.tagName === "A" || target.hasAttribute("data-shortcut-press")) target.click(); else target.focus();
      return;
    }
    if (key === "j" || key === "k") { event.preventDefault(); move(key === "j" ? 1 : -1); }
  });
})();
