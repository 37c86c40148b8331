// The editor of a bank's layout: a field that somebody is in is never taken from under their fingers by an answer.
(function () {
  "use strict";
  document.addEventListener("htmx:oobBeforeSwap", function (event) {
    var target = event.detail.target;
    if (target && target.id.indexOf("w-") === 0 && target.contains(document.activeElement)) event.detail.shouldSwap = false;
  });
})();
