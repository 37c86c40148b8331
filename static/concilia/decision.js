// The decision page: one picture at a time with zoom, rotation and contrast; small forms in a dialog. Without JavaScript the
// pictures stand below each other and each form has a page of its own.
(function () {
  "use strict";

  // ---- the receipt ----
  function startViewer(viewer) {
    var stage = viewer.querySelector("[data-view-stage]");
    if (!stage) return;
    var pages = Array.prototype.slice.call(stage.querySelectorAll("[data-view-page]"));
    var percent = viewer.querySelector("[data-view-percent]");
    var place = viewer.querySelector("[data-view-place]");
    var turns = viewer.querySelector("[data-view-turns]");
    var at = 0, zoom = 1, turned = 0, whole = false;
    viewer.classList.add("is-live");
    if (turns) turns.hidden = pages.length < 2;

    function image() { return pages[at].querySelector(":scope > img"); }

    // Width 100 % of the stage at zoom 1; turned pictures swap width and height, so the page around them keeps the scroll right.
    function draw() {
      var picture = image();
      pages.forEach(function (page, index) { page.hidden = index !== at; });
      if (place) place.textContent = pages[at].dataset.name + ", " + (at + 1) + " / " + pages.length;
      viewer.querySelectorAll("[data-view-seen]").forEach(function (line) { line.hidden = line.dataset.viewSeen !== pages[at].dataset.file; });
      if (!picture || !picture.naturalWidth) { if (percent) percent.textContent = ""; return; }
      var width = picture.naturalWidth, height = picture.naturalHeight, onSide = turned % 180 !== 0;
      var room = stage.clientWidth - 32;
      var scale = room / (onSide ? height : width);
      if (whole) scale = Math.min(scale, (stage.clientHeight - 32) / (onSide ? width : height));
      scale = Math.min(scale, 3) * zoom;
      picture.style.width = width * scale + "px";
      picture.style.height = height * scale + "px";
      pages[at].style.width = (onSide ? height : width) * scale + "px";
      pages[at].style.height = (onSide ? width : height) * scale + "px";
      var shift = { 0: "", 90: "translate(" + height * scale + "px, 0)", 180: "translate(" + width * scale + "px, " + height * scale + "px)", 270: "translate(0, " + width * scale + "px)" };
      picture.style.transform = shift[turned] + " rotate(" + turned + "deg)";
      if (percent) percent.textContent = Math.round(zoom * 100) + " %";
    }

    function show(index) {
      at = (index + pages.length) % pages.length;
      zoom = 1; turned = 0;
      stage.scrollTop = stage.scrollLeft = 0;
      var picture = image();
      if (picture) { picture.loading = "eager"; if (!picture.complete) picture.addEventListener("load", draw, { once: true }); }
      draw();
    }

    var acts = {
      in: function () { zoom = Math.min(zoom * 1.25, 8); },
      out: function () { zoom = Math.max(zoom / 1.25, 0.25); },
      turn: function () { turned = (turned + 90) % 360; },
      fit: function () { whole = !whole; zoom = 1; },
      contrast: function (button) { button.setAttribute("aria-pressed", String(stage.classList.toggle("is-contrast"))); },
      next: function () { show(at + 1); },
      previous: function () { show(at - 1); }
    };
    viewer.addEventListener("click", function (event) {
      var button = event.target.closest("[data-view]");
      if (!button) return;
      acts[button.dataset.view](button);
      draw();
    });

    // Dragging moves the picture; the arrow keys and the scroll bars do the same.
    var from = null;
    stage.addEventListener("pointerdown", function (event) {
      if (event.button !== 0 || event.pointerType === "touch") return;
      from = { x: event.clientX + stage.scrollLeft, y: event.clientY + stage.scrollTop };
      stage.setPointerCapture(event.pointerId);
    });
    stage.addEventListener("pointermove", function (event) {
      if (!from) return;
      stage.scrollLeft = from.x - event.clientX;
      stage.scrollTop = from.y - event.clientY;
    });
    ["pointerup", "pointercancel"].forEach(function (name) { stage.addEventListener(name, function () { from = null; }); });
    stage.addEventListener("dragstart", function (event) { event.preventDefault(); });
    // Copies that were still being made arrive by htmx.
    stage.addEventListener("htmx:afterSwap", function () { draw(); });
    window.addEventListener("resize", draw);
    show(0);
  }
  document.querySelectorAll("[data-viewer]").forEach(startViewer);

  // ---- small forms in a dialog ----
  var dialog = document.getElementById("act-dialog");
  var body = document.getElementById("act-body");
  document.addEventListener("click", function (event) {
    var link = event.target.closest("a[data-act]");
    if (!link || !dialog || !window.htmx || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    window.htmx.ajax("GET", link.href, { target: body, select: "#act", swap: "innerHTML" }).then(function () {
      if (!body.querySelector("#act form")) { window.location = link.href; return; }
      if (!dialog.open) dialog.showModal();
      var first = body.querySelector("input:not([type=hidden]), textarea, select");
      if (first) first.focus();
    });
  });
  document.addEventListener("click", function (event) {
    var link = event.target.closest("[data-close-act]");
    if (!link || !dialog || !dialog.open || !dialog.contains(link)) return;
    event.preventDefault();
    dialog.close();
  });
})();
