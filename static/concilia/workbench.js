// The workbench's own keys and its way of staying in place. Without JavaScript each act loads the list anew.
//   data-work-act    on a form: sent in the background, and the list renewed where one stands
//   data-key="a"     in a row: what the key goes to in the row that J and K walked to. Links are followed; buttons get the focus,
//                    so that one key alone accepts nothing; X (put aside) and Z (undo) press, for they move no money.
(function () {
  "use strict";

  var PRESSED = { x: true };
  var at = -1; // the place in the list that is walked to
  var left = null; // the row of the act that is under way

  function rows() { return Array.prototype.slice.call(document.querySelectorAll("#workbench tr[data-row]")); }
  function here() { return document.querySelector("#workbench tr.is-here"); }

  // ---- staying in place ----
  document.addEventListener("submit", function (event) {
    var form = event.target.closest("form[data-work-act]");
    if (!form || !window.htmx || !document.getElementById("workbench")) return;
    event.preventDefault();
    var row = form.closest("tr[data-row]");
    at = row ? rows().indexOf(row) : rows().indexOf(here());
    left = row ? row.id : "";
    window.htmx.ajax("POST", form.action, { source: form, target: "#workbench", select: "#workbench", swap: "outerHTML" });
  });

  // Only now: while htmx settles, it gives rows of the same name their classes of before.
  document.addEventListener("htmx:afterSettle", function () {
    if (left === null) return;
    var was = left;
    left = null;
    settle(was);
  });

  // The answer is a whole page: its messages are shown too, and a refusal is an answer.
  document.addEventListener("htmx:beforeSwap", function (event) {
    var detail = event.detail;
    if (!detail.target || detail.target.id !== "workbench") return;
    if (detail.xhr.status === 409 || detail.xhr.status === 400) { detail.shouldSwap = true; detail.isError = false; }
    var page = new DOMParser().parseFromString(detail.xhr.responseText, "text/html");
    if (!page.getElementById("workbench")) { window.location = detail.xhr.responseURL || window.location.href; detail.shouldSwap = false; return; }
    var said = page.getElementById("messages"), place = document.getElementById("messages");
    if (said && place) place.innerHTML = said.innerHTML;
  });

  function settle(was) {
    var all = rows();
    var summary = document.querySelector("#workbench .error-summary");
    if (summary) { summary.focus(); return; }
    if (at < 0) return;
    var row = (was && document.getElementById(was)) || all[Math.min(at, all.length - 1)];
    if (row) walkTo(row); else { var heading = document.querySelector("#workbench h1"); if (heading) { heading.tabIndex = -1; heading.focus(); } }
  }

  function walkTo(row) {
    rows().forEach(function (each) { each.classList.toggle("is-here", each === row); });
    row.scrollIntoView({ block: "nearest" });
    var first = row.querySelector("[data-open]") || row.querySelector("a[href]");
    if (first) first.focus({ preventScroll: true });
  }

  // Coming back from a page about one row: #p123 is where one was.
  var named = window.location.hash && document.getElementById(window.location.hash.slice(1));
  if (named && named.matches("tr[data-row]")) walkTo(named);

  // ---- keys ----
  document.addEventListener("keydown", function (event) {
    if (document.body.dataset.shortcuts === "off" || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    var target = event.target;
    if (target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName) || (target.tagName === "INPUT" && !/^(checkbox|radio|button|submit)$/.test(target.type))) return;
    if (document.querySelector("dialog[open]") || !document.getElementById("workbench")) return;
    var key = event.key.toLowerCase();
    if (key === "s") { // skip
      var all = rows(), next = all[Math.min(all.indexOf(here()) + 1, all.length - 1)];
      if (next) { event.preventDefault(); walkTo(next); }
      return;
    }
    if (key === "z") {
      var undo = document.querySelector("#workbench [data-undo]");
      if (undo) { event.preventDefault(); undo.click(); }
      return;
    }
    var row = here();
    var act = row && (row.querySelector('[data-key="' + CSS.escape(key) + '"]') || (key === "a" && row.querySelector('[data-key="c"]')));
    if (!act) return;
    event.preventDefault();
    if (act.tagName === "A" && key !== "a") act.click();
    else if (PRESSED[key]) act.click();
    else act.focus();
  });

  // ---- on a phone the lists stand in a row that slides: the one that is shown is in sight ----
  function showTab() {
    var tab = document.querySelector(".work-tabs [aria-current]"), bar = tab && tab.parentElement;
    if (bar) bar.scrollLeft += tab.getBoundingClientRect().left - bar.getBoundingClientRect().left - (bar.clientWidth - tab.offsetWidth) / 2;
  }
  showTab();
  document.addEventListener("htmx:afterSettle", showTab);
})();
